"""Each week as a whole: its solution earns full marks, and its checks hold up to right and wrong answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import audit, solve, weeks
from autograder.audit import summarise
from autograder.grading.engine import Grader
from course import syllabus


@pytest.mark.sandbox
@pytest.mark.parametrize("name", reversed(syllabus.load()))  # the later weeks take longer, and are begun first
def test_a_week_holds(name: str, grader: Grader, tmp_path: Path) -> None:
    """Papermill runs the solution for all its points; in the grader the reference earns all, handed in with the nets
    that it trained, the empty release nothing; every mistake is caught in its words, every alternative passes.
    """
    week = weeks.load(name)
    (outcome,) = solve.solve([week], "quick", folder=tmp_path, jobs=1)
    assert outcome.problem == "" and outcome.failures == ()
    assert outcome.points == outcome.max_points

    nets = {path.name: path.read_bytes() for path in (tmp_path / name / "artefacts").glob("*.npz")}
    todo = audit.cases(week, with_mutants=False, alone=True)
    found = summarise((case, audit.try_case(grader, case, nets if case.kind == "reference" else None)) for case in todo)
    assert found.shortfalls == []
    assert all(row.reference and row.empty for row in found.rows)
