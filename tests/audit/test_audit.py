"""The audit notices what is wrong with checks, mistakes and alternatives; and the weeks hold up to it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from autograder import weeks
from autograder.audit import run as audit
from autograder.audit.run import Case, summarise
from autograder.cli.audit import command
from autograder.results import CheckResult, Result

WEEK = "week01_convolution"


def result(**verdicts: str) -> Result:
    """A result whose checks have the given verdicts; `zero_pad_lecture` stands for zero_pad-lecture."""
    checks = [
        CheckResult(name.replace("__", "-"), verdict, 0, 1, "pad both sides")  # type: ignore[arg-type]
        for name, verdict in verdicts.items()
    ]
    return Result("", WEEK, "fail", 0, 1, tuple(checks))


def case(kind: str, **changes: object) -> Case:
    plain = Case(kind, WEEK, "zero_pad", "a name", {}, frozenset({"zero_pad-lecture"}))  # type: ignore[arg-type]
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tried", "came", "says"),
    [
        (case("mistake"), result(zero_pad__lecture="pass"), "is not caught by zero_pad-lecture"),
        (case("mistake", says=("stride",)), result(zero_pad__lecture="fail"), "no message says 'stride'"),
        (case("mistake", only=frozenset({"zero_pad-no"})), result(), "do not exist: zero_pad-no"),
        (case("alternative"), result(zero_pad__lecture="fail"), "is right and loses zero_pad-lecture"),
        (case("reference", exercise=""), result(zero_pad__lecture="error"), "fails zero_pad-lecture"),
        (case("empty", exercise=""), result(zero_pad__lecture="pass"), "passes zero_pad-lecture"),
    ],
)
def test_every_shortfall_is_told(tried: Case, came: Result, says: str) -> None:
    (line,) = summarise([(tried, came)]).shortfalls
    assert says in line and WEEK in line


def test_what_is_as_it_must_be_is_counted_and_survivors_are_listed() -> None:
    outcome = summarise(
        [
            (case("mistake", says=("Both Sides",)), result(zero_pad__lecture="fail")),
            (case("alternative"), result(zero_pad__lecture="pass")),
            (case("mutant", name="1 → 2", line=7), result(zero_pad__lecture="pass")),
            (case("mutant", name="1 → 0"), result(zero_pad__lecture="fail")),
        ]
    )
    assert outcome.shortfalls == []
    (row,) = outcome.rows
    assert (row.mistakes, row.alternatives, row.mutants) == ((1, 1), (1, 1), (1, 2))
    assert outcome.survivors == [f"{WEEK}, zero_pad, line 7: 1 → 2"]


def test_an_unknown_exercise_is_the_users_mistake() -> None:
    outcome = CliRunner().invoke(command, ["1", "--exercise", "nothing"])
    assert "no such answer cell" in str(outcome.exception)


@pytest.mark.sandbox
def test_mutants_of_one_exercise_through_the_command() -> None:
    outcome = CliRunner().invoke(command, ["1", "--exercise", "zero_pad", "--json"])
    assert outcome.exit_code == 0, outcome.output
    (row,) = json.loads(outcome.stdout)["rows"]
    assert row["exercise"] == "zero_pad"
    assert row["mutants"][1] > 5 and row["mutants"][0] > 0


@pytest.mark.slow
@pytest.mark.sandbox
def test_alternatives_hold_in_the_exercises_that_build_on_them() -> None:
    todo = [case for week in weeks.all_weeks() for case in audit.cases(week, with_mutants=False)]
    outcome = audit.run([case for case in todo if case.kind == "alternative"], "bwrap", jobs=2)
    assert outcome.shortfalls == []
