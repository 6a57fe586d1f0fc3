"""Three regrades of the same submission give the same score, also where the grading trains a net."""

from __future__ import annotations

import pytest
from graded import graded

from autograder import weeks
from autograder.grading.grader import Grader
from course import syllabus

TRAINING = [plan.id for plan in syllabus.load().values() if plan.bounds]


def test_some_weeks_train() -> None:
    assert len(TRAINING) >= 3


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("name", TRAINING)
def test_three_regrades(grader: Grader, name: str) -> None:
    """The reference without its trained nets, so that every round trains anew; then with a wrong answer in it."""
    week = weeks.load(name)
    right = {answer.id: answer.source for answer in week.answers}
    rounds = [graded(grader, week, right) for _ in range(3)]
    assert [one.verdict for one in rounds] == ["pass"] * 3, [
        c for one in rounds for c in one.checks if c.points < c.max_points
    ]
    exercise, mistakes = next(iter(week.mistakes().items()))
    wrong = right | {exercise: next(iter(mistakes.values()))["code"]}
    rounds = [graded(grader, week, wrong) for _ in range(3)]
    assert len({tuple((c.id, c.verdict, c.points) for c in one.checks) for one in rounds}) == 1
