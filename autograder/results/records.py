"""Records of graded submissions: append-only JSON lines, synced to disk, written by one process at a time.

Everything else (tables, reports, gradebooks) is a view that can be made from them again. A line is

    {"key": "…", "link": "…", "result": {…}, "timing": {"seconds": …}}

`key` says what the result depends on: a hash of the student's work, our cells, the engine and the profile, then, after a
colon, one of each check. The same key is the same result; where only checks differ, the others keep theirs. `link` is a
hash of the line and of the link before it. Points and scores are not part of a record: they follow from the verdicts.
A record that was withdrawn stays, and a later line says so:

    {"link": "…", "withdrawn": {"student": "…", "week": "…", "reason": "…", "at": "…"}}
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from autograder.errors import UserError
from autograder.intake.work import Work
from autograder.results import Result, engine, verdicts
from autograder.weeks import Cell, Week

FILE = "records.jsonl"
LOCK = "records.lock"


_versions: dict[int, tuple[Week, str]] = {}


def _week_version(week: Week) -> str:
    """Hash of a week's cells, points, limits and bounds; computed once for each week object."""
    if (found := _versions.get(id(week))) is None:
        found = _versions[id(week)] = (week, _hash_of(week))
    return found[1]


def _hash_of(week: Week) -> str:
    ours = [
        (c.id, c.role, c.source, c.points)
        for c in week.cells
        if c.role == "written" or (c.kind == "code" and c.role != "check")
    ]
    plan = week.plan
    limits = [plan.seconds, plan.cell_seconds, plan.call_seconds, plan.memory_mb, plan.bounds, plan.variants]
    return hashlib.sha256(json.dumps([ours, limits], sort_keys=True).encode()).hexdigest()


_DIGITS = 8


def _check_hash(check: Cell) -> str:
    text = json.dumps([check.id, check.source, check.points])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def key(week: Week, work: Work, profile: str, sandbox: str, pictures: bool = False, retrain: bool = False) -> str:
    """The key of a submission's record."""
    nets = {} if retrain else {name: hashlib.sha256(data).hexdigest() for name, data in work.artefacts.items()}
    modules = {name: hashlib.sha256(data).hexdigest() for name, data in work.modules.items()}
    theirs = [work.sources, work.extras, work.written, work.warnings, work.tampered, work.signed, nets, modules]
    grading = [engine.version(), _week_version(week), profile, sandbox, pictures, retrain]
    text = json.dumps([grading, theirs], sort_keys=True)
    base = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{base}:{''.join(map(_check_hash, week.checks))}"


def differ_in_checks_alone(one: str, other: str) -> bool:
    """Whether two keys are of the same work and grader, and only checks have changed."""
    return one != other and one.partition(":")[0] == other.partition(":")[0] != "invalid"


def changed_checks(earlier_key: str, earlier: Result, week: Week) -> frozenset[str] | None:
    """Ids of the checks of `week` that `earlier` does not hold in their present form; None where that cannot be told."""
    digits = earlier_key.partition(":")[2]
    if len(digits) != _DIGITS * len(earlier.checks):
        return None
    then = {check.id: digits[_DIGITS * n : _DIGITS * (n + 1)] for n, check in enumerate(earlier.checks)}
    return frozenset(check.id for check in week.checks if then.get(check.id) != _check_hash(check))


def _line(record: Mapping[str, Any], before: str) -> tuple[bytes, str]:
    """The line of a record, and its link. before: the link of the line before it."""
    link = _link(record, before)
    return json.dumps({**record, "link": link}, sort_keys=True, ensure_ascii=True).encode() + b"\n", link


def _link(record: Mapping[str, Any], before: str) -> str:
    """A hash of a record and of the link before it: what a record says, and which one it follows, cannot be edited alone."""
    body = json.dumps({name: value for name, value in record.items() if name != "link"}, sort_keys=True)
    return hashlib.sha256(f"{before}\n{body}".encode()).hexdigest()[:32]


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who withdrew what, and why. at: ISO 8601 in UTC."""

    student: str
    week: str
    reason: str
    at: str


@dataclass(frozen=True)
class _Parsed:
    key: str
    result: Result | Withdrawal
    link: str
    follows: bool
    """Whether its link is that of its own content after the line before it."""


def _parse(line: bytes, before: str = "") -> _Parsed | None:
    try:
        record = json.loads(line)
        link = str(record.get("link", ""))
        follows = link == _link(record, before)
        if "withdrawn" in record:
            return _Parsed("", msgspec.convert(record["withdrawn"], Withdrawal), link, follows)
        result = Result.from_record(record)
        if result.verdict not in ("tampered", "invalid"):  # the others follow from the checks
            result = replace(result, verdict=verdicts.of_submission(result.checks, tampered=False))
        return _Parsed(str(record["key"]), result, link, follows)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


@dataclass(frozen=True)
class Known:
    """Where the latest record of a student and week is in the file, and under which key."""

    key: str
    offset: int
    length: int
    edited: bool = False
    """Whether it was edited by hand, or does not follow the line that was before it: it is graded again."""


@dataclass(frozen=True)
class Trouble:
    """A line of the file that is not as it was written. result: what it still says, None where it is not a record."""

    line: int
    result: Result | Withdrawal | None

    def __str__(self) -> str:
        if self.result is None:
            return f"line {self.line} is not a record"
        whose = f"{self.result.student}, {self.result.week}"
        if isinstance(self.result, Withdrawal):
            return f"line {self.line} (which withdraws {whose}) was edited, or a line before it: it does not count"
        return f"line {self.line} ({whose}) was edited, or a line before it was edited, moved or removed"


OnTrouble = Callable[[Trouble], None]


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines of a records file and where they begin; the last may lack its end."""
    offset = 0
    try:
        with path.open("rb") as stream:
            for line in stream:
                yield offset, line
                offset += len(line)
    except FileNotFoundError:
        return


def known(folder: Path, on_trouble: OnTrouble = lambda trouble: None) -> dict[tuple[str, str], Known]:
    """{(student, week): where the latest record is} in `folder`, without the records themselves; empty where none are."""
    latest: dict[tuple[str, str], Known] = {}
    before = ""
    for number, (offset, line) in enumerate(_lines(folder / FILE), start=1):
        parsed = _parse(line, before)
        if parsed is None:
            if line.endswith(b"\n"):  # else the trace of a killed run, which was never a record
                on_trouble(Trouble(number, None))
            continue
        if not parsed.follows:
            on_trouble(Trouble(number, parsed.result))
        before = parsed.link
        if isinstance(parsed.result, Withdrawal):
            if parsed.follows:
                latest.pop((parsed.result.student, parsed.result.week), None)
            continue
        place = Known(parsed.key, offset, len(line), edited=not parsed.follows)
        latest[parsed.result.student, parsed.result.week] = place
    return latest


def fetch(folder: Path, where: Known) -> Result | None:
    """The result that `known` pointed to; None where the file was changed since."""
    try:
        with (folder / FILE).open("rb") as stream:
            stream.seek(where.offset)
            parsed = _parse(stream.read(where.length))
    except OSError:
        return None
    if parsed is None or isinstance(parsed.result, Withdrawal):
        return None
    return parsed.result if parsed.key == where.key else None


def read(folder: Path, on_trouble: OnTrouble = lambda trouble: None) -> list[Result]:
    """The latest result of every student and week, sorted."""
    found = (fetch(folder, where) for _, where in sorted(known(folder, on_trouble).items()))
    return [result for result in found if result is not None]


class Writer:
    """The one process that appends. Raises UserError where another one is at it, or the folder cannot be written."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # The lock is a file of its own: who replaces the records does not take it away.
            self._lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as problem:
            raise UserError(
                f"records cannot be written to {folder} ({problem.strerror}): choose another folder with --to"
            ) from problem
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            self._close()
            raise UserError(
                f"another grader is writing to {folder}: wait for it, or choose another folder with --to"
            ) from problem
        self._link = ""
        self._size = 0
        self._find_end()

    def _find_end(self) -> None:
        """Where the next record goes, and what it follows. Half a line at the end, the trace of a killed run, is removed;
        a whole record without its line end, as some editors leave it, gets one."""
        for offset, line in _lines(self.path):
            parsed = _parse(line, self._link)
            whole = line.endswith(b"\n")
            if parsed is None and not whole:
                os.ftruncate(self._file, offset)
                break
            if parsed is not None:
                self._link = parsed.link
            if not whole:
                os.write(self._file, b"\n")
            self._size = offset + len(line) + (not whole)

    def append(self, record_key: str, result: Result) -> None:
        """Append and sync one record. Raises UserError when the disk is full, or somebody else changed the file meanwhile;
        what was written before stays whole."""
        self._append({"key": record_key, **result.as_record()}, result)

    def withdraw(self, withdrawal: Withdrawal) -> None:
        """Append and sync that the latest record of a student and week does not count any more. Raises as `append`."""
        self._append({"withdrawn": msgspec.to_builtins(withdrawal)}, withdrawal)

    def _append(self, record: Mapping[str, Any], result: Result | Withdrawal) -> None:
        self._see_that_it_is_ours()
        data, link = _line(record, self._link)
        line = memoryview(data)
        try:
            written = 0
            while written < len(line):
                written += os.write(self._file, line[written:])
            os.fsync(self._file)
        except OSError as problem:
            os.ftruncate(self._file, self._size)
            raise UserError(
                f"the record of {result.student}, {result.week} cannot be written to {self.path} ({problem.strerror}): "
                "make room and run the same command again; what was graded before is kept"
            ) from problem
        self._size += len(line)
        self._link = link

    def _see_that_it_is_ours(self) -> None:
        mine = os.fstat(self._file)
        try:
            there = self.path.stat()
            same = (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino) and mine.st_size == self._size
        except OSError:
            same = False
        if not same:
            raise UserError(
                f"{self.path} was changed by another program while this one was grading: run the same command again; "
                "submissions without a record are then graded, the others are kept"
            )

    def _close(self) -> None:
        os.close(self._file)
        os.close(self._lock)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()


def as_json(results: list[Result]) -> Mapping[str, Any]:
    """The object that `autograder grade --json` prints."""
    return {"results": [result.public() for result in results]}
