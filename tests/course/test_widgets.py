"""Pictures to play with: the still figure, the sliders, and that no answer is in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib.patches import Rectangle

from course import plots, widgets
from course.widgets import live

IMAGE = np.array([[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]])
KERNEL = np.array([[0, 1, 2], [2, 2, 0], [0, 1, 2]])
COLOURS = np.arange(75).reshape(5, 5, 3) % 4
FILTERS = np.arange(54).reshape(3, 3, 3, 2) % 3 - 1
ALL: dict[str, Any] = {
    "sliding_window": lambda: widgets.sliding_window(IMAGE, KERNEL),
    "filter_over_channels": lambda: widgets.filter_over_channels(COLOURS, FILTERS, [1, 0]),
    "receptive_field": lambda: widgets.receptive_field([(3, 1, 1), (2, 2, 0), (3, 1, "same")]),
    "learning_rate_on_bowl": lambda: widgets.learning_rate_on_bowl(),
}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Any]]]:
    """What `plots.show` is asked to show."""
    found: list[tuple[str, Any]] = []
    monkeypatch.setattr(plots, "show", lambda alt, fig=None: found.append((alt, fig)))
    monkeypatch.delenv("COURSE_WIDGETS", raising=False)
    yield found
    plt.close("all")


def words(fig: Any) -> list[str]:
    return [text.get_text() for ax in fig.axes for text in [ax.title, *ax.texts]]


def test_a_window_shows_products_and_their_sum(shown: list[Any]) -> None:
    widgets.sliding_window(IMAGE, KERNEL)
    ((alt, fig),) = shown
    said = words(fig)
    assert "products, sum 12" in said and said.count("2·2") >= 1 and "image, padding 1" in said
    assert "add up to 12, the entry (0, 0) of an output of 3×3" in alt and "Stride 2, padding 1" in alt
    assert len(said) - said.count("") > 100


def output_entries(fig: Any, number: int) -> list[str]:
    return [text.get_text() for text in fig.axes[4 * number + 3].texts]


def test_the_output_so_far_is_the_students_own(shown: list[Any]) -> None:
    called = []

    def conv2d(image: Any, kernel: Any, stride: int = 1, padding: int = 0) -> Any:
        called.append((stride, padding))
        return np.arange(9.0).reshape(3, 3) + 100

    widgets.sliding_window(IMAGE, KERNEL, conv2d)
    assert output_entries(shown[0][1], 1) == [
        "100",
        "101",
        "102",
        "103",
        "17",
    ]  # those before, and the window's own sum
    assert called == [(1, 0), (1, 0), (2, 1)]


@pytest.mark.parametrize("answer", [None, "raises", "another shape"])
def test_without_an_answer_one_entry_is_known(shown: list[Any], answer: str | None) -> None:
    def conv2d(*args: Any, **kwargs: Any) -> Any:
        if answer == "raises":
            raise NotImplementedError
        return np.zeros((5, 5))

    widgets.sliding_window(IMAGE, KERNEL, None if answer is None else conv2d)
    assert [output_entries(shown[0][1], number) for number in range(2)] == [["12"], ["17"]]


def test_a_filter_adds_its_channels_up(shown: list[Any]) -> None:
    widgets.filter_over_channels(COLOURS, FILTERS, [1, 0])
    ((alt, _),) = shown
    sums = [float((COLOURS[:3, :3, c] * FILTERS[..., c, 0]).sum()) for c in range(3)]
    assert f"{sums[0]:g}, {sums[1]:g}, {sums[2]:g}; with the bias 1 the output is one number, {sum(sums) + 1:g}." in alt
    assert "Filter 1 at row 2, column 1" in alt


def coloured(fig: Any, panel: int) -> list[int]:
    """How many squares are coloured in each row of a panel, from the image upwards."""
    squares = [p for p in fig.axes[panel].patches if isinstance(p, Rectangle) and p.get_facecolor()[3]]
    levels = [round(square.get_y() + 0.14) for square in squares]
    return [levels.count(level) for level in range(max(levels) + 1)]


def test_a_unit_sees_more_the_deeper_it_lies(shown: list[Any]) -> None:
    widgets.receptive_field([(3, 1, 1), (2, 2, 0), (3, 1, "same")], fields=[1, 3, 4, 8])
    ((alt, fig),) = shown
    assert [coloured(fig, panel) for panel in range(3)] == [[3, 1], [4, 2, 1], [8, 6, 3, 1]]
    assert "Depth 3: 8 of the 25 pixels" in alt
    assert [label.get_text() for label in fig.axes[0].get_yticklabels()][:2] == ["image: 1", "3 wide, stride 1: 3"]


def test_the_walk_may_be_the_students(shown: list[Any]) -> None:
    asked = []

    def walk(rate: float) -> Any:
        asked.append(rate)
        return [[9.0, 2.0], [0.0, 0.0]]

    widgets.learning_rate_on_bowl(walk=walk, rates=[0.1, 0.2])
    assert asked == [0.1, 0.2] and "At a rate of 0.2 the loss falls from 60.5 to 0." in shown[0][0]


def test_a_small_rate_creeps_and_a_large_one_leaves_the_bowl(shown: list[Any]) -> None:
    widgets.learning_rate_on_bowl((1, 10), steps=3, rates=[0.1, 0.3])
    path = shown[0][1].axes[0].lines[0].get_xydata()
    expected = [(9.0, 2.0)]
    for _ in range(3):
        x, y = expected[-1]
        expected.append((x - 0.1 * 1 * x, y - 0.1 * 10 * y))
    assert np.allclose(path, expected)
    assert "At a rate of 0.3 the loss rises" in shown[0][0]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: widgets.sliding_window(np.zeros((28, 28)), KERNEL), "12 by 12"),
        (lambda: widgets.sliding_window(KERNEL, IMAGE), "does not fit"),
        (lambda: widgets.filter_over_channels(COLOURS, FILTERS[:, :, :2]), "3 channels, the filter looks at 2"),
        (lambda: widgets.filter_over_channels(IMAGE, FILTERS), r"\(H, W, C\)"),
        (lambda: widgets.receptive_field([]), "at least one"),
        (lambda: widgets.receptive_field([(9, 1, 0)], n=5), "does not fit"),
        (lambda: widgets.receptive_field([(3, 1, 0)], fields=[1]), "2 fields"),
        (lambda: widgets.learning_rate_on_bowl((0, 1)), "two curvatures"),
        (lambda: widgets.learning_rate_on_bowl(walk=lambda rate: [1, 2]), "steps \\+ 1"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(shown: list[Any], call: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        call()


@pytest.mark.parametrize("name", ALL)
def test_a_still_figure_stands_for_itself(shown: list[Any], name: str) -> None:
    ALL[name]()
    ((alt, fig),) = shown
    assert len(alt) > 60 and fig.get_size_inches()[0] <= 10


@pytest.mark.parametrize("name", ALL)
def test_sliders_redraw_the_figure(shown: list[Any], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import ipywidgets

    monkeypatch.setenv("COURSE_WIDGETS", "1")
    displayed: list[Any] = []
    monkeypatch.setattr("IPython.display.display", displayed.append)
    ALL[name]()
    assert len(shown) == 1 and len(displayed) == 1  # the still figure is there, too
    *controls, page = displayed[0].children
    before = page.value
    assert before.startswith('<img src="data:image/png;base64,') and " alt=" in before
    for control in controls:
        assert isinstance(control, (ipywidgets.IntSlider, ipywidgets.FloatSlider))
        seen = set()
        for value in (control.min, control.max):
            control.value = value
            seen.add(page.value)
        assert len(seen) == 2, control.description


def test_without_ipywidgets_the_still_figure_remains(shown: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_WIDGETS", "1")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    ALL["learning_rate_on_bowl"]()
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("kernel", "environment", "expected"),
    [
        (True, {"JPY_SESSION_NAME": "week01.ipynb"}, True),
        (True, {"VSCODE_PID": "1"}, True),
        (True, {}, False),  # papermill, nbclient, nbgrader
        (False, {"JPY_SESSION_NAME": "week01.ipynb"}, False),  # the grader's shell, a plain IPython
        (True, {"JPY_SESSION_NAME": "week01.ipynb", "COURSE_WIDGETS": "0"}, False),
    ],
)
def test_sliders_are_for_a_page_that_shows_them(
    kernel: bool, environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JPY_SESSION_NAME", "VSCODE_PID", "VSCODE_CWD", "COURSE_WIDGETS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    shell = type("Shell", (), {"kernel": 1} if kernel else {})()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    assert live.has_front_end() is expected


def test_tables_keep_their_text_readable() -> None:
    fig, ax = plt.subplots()
    plots.numbers(ax, [[0, -5], [5, np.nan]], cmap="gray", frame=0)
    assert [(text.get_text(), text.get_color()) for text in ax.texts] == [
        ("0", "black"),
        ("−5", "white"),
        ("5", "black"),
    ]
    plt.close(fig)
