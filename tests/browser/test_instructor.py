"""An instructor's way through the formgrader: grade with our engine, mark a written answer, see the total, give feedback."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import pytest
from classroom import WEEK, notebook, put

from autograder import weeks
from autograder.paths import ROOT

FLIPPED = weeks.load(1).mistakes()["conv2d"]["flipped kernel"]["code"]
IDEA = "your kernel is flipped"
QUESTION = next(cell.id for cell in weeks.load(1).cells if cell.role == "written")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[browser.Lab]:
    """A course with week 1 released and one submission of it, open in a lab with the formgrader."""
    root = tmp_path / "course"
    shutil.copytree(ROOT / "solutions" / WEEK, root / "solutions" / WEEK)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    put(root / "submitted", "ada", notebook(conv2d=FLIPPED))
    with browser.lab(root, tmp_path / "home", PYTHONPATH=str(ROOT)) as lab:
        order = [sys.executable, "-m", "nbgrader", "generate_assignment", WEEK, "--create"]
        subprocess.run(order, cwd=root, env=dict(lab.environment), check=True, capture_output=True)
        yield lab


def row(page: Any, text: str) -> str:
    """What a row of the table in front says, on one line."""
    return " ".join(str(page.inner_text(f"tr:has-text('{text}')")).split())


def succeeded(page: Any) -> bool:
    """Whether what was asked for a moment ago went well, once the formgrader says how it went."""
    page.wait_for_selector("#success-modal, #error-modal")
    return bool(page.is_visible("#success-modal"))


@pytest.mark.sandbox
def test_grade_mark_and_give_feedback(office: browser.Lab, page: Any) -> None:
    office.visit(page, "")
    page.click(".lm-MenuBar-itemLabel:text-is('Nbgrader')")
    page.click(".lm-Menu-itemLabel:text-is('Formgrader')")
    page.frame_locator("#main iframe").get_by_text(WEEK).first.wait_for()
    browser.shoot(page, "formgrader-lab")
    page.goto(f"{office.url}/formgrader/manage_submissions/{WEEK}")
    page.wait_for_selector("td.autograde a")
    browser.shoot(page, "formgrader-submissions")
    page.click("td.autograde a")
    assert succeeded(page)
    browser.shoot(page, "formgrader-autograded")
    page.goto(f"{office.url}/formgrader/manage_submissions/{WEEK}")
    page.wait_for_selector("td.score")
    automatic = float(re.findall(r"[\d.]+", page.inner_text("td.score"))[0])
    assert 0 < automatic < 100 and "needs manual grading" in row(page, "ada")

    page.goto(f"{office.url}/formgrader/gradebook/{WEEK}/{WEEK}")
    page.wait_for_selector("td.name a.name-hidden")
    page.click("td.name a.name-hidden")
    page.wait_for_selector("input.score")
    assert IDEA in page.inner_text("body")
    score = page.locator(f"input.score#{QUESTION}")
    score.scroll_into_view_if_needed()
    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
        score.fill("7")
        score.press("Tab")
    browser.shoot(page, "formgrader-marked")

    page.goto(f"{office.url}/formgrader/manage_submissions/{WEEK}")
    page.wait_for_selector("td.score")
    assert float(re.findall(r"[\d.]+", page.inner_text("td.score"))[0]) == automatic + 7
    assert "needs manual grading" not in row(page, "ada")
    page.click("td.generate-feedback a")
    assert succeeded(page)
    browser.shoot(page, "formgrader-feedback")
    feedback = office.root / "feedback" / "ada" / WEEK / f"{WEEK}.html"
    assert IDEA in feedback.read_text(encoding="utf-8")
    page.goto(feedback.as_uri())
    browser.shoot(page, "formgrader-feedback-page")
