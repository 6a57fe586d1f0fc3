"""The trial of hostile submissions goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.errors import UserError
from benchmarks import trust
from benchmarks.attacks import POINTS, WEEK, Attack
from benchmarks.trust_rows import Outcome, Rows

CASES = [Attack(40, f"case {number}", low=POINTS, high=POINTS) for number in range(4)]


class Grader:
    """Gives every submission all points; stopped from outside when it has graded `most`."""

    def __init__(self, most: int = 99) -> None:
        self.most = most
        self.graded: list[str] = []

    def __call__(self, todo: Sequence[Attack], on_done: Callable[[Attack, Outcome], object]) -> list[Outcome]:
        outcomes = []
        for case in todo:
            if len(self.graded) == self.most:
                raise KeyboardInterrupt
            self.graded.append(case.name)
            outcomes.append(Outcome(POINTS))
            on_done(case, outcomes[-1])
        return outcomes


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Grader, list[Attack]], str]:
    def once(grader: Grader, cases: list[Attack]) -> str:
        monkeypatch.setattr(trust.sandbox, "default_sandbox", lambda: "bwrap")
        monkeypatch.setattr(trust, "_graders", lambda *options: {"autograder": grader})
        monkeypatch.setattr(trust, "attacks", lambda: cases)
        monkeypatch.setitem(trust.VERSIONS, "autograder", lambda: "1")
        return CliRunner().invoke(trust.command, ["--rows", str(tmp_path / "rows.jsonl"), "--json"]).output

    return once


def test_a_run_that_was_stopped_goes_on_where_it_was(run: Callable[[Grader, list[Attack]], str]) -> None:
    first, second, third = Grader(2), Grader(), Grader()
    run(first, CASES)
    shown = run(second, CASES)
    assert (first.graded, second.graded) == (["case 0", "case 1"], ["case 2", "case 3"])
    assert '"forged": 0' in shown and '"run": 4' in shown, shown
    changed = Attack(40, "case 1", {"pool2d": "1"}, low=POINTS, high=POINTS)
    run(third, [CASES[0], changed, *CASES[2:]])
    assert third.graded == ["case 1"], "what is handed in is another notebook now"


def test_what_a_fair_grader_gives_is_judged_anew(run: Callable[[Grader, list[Attack]], str]) -> None:
    run(Grader(), CASES)
    none = Grader()
    shown = run(none, [*CASES[:3], Attack(40, "case 3", low=0, high=1)])
    assert none.graded == [] and '"forged": 1' in shown


def test_half_a_row_is_that_of_a_killed_run(tmp_path: Path) -> None:
    path = tmp_path / "trust" / "rows.jsonl"
    rows = Rows.read(path)
    rows.put("autograder 1", CASES[0], Outcome(3.0))
    rows.put("autograder 1", CASES[1], Outcome(None, stopped=True))
    path.write_text(path.read_text()[:-9])
    again = Rows.read(path)
    assert (again.get("autograder 1", CASES[0]), again.get("autograder 1", CASES[1])) == (Outcome(3.0), None)
    assert again.get("autograder 2", CASES[0]) is None, "another version of the grader"
    again.put("autograder 1", CASES[1], Outcome(1.0))
    assert Rows.read(path).get("autograder 1", CASES[1]) == Outcome(1.0)


def test_a_file_of_something_else_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / f"{WEEK}.ipynb"
    path.write_text('{"cells": []}\n')
    with pytest.raises(UserError, match="line 1 is no row of a trial"):
        Rows.read(path)
