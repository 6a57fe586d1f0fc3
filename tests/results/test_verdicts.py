"""One place decides what follows from checks, and pages, tables and records all show that."""

from __future__ import annotations

import itertools

import pytest

from autograder.publish.report import class_page, student_page
from autograder.results import VERDICTS, CheckResult, Result, Verdict, verdicts

STUB = "def pool2d(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"


def check(name: str, verdict: Verdict = "pass", points: float = 5, message: str = "") -> CheckResult:
    return CheckResult(name, verdict, points if verdict == "pass" else 0, points, message)


def exercise_of(check_id: str) -> str:
    return check_id.partition("-")[0]


def test_leaving_out_the_stretch_exercises_is_no_blemish() -> None:
    checks = [check("conv2d-a"), check("conv2d_backward-a", "missing", points=0)]
    assert verdicts.of_submission(checks, tampered=False) == "pass"
    assert verdicts.of_submission([*checks, check("pool2d-a", "fail")], tampered=False) == "fail"
    assert verdicts.of_submission(checks, tampered=True) == "tampered"


def test_an_untouched_answer_is_unanswered_and_not_wrong() -> None:
    checks = [check("pool2d-numbers", "missing"), check("pool2d-errors", "fail", message="should raise ValueError")]
    found = verdicts.settled(checks, {"pool2d": STUB}, exercise_of)
    assert [c.verdict for c in found] == ["missing", "missing"]
    written = verdicts.settled(checks, {"pool2d": "def pool2d(x):\n    return x"}, exercise_of)
    assert [c.verdict for c in written] == ["missing", "fail"]
    half = verdicts.settled([check("pool2d-numbers"), checks[1]], {"pool2d": STUB}, exercise_of)
    assert [c.verdict for c in half] == ["pass", "fail"], (
        "who left the stub in, but passes a check, has written something"
    )


@pytest.mark.parametrize("pair", itertools.combinations(VERDICTS, 2))
def test_a_page_shows_the_same_worst_verdict_as_the_record(pair: tuple[Verdict, Verdict]) -> None:
    """`timeout` and `oom` once ranked one way in the record and the other way on the page."""
    checks = tuple(check(f"conv2d-{n}", verdict) for n, verdict in enumerate(pair))
    expected = verdicts.worst(pair)
    recorded = Result("ada", "week01_convolution", verdicts.of_submission(checks, False), 0, 10, checks)
    assert recorded.verdict == expected
    view = class_page.class_view([recorded])
    assert view.rows[0].scores[0] is not None and view.rows[0].scores[0].verdict == expected
    if expected != "invalid":
        assert list(view.exercises[0].counts) == [expected]
        (week,) = student_page.student_views([recorded])[0].weeks
        assert week.exercises[0].verdict == expected
