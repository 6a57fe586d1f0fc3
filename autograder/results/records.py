"""Records of graded submissions: append-only JSON lines, synced to disk, written by one process at a time.

Everything else (tables, reports, gradebooks) is a view that can be made from them again. A line is

    {"key": "…", "result": {…}, "timing": {"seconds": …}}

where `key` says what the result depends on: a hash of the student's work, our cells, the engine and the profile, then,
behind a colon, one of each check. The same key is the same result; where only checks differ, the others keep theirs.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.errors import UserError
from autograder.intake.work import Work
from autograder.results import Result, engine
from autograder.weeks import Cell, Week

FILE = "records.jsonl"
_BLOCK = 2**20


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
    limits = [plan.seconds, plan.cell_seconds, plan.call_seconds, plan.memory_mb, plan.bounds]
    return hashlib.sha256(json.dumps([ours, limits], sort_keys=True).encode()).hexdigest()


_DIGITS = 8


def _check_hash(check: Cell) -> str:
    text = json.dumps([check.id, check.source, check.points])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def key(week: Week, work: Work, profile: str, sandbox: str, pictures: bool = False, retrain: bool = False) -> str:
    """The key of a submission's record."""
    nets = {} if retrain else {name: hashlib.sha256(data).hexdigest() for name, data in work.artefacts.items()}
    theirs = [work.sources, work.extras, work.written, work.warnings, work.tampered, nets]
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


def _line(record_key: str, result: Result) -> bytes:
    data = result.as_dict()
    seconds = data.pop("seconds")
    record = {"key": record_key, "result": data, "timing": {"seconds": seconds}}
    return json.dumps(record, sort_keys=True, ensure_ascii=True).encode() + b"\n"


def _parse(line: bytes) -> tuple[str, Result] | None:
    try:
        record = json.loads(line)
        result = Result.from_dict({**record["result"], "seconds": record["timing"]["seconds"]})
        return str(record["key"]), result
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


@dataclass(frozen=True)
class Known:
    """Where the latest record of a student and week stands in the file, and under which key."""

    key: str
    offset: int
    length: int


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Whole lines of a records file and where they begin. A line without its end was never a record: the trace of a
    killed run.
    """
    offset = 0
    try:
        with path.open("rb") as stream:
            for line in stream:
                if line.endswith(b"\n"):
                    yield offset, line
                offset += len(line)
    except FileNotFoundError:
        return


def known(folder: Path, on_damaged: Callable[[int], None] = lambda number: None) -> dict[tuple[str, str], Known]:
    """{(student, week): where the latest record is} in `folder`, without the records themselves; empty where none are.

    on_damaged: told the number of each line, from 1, that is no record.
    """
    latest = {}
    for number, (offset, line) in enumerate(_lines(folder / FILE), start=1):
        if (parsed := _parse(line)) is not None:
            latest[parsed[1].student, parsed[1].week] = Known(parsed[0], offset, len(line))
        else:
            on_damaged(number)
    return latest


def fetch(folder: Path, where: Known) -> Result:
    """The result that `known` pointed to."""
    with (folder / FILE).open("rb") as stream:
        stream.seek(where.offset)
        parsed = _parse(stream.read(where.length))
    assert parsed is not None, "records are append-only"
    return parsed[1]


def read(folder: Path, on_damaged: Callable[[int], None] = lambda number: None) -> list[Result]:
    """The latest result of every student and week, sorted. on_damaged: see `known`."""
    return [fetch(folder, where) for _, where in sorted(known(folder, on_damaged).items())]


class Writer:
    """The one process that appends. Raises UserError where another one is at it, or the folder cannot be written."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as problem:
            raise UserError(
                f"records cannot be written to {folder} ({problem.strerror}): choose another folder with --to"
            ) from problem
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            os.close(self._file)
            raise UserError(
                f"another grader is writing to {folder}: wait for it, or choose another folder with --to"
            ) from problem
        self._size = self._end_of_last_line()
        os.ftruncate(self._file, self._size)

    def _end_of_last_line(self) -> int:
        end = os.fstat(self._file).st_size
        while end:
            start = max(0, end - _BLOCK)
            at = os.pread(self._file, end - start, start).rfind(b"\n")
            if at >= 0:
                return start + at + 1
            end = start
        return 0

    def append(self, record_key: str, result: Result) -> None:
        """Append and sync one record. Raises UserError when the disk is full; what was written before stays whole."""
        line = memoryview(_line(record_key, result))
        try:
            written = 0
            while written < len(line):
                written += os.write(self._file, line[written:])
            os.fsync(self._file)
        except OSError as problem:
            os.ftruncate(self._file, self._size)
            raise UserError(
                f"the record of {result.student}, {result.week} cannot be written to {self.path} ({problem.strerror}): "
                "make room and say the same again; what was graded before is kept"
            ) from problem
        self._size += len(line)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)


def as_json(results: list[Result]) -> Mapping[str, Any]:
    """The object that `autograder grade --json` prints."""
    return {"results": [result.public() for result in results]}
