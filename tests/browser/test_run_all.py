"""Run All Cells in a notebook that nobody has written anything in: where a student lands, and what has run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import browser
import pytest
from notebook_page import NotebookPage

from autograder import weeks

WEEK = weeks.load(1)
NOTEBOOK = f"assignments/{WEEK.id}/{WEEK.id}.ipynb"
IN_SIGHT = "const box = of(it).node.getBoundingClientRect(); return box.bottom > 0 && box.top < window.innerHeight;"
ALL_RAN = "return notebook.widgets.every(cell => cell.model.type !== 'code' || cell.model.executionCount);"


@pytest.fixture
def notebook(lab: browser.Lab, page: Any) -> Iterator[NotebookPage]:
    """Week 1 as it was handed out, open."""
    lab.open(page, NOTEBOOK)
    yield NotebookPage(page)
    lab.stop_kernels()


def test_it_runs_to_the_end_and_says_there_what_does_not_pass(notebook: NotebookPage) -> None:
    """It once stopped at the first exercise, and scrolled to the end, where nothing said so."""
    notebook.run_all()
    for _ in range(600):
        if notebook.ask(ALL_RAN):
            break
        notebook.page.wait_for_timeout(200)
    notebook.wait()
    browser.shoot(notebook.page, "run-all-empty")
    assert notebook.ask(ALL_RAN), "every cell has run"
    last = WEEK.checks[-1].id
    assert notebook.ask(IN_SIGHT, last), "without scrolling"
    assert notebook.text(last).endswith("is not written yet")
    said = notebook.text("progress")
    assert "0 of" in said and "has not passed in this session" in said
    browser.shoot(notebook.page, "run-all-empty-table")
