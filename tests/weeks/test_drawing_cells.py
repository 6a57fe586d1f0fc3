"""What grading leaves out: cells that only draw, and what only they use."""

from __future__ import annotations

import pytest

from autograder import weeks
from autograder.weeks.pictures import drawn_in_grading, pictures_of


@pytest.mark.parametrize("number", range(1, 13))
def test_no_submission_waits_for_a_picture(number: int) -> None:
    assert [cell.id for cell, _, _ in drawn_in_grading(weeks.load(number))] == []


def test_functions_that_only_pictures_call_are_left_out() -> None:
    week = weeks.load(2)
    assert "influence" in pictures_of(week, [])
    assert "influence" not in pictures_of(week, ["def mine(model, image):\n    return influence(model, image)"])


def test_what_imports_or_styles_stays() -> None:
    assert not {"imports", "parameters"} & pictures_of(weeks.load(2), [])
