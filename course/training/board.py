"""The board of a training that takes a while, in a notebook: one output, rewritten in place, with a bar, the time left, and
the curves so far. JupyterLab, VS Code and Colab show it alike; papermill and nbconvert keep its last state.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from course import session

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 300, 130, 44, 20, 18
_COLOURS = {"training": "#0072b2", "validation": "#d55e00"}

Rows = Sequence[dict[str, float]]


class Board:
    """An output of the cell that is running. It appears with the first `show`."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, line: str, share: float, rows: Rows) -> None:
        """Show `line`, a bar that is full at `share` = 1, and the curves of `rows` (an epoch each, as Keras names it)."""
        data = {"text/html": page(line, share, rows), "text/plain": line}
        if self._handle is not None:
            self._handle.update(data, raw=True)
        elif session.kernel_shell() is not None:
            from IPython.display import display

            self._handle = display(data, raw=True, display_id=True)


def page(line: str, share: float, rows: Rows) -> str:
    """The board as HTML."""
    percent = round(100 * min(max(share, 0.0), 1.0))
    bar = (
        f'<div role="progressbar" aria-label="training" aria-valuenow="{percent}" aria-valuemin="0" aria-valuemax="100" '
        'style="height:6px;max-width:640px;background:#8884;border-radius:3px">'
        f'<div style="height:6px;width:{percent}%;background:#0072b2;border-radius:3px"></div></div>'
    )
    text = f'<div style="font-size:13px;margin:4px 0;white-space:pre-wrap">{html.escape(line)}</div>'
    return f"<div>{text}{bar}{_charts(rows)}</div>"


def _charts(rows: Rows) -> str:
    charts = [_chart(name, rows) for name in ("loss", "accuracy") if len(rows) > 1 and name in rows[-1]]
    return f'<div style="display:flex;flex-wrap:wrap;gap:12px">{"".join(charts)}</div>' if charts else ""


def _chart(name: str, rows: Rows) -> str:
    curves = {
        label: [row[key] for row in rows if key in row]
        for label, key in (("training", name), ("validation", f"val_{name}"))
    }
    curves = {label: values for label, values in curves.items() if len(values) == len(rows)}
    low, high = min(map(min, curves.values())), max(map(max, curves.values()))
    high = high if high > low else low + 1

    def at(number: int, value: float) -> str:
        x = _LEFT + (_WIDTH - _LEFT - 8) * number / max(1, len(rows) - 1)
        y = _TOP + (_HEIGHT - _TOP - _BOTTOM) * (high - value) / (high - low)
        return f"{x:.1f},{y:.1f}"

    lines = "".join(
        f'<polyline fill="none" stroke="{_COLOURS[label]}" stroke-width="2" '
        f'points="{" ".join(at(n, value) for n, value in enumerate(values))}"/>'
        for label, values in curves.items()
    )
    last = ", ".join(f"{label} {values[0]:.3g} to {values[-1]:.3g}" for label, values in curves.items())
    said = f"{name} over {len(rows)} epochs: {last}"
    grey = 'fill="currentColor" font-size="11"'
    axis = _HEIGHT - _BOTTOM
    legend = "".join(f'<tspan fill="{_COLOURS[label]}"> ━ </tspan>{label}' for label in curves)
    return (
        f'<svg role="img" aria-label="{html.escape(said)}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif">'
        f'<text x="{_LEFT}" y="12" {grey}>{name}{legend}</text>'
        f'<path d="M{_LEFT},{_TOP}V{axis}H{_WIDTH - 8}" fill="none" stroke="currentColor"/>'
        f'<text x="{_LEFT - 4}" y="{_TOP + 8}" text-anchor="end" {grey}>{high:.3g}</text>'
        f'<text x="{_LEFT - 4}" y="{axis}" text-anchor="end" {grey}>{low:.3g}</text>'
        f'<text x="{_LEFT}" y="{_HEIGHT - 5}" {grey}>1</text>'
        f'<text x="{_WIDTH - 8}" y="{_HEIGHT - 5}" text-anchor="end" {grey}>epoch {len(rows)}</text>'
        f"{lines}</svg>"
    )
