"""A release that is corrected while the class works: work made from the earlier one is graded against today's checks."""

from __future__ import annotations

import json
from typing import Any

import nbformat
from grading_example import GOOD, WEEK
from nbgrader.utils import compute_checksum

from autograder.authoring.notebooks import release_notebook
from autograder.intake.sanitize import sanitize
from autograder.intake.work import Work


def earlier(**changes: Any) -> Any:
    """The release with the check `conv2d-lecture` as it was earlier (grade_id, points or source), and the answer given."""
    notebook = release_notebook(WEEK)
    for cell in notebook.cells:
        if cell.id == "conv2d":
            cell.source = GOOD
        if cell.id == "conv2d-lecture":
            cell.source = changes.get("source", cell.source)
            about = cell.metadata.nbgrader
            about.grade_id = cell.id = changes.get("grade_id", about.grade_id)
            about.points = changes.get("points", about.points)
            about.checksum = compute_checksum(cell)
    return notebook


def clean(notebook: Any) -> Work:
    return sanitize(nbformat.writes(notebook).encode(), WEEK)


def test_points_that_were_moved_are_not_tampering() -> None:
    found = clean(earlier(points=1))
    assert not found.tampered and found.sources == {"conv2d": GOOD}
    assert any("gave other points in an earlier release" in warning for warning in found.warnings)
    notebook = earlier()
    next(c for c in notebook.cells if c.id == "conv2d-lecture").metadata.nbgrader.points = 50
    assert clean(notebook).tampered, "points that no release had"


def test_a_check_that_was_renamed_or_is_gone_is_left_out_and_said() -> None:
    found = clean(earlier(grade_id="conv2d-numbers", source="from course import checks\nchecks.equal(conv2d(1, 2), 3)"))
    assert not found.tampered and found.extras == {}
    assert "the check conv2d-numbers of an earlier release is no longer part of the week: left out" in found.warnings
    assert any("conv2d-lecture had been deleted" in warning for warning in found.warnings), "today's runs all the same"


def test_a_check_whose_text_was_corrected_counts_as_today() -> None:
    found = clean(earlier(source="from course import checks\nchecks.equal(conv2d(1, 2), 3)"))
    assert not found.tampered
    assert any("that of another release: ours counts" in warning for warning in found.warnings)


def test_a_check_that_was_only_renamed_is_known_by_its_text() -> None:
    found = clean(earlier(grade_id="conv2d-numbers"))
    assert found.warnings == ["1 cells had lost their names: recognised by their text"] and not found.tampered


def test_an_exercise_that_was_split_is_found_by_what_it_defines() -> None:
    notebook = json.loads(nbformat.writes(earlier()))
    for cell in notebook["cells"]:
        if cell["id"] == "conv2d":  # one answer cell held this function and another one
            cell["id"] = cell["metadata"]["nbgrader"]["grade_id"] = "both"
            cell["source"] = GOOD + "\n\ndef pool2d(x):\n    return x\n"
    found = sanitize(json.dumps(notebook).encode(), WEEK)
    assert "def pool2d" in found.sources["conv2d"] and not found.tampered
