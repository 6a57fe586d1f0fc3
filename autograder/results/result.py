"""What grading says: typed results that cross from the engine to records, tables, reports and JSON."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

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
    """{answer or written cell id: the student's source}, and the student's own extra cells as `extra-N`."""
    outputs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """{cell id: nbformat outputs of the student's cells}; images as base64 in `data`, capped in size."""
    sandbox: str = "bwrap"
    seconds: float = 0.0

    def public(self) -> dict[str, Any]:
        return {
            "student": self.student,
            "week": self.week,
            "verdict": self.verdict,
            "score": self.score,
            "max_score": self.max_score,
            "checks": [check.public() for check in self.checks],
            "warnings": list(self.warnings),
        }

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Result:
        """The result whose `as_dict` is `data`. Raises TypeError or KeyError for anything else, as an editor may leave it."""
        checks = tuple(CheckResult(**check) for check in data["checks"])
        result = cls(**{**data, "checks": checks, "warnings": tuple(data["warnings"])})
        text = [result.student, result.week, result.sandbox, *result.warnings]
        text += [part for check in checks for part in (check.id, check.message, check.detail)]
        text += [part for table in (result.by_hand, result.answers, result.outputs) for part in table]
        numbers = [result.score, result.max_score, result.seconds, *result.by_hand.values()]
        numbers += [number for check in checks for number in (check.points, check.max_points)]
        outputs = [output for cell in result.outputs.values() for output in cell]
        right = (
            all(type(part) is str for part in (*text, *result.answers.values()))
            and all(type(number) in (int, float) and math.isfinite(number) for number in numbers)
            and all(type(output) is dict for output in outputs)
            and {result.verdict, *(check.verdict for check in checks)} <= set(VERDICTS)
        )
        if not right:
            raise TypeError("not the values of a result")
        return result
