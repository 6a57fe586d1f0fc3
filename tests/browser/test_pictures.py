"""What the lessons look like in JupyterLab: how long they are, figures with their texts, sliders that move a picture."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import editors
import nbformat
import pytest
from notebook_page import NotebookPage

from autograder import weeks
from autograder.authoring.notebooks import as_notebook

EVERY_CELL_IN_THE_PAGE = {"notebook-extension/tracker": {"windowingMode": "none"}}
"""Without it the page holds only the cells near what is in sight."""

PIXELS = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAADklEQVR4nGNgQAX/cXIAGe4B/7N1BrEAAAAASUVORK5CYII="  # 3 by 2
WIDGETS = {
    "sliding_window": "widgets.sliding_window(np.arange(25).reshape(5, 5), [[0, 1, 2], [2, 2, 0], [0, 1, 2]])",
    "filter_over_channels": "widgets.filter_over_channels(np.arange(75).reshape(5, 5, 3) % 4, np.ones((3, 3, 3)))",
    "receptive_field": "widgets.receptive_field([(3, 1, 1), (2, 2, 0), (3, 1, 1)])",
    "learning_rate_on_bowl": "widgets.learning_rate_on_bowl()",
}


@pytest.fixture(scope="module")
def lab(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Lab]:
    home = tmp_path_factory.mktemp("home")
    with browser.lab(bundle, home, settings=EVERY_CELL_IN_THE_PAGE, PYTHONPATH=str(bundle)) as running:
        yield running


def opened(lab: browser.Lab, page: Any, name: str, notebook: Any) -> NotebookPage:
    """`notebook` as a file of the bundle, open in `page`."""
    folder = lab.root / "assignments" / name
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    lab.open(page, f"assignments/{name}/{name}.ipynb")
    return NotebookPage(page)


LENGTHS = """
const screen = notebook.outerNode.clientHeight, page = notebook.viewportNode.scrollHeight;
const code = notebook.widgets.filter(cell => cell.model.type === 'code');
const lines = code.map(cell => cell.inputHidden ? 1 : cell.model.sharedModel.getSource().split('\\n').length);
return {screens: page / screen, lines: lines.reduce((a, b) => a + b)};
"""


@pytest.mark.parametrize("number", [1, 6])
def test_folding_shortens_a_lesson(lab: browser.Lab, page: Any, number: int) -> None:
    """Lines of code and screens of 900 pixels, as handed out and with everything open; kept in build/browser/lengths.json."""
    week = weeks.load(number)
    lab.open(page, f"assignments/{week.id}/{week.id}.ipynb")
    notebook = NotebookPage(page)
    page.wait_for_timeout(3000)
    folded = notebook.ask(LENGTHS)
    browser.shoot(page, f"week{number:02}-folded")
    notebook.menu("View", "Expand All Code")
    page.wait_for_timeout(3000)
    shown = notebook.ask(LENGTHS)
    kept = browser.PICTURES / "lengths.json"
    so_far = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    kept.write_text(json.dumps({**so_far, week.id: {"folded": folded, "open": shown}}, indent=1), encoding="utf-8")
    assert folded["lines"] < 0.6 * shown["lines"] and folded["screens"] < 0.8 * shown["screens"], (folded, shown)


FIGURES = """
return [...panel.node.querySelectorAll('.jp-OutputArea-output img')].map(image => {
  const area = image.closest('.jp-OutputArea-output').getBoundingClientRect(), box = image.getBoundingClientRect();
  return {alt: image.alt, drawn: image.naturalWidth, wide: box.width, inside: box.right <= area.right + 1};
});
"""


@pytest.mark.parametrize("number", [1, 6])
def test_every_figure_is_seen_and_has_its_text(lab: browser.Lab, page: Any, number: int) -> None:
    week = weeks.load(number)
    notebook = opened(lab, page, f"solved{number:02}", editors.solved(week))
    notebook.run_all()
    assert not page.query_selector_all(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']")
    figures = notebook.ask(FIGURES)
    drawn = sum(cell.source.count("plots.show(") + cell.source.count("widgets.") for cell in week.cells)
    assert len(figures) >= drawn / 2 > 3
    for figure in figures:
        assert len(figure["alt"]) >= 20 and figure["drawn"] > 0 and figure["inside"], figure
        assert figure["wide"] >= 0.8 * figure["drawn"], f"shrunk until its words cannot be read: {figure}"
    for dark in (False, True):
        browser.dress(page, dark=dark)
        for place, image in enumerate(page.query_selector_all(".jp-OutputArea-output img")):
            image.scroll_into_view_if_needed()
            image.screenshot(path=browser.PICTURES / f"week{number:02}-{place:02}-{'dark' if dark else 'light'}.png")


def test_figures_are_seen_in_a_notebook_that_is_not_trusted(lab: browser.Lab, page: Any) -> None:
    """As somebody else's is, or one's own on another computer: JupyterLab then cleans the HTML of outputs."""
    from course.plots import showing

    html = f'<img src="data:image/png;base64,{PIXELS}" alt="Three times two pixels, all blue.">'
    assert showing.shown(html) is not None, "as plots.show writes it"
    output = nbformat.v4.new_output("display_data", {"text/html": html, "text/plain": "Figure: three pixels"})
    cell = nbformat.v4.new_code_cell("plots.show('…')", id="figure", outputs=[output], execution_count=1)
    notebook = opened(lab, page, "received", as_notebook([cell]))
    assert not notebook.ask("return of(it).model.trusted;", "figure")
    (figure,) = notebook.ask(FIGURES)
    assert (figure["drawn"], figure["alt"]) == (3, "Three times two pixels, all blue.")


@pytest.fixture(scope="module")
def scratch() -> Any:
    """A notebook with a cell for each widget, called by its name."""
    first = "import numpy as np\nfrom course import plots, widgets\nplots.style()"
    cells = [nbformat.v4.new_code_cell(textwrap.dedent(source), id=name) for name, source in WIDGETS.items()]
    return as_notebook([nbformat.v4.new_code_cell(first, id="first"), *cells])


def test_a_slider_moves_the_picture_of_every_widget(lab: browser.Lab, page: Any, scratch: Any) -> None:
    notebook = opened(lab, page, "widgets", scratch)
    notebook.run_all()
    for name in WIDGETS:
        cell = notebook.element(name)
        cell.wait_for_selector(".jupyter-widgets img")
        live = cell.query_selector(".jupyter-widgets img")
        before = (live.get_attribute("alt"), live.get_attribute("src"))
        area = cell.query_selector(".jp-Cell-outputArea").bounding_box()
        assert live.bounding_box()["width"] <= area["width"], f"{name}: wider than its place"
        cell.query_selector(".noUi-handle").focus()
        page.keyboard.press("ArrowLeft" if name == "receptive_field" else "ArrowRight")  # that one begins at its end
        page.wait_for_function(
            "([cell, before]) => cell.querySelector('.jupyter-widgets img').alt !== before", arg=[cell, before[0]]
        )
        assert cell.query_selector(".jupyter-widgets img").get_attribute("src") != before[1]
        browser.shoot(page, f"widget-{name}")
