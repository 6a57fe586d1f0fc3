"""Training curves, confusion matrices, and nets by size and accuracy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from course.plots.look import BLUE, GREY, GROUPS, VERMILLION


def curves(
    history: Mapping[str, Sequence[float]],
    *,
    best: int | Mapping[str, int] | None = None,
    title: str = "Training",
) -> Figure:
    """Loss and accuracy against the epoch, training and validation.

    history: one number per epoch, by name, as `training.fit` returns them. best: the epoch to mark, counted from 1, as
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
            number = ax.text(column, row, f"{count:,}", ha="center", va="center", color=color, fontsize=9)
            number.set_in_layout(False)
    ax.set(title=title, xlabel="predicted class", ylabel="true class", xticks=range(n), yticks=range(n))
    ax.set_yticklabels(classes)
    long = max(len(name) for name in classes) > 3
    ax.set_xticklabels(classes, rotation=45 if long else 0, ha="right" if long else "center")
    bar = fig.colorbar(shown, ax=ax, shrink=0.8, label="share of the true class", ticks=[0, 0.01, 0.1, 0.5, 1])
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
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
        spots += [(px, py, net["name"]) for px, py, net in zip(x, y, own, strict=True)]
        for px, py, half in zip(x, y, np.nan_to_num(spread), strict=True):
            occupied += [(px, py + part * half) for part in (np.linspace(-1, 1, 9) if half else (0,))]
    ax.set(xscale="log", xlabel="weights that count (log scale)", title=title)
    ax.set_ylabel("error in % (log scale)" if error else "accuracy in %")
    if error:
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:.2g}"))
    ax.margins(0.15)
    ax.grid(alpha=0.3, which="both" if error else "major")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    if any(groups):
        fig.legend(
            loc="outside right upper", frameon=False
        )  # beside the axes: inside, a point may come to lie below it
    _label(fig, ax, spots, occupied)
    return fig


def _label(fig: Figure, ax: Axes, spots: list[tuple[float, float, str]], occupied: list[tuple[float, float]]) -> None:
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
    for x, y, name in spots:
        for dx, dy, ha, va in places:
            text = ax.annotate(name, (x, y), (dx, dy), textcoords="offset points", ha=ha, va=va, fontsize=9)
            box = text.get_window_extent(renderer)
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
            free = not any(box.overlaps(other) for other in taken) and not any(box.contains(*p) for p in pixels)
            if inside and free:
                break
            if (dx, dy, ha, va) != places[-1]:
                text.remove()
        taken.append(box)
