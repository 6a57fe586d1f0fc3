"""Week 1 solved in another editor: every answer is found, and every point is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import editors
import pytest
from click.testing import CliRunner

from autograder import weeks
from autograder.authoring import release_notebook
from autograder.authoring.notebooks import is_folded, solution_notebook
from autograder.grading.grader import Grader, Options
from autograder.intake.sanitize import sanitize
from autograder.intake.work import Work
from course import cli

WEEK = weeks.load(1)
SAVED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "JupyterLab": lambda notebook: notebook,
    "VS Code": editors.vs_code,
    "Colab": editors.colab,
    "Colab, format 4.0": lambda notebook: editors.colab(notebook, "metadata"),
    "Colab, pasted": lambda notebook: editors.colab(notebook, "text"),
}


def work(editor: str) -> Work:
    return sanitize(json.dumps(SAVED[editor](editors.solved(WEEK))).encode(), WEEK)


@pytest.mark.parametrize("editor", SAVED)
def test_every_answer_is_found(editor: str) -> None:
    found, as_we_know_it = work(editor), work("JupyterLab")
    for name, source in as_we_know_it.sources.items():
        assert found.sources[name].strip() == source.strip(), name
    assert {name: editors.ANSWER in text for name, text in found.written.items()} == dict.fromkeys(found.written, True)
    assert found.written.keys() == as_we_know_it.written.keys()
    assert found.extras == {"imports": [editors.OWN]} and not found.tampered
    if editor != "Colab, pasted":
        assert not found.warnings


def test_the_id_in_the_metadata_names_a_cell_that_has_lost_everything_else() -> None:
    notebook = editors.colab(editors.solved(WEEK), "metadata")
    for cell in notebook["cells"]:
        cell["metadata"] = {"id": cell["metadata"]["id"]}
        if cell["metadata"]["id"] == "zero_pad-lecture":
            cell["source"] = ["print('another text')"]
    found = sanitize(json.dumps(notebook).encode(), WEEK)
    assert found.sources == work("JupyterLab").sources
    (warning,) = found.warnings
    assert warning.startswith("the check zero_pad-lecture had been edited")


@pytest.mark.sandbox
@pytest.mark.parametrize("editor", ["VS Code", "Colab, format 4.0", "Colab, pasted"])
def test_every_point_is_kept(grader: Grader, editor: str) -> None:
    result = grader.grade(WEEK, work(editor), Options())
    assert (result.verdict, result.score) == ("pass", result.max_score), result.warnings


@pytest.mark.parametrize("editor", list(SAVED)[:4])
def test_the_students_command_reads_it(editor: str, tmp_path: Path) -> None:
    path = tmp_path / WEEK.id / f"{WEEK.id}.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps(SAVED[editor](editors.solved(WEEK))), encoding="utf-8")
    order = ["--folder", str(tmp_path), "submit", "1", "--student", "ada", "--to", str(tmp_path)]
    done = CliRunner().invoke(cli.cli, order, env={"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)})
    assert done.exit_code == 0 and (tmp_path / f"ada-{WEEK.id}.zip").is_file(), done.output


def test_a_folded_cell_is_folded_in_colab_too_and_nothing_else_is() -> None:
    for notebook in (solution_notebook(WEEK), release_notebook(WEEK)):
        for cell in notebook.cells:
            folded = is_folded(WEEK[cell.id])
            assert (cell.metadata.get("cellView") == "form") == folded
            assert (cell.metadata.get("jupyter") == {"source_hidden": True}) == folded
            if folded:
                assert cell.source.startswith("# "), "its title"
