"""Notebooks as Colab and VS Code save them, with the first cells that the students' pages give for them."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest
from classroom import notebook
from graded import graded

from autograder import weeks
from autograder.grading.grader import Grader
from autograder.intake.sanitize import sanitize
from autograder.intake.work import Work
from autograder.paths import ROOT


def first_cell(page: str) -> str:
    (cell,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/students" / page).read_text(encoding="utf-8"), re.DOTALL)
    return str(cell).strip()


def lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)


def colab(document: dict[str, Any], *, names: bool) -> bytes:
    """Format 4.0: ids are in the metadata, cells that ran have an outputId, the cell on top is the student's own.

    names: False for a notebook whose cells lost the metadata of other tools on the way.
    """
    cells = [{"cell_type": "code", "metadata": {}, "source": first_cell("colab.md")}, *copy.deepcopy(document["cells"])]
    for number, cell in enumerate(cells):
        cell.pop("id", None)
        kept = {"nbgrader": cell["metadata"]["nbgrader"]} if names and "nbgrader" in cell["metadata"] else {}
        cell["metadata"] = {"id": f"Xb{number:010}", **kept}
        cell["source"] = lines(cell["source"])
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": f"0f-{number}"}
            cell |= {
                "execution_count": number,
                "outputs": [{"output_type": "stream", "name": "stdout", "text": ["x\n"]}],
            }
    about = {
        "colab": {"provenance": []},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "accelerator": "GPU",
    }
    return json.dumps({"nbformat": 4, "nbformat_minor": 0, "metadata": about, "cells": cells}).encode()


def vscode(document: dict[str, Any]) -> bytes:
    """Format 4.2 without ids; code cells name their language, and indentation is one space."""
    cells = [
        {"cell_type": "code", "metadata": {}, "source": first_cell("vscode.md")},
        *copy.deepcopy(document["cells"]),
    ]
    for cell in cells:
        cell.pop("id", None)
        cell["source"] = lines(cell["source"])
        if cell["cell_type"] == "code":
            cell["metadata"]["vscode"] = {"languageId": "python"}
            cell |= {"execution_count": None, "outputs": []}
    kernel = {"display_name": ".venv (3.12.3)", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python", "version": "3.12.3"}}
    return json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 2}, indent=1).encode()


DOCUMENT = json.loads(notebook())
SAVED = {
    "colab": colab(DOCUMENT, names=True),
    "colab without names": colab(DOCUMENT, names=False),
    "vscode": vscode(DOCUMENT),
}


def cleaned(tool: str) -> Work:
    return sanitize(SAVED[tool], weeks.load(1))


@pytest.mark.parametrize("tool", SAVED)
def test_every_answer_is_found(tool: str) -> None:
    expected, found = sanitize(notebook(), weeks.load(1)), cleaned(tool)
    assert found.sources == expected.sources and found.written == expected.written
    assert not found.tampered
    assert len(found.extras) == 1, "the first cell is the student's own"


@pytest.mark.sandbox
@pytest.mark.parametrize("tool", ["colab", "vscode"])
def test_the_first_cell_does_nothing_when_graded(grader: Grader, tool: str) -> None:
    work = cleaned(tool)
    result = graded(grader, weeks.load(1), work.sources, extras=work.extras, written=work.written)
    assert result.score == 90 and result.verdict == "pass", (result.verdict, result.warnings)
