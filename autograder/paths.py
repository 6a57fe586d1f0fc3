"""Where a course's folders are: this checkout's, or those of a course of one's own.

A course of one's own is a folder with `syllabus.toml` and `solutions/` (`autograder init-course` makes one). Commands that run
in it, or in a folder inside it, work on it; `COURSE_ROOT` names another. The choice is handed down to the processes that
grading starts, in their environment.
"""

import os
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
"""Where the packages `autograder` and `course` are."""
COURSE = CHECKOUT / "course"
DATA = CHECKOUT / "data"

_ROOT, _SYLLABUS = "COURSE_ROOT", "COURSE_SYLLABUS"


def is_course(folder: Path) -> bool:
    """Whether `folder` holds a course of one's own."""
    return (folder / "syllabus.toml").is_file() and (folder / "solutions").is_dir()


def find_root(start: Path, named: str = "") -> Path:
    """The root of the course that `start` is in, this checkout where it is in none. named: a folder that comes first."""
    if named:
        return Path(named).resolve()
    inside = start.resolve()
    return next((folder for folder in (inside, *inside.parents) if is_course(folder)), CHECKOUT)


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError:  # the folder was removed under us
        return CHECKOUT


ROOT = find_root(_here(), os.environ.get(_ROOT, ""))
OWN = ROOT != CHECKOUT
"""Whether the course is one's own, not this checkout's."""
SOLUTIONS = ROOT / "solutions"
ASSIGNMENTS = ROOT / "assignments"
BUILD = ROOT / "build"

if OWN:
    os.environ[_ROOT] = str(ROOT)
    os.environ[_SYLLABUS] = str(ROOT / "syllabus.toml")
    if str(ROOT) not in sys.path:  # its package of helpers
        sys.path.append(str(ROOT))
