"""A student's page in a real browser: accessible, no wider than the window, and at most four pages on paper."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import browser
import invented_class
import pytest
from written import ANSWERS, result

from autograder.publish import feedback
from autograder.results import Result
from autograder.term.folder import Term
from autograder.term.ledger import Entry, Mark, RubricItem, answer_hash
from course import syllabus

WORDS = "The kernel of your answer is not flipped along both of its axes, as the second part of the exercise asks. "


def pages_of(page: Any, file: Path) -> int:
    """How many sheets of A4 Chromium prints, with the margins that the page asks for."""
    page.goto(file.as_uri())
    return len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4")))


def write(results: list[Result], folder: Path, entries: list[Entry] | None = None) -> list[Path]:
    term = Term.none(folder / "grades")
    term.ledger.append(*(entries or []))
    return feedback.write(results, "pages", folder / "out", term).files


def decided(one: Result, items: int, comment: str) -> list[Entry]:
    """A mark of many items and words for each written answer of a submission."""
    found: list[Entry] = []
    for question in one.by_hand:
        rubric = [f"{question}-{n}" for n in range(items)]
        found += [
            RubricItem(week=one.week, question=question, id=id, text=(WORDS * 4)[:400], points=0.1) for id in rubric
        ]
        said = answer_hash(one.answers[question])
        found.append(
            Mark(
                student=one.student,
                week=one.week,
                question=question,
                points=0.5,
                comment=comment,
                rubric=tuple(rubric),
                answer=said,
            )
        )
    return found


def worst(number: int) -> Result:
    """A submission that failed every check with many words, with long answers and a great deal noticed."""
    one = result("ada", WORDS * 60, list(syllabus.load())[number], passed=0)
    checks = tuple(
        dataclasses.replace(check, verdict="fail", message=f"{WORDS * 3}\nexpected 1\nfound 2") for check in one.checks
    )
    return dataclasses.replace(one, checks=checks, warnings=(WORDS * 5,) * 12)


def test_a_term_is_at_most_four_sheets(new_page: Callable[..., Any], tmp_path: Path) -> None:
    everything = [worst(number) for number in range(len(syllabus.load()))]
    marks = [entry for one in everything for entry in decided(one, 9, WORDS * 40)]
    [file] = write(everything, tmp_path, marks)
    assert pages_of(new_page(), file) <= 4


@pytest.mark.parametrize("weeks", [1, 4])
def test_few_weeks_are_at_most_four_sheets_with_their_comments(
    new_page: Callable[..., Any], tmp_path: Path, weeks: int
) -> None:
    everything = [worst(number) for number in range(weeks)]
    marks = [entry for one in everything for entry in decided(one, 9, WORDS * 40)]
    [file] = write(everything, tmp_path, marks)
    page = new_page()
    assert pages_of(page, file) <= 4
    page.emulate_media(media="print")
    shown = page.locator(".printed").inner_text()
    assert WORDS.strip() in shown and "zero_pad" in shown


def test_an_invented_class_prints_on_few_sheets(new_page: Callable[..., Any], tmp_path: Path) -> None:
    files = write(invented_class.results(3, (1, 2, 3)), tmp_path)
    page = new_page()
    assert [pages_of(page, file) for file in files] == [1] * len(files)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_accessible_and_in_the_window(new_page: Callable[..., Any], tmp_path: Path, width: int, dark: bool) -> None:
    one = result("ada", ANSWERS["ada"], passed=20)
    checks = tuple(dataclasses.replace(c, message=WORDS) if c.verdict == "fail" else c for c in one.checks)
    two = result("ada", ANSWERS["chi"], "week02_receptive_field", handed_in="2026-10-03T12:00:00+00:00")
    refused = Result("ada", "week03_parameters", "invalid", 0, 90, (), ("the file ends too early",))
    one = dataclasses.replace(one, checks=checks)
    [file] = write([one, two, refused], tmp_path, decided(one, 2, "Read the second part again."))
    page = new_page(width=width, height=800, dark=dark)
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.violations(page) == []
    browser.shoot(page, f"feedback-{width}-{'dark' if dark else 'light'}", whole=True)
