"""Stock nbgrader on our tree: generate_assignment, validate, autograde. The example week stands in for a real one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from example import copy

from autograder import weeks
from autograder.authoring import release_path, write
from autograder.paths import ROOT

WEEK = "week00_example"


@pytest.fixture(scope="module")
def course_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder with our configuration, the example week, and both of its generated notebooks."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "solutions", root / "solutions", ignore=shutil.ignore_patterns("week*"))
    write(copy(root), root / "assignments")
    return root


def nbgrader(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(root / ".jupyter"),
        "IPYTHONDIR": str(root / ".ipython"),
        "PYTHONPATH": str(ROOT),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def week_of(root: Path) -> weeks.Week:
    return weeks.parse(root / "solutions" / WEEK / f"{WEEK}.py")


def test_generate_assignment_makes_our_release(course_tree: Path) -> None:
    path = release_path(week_of(course_tree), course_tree / "assignments")
    ours = path.read_bytes()
    path.unlink()
    done = nbgrader(course_tree, "generate_assignment", WEEK, "--force")
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() == ours
    assert [p.name for p in path.parent.iterdir()] == [path.name], "nothing but the notebook may be released"


def answered(root: Path, name: str, code: str | None) -> Path:
    """The release with `code` as the answer of conv2d, in a folder of its own."""
    notebook = nbformat.read(release_path(week_of(root), root / "assignments"), as_version=4)
    for cell in notebook.cells:
        if cell.id == "conv2d" and code is not None:
            cell.source = code
        if cell.id == "correlation-or-convolution" and code is not None:
            cell.source = cell.source.replace("YOUR ANSWER HERE", "It flips the kernel; a learned one may be flipped.")
    path = root / name / f"{WEEK}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def test_validate_an_answered_notebook(course_tree: Path) -> None:
    path = answered(course_tree, "right", week_of(course_tree)["conv2d"].source)
    done = nbgrader(course_tree, "validate", str(path))
    assert done.returncode == 0 and "Success! Your notebook passes all the tests." in done.stdout, done.stdout


def test_validate_an_unanswered_notebook(course_tree: Path) -> None:
    done = nbgrader(course_tree, "validate", str(answered(course_tree, "empty", None)))
    assert "VALIDATION FAILED ON 3 CELL(S)" in done.stdout
    assert "You did not provide a response." in done.stdout, "the written answer"
    assert "NotImplementedError" in done.stdout and "checks.close(" in done.stdout


def test_validate_says_which_idea_is_missing(course_tree: Path) -> None:
    flipped = week_of(course_tree).mistakes()["conv2d"]["flipped kernel"]["code"]
    done = nbgrader(course_tree, "validate", str(answered(course_tree, "wrong", flipped)))
    assert "VALIDATION FAILED ON 1 CELL(S)" in done.stdout and "your kernel is flipped" in done.stdout


@pytest.mark.slow
def test_autograde_and_feedback(course_tree: Path) -> None:
    """The solution earns all points that a machine gives, the empty release none, and feedback is written."""
    week = week_of(course_tree)
    assert nbgrader(course_tree, "generate_assignment", WEEK, "--force").returncode == 0
    for student, source in (("right", week.solution_path), ("empty", answered(course_tree, "empty", None))):
        home = course_tree / "submitted" / student / WEEK
        home.mkdir(parents=True)
        shutil.copy(source, home / f"{WEEK}.ipynb")
    done = nbgrader(course_tree, "autograde", WEEK, "--create", "--force")
    assert done.returncode == 0, done.stderr

    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course_tree / 'gradebook.db'}") as book:
        scores = {s.student.id: (s.score, s.max_score) for s in book.assignment_submissions(WEEK)}
    assert scores == {"right": (5.0, 7.0), "empty": (0.0, 7.0)}
    done = nbgrader(course_tree, "generate_feedback", WEEK, "--force")
    assert done.returncode == 0, done.stderr
    assert (course_tree / "feedback" / "right" / WEEK / f"{WEEK}.html").is_file()
