"""Records of graded submissions: append-only JSON lines, synced to disk, written by one process at a time.

Everything else (tables, reports, gradebooks) is a view that can be made from them again. A line is

    {"key": "…", "result": {…}, "timing": {"seconds": …}}

where `key` is a hash of the student's work, our cells, the engine and the profile: the same key is the same result.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from autograder.errors import UserError
from autograder.grading.sanitize import Sanitized
from autograder.paths import ROOT
from autograder.results import Result
from autograder.weeks import Week

FILE = "records.jsonl"


@functools.cache
def engine_version() -> str:
    """Hash of the code that grades: the grader, the worker, and what checks import."""
    digest = hashlib.sha256()
    for folder in ("autograder/grading", "autograder/worker", "course"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def key(week: Week, work: Sanitized, profile: str, sandbox: str, pictures: bool = False) -> str:
    """The key of a submission's record."""
    ours = [(c.id, c.role, c.source, c.points) for c in week.cells if c.kind == "code" or c.role == "written"]
    plan = week.plan
    limits = [plan.seconds, plan.cell_seconds, plan.call_seconds, plan.memory_mb, plan.bounds]
    theirs = [work.sources, work.extras, work.written, work.warnings, work.tampered]
    text = json.dumps([engine_version(), profile, sandbox, pictures, ours, limits, theirs], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


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
    except (ValueError, KeyError, TypeError):
        return None


def read_keyed(folder: Path) -> dict[tuple[str, str], tuple[str, Result]]:
    """{(student, week): (key, the latest result)} of the records in `folder`; empty where there are none."""
    path = folder / FILE
    latest: dict[tuple[str, str], tuple[str, Result]] = {}
    if not path.exists():
        return latest
    with path.open("rb") as stream:
        for line in stream:
            # A line without its end is the trace of a killed run: it was never a record.
            if line.endswith(b"\n") and (parsed := _parse(line)) is not None:
                latest[parsed[1].student, parsed[1].week] = parsed
    return latest


def read(folder: Path) -> list[Result]:
    """The latest result of every student and week, sorted."""
    return [result for _, (_, result) in sorted(read_keyed(folder).items())]


class Writer:
    """The one process that appends. Raises UserError where another one is at it, or the folder cannot be written."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._stream: IO[bytes] = self.path.open("a+b")
        except OSError as problem:
            raise UserError(f"records cannot be written to {folder}: {problem.strerror}") from problem
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            self._stream.close()
            raise UserError(
                f"another grader is writing to {folder}: wait for it, or choose another folder with --to"
            ) from problem
        self._cut_unfinished_line()

    def _cut_unfinished_line(self) -> None:
        size = self._stream.seek(0, os.SEEK_END)
        if size == 0:
            return
        self._stream.seek(size - 1)
        if self._stream.read(1) == b"\n":
            return
        self._stream.seek(0)
        end = self._stream.read().rfind(b"\n") + 1
        self._stream.truncate(end)

    def append(self, record_key: str, result: Result) -> None:
        """Append and sync one record. Raises UserError when the disk is full; what was written before stays whole."""
        try:
            self._stream.write(_line(record_key, result))
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as problem:
            raise UserError(
                f"the record of {result.student}, {result.week} cannot be written: {problem.strerror}"
            ) from problem

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()


def as_json(results: list[Result]) -> Mapping[str, Any]:
    """The object that `autograder grade --json` prints."""
    return {"results": [result.public() for result in results]}
