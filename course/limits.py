"""What may be handed in: kept by `course submit`, which refuses more, and by the grader, which takes no more."""

from __future__ import annotations

import importlib.machinery
import re
import sys
import sysconfig

NOTEBOOK_BYTES = 50 * 2**20
"""Of one notebook, outputs included."""
ARTEFACTS = 20
"""Trained nets of one submission."""
ARTEFACT_BYTES = 40 * 2**20
"""Of all trained nets of one submission together."""
ARTEFACT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}\.npz")
"""Names that `course.training.trained` gives."""

MODULES = 20
"""Modules of the student's own beside one notebook."""
MODULE_BYTES = 2**20
"""Of all these modules together."""
_MODULE_NAME = re.compile(r"[^\W\d]\w{0,60}\.py")
_OURS = frozenset({"course", "autograder", "sitecustomize", "usercustomize"})


def megabytes(size: int) -> str:
    """A size in bytes as messages quote it: 50 MB for 50 · 2**20."""
    return f"{size / 2**20:.4g} MB"


def why_no_artefact(name: str, size: int, count: int, room: int) -> str:
    """Why a file `name` of `size` bytes is not taken as a trained net, "" when it is.

    count: nets taken so far; room: bytes left for them.
    """
    if not ARTEFACT_NAME.fullmatch(name):
        return "its name is none that training.trained gives"
    if count >= ARTEFACTS:
        return f"there are more than {ARTEFACTS}"
    return f"all together are larger than {megabytes(ARTEFACT_BYTES)}" if size > room else ""


def why_no_module(name: str, size: int, count: int, room: int) -> str:
    """Why a file `name` of `size` bytes is not taken as a module of the student's own, "" when it is.

    count: modules taken so far; room: bytes left for them.
    """
    if not _MODULE_NAME.fullmatch(name):
        return "its name is none that can be imported"
    stem = name.removesuffix(".py")
    installed = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    if stem in _OURS or stem in sys.stdlib_module_names or importlib.machinery.PathFinder.find_spec(stem, installed):
        return f"Python or the course has a module called {stem}, which wins: rename yours"
    if count >= MODULES:
        return f"there are more than {MODULES}"
    return f"all together are larger than {megabytes(MODULE_BYTES)}" if size > room else ""
