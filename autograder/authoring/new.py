"""A week, or a course, from nothing: folders that build, audit and grade at once, with one worked exercise to replace."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from autograder.errors import UserError
from autograder.paths import is_course
from course import decode, syllabus
from course.files import write_text

_TEMPLATES = Path(__file__).parent / "new_week"
_ID = re.compile(r"week(\d\d)_[a-z0-9][a-z0-9_]*")
_FILES = ("mistakes.py", "alternatives.py", "hints.toml")


def new_week(week_id: str, title: str, syllabus_file: Path, solutions: Path) -> list[Path]:
    """Make the folder of a week, and its entry in the syllabus, a draft; returns the files written.

    week_id: such as week13_vision. Raises UserError where the id is not valid, or the week or its number exists.
    """
    number, due = place_for(week_id, syllabus_file, solutions)
    values = {"id": week_id, "number": str(number), "title": title or _title(week_id), "due": due.isoformat()}
    folder = solutions / week_id
    entry = _filled("syllabus.toml", values)
    text = syllabus_file.read_text(encoding="utf-8")
    written = {folder / f"{week_id}.py": _filled("week.py", values)}
    written |= {folder / name: _filled(name, values) for name in _FILES}
    for path, content in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, content)
    write_text(syllabus_file, text.rstrip("\n") + "\n" + entry)
    return [*written, syllabus_file]


def place_for(week_id: str, syllabus_file: Path, solutions: Path) -> tuple[int, datetime.datetime]:
    """(number, due date) of a new week. Raises UserError where the id is not valid, or the week or its number exists."""
    found = _ID.fullmatch(week_id)
    if found is None:
        raise UserError(f"{week_id}: a week's id is week, two digits and a name, such as week13_moving_average")
    number, folder = int(found[1]), solutions / week_id
    tables = decode.toml(syllabus_file)
    plans = syllabus.parse(tables, syllabus_file) if tables.get("week") else []
    for plan in plans:
        if plan.number == number or plan.id == week_id:
            raise UserError(f"{week_id}: {syllabus_file.name} has week {number} already, {plan.id}")
    if folder.exists():
        raise UserError(f"{folder} exists: choose another id, or remove the folder")
    due = max((plan.due for plan in plans), default=_next_month()) + datetime.timedelta(days=7)
    return number, due


def new_course(folder: Path, name: str) -> list[Path]:
    """Make a course of one's own in `folder`, with a first week; returns the files written. Raises UserError."""
    if is_course(folder):
        raise UserError(f"{folder} is a course already: `autograder new` in it adds a week")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is not an empty folder: name another one")
    (folder / "solutions").mkdir(parents=True)
    file = folder / "syllabus.toml"
    write_text(file, _filled("course.toml", {"name": name.replace('"', "'")}))
    ignored = folder / ".gitignore"
    write_text(ignored, "build/\n.ipynb_checkpoints/\n__pycache__/\n")
    return [ignored, *new_week("week01_first", "", file, folder / "solutions")]


def _filled(name: str, values: dict[str, str]) -> str:
    """A template with its fields filled in; other braces stand for themselves."""
    text = (_TEMPLATES / f"{name}.template").read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value)
    return text


def _title(week_id: str) -> str:
    return week_id.partition("_")[2].replace("_", " ").capitalize()


def _next_month() -> datetime.datetime:
    """A due date to be changed: the last second of the day four weeks from now, UTC."""
    day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=28)
    return datetime.datetime.combine(day, datetime.time(23, 59), datetime.UTC)
