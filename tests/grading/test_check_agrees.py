"""`course check` and the grader come to the same on what works on a student's machine alone."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from graded import graded
from grading_example import GOOD, WEEK

from autograder.authoring import release_notebook
from autograder.grading.grader import Grader
from course.desk import running

CASES = {
    "input": (f"size = input('how large? ')\n{GOOD}", False),
    "a package that is not there": (f"import no_such_package\n{GOOD}", False),
    "another folder": (f"%cd ..\n{GOOD}", True),
    "a file that is not handed in": (f"open('notes.txt')\n{GOOD}", False),
}


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize(("answer", "passes"), CASES.values(), ids=CASES)
def test_check_and_grade_agree(grader: Grader, tmp_path: Path, answer: str, passes: bool) -> None:
    notebook = release_notebook(WEEK)
    for cell in notebook.cells:
        if cell.id == "conv2d":
            cell.source = answer
    home = tmp_path / WEEK.id
    home.mkdir()
    (home / "notes.txt").write_text("not handed in")
    path = home / f"{WEEK.id}.ipynb"
    nbformat.write(notebook, path)
    checked = {one.id: not one.message for one in running.run_checks(notebook, path, 30)}
    record = {c.id: c.verdict == "pass" for c in graded(grader, WEEK, {"conv2d": answer}).checks}
    assert checked == record and set(record.values()) == {passes}
