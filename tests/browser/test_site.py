"""The site in a real browser: on a narrow screen, in the dark, without JavaScript, without a network, and on paper."""

from __future__ import annotations

import base64
import copy
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import browser
import nbformat
import pytest

from autograder import weeks
from autograder.authoring import solution_notebook
from autograder.site import build

PAGES = (
    "index.html",
    "lessons/week09_normalisation.html",
    "cheatsheets/week09_normalisation.html",
    "glossary.html",
    "students/index.html",
    "students/problems.html",
    "authors/interface.html",
    "search.html",
)


def with_a_figure(chosen: list[weeks.Week], folder: Path, **options: Any) -> dict[str, Any]:
    """In place of executed solutions: each week's first cell that draws shows a wide figure."""
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGBA", (1000, 220), (0, 114, 178, 255)).save(stream, "PNG")
    html = f'<img src="data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}" alt="A blue bar, wide and low.">'
    runs = {}
    for week in chosen:
        run = copy.deepcopy(solution_notebook(week))
        drawn = next(cell.id for cell in week.of_role("given") if "draw" in cell.tags)
        (cell,) = (cell for cell in run.cells if cell.id == drawn)
        cell.outputs = [nbformat.v4.new_output("display_data", data={"text/html": html, "text/plain": "Figure"})]
        runs[week.id] = run
    return runs


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of all weeks, with one figure in each: nothing is executed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "executed", with_a_figure)
        return build.build(list(weeks.all_weeks()), tmp_path_factory.mktemp("site")).folder


def test_a_figure_keeps_its_shape_on_a_narrow_screen(site: Path, new_page: Callable[..., Any]) -> None:
    page = new_page(width=390)
    page.goto((site / "lessons/week09_normalisation.html").as_uri())
    figure = page.get_by_alt_text("A blue bar, wide and low.")
    figure.scroll_into_view_if_needed()  # it is loaded when it comes into sight
    page.wait_for_function("image => image.complete && image.naturalWidth", arg=figure.element_handle())
    box = figure.bounding_box()
    assert box["width"] < 390 and abs(box["width"] / box["height"] - 1000 / 220) < 0.1


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_are_accessible_and_as_wide_as_the_screen(
    site: Path, new_page: Callable[..., Any], width: int, dark: bool
) -> None:
    page = new_page(width=width, dark=dark)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in PAGES:
        page.goto((site / name).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert browser.violations(page) == [], name
        browser.shoot(
            page, f"site-{name.removesuffix('.html').replace('/', '-')}-{width}-{'dark' if dark else 'light'}"
        )
    assert not [url for url in asked if not url.startswith(("file:", "data:"))]


def test_everything_but_the_search_is_there_without_javascript(site: Path, new_page: Callable[..., Any]) -> None:
    page = new_page(width=390, dark=True, java_script_enabled=False)
    page.goto((site / "lessons/week09_normalisation.html").as_uri())
    formula = page.locator(".formula math").first.bounding_box()
    assert formula["height"] > 10 and formula["width"] > 50
    check = page.locator("details.check").first
    assert not check.locator("pre").is_visible()
    check.locator("summary").click()
    assert check.locator("pre").is_visible()
    # Menu and dark colours are the style sheet's.
    assert page.locator(".sidebar-drawer").bounding_box()["x"] < 0
    page.locator(".nav-overlay-icon").click()
    page.wait_for_timeout(500)
    assert page.locator(".sidebar-drawer").bounding_box()["x"] == 0
    red, green, blue = map(
        int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))[:3]
    )
    assert max(red, green, blue) < 60
    browser.shoot(page, "site-without-javascript-390-dark")


def test_a_cheat_sheet_is_one_printed_page(site: Path, page: Any) -> None:
    for path in sorted((site / "cheatsheets").glob("*.html")):
        page.goto(path.as_uri())
        printed = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1, path.stem
        (box,) = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed))
        assert (round(float(box[0])), round(float(box[1]))) in {(595, 842), (594, 841), (595, 841), (594, 842)}, "A4"


def test_a_link_from_the_first_page_to_a_word(site: Path, page: Any) -> None:
    page.goto((site / "index.html").as_uri())
    page.locator("article").get_by_role("link", name="Convolution by hand", exact=True).click()
    page.locator("article").get_by_role("link", name="kernel", exact=True).first.click()
    assert page.url.endswith("glossary.html#term-kernel")
    assert page.locator("dt:target").inner_text().startswith("kernel")
