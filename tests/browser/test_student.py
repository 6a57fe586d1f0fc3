"""A student's way through week 1, in the bundle that students receive: open, run, read, answer, validate, hand in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import pytest
from notebook_page import NotebookPage

from autograder import weeks
from autograder.weeks import marks

WEEK = weeks.load(1)
NOTEBOOK = f"assignments/{WEEK.id}/{WEEK.id}.ipynb"
ANSWERS = {cell.id: marks.without_marks(cell.source) for cell in WEEK.cells if cell.role == "answer"}
CHECKS = [cell for cell in WEEK.cells if cell.role == "check"]
FLIPPED = WEEK.mistakes()["conv2d"]["flipped kernel"]["code"].strip()
IDEA = "your kernel is flipped: deep learning's convolution is cross-correlation"


@pytest.fixture
def notebook(lab: browser.Lab, page: Any) -> Iterator[NotebookPage]:
    """Week 1 as it was handed out, open."""
    path = lab.root / NOTEBOOK
    handed_out = path.read_bytes()
    lab.open(page, NOTEBOOK)
    yield NotebookPage(page)
    lab.stop_kernels()
    path.write_bytes(handed_out)


def course(lab: browser.Lab, *arguments: str) -> str:
    """What the student's command says, given in a terminal in the bundle's folder."""
    order = [sys.executable, "-m", "course.cli", *arguments]
    environment = {**lab.environment, "HOME": str(lab.root.parent)}
    done = subprocess.run(order, cwd=lab.root, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def validated(notebook: NotebookPage) -> str:
    """What the Validate button says."""
    page = notebook.page
    page.get_by_text("Validate", exact=True).click()
    page.wait_for_selector(".jp-Dialog:has-text('Validation Results')")
    said = str(page.inner_text(".jp-Dialog"))
    page.screenshot(path=browser.PICTURES / "student-validate.png")
    page.keyboard.press("Escape")
    return said


def grade(handed_in: Path, tmp_path: Path) -> dict[str, Any]:
    """The result of what was handed in, graded as `autograder grade` does."""
    order = [
        sys.executable,
        "-m",
        "autograder.cli",
        "grade",
        str(handed_in),
        "--to",
        str(tmp_path / "grades"),
        "--json",
    ]
    done = subprocess.run(order, capture_output=True, text=True, timeout=900)
    assert done.returncode in (0, 1), done.stderr
    (result,) = json.loads(done.stdout)["results"]
    return dict(result)


def test_an_answer_is_written_and_seen_to_pass(lab: browser.Lab, notebook: NotebookPage) -> None:
    notebook.run_all()
    browser.shoot(notebook.page, "student-run-all")
    assert notebook.text("zero_pad-lecture") == "zero_pad is not written yet"
    title = WEEK["zero_pad-lecture"].visible_source.splitlines()[0]
    assert notebook.folded_title("zero_pad-lecture").startswith(title)
    notebook.write("zero_pad", ANSWERS["zero_pad"])
    notebook.run("zero_pad", "Shift+Enter")  # goes on to the first check
    notebook.page.keyboard.press("Shift+Enter")
    notebook.wait()
    assert notebook.text("zero_pad-lecture").startswith("✓ 3 of 3")
    assert notebook.folded_title("zero_pad-lecture").startswith(title), "a check that ran is folded still"
    browser.shoot(notebook.page, "student-passes-light")
    browser.dress(notebook.page, dark=True)
    browser.shoot(notebook.page, "student-passes-dark")
    browser.dress(notebook.page, dark=False)
    notebook.save()
    said = validated(notebook)
    assert "def " not in said and "checks.close" not in said, "titles, not code"
    assert "The notes' own numbers (5 points)" in said and "conv2d is not written yet" in said
    assert "Stretch, 0 points: you lose nothing" in said
    assert "(10 points) is not written yet.\nA person grades it" in said
    assert "padded by one pixel" not in said, "what passes"


@pytest.mark.sandbox
def test_everything_right_is_validated_handed_in_and_earns_all(
    lab: browser.Lab, notebook: NotebookPage, tmp_path: Path
) -> None:
    for name, source in ANSWERS.items():
        notebook.write(name, source)
    (question,) = (cell.id for cell in WEEK.cells if cell.role == "written")
    notebook.ask("of(it).model.sharedModel.setSource('It is not flipped: a cross-correlation.');", question)
    notebook.run_all()
    for check in CHECKS:
        said = notebook.text(check.id)
        assert said.startswith(("✓", "○ when graded")), f"{check.id}: {said}"
        assert notebook.folded_title(check.id).startswith(check.visible_source.splitlines()[0])
    notebook.save()
    assert "Success" in validated(notebook)
    said = course(lab, "submit", "1", "--student", "ada", "--to", str(tmp_path))
    assert "not answered yet" not in said
    result = grade(tmp_path, tmp_path)
    assert (result["student"], result["verdict"]) == ("ada", "pass") and result["score"] == result["max_score"]


@pytest.mark.sandbox
def test_a_flipped_kernel_is_said_once_without_a_traceback(
    lab: browser.Lab, notebook: NotebookPage, tmp_path: Path
) -> None:
    notebook.write("zero_pad", ANSWERS["zero_pad"])
    notebook.write("conv2d", FLIPPED)
    notebook.run_all()  # stops at the first check that fails
    said = notebook.text("conv2d-lecture")
    assert said.count(IDEA) == 1 and "first difference at [0, 0]: expected 12, found 18" in said
    assert not [word for word in ("Traceback", "CheckFailed", "File ", "checks.py") if word in said], said
    notebook.element("conv2d-lecture")
    browser.shoot(notebook.page, "student-wrong-light")
    browser.dress(notebook.page, dark=True)
    browser.shoot(notebook.page, "student-wrong-dark")
    browser.dress(notebook.page, dark=False)
    notebook.save()
    assert validated(notebook).count(IDEA) >= 1
    assert "not answered yet" in course(lab, "submit", "1", "--student", "bob", "--to", str(tmp_path))
    result = grade(tmp_path, tmp_path)
    assert result["student"] == "bob" and 0 < result["score"] < result["max_score"]
    (check,) = (check for check in result["checks"] if check["id"] == "conv2d-lecture")
    assert check["verdict"] == "fail" and check["message"].startswith(IDEA)
