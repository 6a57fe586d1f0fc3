"""What grading says: typed results that cross from the engine to records, tables, reports and JSON."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

import msgspec

Verdict = Literal["pass", "fail", "error", "timeout", "oom", "missing", "tampered", "invalid"]
VERDICTS: tuple[Verdict, ...] = ("pass", "fail", "error", "timeout", "oom", "missing", "tampered", "invalid")


@dataclass(frozen=True)
class CheckResult:
    """One check of one submission. `message` may be shown to the student; `detail` (values, traceback) is for staff."""

    id: str
    verdict: Verdict
    points: float
    max_points: float
    message: str = ""
    detail: str = ""
    hidden: bool = False

    def public(self) -> dict[str, Any]:
        """The form that `--json` prints."""
        return {
            "id": self.id,
            "verdict": self.verdict,
            "points": self.points,
            "max_points": self.max_points,
            "message": self.message,
        }


@dataclass(frozen=True)
class Result:
    """One graded submission.

    verdict: `pass` when every check passed, `invalid` when the file could not be graded, `tampered` when parts of ours
    had been changed (they were restored, and the rest counts), else the worst of its checks.
    max_score: points that checks can give, without those a person gives (`by_hand`).
    """

    student: str
    week: str
    verdict: Verdict
    score: float
    max_score: float
    checks: tuple[CheckResult, ...] = ()
    warnings: tuple[str, ...] = ()
    by_hand: dict[str, float] = field(default_factory=dict)
    """{id of a written question: its points}, still to be given by a person."""
    answers: dict[str, str] = field(default_factory=dict)
    """{answer or written cell id: the student's source}; their own cells are `extra-N`, their modules `module-NAME.py`."""
    outputs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """{cell id: nbformat outputs of the student's cells}; images as base64 in `data`, capped in size."""
    sandbox: str = "bwrap"
    seconds: float = 0.0
    handed_in: str = ""
    """ISO 8601 in UTC: the learning platform's or server's time, else the file's; "" where neither says it."""
    handed_in_by: str = ""
    """Where that time is from: "lms", "nbgrader" (its timestamp.txt) or "file"."""
    marked_late: bool = False
    """Whether the learning platform says so."""
    source: str = ""
    """The file, from the folder that was graded."""
    sha256: str = ""
    """Of the notebook's bytes as they were handed in."""
    lms: dict[str, str] = field(default_factory=dict)
    """{platform: id} as far as the names in a download give them: {"moodle": "12345"}."""
    attempts: tuple[str, ...] = ()
    """Other attempts, which do not count, as names with times."""

    def public(self) -> dict[str, Any]:
        return {
            "student": self.student,
            "week": self.week,
            "verdict": self.verdict,
            "score": self.score,
            "max_score": self.max_score,
            "checks": [check.public() for check in self.checks],
            "warnings": list(self.warnings),
            **self.provenance(),
        }

    def provenance(self) -> dict[str, Any]:
        """Where the work came from, which changes no verdict."""
        return {
            "handed_in": self.handed_in,
            "handed_in_by": self.handed_in_by,
            "marked_late": self.marked_late,
            "source": self.source,
            "sha256": self.sha256,
            "lms": dict(self.lms),
            "attempts": self.attempts,
        }

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def as_record(self) -> dict[str, Any]:
        """What a record keeps: no points and no score, which follow from the verdicts, and the seconds apart."""
        data = self.as_dict()
        seconds = data.pop("seconds")
        del data["score"]
        if self.checks:
            del data["max_score"]
        for check in data["checks"]:
            del check["points"]
        return {"result": data, "timing": {"seconds": seconds}}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Result:
        """The result whose `as_record` is `record`. Raises TypeError, KeyError or ValueError for anything else."""
        data: dict[str, Any] = record["result"]
        checks = []
        for check in data["checks"]:
            earned = check["max_points"] if check["verdict"] == "pass" else 0
            checks.append({**check, "points": earned})
        score = math.fsum(check["points"] for check in checks)
        most = math.fsum(check["max_points"] for check in checks) if checks else data["max_score"]
        seconds = record["timing"]["seconds"]
        return _typed({**data, "checks": checks, "score": score, "max_score": most, "seconds": seconds})


def _typed(data: dict[str, Any]) -> Result:
    """`data` as a Result, each field of its type, every number finite. Raises TypeError or ValueError."""
    if unknown := data.keys() - {each.name for each in fields(Result)}:
        raise TypeError(f"a result has no {sorted(unknown)}")
    result = msgspec.convert(data, Result)  # ValidationError is a ValueError
    numbers = [result.score, result.max_score, result.seconds, *result.by_hand.values()]
    numbers += [number for check in result.checks for number in (check.points, check.max_points)]
    if not all(map(math.isfinite, numbers)):
        raise ValueError("a number of the result is not finite")
    return result
