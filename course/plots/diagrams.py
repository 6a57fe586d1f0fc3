"""Nets as boxes and arrows."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from course.plots import graphs, layered
from course.plots.look import BLUE, GREEN, GREY, PURPLE, VERMILLION

__all__ = ["diagram"]

POINTS = 9
LINE, MARGIN_X, MARGIN_Y = 0.165, 0.12, 0.075
"""Height of a line of text, and what a box leaves around its words, in inches."""
GAP, LANE, STEP = 0.22, 0.12, 0.32
"""Between boxes of a row, for an edge that passes a row, and between rows, in inches."""
WIDEST = 9.6
COLORS = {"conv": BLUE, "pool": VERMILLION, "dense": PURPLE, "join": GREEN, "": GREY}


def diagram(
    spec: Any,
    *,
    title: str = "",
    direction: str = "down",
    shapes: bool = True,
    parameters: bool = False,
    fold: bool = True,
    collapse: Sequence[str] = (),
    beside: Mapping[str, str] | None = None,
) -> Figure:
    """A net as boxes and arrows. Convolutions are blue, pooling vermillion, dense layers purple, joins green.

    spec: one of
        - a list: a layer is its words, a newline begins a second line. A list in the list holds branches, each again a
          list of layers or a single one; all of them leave the box before and meet in the box after. An empty branch is
          a skip connection;
        - a mapping {box: boxes from which it takes its input}, in the order of computation, for any other graph;
        - a Keras model, Sequential or functional. A model within the model is one box.
    direction: "down" or "right". A plain chain to the right that is wider than a page goes on in a next line.
    beside: {box: box in whose row it stands}, for a mapping: the two sides of a feature pyramid.
    Of a model only:
    shapes: write each output's shape, without the batch. parameters: write the counts of weights.
    fold: one box for a layer and the normalisation, activation and dropout after it.
    collapse: prefixes of layer names; all layers with a prefix share one box, which is named by it.

    Returns the figure, which `plots.show` shows: it is as large as its text of 9 points asks for.

    Raises ValueError for an empty net, a direction or a source that does not exist, a model without shapes; TypeError
    for a layer that is not written as words.

    A residual block, whose skip connection is the empty branch:

    >>> block = ["input\\n32×32×64", [["conv 3×3, 64", "batch norm", "ReLU", "conv 3×3, 64", "batch norm"], []], "add", "ReLU"]
    >>> fig = diagram(block, title="A residual block")

    The top of a feature pyramid: each level is brought to the size of the level below and added there:

    >>> pyramid = {"C3": [], "C4": ["C3"], "C5": ["C4"], "P5": ["C5"], "P4": ["C4", "P5"], "P3": ["C3", "P4"]}
    >>> fig = diagram(pyramid, beside={"P5": "C5", "P4": "C4", "P3": "C3"})
    """
    if direction not in ("down", "right"):
        raise ValueError(f'a diagram goes "down" or "right", not {direction!r}')
    if isinstance(spec, (list, tuple, Mapping)):
        graph = graphs.from_description(spec)
    elif hasattr(spec, "layers"):
        graph = graphs.from_model(spec, shapes=shapes, parameters=parameters, fold=fold, collapse=collapse)
    else:
        raise TypeError(f"a diagram is made of a list, a mapping or a Keras model, not of {type(spec).__name__}")
    missing = [name for name in {**(beside or {})}.values() if name not in graph.boxes]
    if missing:
        raise ValueError(f"there is no box {missing[0]!r} to stand beside")
    sizes = {name: _size(box.label) for name, box in graph.boxes.items()}
    if direction == "right" and _is_chain(graph):
        places, paths = _wrapped(graph, sizes)
    else:
        places, paths = _layered(graph, sizes, direction, beside or {})
    return _drawn(graph, places, paths, title, down=direction == "down")


@dataclass(frozen=True)
class _Place:
    """The middle of a box and its size, in inches, y downwards."""

    x: float
    y: float
    width: float
    height: float


def _size(label: str) -> tuple[float, float]:
    lines = label.split("\n")
    width = max(_text_width(line) for line in lines)
    return max(width + 2 * MARGIN_X, 0.4), len(lines) * LINE + 2 * MARGIN_Y


@lru_cache(4096)
def _text_width(text: str) -> float:
    if not text:
        return 0.0
    return float(TextPath((0, 0), text, prop=FontProperties(size=POINTS)).get_extents().width) / 72


def _is_chain(graph: graphs.Graph) -> bool:
    return all(len(graph.sources(name)) <= 1 and len(graph.targets(name)) <= 1 for name in graph.boxes)


def _layered(
    graph: graphs.Graph, sizes: Mapping[str, tuple[float, float]], direction: str, beside: Mapping[str, str]
) -> tuple[dict[str, _Place], list[list[tuple[float, float]]]]:
    """Rows downwards; to the right the same with the two axes swapped."""
    down = direction == "down"
    along = 1 if down else 0  # the side of a box that adds to the depth of its row
    layout = layered.place(
        {name: size[1 - along] for name, size in sizes.items()},
        graph.edges,
        gap=GAP,
        lane=LANE,
        beside=beside,
    )
    starts, middles, ends = [], [], []
    at = 0.0
    for names in layout.rows:
        deep = max((sizes[name][along] for name in names), default=LINE)
        starts.append(at)
        middles.append(at + deep / 2)
        ends.append(at + deep)
        at += deep + STEP
    row = {name: number for number, names in enumerate(layout.rows) for name in names}
    half = {name: size[along] / 2 for name, size in sizes.items()}
    paths = []
    for a, b in graph.edges:
        if row[a] == row[b]:
            sign = 1 if layout.across[b] > layout.across[a] else -1
            reach = [sign * sizes[name][1 - along] / 2 for name in (a, b)]
            points = [
                (layout.across[a] + reach[0], middles[row[a]]),
                (layout.across[b] - reach[1], middles[row[b]]),
            ]
        else:
            sign = 1 if row[b] > row[a] else -1
            passed = layout.bends[a, b] if sign > 0 else layout.bends[a, b][::-1]
            points = [(layout.across[a], middles[row[a]] + sign * half[a])]
            for level, spot in passed:
                edge = (starts[level], ends[level])
                points += [(spot, edge[0 if sign > 0 else 1]), (spot, edge[1 if sign > 0 else 0])]
            points.append((layout.across[b], middles[row[b]] - sign * half[b]))
        paths.append(points if down else [(y, x) for x, y in points])
    places = {}
    for name, (width, height) in sizes.items():
        x, y = layout.across[name], middles[row[name]]
        places[name] = _Place(x, y, width, height) if down else _Place(y, x, width, height)
    return places, paths


def _wrapped(
    graph: graphs.Graph, sizes: Mapping[str, tuple[float, float]]
) -> tuple[dict[str, _Place], list[list[tuple[float, float]]]]:
    """A chain in lines of a page's width, each read from left to right; an arrow leads from the end of a line to the next."""
    lines: list[list[str]] = [[]]
    used = 0.0
    for name in graph.boxes:
        if lines[-1] and used + sizes[name][0] > WIDEST:
            lines.append([])
            used = 0.0
        lines[-1].append(name)
        used += sizes[name][0] + STEP
    places: dict[str, _Place] = {}
    top = 0.0
    for line in lines:
        tall = max(sizes[name][1] for name in line)
        left = 0.0
        for name in line:
            width, height = sizes[name]
            places[name] = _Place(left + width / 2, top + tall / 2, width, height)
            left += width + STEP
        top += tall + 1.4 * STEP
    paths = []
    for a, b in graph.edges:
        one, two = places[a], places[b]
        if one.y == two.y:
            paths.append([(one.x + one.width / 2, one.y), (two.x - two.width / 2, two.y)])
        else:
            between = two.y - two.height / 2 - 0.7 * STEP
            paths.append(
                [(one.x, one.y + one.height / 2), (one.x, between), (two.x, between), (two.x, two.y - two.height / 2)]
            )
    return places, paths


def _drawn(
    graph: graphs.Graph,
    places: Mapping[str, _Place],
    paths: Sequence[Sequence[tuple[float, float]]],
    title: str,
    *,
    down: bool,
) -> Figure:
    edge = 0.08
    spots = [point for path in paths for point in path]
    left = min([p.x - p.width / 2 for p in places.values()] + [x for x, _ in spots]) - edge
    right = max([p.x + p.width / 2 for p in places.values()] + [x for x, _ in spots]) + edge
    top = min(p.y - p.height / 2 for p in places.values()) - edge - (0.35 if title else 0.0)
    bottom = max(p.y + p.height / 2 for p in places.values()) + edge
    if title:
        spare = 1.25 * _text_width(title) + 2 * edge - (right - left)
        left, right = left - max(0.0, spare / 2), right + max(0.0, spare / 2)
    fig = plt.figure(figsize=(right - left, bottom - top), facecolor="none")
    ax = fig.add_axes((0, 0, 1, 1), xlim=(left, right), ylim=(bottom, top))
    ax.set_axis_off()
    if title:
        ax.text((left + right) / 2, top + 0.05, title, ha="center", va="top", fontsize=11, color=GREY)
    for path in paths:
        _arrow(ax, path, down=down)
    for name, box in graph.boxes.items():
        _box(ax, box, places[name])
    return fig


def _box(ax: Axes, box: graphs.Box, at: _Place) -> None:
    color = COLORS[box.kind]
    corner = (at.x - at.width / 2 + 0.05, at.y - at.height / 2 + 0.05)
    ax.add_patch(
        FancyBboxPatch(
            corner,
            at.width - 0.1,
            at.height - 0.1,
            boxstyle="round,pad=0.05,rounding_size=0.07",
            facecolor="none",
            edgecolor=color,
            linewidth=1.6,
        )
    )
    ax.text(
        at.x, at.y, box.label, ha="center", va="center", fontsize=POINTS, color=GREY, linespacing=1.15, clip_on=False
    )


def _arrow(ax: Axes, points: Sequence[tuple[float, float]], *, down: bool) -> None:
    """Straight between points in line, else a curve that leaves and arrives in the direction of the diagram."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if abs(x0 - x1) < 0.01 or abs(y0 - y1) < 0.01:
            vertices.append((x1, y1))
            codes.append(Path.LINETO)
        else:
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            vertices += [(x0, y), (x1, y), (x1, y1)] if down else [(x, y0), (x, y1), (x1, y1)]
            codes += [Path.CURVE4] * 3
    ax.add_patch(
        FancyArrowPatch(
            path=Path(vertices, codes),
            arrowstyle="-|>,head_length=4,head_width=2.2",
            color=GREY,
            linewidth=1.2,
            shrinkA=0,
            shrinkB=0,
        )
    )
