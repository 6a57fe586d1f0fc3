"""Places for the boxes of a graph without cycles: in rows by depth, with few crossings and straight long edges.

The steps are those of Sugiyama, Tagawa and Toda (1981): a row for each depth, unseen points where an edge passes a row,
the order within a row by the mean place of the neighbours, then places that keep that order.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Layout", "place"]

SWEEPS = 12
MAIN, SKIP, PASSING = 1.0, 0.2, 8.0
"""How much an edge wants to be straight: between boxes; at the ends of a skip connection, so that it goes around the main
path and not the main path around it; and between the points where it passes other boxes."""


@dataclass(frozen=True)
class Layout:
    """rows: names by depth, from left to right. across: middle of each box along its row; bends holds, for each edge, the
    (row, middle) of the points where it passes between other boxes."""

    rows: list[list[str]]
    across: dict[str, float]
    bends: dict[tuple[str, str], list[tuple[int, float]]]

    def row(self, name: str) -> int:
        return next(number for number, names in enumerate(self.rows) if name in names)


def place(
    widths: Mapping[str, float],
    edges: Sequence[tuple[str, str]],
    *,
    gap: float,
    lane: float,
    beside: Mapping[str, str] | None = None,
) -> Layout:
    """Places for boxes of the given widths (name: width, sources first).

    gap: between boxes of a row; lane: width that a passing edge keeps free. beside: boxes to put in the row of another one.
    """
    depth = _depths(widths, edges, beside or {})
    rows: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for name in widths:
        rows[depth[name]].append(name)
    sizes = dict(widths)
    chains: dict[tuple[str, str], list[str]] = {}
    links: list[tuple[str, str, float]] = []
    fan_out, fan_in = Counter(a for a, _ in edges), Counter(b for _, b in edges)
    for a, b in edges:
        first, last = sorted((depth[a], depth[b]))
        chain = []
        for level in range(first + 1, last):
            name = f"{a}\0{b}\0{level}"
            sizes[name] = lane
            rows[level].append(name)
            chain.append(name)
        chains[a, b] = chain
        passing = set(chain)
        upper, lower = (a, b) if depth[a] <= depth[b] else (b, a)
        points = [upper, *chain, lower]
        skips = chain and fan_out[a] > 1 and fan_in[b] > 1
        for x, y in itertools.pairwise(points):
            if depth[a] == depth[b]:
                continue
            weight = PASSING if x in passing and y in passing else SKIP if skips else MAIN
            links.append((x, y, weight))
    rows = _ordered(rows, links)
    across = _placed(rows, sizes, links, gap)
    bends = {edge: [(int(name.rsplit("\0", 1)[1]), across[name]) for name in chain] for edge, chain in chains.items()}
    visible = [[name for name in names if name in widths] for names in rows]
    return Layout(visible, {name: across[name] for name in widths}, bends)


def _depths(names: Mapping[str, float], edges: Sequence[tuple[str, str]], beside: Mapping[str, str]) -> dict[str, int]:
    """The longest way from an input, so that every arrow points onwards; boxes beside others take their row."""
    depth: dict[str, int] = {}
    for name in names:
        before = [depth[a] for a, b in edges if b == name]
        depth[name] = depth[beside[name]] if name in beside else 1 + max(before, default=-1)
    # An input that is needed late stands just before its first use.
    for name in names:
        after = [depth[b] for a, b in edges if a == name]
        if after and name not in beside and not any(b == name for _, b in edges):
            depth[name] = max(0, min(after) - 1)
    return depth


def _ordered(rows: list[list[str]], links: Sequence[tuple[str, str, float]]) -> list[list[str]]:
    """The order within rows that had the fewest crossings while sweeping down and up."""
    upper: dict[str, list[str]] = {}
    lower: dict[str, list[str]] = {}
    for a, b, _ in links:
        lower.setdefault(a, []).append(b)
        upper.setdefault(b, []).append(a)
    best, fewest = [list(row) for row in rows], _crossings(rows, links)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        order = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for number in order:
            other = rows[number - 1 if down else number + 1]
            spot = {name: index for index, name in enumerate(other)}
            neighbours = upper if down else lower
            means = {
                name: float(np.mean([spot[n] for n in neighbours[name]])) if neighbours.get(name) else float(index)
                for index, name in enumerate(rows[number])
            }
            rows[number] = sorted(rows[number], key=means.__getitem__)
        found = _crossings(rows, links)
        if found < fewest:
            best, fewest = [list(row) for row in rows], found
    return best


def _crossings(rows: Sequence[Sequence[str]], links: Sequence[tuple[str, str, float]]) -> int:
    spot = {name: index for names in rows for index, name in enumerate(names)}
    level = {name: number for number, names in enumerate(rows) for name in names}
    total = 0
    for number in range(len(rows) - 1):
        pairs = [(spot[a], spot[b]) for a, b, _ in links if level[a] == number]
        total += sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(pairs) for c, d in pairs[:i])
    return total


def _placed(
    rows: Sequence[Sequence[str]], sizes: Mapping[str, float], links: Sequence[tuple[str, str, float]], gap: float
) -> dict[str, float]:
    """Middles of all boxes, which keep their order and do not overlap: chains straight, forks in the middle of what they feed.

    A linear programme, as in Gansner et al. (1993): absolute differences, unlike squares, can be exactly zero.
    """
    from scipy.optimize import linprog

    number = {name: index for index, name in enumerate(name for names in rows for name in names)}
    wishes: list[tuple[dict[int, float], float]] = []  # a combination of middles that is best zero, and its weight
    sides: tuple[dict[str, list[str]], ...] = ({}, {})
    for a, b, weight in links:
        if weight == MAIN:
            sides[0].setdefault(a, []).append(b)
            sides[1].setdefault(b, []).append(a)
        else:
            wishes.append(({number[a]: 1.0, number[b]: -1.0}, weight))
    for others in sides:
        for name, group in others.items():
            wish = {number[other]: -1 / len(group) for other in group}
            chain = len(group) == 1 and len(sides[0].get(group[0], ())) <= 1 and len(sides[1].get(group[0], ())) <= 1
            wishes.append(({**wish, number[name]: 1.0}, PASSING if chain else MAIN * len(group)))
    boxes, count = len(number), len(number) + len(wishes)
    conditions, limits = [], []
    for index, (wish, _) in enumerate(wishes):
        for sign in (1.0, -1.0):
            row = np.zeros(count)
            for box, factor in wish.items():
                row[box] = sign * factor
            row[boxes + index] = -1.0
            conditions.append(row)
            limits.append(0.0)
    for names in rows:
        for a, b in itertools.pairwise(names):
            row = np.zeros(count)
            row[number[a]], row[number[b]] = 1.0, -1.0
            conditions.append(row)
            limits.append(-gap - (sizes[a] + sizes[b]) / 2)
    cost = np.concatenate([np.full(boxes, 1e-4), [weight for _, weight in wishes]])
    least = [(sizes[name] / 2, None) for name in number] + [(0.0, None)] * len(wishes)
    if not conditions:
        return {name: sizes[name] / 2 for name in number}
    found = linprog(cost, np.array(conditions), np.array(limits), bounds=least, method="highs").x
    return {name: float(found[index]) for name, index in number.items()}
