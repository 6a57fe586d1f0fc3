"""Figures on a white and on a dark page, and their text alternatives."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib.colors import to_rgb
from PIL import Image

from course import plots

WHITE, DARK = "#ffffff", "#111111"
ALT = "A line rises from 1 to 3 <quickly> & steadily."


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    with matplotlib.rc_context():
        yield
    plt.close("all")


def luminance(color: Any) -> float:
    """Relative luminance by WCAG 2.2."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    return float(np.dot((0.2126, 0.7152, 0.0722), linear))


def contrast(one: Any, two: Any) -> float:
    dark, light = sorted((luminance(one), luminance(two)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", [WHITE, DARK])
def test_text_and_lines_stand_out_on_both_grounds(ground: str) -> None:
    plots.style()
    for name in ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color", "legend.labelcolor"):
        assert contrast(matplotlib.rcParams[name], ground) > 4.3, name
    for color in (plots.BLUE, plots.VERMILLION, plots.GREEN):
        assert contrast(color, ground) > 3, color  # what WCAG asks of graphical objects


def test_style_sets_what_the_notebooks_need_and_takes_overrides() -> None:
    plots.style(figure_dpi=120, **{"axes.titlesize": 13})
    parameters = matplotlib.rcParams
    assert (parameters["figure.dpi"], parameters["axes.titlesize"]) == (120, 13)
    assert min(parameters[name] for name in ("font.size", "xtick.labelsize", "ytick.labelsize", "legend.fontsize")) >= 9
    assert plt.figure().get_facecolor()[3] == 0 and plt.axes().get_facecolor()[3] == 0
    assert to_rgb("C7") == to_rgb(plots.GREY)
    with pytest.raises(KeyError, match="figure_dip"):
        plots.style(figure_dip=1)


def test_a_legend_hides_nothing() -> None:
    plots.style()
    plt.plot([1, 2], label="line")
    assert not plt.legend().get_frame_on()


@pytest.mark.parametrize("alt", ["", "  ", "a figure", "training curves"])
def test_a_figure_needs_a_sentence(alt: str) -> None:
    plt.plot([1, 2])
    with pytest.raises(ValueError, match="sentence that says what is to be seen"):
        plots.show(alt)


def test_a_figure_in_place_of_the_sentence_is_refused() -> None:
    with pytest.raises(TypeError, match="text first"):
        plots.show(plt.figure())  # type: ignore[arg-type]


def test_outside_a_notebook_figures_are_shown_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[int] = []
    monkeypatch.setattr("IPython.get_ipython", lambda: None)
    monkeypatch.setattr(plt, "show", lambda: shown.append(len(plt.get_fignums())))
    plt.plot([1, 2])
    plots.show(ALT)
    assert shown == [1] and not plt.get_fignums()


NOTEBOOK = f"""
from course import plots
import matplotlib.pyplot as plt
plots.style()
plt.figure(figsize=(3, 2)); plt.plot([1, 2, 3])
kept = plt.figure(); plt.plot([3, 2, 1])
plots.show({ALT!r}, kept)
plt.gca().set_title("one of two")
plots.show({ALT!r})
"""


@pytest.fixture(scope="module")
def outputs() -> list[Any]:
    """What a kernel sends for a cell that shows two figures one after the other."""
    from nbclient import NotebookClient
    from nbformat import v4

    notebook = v4.new_notebook(cells=[v4.new_code_cell(NOTEBOOK)])
    NotebookClient(notebook, timeout=300).execute()
    return list(notebook.cells[0].outputs)


def picture(html: str) -> Image.Image:
    """The image that an `img` element holds."""
    found = re.fullmatch(r'<img src="data:image/png;base64,([^"]*)" alt="[^"]*">', html)
    assert found is not None, html[:200]
    return Image.open(io.BytesIO(base64.b64decode(found[1])))


def test_a_kernel_sends_each_figure_once_with_its_text(outputs: list[Any]) -> None:
    assert [output.output_type for output in outputs] == ["display_data"] * 2
    for output in outputs:
        assert set(output.data) == {"text/html", "text/plain"}, "a second copy of the pixels would double the notebook"
        assert output.data["text/plain"] == f"Figure: {ALT}"
        shown = picture(output.data["text/html"])
        assert shown.mode == "RGBA" and shown.getpixel((0, 0))[3] == 0  # type: ignore[index]
    # the inline backend's own size: 100 dots an inch, what is empty cut off
    assert 250 < picture(outputs[1].data["text/html"]).width < 330


@pytest.mark.parametrize("template", ["lab", "classic"])
def test_the_html_says_the_text_once_for_each_image(outputs: list[Any], template: str) -> None:
    from nbconvert import HTMLExporter
    from nbformat import v4

    cell = v4.new_code_cell("", outputs=outputs)
    html, _ = HTMLExporter(template_name=template).from_notebook_node(v4.new_notebook(cells=[cell]))
    escaped = "A line rises from 1 to 3 &lt;quickly&gt; &amp; steadily."
    assert re.findall(r'<img [^>]*alt="([^"]*)"', html) == [escaped] * 2
    assert "No description has been provided" not in html


def test_a_shell_without_a_kernel_gets_a_png_with_its_text() -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from traitlets.config import Config

    InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    try:
        with capture_output() as captured:
            plt.plot([1, 2])
            plots.show(ALT)
    finally:
        InteractiveShell.clear_instance()
    (shown,) = captured.outputs
    assert set(shown.data) == {"image/png", "text/plain"} and shown.metadata["image/png"]["alt"] == ALT
