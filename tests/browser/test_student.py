"""A student's way through week 1, in the bundle that students receive: open, run, read, answer, validate, hand in."""

from __future__ import annotations

from typing import Any

import browser
import pytest
from notebook_page import NotebookPage

from autograder import weeks
from autograder.weeks import marks

WEEK = weeks.load(1)
NOTEBOOK = f"assignments/{WEEK.id}/{WEEK.id}.ipynb"
CHECKS = [cell for cell in WEEK.cells if cell.role == "check"]


def answer(cell: str) -> str:
    """The reference answer, as a student would have written it."""
    return marks.without_marks(WEEK[cell].source)


@pytest.fixture
def notebook(lab: browser.Lab, page: Any) -> NotebookPage:
    """Week 1 as it was handed out, open."""
    lab.open(page, NOTEBOOK)
    return NotebookPage(page)


def test_an_answer_is_written_and_seen_to_pass(notebook: NotebookPage) -> None:
    notebook.run_all()
    browser.shoot(notebook.page, "student-run-all")
    assert notebook.text("zero_pad-lecture") == "zero_pad is not written yet"
    title = WEEK["zero_pad-lecture"].visible_source.splitlines()[0]
    assert notebook.folded_title("zero_pad-lecture").startswith(title)
    notebook.write("zero_pad", answer("zero_pad"))
    notebook.run("zero_pad")
    notebook.run("zero_pad-lecture")
    assert notebook.text("zero_pad-lecture").startswith("✓ 3 of 3")
    assert notebook.folded_title("zero_pad-lecture").startswith(title), "a check that ran is folded still"
    browser.shoot(notebook.page, "student-passes")
