"""What the learning rate does on a bowl."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course import plots
from course.widgets.live import sliders

__all__ = ["learning_rate_on_bowl"]


def learning_rate_on_bowl(
    curvatures: tuple[float, float] = (1.0, 10.0),
    start: tuple[float, float] = (9.0, 2.0),
    steps: int = 15,
    *,
    walk: Callable[[float], Any] | None = None,
    rates: Sequence[float] | None = None,
) -> None:
    """The path down the bowl ½(a·x² + b·y²), and the loss at each step, for the learning rate that the slider chooses.

    curvatures: (a, b) > 0; start: (x, y). walk: a function of your own, learning rate → positions (steps + 1, 2), the start
    first; without it, plain gradient descent is drawn. rates: the three of the still figure; by default one
    that creeps, one that arrives and one that leaves the bowl.

    Raises ValueError for curvatures that do not make a bowl, and for a walk of another shape.
    """
    slopes = np.asarray(curvatures, float)
    if slopes.shape != (2,) or not (slopes > 0).all():
        raise ValueError(f"a bowl has two curvatures above 0, not {curvatures}")
    walk = walk or (lambda rate: _plain(slopes, np.asarray(start, float), rate, steps))
    scale = float(slopes.max())
    chosen = list(rates) if rates is not None else [0.2 / scale, 1.7 / scale, 2.1 / scale]
    fig, axes = plt.subplots(
        1, len(chosen) + 1, figsize=(9.8, 2.9), layout="constrained", width_ratios=[1.0] * len(chosen) + [1.2]
    )
    colors, styles = (plots.BLUE, plots.GREEN, plots.VERMILLION), ("-", "--", ":")
    texts = []
    for number, (rate, ax) in enumerate(zip(chosen, axes, strict=False)):
        path = _checked(walk(rate))
        color = colors[number % 3]
        texts.append(_draw_path(ax, slopes, start, path, rate, color))
        _draw_loss(axes[-1], slopes, path, color, styles[number % 3], f"{rate:.3g}")
    plots.show(f"Paths of {steps} steps on an elongated bowl, and the loss at each step. " + " ".join(texts), fig)

    def draw(rate: float) -> tuple[Figure, str]:
        with plt.ioff():
            fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4), layout="constrained")
        path = _checked(walk(rate))
        text = _draw_path(left, slopes, start, path, rate, plots.VERMILLION)
        _draw_loss(right, slopes, path, plots.VERMILLION, "-")
        return fig, text

    sliders(draw, {"rate": ("learning rate", 0.02 / scale, 2.2 / scale, 0.2 / scale, 0.02 / scale)})


def _plain(slopes: np.ndarray, start: np.ndarray, rate: float, steps: int) -> np.ndarray:
    """Gradient descent in closed form: along each axis, every step shortens the distance by the same factor."""
    return start * np.power(1 - rate * slopes, np.arange(steps + 1)[:, None])


def _checked(path: Any) -> np.ndarray:
    found = np.asarray(path, float)
    if found.ndim != 2 or found.shape[1] != 2:
        raise ValueError(f"a walk is an array of positions (steps + 1, 2), not of shape {found.shape}")
    return found


def _loss(slopes: np.ndarray, path: np.ndarray) -> np.ndarray:
    return 0.5 * (slopes * path**2).sum(axis=-1)


def _draw_path(ax: Axes, slopes: np.ndarray, start: Sequence[float], path: np.ndarray, rate: float, color: str) -> str:
    """Level lines of the bowl and the path, as far as it stays in sight. Returns the picture in words."""
    wide, high = 1.25 * max(abs(start[0]), 1e-9), 1.6 * max(abs(start[1]), 1e-9)
    x, y = np.meshgrid(np.linspace(-wide, wide, 80), np.linspace(-high, high, 80))
    height = 0.5 * (slopes[0] * x**2 + slopes[1] * y**2)
    levels = height.max() * np.linspace(0.15, 1, 7) ** 2
    ax.contour(x, y, height, levels=levels, colors=plots.GREY, linewidths=0.7, alpha=0.6)
    ax.plot(*path.T, "o-", color=color, markersize=3, linewidth=1.1)
    ax.plot(*path[0], "s", color=color, markersize=6)
    ax.set(xlim=(-wide, wide), ylim=(-high, high), xlabel="x", ylabel="y", title=f"learning rate {rate:.3g}")
    ax.xaxis.set_major_locator(MaxNLocator(4))
    first, last = _loss(slopes, path[[0, -1]])
    way = "rises" if not last < first else "falls"
    return f"At a rate of {rate:.3g} the loss {way} from {first:.3g} to {last:.3g}."


def _draw_loss(ax: Axes, slopes: np.ndarray, path: np.ndarray, color: str, style: str, label: str = "") -> None:
    losses = np.maximum(_loss(slopes, path), 1e-12)
    ax.semilogy(losses, style, color=color, linewidth=1.6)
    ax.annotate(label, (len(losses) - 1, losses[-1]), (4, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set(xlabel="step", ylabel="loss (log scale)", title="loss")
    ax.grid(alpha=0.3)
