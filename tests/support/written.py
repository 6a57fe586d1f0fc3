"""Graded submissions with written answers, as records, without grading anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autograder import weeks
from autograder.results import CheckResult, Result
from autograder.results.records import Writer

WEEK = "week01_convolution"
QUESTION = "correlation-or-convolution"

ANSWERS = {
    "ada": "1. It **turns** the kernel by 180°.\n2. Training finds the turned kernel: $w_{-a,-b}$.\n3. Gaussian; Sobel.",
    "bo": "The same thing, it is only a *convention*.",
    "chi": "1. A convolution flips along both axes.\n\n```python\nscipy.signal.convolve2d(x, w)\n```\n\n2. Nobody cares.",
    "dee": "",
    "eve": "<script>document.title='owned'</script><img src=http://example.invalid/x.png onerror=alert(1)> "
    "![p](http://example.invalid/y.png) [link](javascript:alert(1))",
}


def result(student: str, text: str, week: str = WEEK, passed: int = 99, **more: object) -> Result:
    """A graded submission to `week` of which the first `passed` checks pass, with `text` for each written question."""
    plan = weeks.load(week)
    checks = tuple(
        CheckResult(c.id, "pass" if n < passed else "fail", c.points if n < passed else 0, c.points)
        for n, c in enumerate(plan.checks)
    )
    score, most = (sum(getattr(c, name) for c in checks) for name in ("points", "max_points"))
    verdict = "pass" if passed >= len(checks) else "fail"
    return Result(
        student,
        plan.id,
        verdict,  # type: ignore[arg-type]
        score,
        most,
        checks,
        by_hand={cell.id: cell.points for cell in plan.written},
        answers={cell.id: text for cell in plan.written},
        **more,  # type: ignore[arg-type]
    )


def hand_in(folder: Path, texts: Mapping[str, str] = ANSWERS, week: str = WEEK, **more: object) -> Path:
    """Records of {student: what they wrote} in `folder`, which is returned; earlier ones are followed by these."""
    with Writer(folder) as writer:
        for student, text in texts.items():
            one = result(student, text, week, **more)
            writer.append(f"{student}{week}{text}", one)
    return folder
