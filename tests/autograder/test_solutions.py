"""Every solution notebook, executed with papermill in the quick profile, earns full marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import solve, weeks
from course import syllabus


@pytest.mark.parametrize("name", syllabus.load())
def test_a_solution_earns_full_marks(name: str, tmp_path: Path) -> None:
    (outcome,) = solve.solve([weeks.load(name)], "quick", folder=tmp_path, jobs=1)
    assert outcome.problem == "" and outcome.failures == ()
    assert outcome.points == outcome.max_points
