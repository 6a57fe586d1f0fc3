"""Many small images in one axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

WIDEST = 10.0
"""Inches: a page of 1280 pixels shrinks a wider figure until its words cannot be read."""
GAP = 0.09
"""Inches between tiles."""


def fitting(size: float, columns: int, margin: float = 0.0) -> float:
    """The side of a tile, in inches, at which a row of them is no wider than WIDEST with its margin; at most `size`."""
    return min(size, (WIDEST - margin + GAP) / columns - GAP)


def sheet(
    rows: int, columns: int, size: float, *, lines: int = 0, title: str = "", margin: float = 0.0
) -> tuple[Figure, Axes, np.ndarray]:
    """One axes for all tiles, for axes of their own take most of the time that a picture of many needs.

    Its unit is the inch, y grows downwards. size: the side of a tile; lines: of text above each; margin: left of all.
    Also returns the upper left corner (x, y) of each tile, (rows, columns, 2).
    """
    caption, head = 0.17 * lines, 0.36 if title else 0.0
    width = margin + columns * (size + GAP) - GAP
    height = head + rows * (size + caption + GAP) - GAP
    fig = plt.figure(figsize=(width, height))
    ax = fig.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0), autoscale_on=False)
    ax.set_axis_off()
    if title:
        ax.text(width / 2, 0.02, title, ha="center", va="top", fontsize=11)
    x = margin + np.arange(columns) * (size + GAP)
    y = head + caption + np.arange(rows) * (size + caption + GAP)
    return fig, ax, np.stack(np.meshgrid(x, y), axis=-1)


def most_lines(titles: Sequence[Any] | None) -> int:
    return max((str(title).count("\n") + 1 for title in titles), default=0) if titles is not None else 0


def full_scale(image: np.ndarray) -> float:
    """The value that is shown white: 255 for bytes, 1 for shares, or the brightest pixel if it is above 1."""
    return 255.0 if image.dtype.kind in "iu" else max(1.0, float(image.max()))


def tile(ax: Axes, image: np.ndarray, left: float, top: float, size: float, frame: str = "", **scale: Any) -> None:
    """One image in the square at (left, top), its longer side filling it. frame: a colour; scale: cmap, vmin, vmax."""
    image = np.asarray(image)
    image = image[..., 0] if image.ndim == 3 and image.shape[-1] == 1 else image
    if image.ndim == 2 and not scale:
        scale = {"cmap": "gray", "vmin": 0, "vmax": full_scale(image)}
    height, width = (size * side / max(image.shape[:2]) for side in image.shape[:2])
    left, top = left + (size - width) / 2, top + (size - height) / 2
    ax.imshow(image, extent=(left, left + width, top + height, top), aspect="auto", **scale)
    if frame:
        ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=frame, linewidth=1.5))
