"""A lesson shows what students receive and the figures of given cells, and no more."""

from __future__ import annotations

import base64
import copy
from typing import Any

import nbformat
import pytest

from autograder import weeks
from autograder.authoring import solution_notebook
from autograder.errors import UserError
from autograder.site import build, guides
from autograder.site.lessons import lesson
from autograder.site.pages import Page

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAADklEQVR4nGNgQAX/cXIAGe4B/7N1BrEAAAAASUVORK5CYII="
)
NAMES = guides.page_names([weeks.load(1)])


def executed(**outputs: list[Any]) -> Any:
    """Week 1's solution as if it had been run: {cell id, with _ for -: its outputs}."""
    notebook = copy.deepcopy(solution_notebook(weeks.load(1)))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = outputs.pop(cell.id.replace("-", "_"), [])
    assert not outputs
    return notebook


def picture(alt: str) -> Any:
    """A figure as `plots.show` puts it into a notebook."""
    html = f'<img src="data:image/png;base64,{base64.b64encode(PNG).decode()}" alt="{alt}">'
    return nbformat.v4.new_output("display_data", data={"text/html": html, "text/plain": f"Figure: {alt}"})


def printed(text: str, name: str = "stdout") -> Any:
    return nbformat.v4.new_output("stream", name=name, text=text)


def shown(**outputs: list[Any]) -> Page:
    return lesson(weeks.load(1), executed(**outputs), NAMES)


def test_a_figure_has_its_size_and_its_text_alternative() -> None:
    page = shown(photo_figure=[picture("A pavilion\nof several roofs &amp; a lake.")])
    assert page.files == {"week01_convolution-photo-figure-1.png": PNG}
    figure = page.text[page.text.index("```{image} week01_convolution-photo-figure-1.png") :].split("```")[1]
    assert ":alt: A pavilion of several roofs & a lake.\n:width: 3px\n:height: 2px" in figure


def test_a_figure_of_plots_show_becomes_a_file_of_the_size_that_it_says() -> None:
    coded = base64.b64encode(PNG).decode()
    html = f'<img src="data:image/png;base64,{coded}" width="30" height="20" alt="A 3 &lt; 4 &quot;map&quot;">'
    output = nbformat.v4.new_output("display_data", data={"text/html": html, "text/plain": "Figure"})
    page = shown(photo_figure=[output])
    assert page.files == {"week01_convolution-photo-figure-1.png": PNG} and "data:image" not in page.text
    assert ':alt: A 3 < 4 "map"\n:width: 30px\n:height: 20px' in page.text


def test_what_a_cell_printed_is_shown_as_a_terminal_would() -> None:
    page = shown(photo=[printed("1 of 2\r2 of 2\r\n"), printed("\x1b[31mred\x1b[0m\n"), printed("a warning", "stderr")])
    assert "\n2 of 2\n" in page.text and "\nred\n" in page.text
    assert "1 of 2" not in page.text and "a warning" not in page.text


def test_a_table_is_shown_as_html_and_a_value_as_text() -> None:
    table = nbformat.v4.new_output("display_data", data={"text/html": "<table></table>", "text/plain": "t"})
    value = nbformat.v4.new_output("execute_result", data={"text/plain": "array([1])"}, execution_count=1)
    page = shown(photo=[table, value])
    assert '<div class="output html">\n<table></table>' in page.text and "array([1])" in page.text


def test_outputs_of_answers_and_checks_are_left_out() -> None:
    page = shown(
        zero_pad=[printed("from an answer")], zero_pad_lecture=[printed("from a check")], photo=[printed("given")]
    )
    assert "given" in page.text
    assert "from an answer" not in page.text and "from a check" not in page.text


def test_a_figure_is_never_a_traceback() -> None:
    wrong = nbformat.v4.new_output("error", ename="NameError", evalue="name 'x'", traceback=[])
    with pytest.raises(UserError, match=r"week01_convolution, cell photo: NameError: name 'x'"):
        shown(photo=[wrong])


def test_stubs_are_shown_checks_are_folded_and_the_own_points_are_left_out() -> None:
    page = lesson(weeks.load(1), None, NAMES)
    assert "raise NotImplementedError()" in page.text and "course.progress(" not in page.text
    assert '<details class="check"><summary>Check: ' in page.text and "(3 points)</summary>" in page.text
    assert "This site was built without figures." in page.text and not page.files
    assert "The figures below" not in page.text
    assert "../../course/" not in page.text and ".ipynb" not in page.text


def test_a_page_with_an_answer_or_a_hidden_check_is_refused() -> None:
    week = weeks.load(1)
    answer, check = week["conv2d"], next(cell for cell in week.checks if cell.hidden)
    body = answer.source.replace("### BEGIN SOLUTION", "").replace("### END SOLUTION", "")
    hidden = check.source.split("### BEGIN HIDDEN TESTS")[1].split("### END HIDDEN TESTS")[0]
    build.refuse_leaks([lesson(week, None, NAMES)], [], [week])
    for page, reason in (
        (Page("lessons/x", body), "lessons/x: shows the answer of week01_convolution, cell conv2d"),
        (Page("lessons/x", hidden), f"shows the hidden check of week01_convolution, cell {check.id}"),
        (Page("lessons/x", "### BEGIN SOLUTION"), "a mark is left"),
    ):
        with pytest.raises(UserError, match=reason):
            build.refuse_leaks([page], [], [week])
    build.refuse_leaks([], [Page("authors/x", "### BEGIN SOLUTION")], [week])  # a guide explains the marks
    with pytest.raises(UserError, match="shows the answer"):
        build.refuse_leaks([], [Page("authors/x", body)], [week])


def test_every_cheat_sheet_is_there_short_and_holds_no_answer() -> None:
    chosen = list(weeks.all_weeks())
    sheets = [guides.cheatsheet(week, NAMES) for week in chosen]
    for week, sheet in zip(chosen, sheets, strict=True):
        assert sheet.text.startswith(f"# Cheat sheet {week.plan.number} · {week.plan.title}\n"), week.id
        assert len(sheet.text.split()) <= 450, week.id
    build.refuse_leaks(sheets, [], chosen)
