"""Small arrays as coloured squares with their numbers, and the window that lies on them."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from course.plots.look import GREY, VERMILLION

__all__ = ["numbers", "window"]

LIGHT = ("Blues", "Greens", "Oranges", "Purples")
"""Colour maps from white to one colour: numbers are read on their lighter part."""


def numbers(
    ax: Axes,
    values: Any,
    title: str = "",
    *,
    cmap: str = "Blues",
    low: float | None = None,
    high: float | None = None,
    words: Any = None,
    frame: int = 0,
    size: float = 9,
) -> None:
    """Draw a small array (H, W) into `ax` as coloured squares with its numbers written in them.

    low, high: the values at the ends of the colour map; by default the array's own; maps from white to a colour stop before
    their dark end. A NaN is an empty square. words: (H, W), written in place of the numbers.
    frame: this many squares along the border are padding: without colour, their numbers grey. size: of the text, in points.
    """
    values = np.asarray(values, float)
    inner = values[frame : values.shape[0] - frame, frame : values.shape[1] - frame]
    known = inner[np.isfinite(inner)]
    low = float(known.min(initial=np.inf)) if low is None and known.size else (low or 0.0)
    high = float(known.max(initial=-np.inf)) if high is None and known.size else (1.0 if high is None else high)
    reach = (high - low or 1.0) * (1.7 if cmap in LIGHT else 1.0)
    colors = mpl.colormaps[cmap](Normalize(low, low + reach)(np.nan_to_num(values, nan=low)))
    rows, columns = np.indices(values.shape)
    border = np.minimum.reduce([rows, columns, values.shape[0] - 1 - rows, values.shape[1] - 1 - columns]) < frame
    colors[border | np.isnan(values)] = 0  # nothing: the page shows through
    ax.imshow(colors, interpolation="nearest")
    for (row, column), value in np.ndenumerate(values):
        square = Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=GREY, linewidth=0.5, clip_on=False)
        ax.add_patch(square)
        if np.isnan(value):
            continue
        red, green, blue, opaque = colors[row, column]
        bright = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
        color = GREY if not opaque else "black" if bright else "white"  # on the square, not on the page
        text = f"{value:.3g}" if words is None else str(words[row][column])
        ax.text(column, row, text.replace("-", "−"), ha="center", va="center", fontsize=size, color=color)
    ax.set(title=title, xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def window(ax: Axes, row: float, column: float, height: float, width: float, color: str = VERMILLION) -> None:
    """Outline the window of `height` by `width` squares whose top left one is (row, column)."""
    place = (column - 0.5, row - 0.5)
    ax.add_patch(Rectangle(place, width, height, fill=False, edgecolor=color, linewidth=2.5, clip_on=False, zorder=3))
