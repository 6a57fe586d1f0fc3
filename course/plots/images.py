"""Images side by side, and one with its values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from course.plots.look import BLUE, VERMILLION
from course.plots.tiles import fitting, full_scale, most_lines, sheet, tile


def image_grid(
    x: np.ndarray,
    titles: Sequence[Any] | None = None,
    *,
    columns: int = 6,
    title: str = "",
    size: float = 1.3,
    colors: Sequence[str] | None = None,
) -> Figure:
    """Images side by side. x: (N, H, W), (N, H, W, 1) or (N, H, W, 3), bytes or in [0, 1]. titles: one word per image.

    size: the side of an image, in inches, at most; a row is at most 10 wide. colors: one colour per image, for its title and
    for a frame around it.
    """
    columns = max(1, min(columns, len(x)))
    size, lines = fitting(size, columns), most_lines(titles)
    fig, ax, corners = sheet(max(1, -(-len(x) // columns)), columns, size, lines=lines, title=title)
    for number, image in enumerate(x):
        row, column = divmod(number, columns)
        left, top = corners[row, column]
        color = "" if colors is None else colors[number]
        tile(ax, image, left, top, size, frame=color)
        if titles is not None:
            text, middle = str(titles[number]), left + size / 2
            ax.text(
                middle,
                top - 0.03,
                text,
                ha="center",
                va="bottom",
                fontsize=9,
                color=color or plt.rcParams["text.color"],
            )
    return fig


def annotated_digit(image: np.ndarray, *, title: str = "Every pixel of one image", size: float = 10) -> Figure:
    """One grey image (H, W), each pixel with its value written on it: dark on bright pixels, bright on dark ones.

    Bytes are shown from 0 black to 255 white, other numbers from 0 to 1: a pixel of 232 is not white. size: width in inches.
    """
    image = np.asarray(image)
    image = image[..., 0] if image.ndim == 3 else image
    height, width = image.shape
    bright = full_scale(image)
    fig, ax = plt.subplots(figsize=(size, size * height / width), layout="constrained")
    ax.imshow(image, cmap="gray", vmin=0, vmax=bright)
    points = 0.9 * size * 28 / max(width, 28)
    rows, columns = np.nonzero(image == 0)
    # Most pixels are zero: as marks of one line they cost nothing, as texts half a second.
    ax.plot(columns, rows, linestyle="", marker="$0$", color="0.55", markersize=0.75 * points, markeredgewidth=0)
    for row, column in np.argwhere(image):
        value = image[row, column]  # it stands at x = column, y = row
        text = str(value) if image.dtype.kind in "iu" else f"{value:.1f}".removeprefix("0")
        color = "white" if value < 0.45 * bright else "black"  # on the pixel, not on the page
        number = ax.text(column, row, text, ha="center", va="center", color=color, fontsize=points)
        number.set_in_layout(False)  # it is inside: hundreds of boxes need no measuring
    ax.set(title=title, xlabel="column", ylabel="row", xticks=range(0, width, 3), yticks=range(0, height, 3))
    return fig


def gallery(
    x: np.ndarray,
    y: np.ndarray,
    predicted: np.ndarray,
    classes: Sequence[str],
    *,
    columns: int = 8,
    title: str = "Predictions (true class in brackets where they differ)",
) -> Figure:
    """Images with the predicted class: blue where it is right, vermillion with a cross and the true class where not."""
    wide = max(len(str(name)) for name in classes) > 4
    gap = "\n" if wide else " "
    titles, colors = [], []
    for true, guess in zip(np.ravel(y), np.ravel(predicted), strict=True):
        right, name = int(true) == int(guess), str(classes[int(guess)])
        titles.append(name if right else f"× {name}{gap}({classes[int(true)]})")
        colors.append(BLUE if right else VERMILLION)
    return image_grid(x, titles, columns=columns, title=title, size=1.6 if wide else 1.25, colors=colors)
