"""Where the weeks' notebooks are, and which of them a WEEK on the command line means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from course import syllabus
from course.desk.errors import UsageError

if TYPE_CHECKING:
    from course.syllabus import WeekPlan

BESIDE = Path(__file__).resolve().parents[2] / "assignments"
"""The weeks that came with this package."""
_NUMBER = re.compile(r"(?:week)?[ _-]?0*(\d+)", re.IGNORECASE)


def assignments_folder(given: Path | None = None, start: Path | None = None) -> Path:
    """The folder with the weeks' notebooks. Raises UsageError, with what to do, when there is none."""
    if given is not None:
        if not given.is_dir():
            raise UsageError(f"--folder {given}: there is no such folder.")
        return given
    here = (start or Path.cwd()).resolve()
    for place in (here, *here.parents):
        if place.name == "assignments" and any(place.glob("week*/*.ipynb")):
            return place
        if any((place / "assignments").glob("week*/*.ipynb")):
            return place / "assignments"
    if any(BESIDE.glob("week*/*.ipynb")):
        return BESIDE
    raise UsageError("no folder `assignments` here or above: go to the course's folder, or name it with --folder.")


def notebooks(home: Path) -> list[Path]:
    """The notebook of each week in `home` that has the name of its folder, in the order of the weeks."""
    return [path for path in sorted(home.glob("week*/week*.ipynb")) if path.parent.name == path.stem]


def find_notebook(week: str, folder: Path | None) -> Path:
    """The notebook that `week` means. Raises UsageError naming what there is."""
    if week.endswith(".ipynb"):
        path = Path(week)
        if not path.is_file():
            raise UsageError(f"{path}: there is no such notebook.")
        return path
    home = assignments_folder(folder)
    found = {path.stem: path for path in notebooks(home)}
    wanted = week.rstrip("/\\")
    if number := _NUMBER.fullmatch(wanted):
        wanted = f"week{int(number[1]):02}"
    for name, path in found.items():
        if wanted in (name, name.partition("_")[0]):
            return path
    if renamed := _renamed(home, wanted):
        raise UsageError(renamed)
    raise UsageError(f"there is no week {week!r} in {home}; there are: {', '.join(found) or 'none'}.")


def _renamed(home: Path, wanted: str) -> str:
    """What to do where the folder of a week has a notebook under another name; empty where it has none."""
    for place in sorted(home.glob("week*")):
        if place.is_dir() and wanted in (place.name, place.name.partition("_")[0]):
            others = [path for path in sorted(place.glob("*.ipynb")) if _week_in(path)] or sorted(place.glob("*.ipynb"))
            if not others:
                return f"{place} holds no notebook: take {place.name}.ipynb from the course's zip again."
            names = ", ".join(path.name for path in others)
            return (
                f"{place} has no {place.name}.ipynb, only {names}: a notebook keeps the name that it was handed out "
                "with; rename it, or give this command the path of the file."
            )
    return ""


def _week_in(path: Path) -> bool:
    """Whether a file is a notebook with exercises of a week."""
    try:
        return '"grade_id"' in path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def week_of(path: Path) -> str:
    """The id of the week that the notebook at `path` belongs to: its name, or that of its folder where it was renamed."""
    known = syllabus.load()
    return path.stem if path.stem in known or path.resolve().parent.name not in known else path.resolve().parent.name


def plan_of(path: Path) -> WeekPlan | None:
    """The syllabus's plan of a notebook, or None for a notebook that the syllabus does not know."""
    return syllabus.load().get(week_of(path))
