"""Finds the submissions in a folder: nbgrader's layout, or zips. Reads bytes, extracts nothing, follows no links."""

from __future__ import annotations

import functools
import io
import os
import re
import stat
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder import weeks
from autograder.errors import UserError
from autograder.intake import sanitize
from autograder.weeks import Week
from course import limits, syllabus

MAX_ZIP_MEMBERS = 2000
MAX_ZIP_DIRECTORY = 1_000_000
"""Bytes of the list of files at the end of a zip: 2,000 names of 450 letters."""
_TOO_MANY = "the zip holds too many files"
_NO_LINKS = "and links are not followed: hand in a copy"
ARCHIVES = (".gz", ".tgz", ".bz2", ".xz", ".tar", ".rar", ".7z")
"""Kinds of archives that are not read; they are named, so that nobody's work is passed over in silence."""
_DECORATION = re.compile(r"(?:\s*\(\d+\)|-Copy\d+)+$")
"""What browsers and Jupyter add to the name of a second copy."""


@dataclass(frozen=True)
class Submission:
    """One student's work for one week, as bytes; `problem` says why there are none."""

    student: str
    week: str
    data: bytes = b""
    problem: str = ""
    warnings: tuple[str, ...] = ()
    artefacts: dict[str, bytes] = field(default_factory=dict)
    """{file name: the trained net that the student handed in}. Only the sandboxed worker reads them."""
    modules: dict[str, bytes] = field(default_factory=dict)
    """{file name: a module of the student's own, beside the notebook}. Only the sandboxed worker reads them."""


@dataclass(frozen=True)
class Place:
    """Where a submission lies: the student's folder for a week, or a zip or notebook with both in its name."""

    student: str
    week: str
    """The week as the name gives it: an id of the syllabus, or whatever stands there."""
    path: Path
    warnings: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, int, bool, str]:
        """Students by name, weeks as in the syllabus; a folder with the week's own name before others that mean it."""
        plan = syllabus.load().get(self.week)
        return (self.student, plan.number if plan else 1000, self.path.name != self.week, self.path.name)


def locate(path: Path, only: Collection[str] = (), students: Collection[str] = ()) -> list[Place]:
    """Every place under `path` where a submission should be, in the order in which they are graded.

    path: a folder `<student>/<week>/<week>.ipynb`, a folder of `<student>-<week>.zip`, or one notebook or zip.
    only: ids of the weeks wanted (all); a place whose name is of no week may hold any. students: those wanted (all).
    Raises UserError when there is none.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist: name the folder that holds <student>/<week>/<week>.ipynb")
    places = [_place_of_file(path)] if path.is_file() else list(_places_in(path))
    weeks_known = syllabus.load()
    # The week of a student's folder that is a link is not known: where weeks are asked for, it is missing from each.
    places = [
        replace(place, week=week) if week else place
        for place in places
        for week in (only if place.week not in weeks_known and _is_linked_folder(place.path) and only else ("",))
    ]
    places = [place for place in places if not only or place.week in only or place.week not in weeks_known]
    places = [place for place in places if not students or place.student in students]
    if not places:
        which = f" for {', '.join(only)}" if only else ""
        raise UserError(
            f"no submissions{which} in {path}: expected <student>/<week>/<week>.ipynb, or zips called <student>-<week>.zip"
        )
    return _one_each(sorted(places, key=lambda place: place.order))


def _one_each(places: list[Place]) -> list[Place]:
    """One place a student and week: of several, the first, which says what it leaves out."""
    kept: dict[tuple[str, str], Place] = {}
    for place in places:
        of = (place.student, place.week)
        if (first := kept.get(of)) is None:
            kept[of] = place
        else:
            note = f"{_printable(place.path.name)} was left out: {_printable(first.path.name)} is for the same week"
            kept[of] = replace(first, warnings=(*first.warnings, note))
    return list(kept.values())


def read(place: Place) -> Submission:
    """The submission at `place`; where there is none to be had, its `problem` says why."""
    if place.path.is_symlink():
        kind = "folder" if _is_linked_folder(place.path) else "file"
        found = Submission(place.student, place.week, problem=f"{place.path.name}: the {kind} is a link, {_NO_LINKS}")
    else:
        found = _from_week_folder(place) if place.path.is_dir() else _from_file(place)
    return replace(
        found,
        week=_name(found.week),
        warnings=(*place.warnings, *map(_printable, found.warnings)),
        problem=_printable(found.problem),
    )


def discover(path: Path) -> list[Submission]:
    """All submissions under `path`, in order. Raises UserError when there are none."""
    return [read(place) for place in locate(path)]


def _printable(text: str) -> str:
    """Text that can be written anywhere: what does not print, or is no text, becomes its escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _name(name: str) -> str:
    """The name of a file as text that can be written anywhere; two names never give the same text."""
    return _printable(name.replace("\\", "\\\\"))


def _places_in(path: Path) -> Iterator[Place]:
    for entry in sorted(path.iterdir()):
        if entry.name.startswith("."):
            continue
        if _is_linked_folder(entry):
            yield Place(_name(entry.name), entry.name, entry)
        elif entry.is_dir():
            yield from _places_of_student(entry)
        elif _may_be_handed_in(entry):
            yield _place_of_file(entry)


def _places_of_student(folder: Path) -> Iterator[Place]:
    """A folder for each week; or notebooks and zips, as a learning platform files them under a student's name."""
    for entry in _entries(folder):
        if entry.name.startswith("."):
            continue
        if entry.is_dir() or _is_linked_folder(entry):
            yield Place(_name(folder.name), _week_id(entry.name) or entry.name, entry)
        elif _may_be_handed_in(entry):
            place = _place_of_file(entry)
            yield replace(place, student=_name(folder.name), week=_week_id(place.week) or place.week)


def _is_linked_folder(path: Path) -> bool:
    """Whether `path` is a link where a folder should be; one that leads nowhere may have been meant as a folder."""
    return path.is_symlink() and not path.is_file() and not _may_be_handed_in(path)


def _may_be_handed_in(path: Path) -> bool:
    return path.suffix.lower() in (".zip", ".ipynb", *ARCHIVES)


def _place_of_file(path: Path) -> Place:
    """`<student>-<week>.zip` or `.ipynb`; without a week in the name, the whole of it stands for both."""
    stem = _DECORATION.sub("", path.stem.removesuffix(".tar"))
    for plan in syllabus.load().values():
        for name in (plan.id, f"week{plan.number:02}"):
            if stem.lower().endswith((f"-{name}", f"_{name}")) and len(stem) > len(name) + 1:
                return Place(_name(stem[: -len(name) - 1]), plan.id, path)
    return Place(_name(stem), stem, path)


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


def _read(path: Path, most: int = limits.NOTEBOOK_BYTES) -> bytes:
    """The bytes of a regular file, at most one more than `most`. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "not a regular file")
        return stream.read(most + 1)


def _from_week_folder(place: Place) -> Submission:
    student, folder, week = place.student, place.path, _week_id(place.path.name)
    notebooks = _notebooks_in(folder)
    if not notebooks:  # unpacked once too often: the week's folder in the week's folder
        inner = [p for p in _entries(folder) if p.is_dir() and not p.is_symlink() and _notebooks_in(p)]
        if len(inner) == 1:
            folder, notebooks = inner[0], _notebooks_in(inner[0])
    exact = _with_the_name(notebooks, week)
    if not notebooks:
        return Submission(student, place.week, problem=f"there is no notebook in {folder.name}/")
    if not exact and len(notebooks) > 1:
        names = ", ".join(p.name for p in notebooks[:4])
        return Submission(
            student, place.week, problem=f"there are several notebooks, none with the right name: {names}"
        )
    notebook = (exact or notebooks)[0]
    try:
        if notebook.is_symlink():
            raise OSError(0, "it is a link, and links are not followed")
        data = _read(notebook)
    except OSError as problem:
        return Submission(student, place.week, problem=f"{notebook.name} cannot be read: {problem.strerror}")
    warnings = [] if exact else [f"the notebook is called {notebook.name}"]
    warnings += [_left_out(other.name) for other in notebooks[:5] if other != notebook]
    artefacts, noticed = _artefacts_in(folder)
    modules, left = _modules_in(folder)
    found = _identified(student, week, place.week, data, (*warnings, *noticed, *left))
    return replace(found, artefacts=artefacts, modules=modules)


def _notebooks_in(folder: Path) -> list[Path]:
    return [p for p in _entries(folder) if p.suffix.lower() == ".ipynb" and not p.name.startswith(".")]


def _with_the_name(notebooks: list[Path], week: str | None) -> list[Path]:
    """Those called as the week's is, the right one first: letter for letter, else in capitals, the newest."""

    def order(path: Path) -> tuple[bool, float]:
        try:
            return path.name != f"{week}.ipynb", -path.lstat().st_mtime
        except OSError:
            return True, 0.0

    return sorted((p for p in notebooks if week and p.name.lower() == f"{week}.ipynb"), key=order)


def _left_out(name: str) -> str:
    return f"another notebook was left out: {name[:80]}"


def _artefacts_in(folder: Path) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The trained nets beside a notebook, and what is to be said of those that are not taken."""
    found: dict[str, bytes] = {}
    noticed: list[str] = []
    places = [folder / "artefacts", folder]
    if places[0].is_symlink():  # to the nets of somebody else, perhaps
        noticed.append("the folder artefacts was not taken: it is a link, and links are not followed")
        places = [folder]
    paths = [path for place in places for path in _entries(place) if path.suffix == ".npz"]
    for path in paths:
        if path.name in found:
            continue
        room = limits.ARTEFACT_BYTES - sum(map(len, found.values()))
        try:
            reason = limits.why_no_artefact(path.name, path.lstat().st_size, len(found), room)
            if not reason:
                found[path.name] = _read(path, room)
        except OSError as problem:
            reason = problem.strerror or "it cannot be read"
        if reason:
            noticed.append(f"the trained net {path.name[:80]} was not taken: {reason}")
    return found, tuple(noticed[:5])


def _modules_in(folder: Path) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The student's own modules beside a notebook, and what is to be said of those that are not taken."""
    files = [path for path in _entries(folder) if path.suffix == ".py" and not path.name.startswith(".")]
    return _modules_of([(path.name, path.lstat().st_size, functools.partial(_read, path)) for path in files])


def _modules_of(files: list[tuple[str, int, Callable[[int], bytes]]]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """files: (name, size, what reads at most so many bytes and one) of each."""
    found: dict[str, bytes] = {}
    noticed: list[str] = []
    for name, size, read_most in files:
        room = limits.MODULE_BYTES - sum(map(len, found.values()))
        reason = limits.why_no_module(name, size, len(found), room)
        try:
            data = b"" if reason else read_most(room)
            if len(data) > room:
                reason = "it is larger than it says"
        except OSError as problem:
            reason = problem.strerror or "it cannot be read"
        if reason:
            noticed.append(f"the module {name[:80]} was not taken: {reason}")
        else:
            found[name] = data
    return found, tuple(noticed[:5])


def _from_file(place: Place) -> Submission:
    """A zip or a notebook; where its name holds no week, the cells say which one it is."""
    student, path, week = place.student, place.path, _week_id(place.week)
    artefacts: dict[str, bytes] = {}
    modules: dict[str, bytes] = {}
    noticed: tuple[str, ...] = ()
    try:
        if path.suffix.lower() in ARCHIVES:
            return Submission(student, place.week, problem=f"{path.name}: archives of this kind are not read, zips are")
        if path.suffix.lower() == ".ipynb":
            data = _read(path)
        else:
            data, artefacts, modules, noticed = _from_zip(path, week)
    except (OSError, sanitize.Unreadable) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        return Submission(student, place.week, problem=f"{path.name}: {reason}")
    return replace(_identified(student, week, place.week, data, noticed), artefacts=artefacts, modules=modules)


def _from_zip(path: Path, week: str | None) -> tuple[bytes, dict[str, bytes], dict[str, bytes], tuple[str, ...]]:
    """The one notebook in a zip, its trained nets and modules, and what is to be said of those that are not taken.

    Read in memory: names inside are only compared, never used as paths.
    """
    try:
        with _zip_stream(path) as stream, zipfile.ZipFile(stream) as archive:
            stream.most = None
            members = archive.infolist()
            if len(members) > MAX_ZIP_MEMBERS:
                raise sanitize.Unreadable(_TOO_MANY)
            members = [m for m in members if not m.is_dir() and not _left_by_a_system(_parts(m))]
            notebooks = [m for m in members if _parts(m)[-1].lower().endswith(".ipynb")]
            alike = [m for m in notebooks if week and _parts(m)[-1].lower() == f"{week}.ipynb"]
            exact = [m for m in alike if _parts(m)[-1] == f"{week}.ipynb"]
            if not exact and len({_parts(m)[-1] for m in alike}) == len(alike):
                exact = sorted(alike, key=lambda m: m.date_time)[-1:]
            chosen = exact or alike or notebooks
            if len(chosen) != 1:
                raise sanitize.Unreadable(f"the zip holds {len(chosen)} notebooks, expected one")
            if chosen[0].file_size > limits.NOTEBOOK_BYTES:
                raise sanitize.Unreadable("the notebook in the zip is too large")
            data = _member(archive, chosen[0], limits.NOTEBOOK_BYTES)
            artefacts: dict[str, bytes] = {}
            noticed = [_left_out(_parts(other)[-1]) for other in notebooks[:5] if other is not chosen[0]]
            for member in members:
                name = _parts(member)[-1]
                if not name.endswith(".npz") or name in artefacts:
                    continue
                room = limits.ARTEFACT_BYTES - sum(map(len, artefacts.values()))
                if reason := limits.why_no_artefact(name, member.file_size, len(artefacts), room):
                    noticed.append(f"the trained net {name[:80]} was not taken: {reason}")
                else:
                    artefacts[name] = _member(archive, member, room)
            beside = [m for m in members if _parts(m)[:-1] == _parts(chosen[0])[:-1] and m.filename.endswith(".py")]
            modules, left = _modules_of(
                [(_parts(m)[-1], m.file_size, functools.partial(_member, archive, m)) for m in beside]
            )
            return data, artefacts, modules, (*noticed[:5], *left)
    except sanitize.Unreadable:
        raise
    except (
        Exception
    ) as problem:  # a damaged zip raises what its decompressor raises: zlib.error, LZMAError, ValueError…
        raise sanitize.Unreadable("the zip cannot be opened") from problem


def _parts(member: zipfile.ZipInfo) -> list[str]:
    """Folders and name of a file in a zip; some programs of Windows write backslashes between them."""
    return member.filename.replace("\\", "/").split("/")


def _left_by_a_system(parts: list[str]) -> bool:
    """Whether a file in a zip is hidden or an operating system's: Jupyter's checkpoints, macOS's resource forks."""
    return any(part == "__MACOSX" or (part.startswith(".") and part not in (".", "..")) for part in parts)


class _ZipStream(io.BufferedReader):
    """A file that refuses to be read in pieces of more than `most` bytes, until that is None.

    `ZipFile` reads the list of files in one piece and makes an object of each before anybody can count them: half a million
    take ten seconds and 250 MB.
    """

    most: int | None = MAX_ZIP_DIRECTORY

    def read(self, size: int | None = -1, /) -> bytes:
        if self.most is not None and size is not None and size > self.most:
            raise sanitize.Unreadable(_TOO_MANY)
        return super().read(size)


def _zip_stream(path: Path) -> _ZipStream:
    """The file at `path` for reading; not through a link, and never a device or a FIFO. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    stream = _ZipStream(io.FileIO(descriptor))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        stream.close()
        raise sanitize.Unreadable("not a regular file")
    return stream


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    """What `member` unpacks to, at most `most` bytes and one: the size it claims need not be true."""
    with archive.open(member) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise sanitize.Unreadable("a file in the zip is larger than it says")
    return data


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
