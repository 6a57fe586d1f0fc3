"""Each week as a whole: its solution earns full marks, and its checks hold up to right and wrong answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder import weeks
from autograder.audit import run as audit
from autograder.audit.run import Case, summarise
from autograder.authoring import solve
from autograder.grading.grader import Grader
from autograder.weeks import Week
from course import syllabus

TRAINS = re.compile(r"\bfit\(|\btrained\(")
SHARE_THAT_TRAINS = 8
"""Of the wrong answers to exercises that train nets, one in this many is tried in the fast tests; the others, and the
right ones, which must train to their end, in the slow ones."""
BUILDS = re.compile(r"\bkeras\.(Sequential|Model|layers)\b|\bpretrained\.")
SHARE_THAT_BUILDS = 4
"""The same for exercises that make nets and do not train them, right answers and wrong ones alike."""


def that_train(week: Week) -> set[str]:
    """Exercises whose answers are expensive to try, because they or their checks train a net."""
    sources = {answer.id: [answer.source] for answer in week.answers}
    for check in week.checks:
        sources[week.exercise_of(check.id) or ""].append(check.source)
    return {exercise for exercise, cells in sources.items() if any(TRAINS.search(source) for source in cells)}


def cases(week: Week) -> tuple[list[Case], list[Case]]:
    """(those of the fast tests, the others)."""
    train = that_train(week)
    build = {answer.id for answer in week.answers if BUILDS.search(answer.source)}
    fast, slow = [], []
    seen: dict[tuple[str, str], int] = {}
    for case in audit.cases(week, with_mutants=False, alone=True):
        number = seen.setdefault((case.exercise, case.kind), 0)
        seen[case.exercise, case.kind] += 1
        if case.exercise in train:
            waits = case.kind == "alternative" or number % SHARE_THAT_TRAINS
        else:
            waits = case.exercise in build and number % SHARE_THAT_BUILDS
        (slow if waits else fast).append(case)
    return fast, slow


@pytest.mark.sandbox
@pytest.mark.parametrize("name", [*reversed(syllabus.load())])  # the later weeks take longer, and are begun first
def test_a_week_holds(name: str, grader: Grader, tmp_path: Path) -> None:
    """Papermill runs the solution for all its points; in the grader the reference earns all, handed in with the nets
    that it trained, the empty release nothing; every mistake is caught in its words, every alternative passes.
    """
    week = weeks.load(name)
    (outcome,) = solve.solve([week], "quick", folder=tmp_path, jobs=1, threads=1, pages=False)
    assert outcome.problem == "" and outcome.failures == ()
    assert outcome.points == outcome.max_points

    nets = {path.name: path.read_bytes() for path in (tmp_path / name / "artefacts").glob("*.npz")}
    fast, _ = cases(week)
    train = that_train(week) | {""}  # their cases train; the reference, and answers that only use a net, hand it in
    tried = (
        (case, audit.try_case(grader, case, None if case.kind != "reference" and case.exercise in train else nets))
        for case in fast
    )
    found = summarise(tried)
    assert found.shortfalls == []
    assert all(row.reference and row.empty for row in found.rows)


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("name", [plan.id for plan in syllabus.load().values() if cases(weeks.load(plan.id))[1]])
def test_a_week_holds_in_its_dear_answers(name: str, grader: Grader) -> None:
    found = summarise((case, audit.try_case(grader, case)) for case in cases(weeks.load(name))[1])
    assert found.shortfalls == []


def test_every_answer_is_tried_in_one_test_or_the_other() -> None:
    week = weeks.load("week11_inception")
    fast, slow = cases(week)
    assert that_train(week) == {"mini_googlenet"}
    assert len(fast) + len(slow) == len(list(audit.cases(week, with_mutants=False, alone=True)))
    assert all(case.kind == "mistake" for case in fast if case.exercise == "mini_googlenet")
    assert {case.exercise for case in fast} == {case.exercise for case in audit.cases(week, with_mutants=False)}
