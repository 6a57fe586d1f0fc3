"""What people decided about points, append-only: marks, overrides, rubrics, due dates, and changes by regrades.

A ledger is a file of JSON lines, each linked to the one before it by a hash, as the records are. Several graders write at
once: an entry is one short append under a lock. Nothing is ever changed or taken out; a later entry takes the place of an
earlier one, and points None withdraw.
"""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Union

import msgspec

from autograder.errors import UserError

FILE = "ledger.jsonl"
LOCK = "ledger.lock"


def now() -> str:
    """This moment, as entries write it: ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def whoami() -> str:
    """The name of the person at this machine: AUTOGRADER_GRADER, else the login."""
    try:
        return os.environ.get("AUTOGRADER_GRADER") or getpass.getuser()
    except (OSError, KeyError):
        return ""


def answer_hash(text: str) -> str:
    """What a mark remembers of the answer it was given for. Line ends and blanks around the answer do not count."""
    plain = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


class Mark(msgspec.Struct, frozen=True, tag_field="kind", tag="mark", kw_only=True):
    """Points that a person gives a written answer; None withdraws them. With rubric items `points` are an adjustment that
    is added to the items' points. answer: `answer_hash` of the text that was marked.
    """

    student: str
    week: str
    question: str
    points: float | None
    comment: str = ""
    rubric: tuple[str, ...] = ()
    answer: str = ""
    grader: str = msgspec.field(default_factory=whoami)
    at: str = msgspec.field(default_factory=now)


class Override(msgspec.Struct, frozen=True, tag_field="kind", tag="override", kw_only=True):
    """Points that take the place of a check's, or (check None) of the whole week's before lateness; points None withdraw.

    answer: `answer_hash` of the exercise's code at that time, "" where there is none to remember.
    """

    student: str
    week: str
    check: str | None
    points: float | None
    reason: str
    answer: str = ""
    grader: str = msgspec.field(default_factory=whoami)
    at: str = msgspec.field(default_factory=now)


class Change(msgspec.Struct, frozen=True, tag_field="kind", tag="change", kw_only=True):
    """Automatic points that changed for work that did not: a regrade, or a record that was withdrawn.

    checks: {check: [points before, points after]}.
    """

    student: str
    week: str
    before: float
    after: float
    checks: dict[str, tuple[float, float]]
    reason: str
    grader: str = msgspec.field(default_factory=whoami)
    at: str = msgspec.field(default_factory=now)


class RubricItem(msgspec.Struct, frozen=True, tag_field="kind", tag="rubric", kw_only=True):
    """An item of a question's rubric. The latest line of an id counts, for all marks that name it."""

    week: str
    question: str
    id: str
    text: str
    points: float
    removed: bool = False
    grader: str = msgspec.field(default_factory=whoami)
    at: str = msgspec.field(default_factory=now)


class DueDate(msgspec.Struct, frozen=True, tag_field="kind", tag="due", kw_only=True):
    """A due date that was moved: for one student (an extension), or for everyone (student ""). until: ISO 8601 with its
    zone; "" withdraws.
    """

    student: str
    week: str
    until: str
    reason: str = ""
    grader: str = msgspec.field(default_factory=whoami)
    at: str = msgspec.field(default_factory=now)


Entry = Union[Mark, Override, Change, RubricItem, DueDate]  # noqa: UP007 - msgspec decodes by this at run time


@dataclass(frozen=True)
class Trouble:
    """A line of the ledger that is not as it was written. entry: what it still says, None where it is not an entry."""

    line: int
    entry: Entry | None

    def __str__(self) -> str:
        if self.entry is None:
            return f"line {self.line} is not an entry of a ledger and does not count"
        return (
            f"line {self.line} was edited, or a line before it was edited, moved or removed; it counts as it stands: "
            "look whether it is right"
        )


OnTrouble = Callable[[Trouble], None]
_decoder: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


class Ledger:
    """The ledger in a folder, which need not exist yet: reading it then finds nothing, and the first entry makes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE

    def append(self, *entries: Entry) -> None:
        """Write entries, all or none, and sync them. Raises UserError where they cannot be written or make no sense."""
        if entries:
            with self._writing() as file:
                _write(file, entries)

    def decide(self, make: Callable[[list[Entry]], Sequence[Entry]]) -> None:
        """Write what `make` makes of all entries so far, while nobody else writes.

        All or none is written; nothing where `make` raises. Raises UserError as `append` does.
        """
        with self._writing() as file:
            _write(file, make(self.entries()))

    @contextmanager
    def _writing(self) -> Iterator[int]:
        """As `_locked`, for who writes. Raises UserError where that fails."""
        try:
            with self._locked() as file:
                yield file
        except OSError as problem:
            raise UserError(f"{self.path} cannot be written ({problem.strerror}): nothing was entered") from problem

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file, open for appending, while no other process writes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o664)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o664)
            try:
                yield file
            finally:
                os.close(file)
        finally:
            os.close(lock)

    def entries(self, on_trouble: OnTrouble = lambda trouble: None) -> list[Entry]:
        """Everything that was ever entered, in order. Lines that are not as they were written are told to `on_trouble`.

        Raises UserError where the file is there and cannot be read.
        """
        found: list[Entry] = []
        link = ""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return found
        except OSError as problem:
            raise UserError(f"{self.path} cannot be read: {problem.strerror}") from problem
        for number, line in enumerate(data.splitlines(keepends=True), start=1):
            parsed = _parsed(line)
            if parsed is None:
                if line.endswith(b"\n"):  # else the trace of a writer that was killed, which was never an entry
                    on_trouble(Trouble(number, None))
                continue
            entry, record = parsed
            own = str(record.get("link", ""))
            if own != _link(record, link):
                on_trouble(Trouble(number, entry))
            link = own
            found.append(entry)
        return found


def _write(file: int, entries: Sequence[Entry]) -> None:
    """Append entries and sync them; what was written when that fails is taken back. Raises OSError, UserError."""
    for entry in entries:
        _see(entry)
    if not entries:
        return
    size, link, data = _end(file)
    os.ftruncate(file, size)  # half a line, the trace of a writer that was killed
    for entry in entries:
        line, link = _line(entry, link)
        data += line
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise


def _see(entry: Entry) -> None:
    """Raises UserError where an entry cannot count: a number that is none."""
    match entry:
        case Mark(points=points) | Override(points=points) if points is not None:
            numbers = [points]
        case RubricItem(points=points):
            numbers = [points]
        case Change(before=before, after=after):
            numbers = [before, after]
        case DueDate(until=until) if until and moment(until) is None:
            raise UserError(f"{until!r} is not a date and time with its zone, such as 2027-01-17T23:59:00+01:00")
        case _:
            numbers = []
    if not all(map(math.isfinite, numbers)):
        raise UserError("points are a finite number")


def moment(text: str) -> datetime | None:
    """The moment that ISO 8601 with a zone names; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _link(record: dict[str, Any], before: str) -> str:
    """A hash of what a line says and of the link before it: neither can be edited alone."""
    body = json.dumps({name: value for name, value in record.items() if name != "link"}, sort_keys=True)
    return hashlib.sha256(f"{before}\n{body}".encode()).hexdigest()[:32]


def _line(entry: Entry, before: str) -> tuple[bytes, str]:
    record = msgspec.to_builtins(entry)
    link = _link(record, before)
    return json.dumps({**record, "link": link}, sort_keys=True, ensure_ascii=True).encode() + b"\n", link


def _parsed(line: bytes) -> tuple[Entry, dict[str, Any]] | None:
    """The entry of a line, and the line as an object; None where it is none."""
    try:
        entry = _decoder.decode(line)
        _see(entry)
        return entry, json.loads(line)
    except (ValueError, RecursionError, UserError):  # msgspec's are ValueErrors
        return None


def _end(file: int) -> tuple[int, str, bytes]:
    """Where the next line begins, the link of the line before it, and the line end that is missing there, if any."""
    start = size = os.fstat(file).st_size
    tail = b""
    while start > 0 and tail.count(b"\n") < 2:
        step = min(start, 65536)
        start -= step
        tail = os.pread(file, step, start) + tail
    whole, _, rest = tail.rpartition(b"\n")
    if rest and (parsed := _parsed(rest)):  # a whole entry without its line end, as some editors leave it
        return size, str(parsed[1].get("link", "")), b"\n"
    parsed = _parsed(whole.rpartition(b"\n")[2])
    return size - len(rest), str(parsed[1].get("link", "")) if parsed else "", b""
