"""What one unit sees through a stack of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from course import plots
from course.widgets.live import sliders

__all__ = ["receptive_field"]


def receptive_field(spec: Sequence[Any], n: int = 25, fields: Sequence[int] | None = None) -> None:
    """A stack of layers in one dimension: a row of squares for each map, and what the middle unit of one of them sees.

    spec: layers (k, s, p) from the input on: window, stride, and padding, a number on each side or "same" or "valid".
    n: pixels in a row of the image.
    fields: what your own function says of each map, the image's own 1 first, len(spec) + 1 numbers: written beside the
    rows, to be compared with what is coloured.

    The slider chooses the depth. The still figure shows three depths.

    Raises ValueError for an empty spec, for a layer that does not fit, and for another count of fields.
    """
    layers = [tuple(layer) for layer in spec]
    if not layers or any(len(layer) != 3 for layer in layers):
        raise ValueError("a spec is a list of layers (window, stride, padding), at least one")
    if fields is not None and len(fields) != len(layers) + 1:
        raise ValueError(
            f"{len(layers)} layers have {len(layers) + 1} fields, the image's own first, not {len(fields)}"
        )
    stack = _stack(layers, n)
    depths = sorted({1, (len(layers) + 1) // 2, len(layers)})
    height = 0.42 * (len(layers) + 1) + 0.5
    fig, axes = plt.subplots(
        1, len(depths), figsize=(3.3 * len(depths), max(1.6, height)), layout="constrained", squeeze=False, sharey=True
    )
    texts = [_draw(ax, layers, stack, n, depth, fields) for ax, depth in zip(axes[0], depths, strict=True)]
    plots.show("The squares that one unit sees, row by row down to the image. " + " ".join(texts), fig)

    def draw(depth: int) -> tuple[Figure, str]:
        with plt.ioff():
            fig, ax = plt.subplots(figsize=(9.5, max(1.8, 1.3 * height)), layout="constrained")
        return fig, _draw(ax, layers, stack, n, depth, fields)

    sliders(draw, {"depth": ("depth", 0, len(layers), len(layers), 1)})


def _stack(layers: Sequence[tuple[Any, ...]], n: int) -> list[list[range]]:
    """For each layer, the squares of the row below that each of its units looks at; some may lie in the padding."""
    from keras import layers as keras_layers

    stack: list[list[range]] = []
    size = n
    for k, s, p in layers:
        pooling = keras_layers.MaxPooling1D(k, s, padding="same" if p == "same" else "valid")
        frame = 0 if isinstance(p, str) else int(p)
        if p != "same" and k > size + 2 * frame:
            raise ValueError(f"a window of {k} does not fit into the {size + 2 * frame} squares that are left")
        count = pooling.compute_output_shape((None, size + 2 * frame, 1))[1]
        # "same" shares the zeros that it needs evenly; of an odd number, the odd one comes after the row
        first = -(((count - 1) * s + k - size) // 2) if p == "same" else -frame
        stack.append([range(first + s * unit, first + s * unit + k) for unit in range(count)])
        size = count
    return stack


def _draw(
    ax: Axes,
    layers: Sequence[tuple[Any, ...]],
    stack: Sequence[Sequence[range]],
    n: int,
    depth: int,
    fields: Sequence[int] | None,
) -> str:
    """Rows from the image upwards, each square above the middle of what it looks at. Returns the picture in words."""
    middles = [np.arange(n, dtype=float)]
    for windows in stack:
        middles.append(
            np.array([middles[-1][0] + _step(middles[-1]) * (window[0] + window[-1]) / 2 for window in windows])
        )
    seen: list[set[int]] = [set() for _ in middles]
    seen[depth] = {len(middles[depth]) // 2}
    for level in range(depth, 0, -1):
        seen[level - 1] = {square for unit in seen[level] for square in stack[level - 1][unit]}
    for level, row in enumerate(middles):
        for unit, x in enumerate(row):
            inside = unit in seen[level]
            color = plots.VERMILLION if inside and level == depth else plots.BLUE if inside else plots.GREY
            half = 0.4 * _step(row)
            face = color if inside else "none"
            ax.add_patch(
                Rectangle((x - half, level - 0.14), 2 * half, 0.28, facecolor=face, edgecolor=color, linewidth=0.8)
            )
        if level < depth:
            (left, right), (upper_left, upper_right) = (_ends(middles[at], seen[at]) for at in (level, level + 1))
            corners = [
                (left, level + 0.14),
                (right, level + 0.14),
                (upper_right, level + 0.86),
                (upper_left, level + 0.86),
            ]
            ax.add_patch(Polygon(corners, facecolor=plots.BLUE, alpha=0.2, edgecolor="none"))
    names = ["image"] + [f"{k} wide, stride {s}" for k, s, _ in layers]
    if fields is not None:
        names = [f"{name}: {field}" for name, field in zip(names, fields, strict=True)]
    ax.set(xlim=(-1.5, n + 0.5), ylim=(-0.5, len(middles) - 0.5), xticks=[], yticks=range(len(middles)))
    ax.set_yticklabels(names)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(f"depth {depth}")
    pixels = len([square for square in seen[0] if 0 <= square < n])
    return f"Depth {depth}: {pixels} of the {n} pixels in a row are coloured below the middle unit."


def _step(row: np.ndarray) -> float:
    return float(row[1] - row[0]) if len(row) > 1 else 1.0


def _ends(row: np.ndarray, squares: set[int]) -> tuple[float, float]:
    """Where a group of squares begins and ends; those of the padding, beyond the row's ends, too."""
    step = _step(row)
    return row[0] + step * (min(squares) - 0.4), row[0] + step * (max(squares) + 0.4)
