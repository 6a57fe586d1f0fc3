"""JupyterLab as a student needs it: README and all weeks in view, nbgrader's Validate button and none of its staff's panels.

The configuration is in `course/lab`, and counts for this start alone: nothing is written into the student's own.
"""

from __future__ import annotations

import os
import sys
import urllib.parse
from pathlib import Path

CONFIGURATION = Path(__file__).resolve().parents[1] / "lab"


def root_of(path: Path) -> Path:
    """The folder that the lab shows: that of `assignments` and README, or where there is none that of the notebook."""
    folder = path.resolve().parent
    for place in folder.parents:
        if (place / "assignments").is_dir() and folder.is_relative_to(place / "assignments"):
            return place
    return folder


def order(path: Path) -> list[str]:
    """The command that opens the lab at the notebook `path`."""
    root = root_of(path)
    inside = urllib.parse.quote(path.resolve().relative_to(root).as_posix())
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{inside}?file-browser-path=/",  # all weeks, and not the folder of this one
    ]


def environment() -> dict[str, str]:
    """The variables of the lab and of its kernels."""
    given = os.environ.get("JUPYTER_CONFIG_PATH")
    found = {
        **os.environ,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [str(CONFIGURATION), given])),
    }
    found.setdefault("PYTHONSTARTUP", str(CONFIGURATION / "startup.py"))  # one of the student's own stays
    return found
