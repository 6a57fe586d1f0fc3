"""Finds the submissions in a folder: nbgrader's layout, or zips. Reads bytes, extracts nothing, follows no links."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder import weeks
from autograder.errors import UserError
from autograder.grading import sanitize
from autograder.weeks import Week
from course import syllabus

MAX_ZIP_MEMBERS = 2000


@dataclass(frozen=True)
class Submission:
    """One student's work for one week, as bytes; `problem` says why there are none."""

    student: str
    week: str
    data: bytes = b""
    problem: str = ""
    warnings: tuple[str, ...] = ()


def discover(path: Path, only: Collection[str] = ()) -> list[Submission]:
    """All submissions under `path`, sorted by student and week.

    path: a folder `<student>/<week>/<week>.ipynb`, a folder of `<student>-<week>.zip`, or one notebook or zip.
    only: ids of the weeks wanted (all). Raises UserError when there is nothing.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist: name the folder that holds <student>/<week>/<week>.ipynb")
    found = [_from_file(path)] if path.is_file() else list(_from_folder(path))
    wanted = [s for s in found if not only or s.week in only]
    if not wanted:
        raise UserError(
            f"no submissions in {path}: expected <student>/<week>/<week>.ipynb, or zips called <student>-<week>.zip"
        )
    clean = [replace(s, student=_printable(s.student), week=_printable(s.week)) for s in wanted]
    return sorted(clean, key=lambda s: (s.student, s.week))


def _printable(name: str) -> str:
    """A file name as text that can be written anywhere: undecodable bytes become question marks."""
    return name.encode("utf-8", "replace").decode()


def _from_folder(path: Path) -> Iterator[Submission]:
    for entry in sorted(path.iterdir()):
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir():
            for folder in _entries(entry):
                if folder.is_dir() and not folder.is_symlink() and not folder.name.startswith("."):
                    yield _from_week_folder(entry.name, folder)
        elif entry.suffix.lower() in (".zip", ".ipynb"):
            yield _from_file(entry)


def _entries(folder: Path) -> list[Path]:
    """What is in `folder`, sorted; nothing where it may not be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _week_id(name: str) -> str | None:
    try:
        return syllabus.week(name).id
    except KeyError:
        return None


def _read(path: Path) -> bytes:
    """The bytes of a regular file, at most one more than a submission may have. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "not a regular file")
        return stream.read(sanitize.MAX_BYTES + 1)


def _from_week_folder(student: str, folder: Path) -> Submission:
    week = _week_id(folder.name)
    notebooks = [p for p in _entries(folder) if p.suffix == ".ipynb" and not p.name.startswith(".")]
    exact = [p for p in notebooks if week and p.name == f"{week}.ipynb"]
    if not notebooks:
        return Submission(student, week or folder.name, problem=f"there is no notebook in {folder.name}/")
    if not exact and len(notebooks) > 1:
        names = ", ".join(p.name for p in notebooks[:4])
        return Submission(
            student, week or folder.name, problem=f"there are several notebooks, none with the right name: {names}"
        )
    notebook = (exact or notebooks)[0]
    try:
        data = _read(notebook)
    except OSError as problem:
        return Submission(student, week or folder.name, problem=f"{notebook.name} cannot be read: {problem.strerror}")
    warnings = () if exact else (f"the notebook is called {notebook.name}",)
    return _identified(student, week, folder.name, data, warnings)


def _from_file(path: Path) -> Submission:
    """`<student>-<week>.zip` or `.ipynb`; without a week in the name, the cells say which one it is."""
    student, week, shown = path.stem, None, path.stem
    for plan in syllabus.load().values():
        for name in (plan.id, f"week{plan.number:02}"):
            if path.stem.endswith(f"-{name}") or path.stem.endswith(f"_{name}"):
                student, week, shown = path.stem[: -len(name) - 1], plan.id, name
                break
    try:
        data = _read(path) if path.suffix == ".ipynb" else _from_zip(path, week)
    except (OSError, sanitize.Unreadable) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        return Submission(student, week or shown, problem=f"{path.name}: {reason}")
    return _identified(student, week, shown, data, ())


def _from_zip(path: Path, week: str | None) -> bytes:
    """The one notebook in a zip, read in memory: names inside are only compared, never used as paths."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MAX_ZIP_MEMBERS:
                raise sanitize.Unreadable("the zip holds too many files")
            notebooks = [
                m for m in members if m.filename.endswith(".ipynb") and not m.is_dir() and "__MACOSX" not in m.filename
            ]
            exact = [m for m in notebooks if week and m.filename.rsplit("/", 1)[-1] == f"{week}.ipynb"]
            chosen = exact or notebooks
            if len(chosen) != 1:
                raise sanitize.Unreadable(f"the zip holds {len(chosen)} notebooks, expected one")
            if chosen[0].file_size > sanitize.MAX_BYTES:
                raise sanitize.Unreadable("the notebook in the zip is too large")
            with archive.open(chosen[0]) as stream:
                return stream.read(sanitize.MAX_BYTES + 1)
    except sanitize.Unreadable:
        raise
    except (
        Exception
    ) as problem:  # a damaged zip raises what its decompressor raises: zlib.error, LZMAError, ValueError…
        raise sanitize.Unreadable("the zip cannot be opened") from problem


def _identified(student: str, week: str | None, shown: str, data: bytes, warnings: tuple[str, ...]) -> Submission:
    if week is not None:
        return Submission(student, week, data, warnings=warnings)
    try:
        ids = sanitize.grade_ids(data)
    except sanitize.Unreadable as problem:
        return Submission(student, shown, problem=str(problem))
    best: Week | None = max(
        weeks.all_weeks(), key=lambda w: len(ids & {c.id for c in (*w.checks, *w.answers)}), default=None
    )
    if best is None or not ids & {c.id for c in (*best.checks, *best.answers)}:
        return Submission(student, shown, problem=f"there is no week called {shown}, and its cells belong to none")
    note = f"{shown!r} is no week of the course: recognised as {best.id} by its cells"
    return Submission(student, best.id, data, warnings=(*warnings, note))
