"""A window that slides over an image, and a filter that looks at all channels at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.widgets.live import sliders

__all__ = ["filter_over_channels", "sliding_window"]

LARGEST = 12
"""Squares along a side beyond which their numbers cannot be read."""


def sliding_window(image: Any, kernel: Any, conv2d: Callable[..., Any] | None = None) -> None:
    """One step of a convolution after the other: the window, the products, and their sum at its place in the output.

    image: (H, W), kernel: (kh, kw), small tables of numbers. conv2d: your own function, called as
    conv2d(image, kernel, stride=…, padding=…): of its result the entries are shown that the window has passed; while it
    raises, or returns another shape, there is only the entry of the window itself.

    The sliders choose the entry of the output (row and column), the stride and the padding. The still figure shows the
    first window, one further on, and one with stride 2 in an image with a frame of zeros.

    Raises ValueError for other shapes, and for a kernel larger than its image.
    """
    table, weights = _table(image, "an image"), _table(kernel, "a kernel")
    if any(k > n for k, n in zip(weights.shape, table.shape, strict=True)):
        raise ValueError(f"a kernel of {_by(weights.shape)} does not fit into an image of {_by(table.shape)}")
    states = [_Window(table, weights, *state, conv2d) for state in ((0, 0, 1, 0), (1, 1, 1, 0), (0, 1, 2, 1))]
    fig = plt.figure(figsize=(9.5, 2.6 * len(states)), layout="constrained")
    for part, state in zip(fig.subfigures(len(states), 1, squeeze=False)[:, 0], states, strict=True):
        state.draw(part)
    plots.show(" ".join(state.text for state in states), fig)

    def draw(row: int, column: int, stride: int, padding: int) -> tuple[Figure, str]:
        with plt.ioff():
            fig = plt.figure(figsize=(9.5, 2.7), layout="constrained")
        state = _Window(table, weights, row, column, stride, padding, conv2d)
        state.draw(fig)
        return fig, state.text

    last = [n - k + 4 for n, k in zip(table.shape, weights.shape, strict=True)]
    sliders(
        draw,
        {
            "row": ("output row", 0, last[0], 0, 1),
            "column": ("output column", 0, last[1], 0, 1),
            "stride": ("stride", 1, 3, 1, 1),
            "padding": ("padding", 0, 2, 0, 1),
        },
    )


@dataclass
class _Window:
    """One position of the window. row and column are those of the output; beyond its end the last one is taken."""

    image: np.ndarray
    kernel: np.ndarray
    row: int
    column: int
    stride: int
    padding: int
    conv2d: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        self.padded = np.pad(self.image, self.padding)
        self.tops = range(0, self.padded.shape[0] - self.kernel.shape[0] + 1, self.stride)
        self.lefts = range(0, self.padded.shape[1] - self.kernel.shape[1] + 1, self.stride)
        self.row, self.column = min(self.row, len(self.tops) - 1), min(self.column, len(self.lefts) - 1)

    @property
    def patch(self) -> np.ndarray:
        top, left = self.tops[self.row], self.lefts[self.column]
        return self.padded[top : top + self.kernel.shape[0], left : left + self.kernel.shape[1]]

    @property
    def sum(self) -> float:
        return float((self.patch * self.kernel).sum())

    @property
    def text(self) -> str:
        return (
            f"Stride {self.stride}, padding {self.padding}: the window at row {self.tops[self.row]}, column "
            f"{self.lefts[self.column]} of the padded image; its products with the kernel add up to {self.sum:g}, the entry "
            f"({self.row}, {self.column}) of an output of {_by((len(self.tops), len(self.lefts)))}."
        )

    def _passed(self) -> np.ndarray:
        """What the student's function says of the entries before this one; NaN for the others."""
        shape = (len(self.tops), len(self.lefts))
        nothing = np.full(shape, np.nan)
        try:
            found = self.conv2d and self.conv2d(
                self.image.copy(), self.kernel.copy(), stride=self.stride, padding=self.padding
            )
            found = np.asarray(found, float)
        except Exception:  # an answer that is not there yet, or not right: its check says so, not this picture
            return nothing
        before = np.arange(nothing.size).reshape(shape) < self.row * shape[1] + self.column
        return np.where(before, found, np.nan) if found.shape == shape else nothing

    def draw(self, fig: Any) -> None:
        """Four tables side by side, their squares of one size."""
        frame, (height, width), shown = self.padding, self.kernel.shape, self.padded
        output = self._passed()
        output[self.row, self.column] = self.sum
        shapes = [shown.shape, self.kernel.shape, self.kernel.shape, output.shape]
        left, middle, right, last = _tables(fig, 1, shapes)[0]
        plots.numbers(left, shown, f"image, padding {frame}", frame=frame)
        plots.window(left, self.tops[self.row], self.lefts[self.column], height, width)
        plots.numbers(middle, self.kernel, "kernel", **_scale(self.kernel, "Purples"))
        _products(right, self.patch, self.kernel)
        plots.numbers(last, output, f"output, stride {self.stride}", cmap="Greens")
        plots.window(last, self.row, self.column, 1, 1)
        _even([shape[0] for shape in shapes], [left, middle, right, last])


def filter_over_channels(image: Any, weights: Any, bias: Any = 0.0) -> None:
    """A filter over several channels: a kernel and products for each channel, and the one number that they all add up to.

    image: (H, W, C); weights: (kh, kw, C), or (kh, kw, C, filters) with a bias for each filter (filters,). The sliders
    choose the entry of the output and the filter. The still figure shows the first filter at one place and the last at
    another.

    Raises ValueError for other shapes, and for channels that do not match.
    """
    planes, filters = np.asarray(image, float), np.asarray(weights, float)
    filters = filters[..., None] if filters.ndim == 3 else filters
    if planes.ndim != 3 or filters.ndim != 4 or max(planes.shape) > LARGEST:
        raise ValueError(
            f"an image has the shape (H, W, C), of at most {LARGEST} squares a side, weights (kh, kw, C, filters)"
        )
    if planes.shape[2] != filters.shape[2]:
        raise ValueError(f"the image has {planes.shape[2]} channels, the filter looks at {filters.shape[2]}")
    if any(k > n for k, n in zip(filters.shape[:2], planes.shape[:2], strict=True)):
        raise ValueError(f"a kernel of {_by(filters.shape[:2])} does not fit into an image of {_by(planes.shape[:2])}")
    biases = np.broadcast_to(np.asarray(bias, float), filters.shape[3:])
    tops, lefts = (n - k for n, k in zip(planes.shape[:2], filters.shape[:2], strict=True))
    states = [(0, 0, 0), (tops, min(1, lefts), filters.shape[3] - 1)]
    squares = planes.shape[1] + 2 * filters.shape[1]
    size = (min(4.75, 0.42 * squares), planes.shape[2] * (0.42 * min(planes.shape[0], 11.3) + 0.35) + 0.4)
    fig = plt.figure(figsize=(2 * size[0] + 0.3, size[1]), layout="constrained")
    texts = [
        _draw_channels(part, planes, filters[..., k], float(biases[k]), row, column, k)
        for part, (row, column, k) in zip(fig.subfigures(1, 2, wspace=0.05, squeeze=False)[0], states, strict=True)
    ]
    plots.show(" ".join(texts), fig)

    def draw(row: int, column: int, filter: int = 0) -> tuple[Figure, str]:
        with plt.ioff():
            fig = plt.figure(figsize=(1.3 * size[0], 1.3 * size[1]), layout="constrained")
        return fig, _draw_channels(fig, planes, filters[..., filter], float(biases[filter]), row, column, filter)

    controls: dict[str, Any] = {"row": ("row", 0, tops, 0, 1), "column": ("column", 0, lefts, 0, 1)}
    if filters.shape[3] > 1:
        controls["filter"] = ("filter", 0, filters.shape[3] - 1, 0, 1)
    sliders(draw, controls)


def _draw_channels(
    fig: Any, planes: np.ndarray, kernel: np.ndarray, bias: float, row: int, column: int, number: int
) -> str:
    """A row of tables for each channel, the sum of all sums below. Returns the picture in words."""
    height, width, depth = kernel.shape
    limit = {"low": -1.5 * np.abs(kernel).max(), "high": 1.5 * np.abs(kernel).max() or 1.0}
    sums = []
    rows = _tables(fig, depth, [planes.shape[:2], kernel.shape[:2], kernel.shape[:2]])
    for channel, (left, middle, right) in enumerate(rows):
        patch, own = planes[row : row + height, column : column + width, channel], kernel[..., channel]
        plots.numbers(left, planes[..., channel], f"channel {channel}")
        plots.window(left, row, column, height, width)
        plots.numbers(middle, own, f"filter {number}", cmap="PuOr_r", **limit)
        sums.append(_products(right, patch, own))
        _even([planes.shape[0], height, height], [left, middle, right])
    total = sum(sums) + bias
    terms = " + ".join([f"{value:.4g}" for value in sums] + [f"bias {bias:.4g}"]).replace("+ -", "− ").replace("-", "−")
    fig.supxlabel(f"output: {terms} = {total:.4g}".replace("-", "−"), fontsize=10)
    return (
        f"Filter {number} at row {row}, column {column}: the products of its {depth} channels add up to "
        f"{', '.join(f'{value:.4g}' for value in sums)}; with the bias {bias:.4g} the output is one number, {total:.4g}."
    )


def _products(ax: Axes, patch: np.ndarray, kernel: np.ndarray) -> float:
    """Draw the pairs that are multiplied, coloured by their products; return the products' sum."""
    pairs = zip(patch, kernel, strict=True)
    words = [[f"{x:.3g}·{w:.3g}" for x, w in zip(*pair, strict=True)] for pair in pairs]
    total = float(np.vdot(patch, kernel))
    plots.numbers(
        ax,
        patch * kernel,
        f"products, sum {total:.4g}".replace("-", "−"),
        words=words,
        **_scale(patch * kernel, "Oranges"),
    )
    return total


def _scale(values: np.ndarray, cmap: str) -> dict[str, Any]:
    """Colours for `numbers`: two about zero where there are negative numbers, else one."""
    limit = 1.5 * float(np.abs(values).max())
    return {"cmap": "PuOr_r", "low": -limit, "high": limit} if (values < 0).any() else {"cmap": cmap, "low": 0.0}


def _tables(fig: Any, rows: int, shapes: Sequence[tuple[int, ...]]) -> np.ndarray:
    """Axes for tables of these shapes, side by side in each row."""
    return fig.subplots(rows, len(shapes), width_ratios=[shape[1] for shape in shapes], squeeze=False)


def _even(heights: Sequence[int], axes: Sequence[Axes]) -> None:
    """Give tables of these heights, side by side, one height of their axes, so that their squares have one size."""
    tall = max(heights)
    for height, ax in zip(heights, axes, strict=True):
        spare = (tall - height) / 2
        ax.set_ylim(tall - spare - 0.5, -spare - 0.5)


def _table(values: Any, what: str) -> np.ndarray:
    table = np.asarray(values, float)
    if table.ndim != 2 or not 1 <= min(table.shape) <= max(table.shape) <= LARGEST:
        raise ValueError(
            f"{what} is a table of at most {LARGEST} by {LARGEST} numbers here, not of shape {table.shape}"
        )
    return table


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
