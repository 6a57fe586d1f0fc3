"""The class's pages and the pages on similar submissions, with 200 students, in a real browser: wide, narrow, dark, printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import browser
import invented_class
import pytest

from autograder import weeks
from autograder.publish import report
from autograder.results import Result
from autograder.similar import compare, pages
from autograder.term.folder import Term

WEEKS = (1, 2)


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return invented_class.results(200, WEEKS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, results: list[Result]) -> Path:
    """The class's pages, `index.html` and `scores.html`, without those of the students."""
    to = tmp_path_factory.mktemp("class")
    term = Term.read(invented_class.term(to / "term"))
    view = report.class_page.class_view(results, term)
    (to / "index.html").write_text(report.render("index.html.j2", view=view, term=term.name), encoding="utf-8")
    (to / "scores.html").write_text(report.render("scores.html.j2", table=view.table, term=term.name), encoding="utf-8")
    week = weeks.load(WEEKS[0])
    found = compare.compare(week, [one for one in results if one.week == week.id and one.answers], 3)
    pages.write([found], to / "similar", {}, {})
    return to


def shown(page: Any, file: Path) -> None:
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], file.name


FILES = ("index.html", "scores.html", "similar/index.html", "similar/pairs/week01_convolution-001.html")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_pages_fit_and_axe_holds_nothing_against_them(
    new_page: Callable[..., Any], folder: Path, width: int, dark: bool
) -> None:
    page = new_page(width=width, dark=dark, bypass_csp=True)  # axe is a script, and the pages allow none
    for name in FILES:
        shown(page, folder / name)
        assert browser.violations(page) == [], name
        browser.shoot(page, f"class-{name.replace('/', '-').removesuffix('.html')}-{width}{'-dark' if dark else ''}")
    shown(page, folder / "index.html")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.violations(page) == []


def test_what_to_teach_again_is_on_the_first_screen(page: Any, folder: Path) -> None:
    shown(page, folder / "index.html")
    top, height = page.evaluate("[document.querySelector('#understood').getBoundingClientRect().top, innerHeight]")
    first = page.locator("#understood details.exercise").first.bounding_box()
    assert top < height / 2 and first["y"] + first["height"] < height


def test_two_hundred_students_take_few_sheets(page: Any, folder: Path) -> None:
    sheets = {}
    for name in ("index.html", "scores.html"):
        page.goto((folder / name).as_uri())
        sheets[name] = len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4")))
    assert sheets["index.html"] <= 5 and sheets["scores.html"] <= 6, sheets
