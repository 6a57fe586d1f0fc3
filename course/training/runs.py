"""One training of a net, which may be made of many calls of `fit` with one epoch each: they count on, and share a board."""

from __future__ import annotations

import re
import time
import weakref
from typing import Any

from course import session
from course.training.board import Board
from course.training.watching import Watch, of

WIDTH = 96
"""Characters of a line that JupyterLab shows at 1280 pixels."""
_COUNTED = re.compile(r"(?:(?P<before>.*?)[\s:,]+)?(?P<number>\d+) of (?P<total>\d+)")
"""The title that a loop over epochs gives to each `fit` with one epoch: "3 of 10"."""

_last: weakref.WeakKeyDictionary[Any, Run] = weakref.WeakKeyDictionary()


class Run:
    """Where a training is. number: the epoch that is on, from 1; total: of how many; rows: those that have ended."""

    def __init__(self, watch: Watch, title: str, total: int) -> None:
        self.watch, self.title, self.total = watch, title, total
        self.number = 1
        self.rows: list[dict[str, float]] = []
        self.seconds: list[float] = []
        self.began = time.monotonic()
        self.board = Board()
        self.cell = _cell()
        self.counts_on = False

    @property
    def label(self) -> str:
        """ "toy: epoch 3/10" """
        of_all = f"/{self.total}" if not self.counts_on else ""
        number = f"{self.number:>{len(str(self.total))}}" if not self.counts_on else str(self.number)
        return f"{self.title + ': ' if self.title else ''}epoch {number}{of_all}"

    def line(self, row: dict[str, float], seconds: float | None) -> str:
        """An epoch that has ended, in at most WIDTH characters. seconds: None where times are not wanted."""
        held = {name.removeprefix("val_"): value for name, value in row.items() if name.startswith("val_")}
        parts = [self.label, _numbers(row), f"validation {_numbers(held)}" if held else ""]
        if seconds is not None:
            parts.append(f"{seconds:.1f} s")
        parts = [part for part in parts if part]
        for gap, count in (("   ", len(parts)), ("  ", len(parts)), ("  ", len(parts) - 1)):  # the time goes first
            line = gap.join(parts[:count])
            if len(line) <= WIDTH:
                break
        return line


def _numbers(row: dict[str, float]) -> str:
    return ", ".join(f"{name} {row[name]:.4f}" for name in ("loss", "accuracy") if name in row)


def _cell() -> int | None:
    shell = session.kernel_shell()
    return None if shell is None else int(shell.execution_count)


def begin(model: Any, title: str, epochs: int) -> Run:
    """The training that a call of `fit` belongs to: a new one, or that of the calls before, where each has one epoch."""
    counted = _COUNTED.fullmatch(title) if epochs == 1 else None
    before = _last.get(model)
    if epochs == 1 and before is not None and before.cell == _cell():
        goes_on = int(counted["number"]) == before.number if counted else before.counts_on
        if goes_on:
            before.total = max(before.total, before.number)
            return before
    run = Run(of(model) or Watch(model), title, epochs)
    if counted:
        run.title, run.number, run.total = counted["before"] or "", int(counted["number"]), int(counted["total"])
    else:
        run.counts_on = epochs == 1
    _last[model] = run
    return run


def end(model: Any, epochs: int) -> None:
    """Forget where the training of `model` is, unless more calls with one epoch may follow."""
    if epochs > 1:
        _last.pop(model, None)
