"""From checks to the verdict and the score of an exercise or a submission: decided here, and read everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from autograder.results.result import CheckResult, Verdict
from autograder.weeks import marks

SEVERITY: tuple[Verdict, ...] = ("pass", "missing", "fail", "error", "timeout", "oom", "tampered", "invalid")
"""From harmless to worst. `missing` comes before `fail`: an exercise is unanswered only when nothing given was wrong."""


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; `pass` where there are none."""
    return max(verdicts, key=SEVERITY.index, default="pass")


def of_exercise(checks: Sequence[CheckResult]) -> Verdict:
    """The verdict of one exercise; `missing` where none of its checks was run."""
    return worst(c.verdict for c in checks) if checks else "missing"


def of_submission(checks: Sequence[CheckResult], tampered: bool) -> Verdict:
    """The worst of the checks. A stretch exercise gives no points, so leaving it out does not spoil a full score."""
    counted = [c.verdict for c in checks if c.max_points] or [c.verdict for c in checks]
    return "tampered" if tampered else worst(counted)


def score(checks: Iterable[CheckResult]) -> float:
    return sum(c.points for c in checks)


def max_score(checks: Iterable[CheckResult]) -> float:
    return sum(c.max_points for c in checks)


def is_wrong(check: CheckResult) -> bool:
    """Whether an answer was given, and did not hold."""
    return check.verdict not in ("pass", "missing")


def settled(
    checks: Iterable[CheckResult], answers: Mapping[str, str], exercise_of: Callable[[str], str | None]
) -> list[CheckResult]:
    """`checks`, each `missing` where it failed on an exercise that still holds the release's stub.

    A check that asks for an error, and meets the stub's NotImplementedError, fails; but nobody got anything wrong there.
    """
    given = list(checks)
    stub = marks.CODE_STUB.splitlines()
    passed = {exercise_of(c.id) for c in given if c.verdict == "pass"}
    blank = {name for name, source in answers.items() if all(line in source for line in stub)} - passed
    return [replace(c, verdict="missing") if exercise_of(c.id) in blank and c.verdict == "fail" else c for c in given]
