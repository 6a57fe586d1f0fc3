"""The words of the Validate button. `tests/browser` presses it."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat import v4
from nbgrader.server_extensions.validate_assignment import handlers
from nbgrader.validator import Validator

from course.desk import validating

FAILS = v4.new_output("error", ename="CheckFailed", evalue="…", traceback=["your kernel is flipped"])


def check(name: str, points: int, *outputs: Any) -> Any:
    about = {"grade": True, "solution": False, "locked": True, "grade_id": name, "points": points, "schema_version": 3}
    return v4.new_code_cell(f"# The {name} numbers\nsecret = 1", metadata={"nbgrader": about}, outputs=list(outputs))


def written(text: str) -> Any:
    from nbgrader.utils import compute_checksum

    about = {"grade": True, "solution": True, "locked": False, "grade_id": "why", "points": 10, "schema_version": 3}
    cell = v4.new_markdown_cell("YOUR ANSWER HERE", metadata={"nbgrader": about})
    cell.metadata["nbgrader"]["checksum"] = compute_checksum(cell)
    cell.source = text
    return cell


def test_a_failed_cell_is_named_by_its_title_and_points() -> None:
    cells = [check("first", 5, FAILS), check("good", 5), check("one", 1, FAILS), check("stretch", 0, FAILS)]
    notebook = v4.new_notebook(cells=[*cells, written("YOUR ANSWER HERE"), written("Correlation.")])
    validator = validating.TitleValidator()
    failed = validator._get_failed_cells(notebook)
    assert [cell.source for cell in failed] == [
        "The first numbers (5 points)",
        "The one numbers (1 point)",
        "The stretch numbers\nStretch, 0 points: you lose nothing if you leave it as it is.",
        "The written answer why (10 points) is not written yet.\n"
        "A person grades it: Validate sees only whether you have written something.",
    ]
    assert validator._extract_error(failed[0]) == "your kernel is flipped"
    assert "secret" in cells[0].source, "the notebook itself stays as it is"


def test_the_button_asks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "Validator", Validator)
    validating.install()
    assert handlers.Validator is validating.TitleValidator
