"""Expected and found side by side: where two values first differ, as text and as HTML."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np

SIDE = 8
"""At most this many rows and columns of an array are shown; of a larger one the part around the first difference."""
_PLAIN = (bool, int, float, complex, str, type(None))


@dataclass(frozen=True, eq=False)
class Difference:
    """What was expected and what was found: two arrays of numbers, or two values of plain data (tuples for lists)."""

    expected: Any
    found: Any
    rtol: float = 0.0
    atol: float = 0.0

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """(expected, found, where they differ), of one shape; None where the values are not such arrays, or are equal."""
        expected, found = _array(self.expected), _array(self.found)
        if expected is None or found is None or expected.shape != found.shape or expected.size < 2:
            return None
        if expected.dtype.kind in "biufc" and found.dtype.kind in "biufc":
            with np.errstate(all="ignore"):
                wrong = ~np.isclose(found, expected, rtol=self.rtol, atol=self.atol)
        else:
            pairs = zip(expected.flat, found.flat, strict=True)
            wrong = np.array([not _same(*pair) for pair in pairs]).reshape(expected.shape)
        return (expected, found, wrong) if wrong.any() else None


def _array(value: Any) -> np.ndarray | None:
    """An array of numbers, or of plain values (dtype object) where some of them are not numbers."""
    if isinstance(value, np.ndarray):
        return value if value.dtype.kind in "biufc" else None
    if not isinstance(value, tuple) or not _rectangular(value):
        return None
    try:
        array = np.array(value, dtype=object)
    except ValueError:
        return None
    return array if all(type(item) in _PLAIN for item in array.flat) else None


def _rectangular(value: Any) -> bool:
    if not isinstance(value, tuple) or not any(isinstance(item, tuple) for item in value):
        return True
    lengths = {len(item) if isinstance(item, tuple) else -1 for item in value}
    return len(lengths) == 1 and all(_rectangular(item) for item in value)


def _same(a: Any, b: Any) -> bool:
    return isinstance(a, (bool, str, type(None))) == isinstance(b, (bool, str, type(None))) and bool(a == b)


@dataclass(frozen=True, eq=False)
class _View:
    """A 2-D part of the arrays, at most SIDE × SIDE, with the first difference in it."""

    expected: np.ndarray
    found: np.ndarray
    wrong: np.ndarray
    first: tuple[int, int]
    part: str
    """Which part it is, in NumPy's notation, empty where it is the whole."""


def _view(difference: Difference) -> _View | None:
    if (arrays := difference.arrays()) is None:
        return None
    flat = arrays[0].ndim == 1
    if flat:
        arrays = arrays[0][np.newaxis], arrays[1][np.newaxis], arrays[2][np.newaxis]
    index = tuple(int(i) for i in np.argwhere(arrays[2])[0])
    outer, (row, column) = index[:-2], index[-2:]
    parts = []
    starts = []
    for at, side in ((row, arrays[0].shape[-2]), (column, arrays[0].shape[-1])):
        start = max(0, min(at - SIDE // 2, side - SIDE))
        starts.append(start)
        parts.append(f"{start}:{start + SIDE}" if side > SIDE else ":")
    r, c = starts
    expected, found, where = (a[outer][r : r + SIDE, c : c + SIDE] for a in arrays)
    shown = [*map(str, outer), *parts[1 if flat else 0 :]]
    part = f"[{', '.join(shown)}]" if outer or set(parts) != {":"} else ""
    return _View(expected, found, where, (row - r, column - c), part)


def _number(value: Any) -> str:
    return (
        f"{value:.6g}"
        if isinstance(value, (float, np.floating, complex, np.complexfloating))
        else repr(_builtin(value))
    )


def _builtin(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def first(difference: Difference) -> str:
    """A sentence on the first differing place: its index and both values. Empty where there is no such place."""
    if (arrays := difference.arrays()) is None:
        return ""
    expected, found, wrong = arrays
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    pair = _number(expected[index]), _number(found[index])
    if pair[0] == pair[1]:  # as many digits as it takes to see the difference
        pair = repr(_builtin(expected[index])), repr(_builtin(found[index]))
    count = f" ({np.count_nonzero(wrong)} of {wrong.size} values differ)" if wrong.size > 2 else ""
    return f"first difference at [{', '.join(map(str, index))}]: expected {pair[0]}, found {pair[1]}{count}"


def text_table(difference: Difference) -> list[str]:
    """Expected and found side by side as text, the first differing place in brackets; nothing for what is not an array."""
    if (view := _view(difference)) is None:
        return []
    blocks = []
    for name, values in (("expected", view.expected), ("found", view.found)):
        cells = [[f" {_number(value)} " for value in row] for row in values]
        row, column = view.first
        cells[row][column] = f"[{cells[row][column].strip()}]"
        width = max(len(cell) for line in cells for cell in line)
        block = ["".join(f"{cell:>{width}}" for cell in line) for line in cells]
        blocks.append([name + view.part, *block])
    if len(view.expected) == 1:  # one above the other
        return [*blocks[0], *blocks[1]]
    left = max(map(len, blocks[0]))
    return [f"{a:<{left}}    {b}".rstrip() for a, b in zip(*blocks, strict=True)]


def html_table(difference: Difference) -> str:
    """Expected and found as two HTML tables beside each other; differing places are marked, the first one most."""
    if (view := _view(difference)) is None:
        return ""
    tables = []
    for name, values in (("expected", view.expected), ("found", view.found)):
        rows = []
        for i, row in enumerate(values):
            cells = []
            for j, value in enumerate(row):
                style = "text-align:right;padding:2px 8px;"
                if view.wrong[i, j]:
                    style += "background-color:rgba(213,94,0,.25);"
                text = html.escape(_number(value))
                if (i, j) == view.first:
                    style += "border:2px solid #d55e00;"
                    text = f"<b>{text}</b>"
                cells.append(f'<td style="{style}">{text}</td>')
            rows.append(f'<tr style="background-color:transparent">{"".join(cells)}</tr>')
        caption = f'<caption style="text-align:left">{name}{html.escape(view.part)}</caption>'
        style = f"display:{'table' if len(values) == 1 else 'inline-table'};margin:.5em 2em .5em 0;vertical-align:top"
        tables.append(f'<table style="{style}">{caption}{"".join(rows)}</table>')
    return f"<div>{''.join(tables)}</div>"
