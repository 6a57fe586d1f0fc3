"""Figures of the training weeks. Each function draws what it is given and returns the figure; nothing here is computed that
an exercise asks for.

Blue (#0072B2) is right or training, vermillion (#D55E00) wrong or validation: both are told apart by readers who do not
see red and green, and a mark or a line style says it a second time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

__all__ = [
    "activation_maps",
    "annotated_digit",
    "budget_against_accuracy",
    "confusion",
    "curves",
    "gallery",
    "image_grid",
    "kernels",
]

BLUE, VERMILLION, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "0.45"
GROUPS = ((BLUE, "o"), (VERMILLION, "s"), (GREEN, "^"), ("#CC79A7", "D"), ("#56B4E9", "v"))


def curves(
    history: Mapping[str, Sequence[float]],
    *,
    best: int | Mapping[str, int] | None = None,
    title: str = "Training",
) -> Figure:
    """Loss and accuracy against the epoch, training and validation.

    history: numbers an epoch by name, as `training.fit` returns them. best: the epoch to mark, counted from 1, as
    `BestWeights.epoch`; or several, {what it is: epoch}.
    """
    panels = [name for name in ("loss", "accuracy") if name in history or f"val_{name}" in history]
    if not panels:
        raise ValueError("the history has neither a loss nor an accuracy")
    marks = {} if best is None else dict(best) if isinstance(best, Mapping) else {"best": best}
    fig, axes = plt.subplots(1, len(panels), figsize=(5 * len(panels), 3.6), layout="constrained", squeeze=False)
    for ax, name in zip(axes[0], panels, strict=True):
        for key, color, style, label in (
            (name, BLUE, "o-", "training"),
            (f"val_{name}", VERMILLION, "s--", "validation"),
        ):
            if key in history:
                values = np.asarray(history[key], float)
                ax.plot(np.arange(1, len(values) + 1), values, style, color=color, label=label, markersize=4)
        for number, (label, epoch) in enumerate(marks.items()):
            ax.axvline(epoch, color=GREY, linestyle=(":", "-.", "--")[number % 3], label=f"{label}: epoch {epoch}")
        ax.set(xlabel="epoch", ylabel=name, title=name.capitalize())
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.grid(alpha=0.3)
    handles, labels = axes[0][0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncol=2 + len(marks), frameon=False)
    fig.suptitle(title)
    return fig


def image_grid(
    x: np.ndarray,
    titles: Sequence[Any] | None = None,
    *,
    columns: int = 6,
    title: str = "",
    size: float = 1.3,
    colors: Sequence[str] | None = None,
) -> Figure:
    """Images side by side. x: (N, H, W), (N, H, W, 1) or (N, H, W, 3), bytes or in [0, 1]. titles: a word an image.

    size: the side of an image, in inches. colors: a colour an image, for its title and for a frame around it.
    """
    columns = max(1, min(columns, len(x)))
    lines = _most_lines(titles)
    fig, ax, corners = _sheet(max(1, -(-len(x) // columns)), columns, size, lines=lines, title=title)
    for number, image in enumerate(x):
        row, column = divmod(number, columns)
        left, top = corners[row, column]
        color = "" if colors is None else colors[number]
        _tile(ax, image, left, top, size, frame=color)
        if titles is not None:
            text, middle = str(titles[number]), left + size / 2
            ax.text(middle, top - 0.03, text, ha="center", va="bottom", fontsize=9, color=color or "black")
    return fig


def annotated_digit(image: np.ndarray, *, title: str = "Every pixel of one image", size: float = 11) -> Figure:
    """One grey image (H, W), each pixel with its value written on it: dark on bright pixels, bright on dark ones."""
    image = np.asarray(image)
    image = image[..., 0] if image.ndim == 3 else image
    height, width = image.shape
    fig, ax = plt.subplots(figsize=(size, size * height / width), layout="constrained")
    ax.imshow(image, cmap="gray")
    threshold = image.max() / 2.5
    points = 7 * 28 / max(width, 28)
    rows, columns = np.nonzero(image == 0)
    # Most pixels are zero: as marks of one line they cost nothing, as texts half a second.
    ax.plot(columns, rows, linestyle="", marker="$0$", color="white", markersize=0.75 * points, markeredgewidth=0)
    for row, column in np.argwhere(image):
        value = image[row, column]  # it stands at x = column, y = row
        text = str(value) if image.dtype.kind in "iu" else f"{value:.1f}".removeprefix("0")
        color = "white" if value < threshold else "black"
        number = ax.text(column, row, text, ha="center", va="center", color=color, fontsize=points)
        number.set_in_layout(False)  # it is inside: hundreds of boxes need no measuring
    ax.set(title=title, xlabel="column", ylabel="row", xticks=range(0, width, 3), yticks=range(0, height, 3))
    return fig


def confusion(matrix: np.ndarray, classes: Sequence[str], *, title: str = "Confusion matrix") -> Figure:
    """Counts (C, C): row the true class, column the predicted one. Brightness grows with the root of the count's share of
    its row, so that the few errors beside a large diagonal can be seen."""
    matrix = np.asarray(matrix)
    n = len(classes)
    if matrix.shape != (n, n):
        raise ValueError(f"{n} classes need a matrix of shape ({n}, {n}), not {matrix.shape}")
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    side = max(4.5, 0.55 * n)
    fig, ax = plt.subplots(figsize=(side + 1, side), layout="constrained")
    shown = ax.imshow(share, cmap="viridis", norm=PowerNorm(0.4, vmin=0, vmax=1))
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            color = "black" if share[row, column] > 0.3 else "white"
            number = ax.text(column, row, f"{count:,}", ha="center", va="center", color=color, fontsize=8)
            number.set_in_layout(False)
    ax.set(title=title, xlabel="predicted class", ylabel="true class", xticks=range(n), yticks=range(n))
    ax.set_yticklabels(classes)
    long = max(len(name) for name in classes) > 3
    ax.set_xticklabels(classes, rotation=45 if long else 0, ha="right" if long else "center")
    bar = fig.colorbar(shown, ax=ax, shrink=0.8, label="share of the true class", ticks=[0, 0.01, 0.1, 0.5, 1])
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
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


def kernels(layer: Any, *, columns: int = 8, channel: int = 0, title: str = "") -> Figure:
    """The kernels of a convolution, one picture a filter, all on one scale about zero.

    layer: a Keras convolution, or its weights (k, k, c_in, filters). Shown is one input `channel`.
    """
    weights = np.asarray(layer if isinstance(layer, np.ndarray) else layer.kernel)
    if weights.ndim != 4:
        raise ValueError(f"kernels have the shape (k, k, c_in, filters), not {weights.shape}")
    k, _, depth, filters = weights.shape
    shown = weights[:, :, channel, :]
    limit = float(np.abs(shown).max()) or 1.0
    where = "" if depth == 1 else f", input channel {channel} of {depth}"
    columns = min(columns, filters)
    rows = -(-filters // columns)
    # One picture of all kernels: a sheet of tiles, a strip between them for the number.
    sheet = np.full((rows * (k + 1), columns * (k + 1)), np.nan)
    for number in range(filters):
        top, left = number // columns * (k + 1) + 1, number % columns * (k + 1)
        sheet[top : top + k, left : left + k] = shown[:, :, number]
    size = 0.62 / (k + 1) if k < 5 else 0.13
    fig, ax = plt.subplots(
        figsize=(max(4.0, size * sheet.shape[1] + 1.5), size * sheet.shape[0] + 0.7), layout="constrained"
    )
    picture = ax.imshow(sheet, cmap="PuOr_r", vmin=-limit, vmax=limit)
    for number in range(filters):
        x, y = number % columns * (k + 1) + (k - 1) / 2, number // columns * (k + 1)
        ax.text(x, y, str(number), ha="center", va="center", fontsize=8)
    ax.set_title(title or f"{filters} kernels of {k}×{k}{where}")
    ax.set_axis_off()
    fig.colorbar(picture, ax=ax, shrink=0.8, label="weight")
    return fig


def activation_maps(model: Any, image: np.ndarray, *, maps: int = 8, title: str = "") -> Figure:
    """What each convolution and pooling of a Keras model makes of one image: the first `maps` channels of each.

    image: (H, W, C) as the model takes it. A channel that is zero everywhere stays black.
    """
    import keras

    kinds: tuple[Any, ...] = (
        keras.layers.Conv2D,
        keras.layers.DepthwiseConv2D,
        keras.layers.MaxPooling2D,
        keras.layers.AveragePooling2D,
    )
    kinds += (keras.layers.SeparableConv2D, keras.layers.ReLU)
    layers = [layer for layer in model.layers if isinstance(layer, kinds) and len(layer.output.shape) == 4]
    if not layers:
        raise ValueError("the model has no convolution or pooling whose maps could be shown")
    image = np.asarray(image, "float32")
    outputs = keras.Model(model.inputs[0], [layer.output for layer in layers])(image[None], training=False)
    outputs = [np.asarray(out)[0] for out in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]
    size, label = 1.1, 1.3
    title = title or f"Activation maps, the first {maps} of each layer"
    fig, ax, corners = _sheet(len(layers), maps, size, lines=1, title=title, margin=label)
    for row, (places, layer, out) in enumerate(zip(corners, layers, outputs, strict=True)):
        name = re.sub(r"_\d+$", "", layer.name)  # Keras numbers the layers of all nets that were ever built
        what = f"{name}\n{'×'.join(map(str, out.shape))}"
        ax.text(label - 0.08, places[0][1] + size / 2, what, ha="right", va="center", fontsize=8)
        low, high = min(0.0, float(out.min())), float(out.max()) or 1.0
        for number, (left, top) in enumerate(places[: out.shape[-1]]):
            _tile(ax, out[..., number], left, top, size, cmap="viridis", vmin=low, vmax=high)
            if row == 0:
                ax.text(left + size / 2, top - 0.03, f"map {number}", ha="center", va="bottom", fontsize=8)
    return fig


def budget_against_accuracy(
    rows: Iterable[Mapping[str, Any]], *, title: str = "Parameters against accuracy", error: bool = False
) -> Figure:
    """Nets as points: weights (log scale) against accuracy in per cent.

    rows: {"name": …, "weights": int, "accuracy": share in [0, 1]} each, and if wanted "group": a word (its own colour and
    mark) and "spread": standard deviation over seeds, drawn as a bar. error: draw the error, 100 - accuracy, on a log scale.
    """
    nets = [dict(row) for row in rows]
    if not nets:
        raise ValueError("there is no net to draw")
    fig, ax = plt.subplots(figsize=(8, 5), layout="constrained")
    groups = list(dict.fromkeys(str(net.get("group", "")) for net in nets))
    spots, occupied = [], []
    for number, group in enumerate(groups):
        color, marker = GROUPS[number % len(GROUPS)]
        own = [net for net in nets if str(net.get("group", "")) == group]
        x = [net["weights"] for net in own]
        y = [100 * (1 - net["accuracy"]) if error else 100 * net["accuracy"] for net in own]
        spread = [100 * net.get("spread", np.nan) for net in own]  # no bar, not a bar of length 0
        bars = spread if np.isfinite(spread).any() else None
        ax.errorbar(x, y, bars, fmt=marker, color=color, capsize=3, label=group or None, markersize=7)
        spots += [(px, py, net["name"], color) for px, py, net in zip(x, y, own, strict=True)]
        for px, py, half in zip(x, y, np.nan_to_num(spread), strict=True):
            occupied += [(px, py + part * half) for part in (np.linspace(-1, 1, 9) if half else (0,))]
    ax.set(xscale="log", xlabel="weights that count (log scale)", title=title)
    ax.set_ylabel("error in % (log scale)" if error else "accuracy in %")
    if error:
        ax.set_yscale("log")
    ax.margins(0.15)
    ax.grid(alpha=0.3, which="both" if error else "major")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    if any(groups):
        ax.legend(frameon=False)
    _label(fig, ax, spots, occupied)
    return fig


def _label(
    fig: Figure, ax: Axes, spots: list[tuple[float, float, str, str]], occupied: list[tuple[float, float]]
) -> None:
    """Names beside the points, each at the first of some places where it covers no other name, no point and no bar."""
    fig.canvas.draw()
    renderer = fig.canvas.get_renderer()  # type: ignore[attr-defined]
    pixels = [ax.transData.transform(spot) for spot in occupied]
    taken: list[Any] = []
    frame = ax.get_window_extent(renderer)
    places = [
        (9, 0, "left", "center"),
        (-9, 0, "right", "center"),
        (0, 9, "center", "bottom"),
        (0, -9, "center", "top"),
    ]
    places += [(9, 9, "left", "bottom"), (9, -9, "left", "top"), (-9, 9, "right", "bottom"), (-9, -9, "right", "top")]
    places += [(0, 22, "center", "bottom"), (0, -22, "center", "top")]
    for x, y, name, color in spots:
        for dx, dy, ha, va in places:
            text = ax.annotate(
                name, (x, y), (dx, dy), textcoords="offset points", ha=ha, va=va, color=color, fontsize=9
            )
            box = text.get_window_extent(renderer)
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
            free = not any(box.overlaps(other) for other in taken) and not any(box.contains(*p) for p in pixels)
            if inside and free:
                break
            if (dx, dy, ha, va) != places[-1]:
                text.remove()
        taken.append(box)


def _sheet(
    rows: int, columns: int, size: float, *, lines: int = 0, title: str = "", margin: float = 0.0
) -> tuple[Figure, Axes, np.ndarray]:
    """One axes for all tiles, for axes of their own take most of the time that a picture of many needs.

    Its unit is the inch, y grows downwards. size: the side of a tile; lines: of text above each; margin: left of all.
    Also returns the upper left corner (x, y) of each tile, (rows, columns, 2).
    """
    gap, caption, head = 0.09, 0.17 * lines, 0.36 if title else 0.0
    width = margin + columns * (size + gap) - gap
    height = head + rows * (size + caption + gap) - gap
    fig = plt.figure(figsize=(width, height))
    ax = fig.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0), autoscale_on=False)
    ax.set_axis_off()
    if title:
        ax.text(width / 2, 0.02, title, ha="center", va="top", fontsize=11)
    x = margin + np.arange(columns) * (size + gap)
    y = head + caption + np.arange(rows) * (size + caption + gap)
    return fig, ax, np.stack(np.meshgrid(x, y), axis=-1)


def _most_lines(titles: Sequence[Any] | None) -> int:
    return max((str(title).count("\n") + 1 for title in titles), default=0) if titles is not None else 0


def _tile(ax: Axes, image: np.ndarray, left: float, top: float, size: float, frame: str = "", **scale: Any) -> None:
    """One image in the square at (left, top), its longer side filling it. frame: a colour; scale: cmap, vmin, vmax."""
    image = np.asarray(image)
    image = image[..., 0] if image.ndim == 3 and image.shape[-1] == 1 else image
    if image.ndim == 2 and not scale:
        bright = 255 if image.dtype.kind in "iu" else max(1.0, float(image.max()))
        scale = {"cmap": "gray", "vmin": 0, "vmax": bright}
    height, width = (size * side / max(image.shape[:2]) for side in image.shape[:2])
    left, top = left + (size - width) / 2, top + (size - height) / 2
    ax.imshow(image, extent=(left, left + width, top + height, top), aspect="auto", **scale)
    if frame:
        ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=frame, linewidth=1.5))
