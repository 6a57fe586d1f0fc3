"""Keras callbacks. Importing this module imports Keras, so nothing imports it before it is needed."""

from __future__ import annotations

import math
import sys
import time
from typing import Any

import keras

from course import session
from course.datasets.sources import in_worker
from course.training import watching
from course.training.errors import Diverged
from course.training.runs import Run

Logs = dict[str, Any] | None


class BestWeights(keras.callbacks.Callback):
    """Keeps the weights of the best epoch in memory.

    monitor: the quantity to compare, as the history names it ("val_loss"). mode: "min" or "max", which of them is better.

    Attributes:
        epoch: the best epoch so far, counted from 1; None before the first. Of equal ones the earliest.
        value: the monitored quantity in that epoch.
    """

    def __init__(self, monitor: str, mode: str) -> None:
        """Raises ValueError when `mode` is another word: which direction is better is not guessed."""
        super().__init__()
        if mode not in ("min", "max"):
            raise ValueError(f'mode is "min" or "max", not {mode!r}')
        self.monitor = monitor
        self.mode = mode
        self.epoch: int | None = None
        self.value: float | None = None
        self._weights: list[Any] = []

    def on_train_begin(self, logs: Logs = None) -> None:
        self.epoch, self.value, self._weights = None, None, []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        if self.monitor not in logs:
            hint = " (give `validation` to fit)" if self.monitor.startswith("val_") else ""
            raise KeyError(f"there is no {self.monitor!r} to watch{hint}; there are: {', '.join(logs)}")
        value = float(logs[self.monitor])
        if math.isnan(value):
            return
        better = self.value is None or (value < self.value if self.mode == "min" else value > self.value)
        if better:
            self.epoch, self.value, self._weights = epoch + 1, value, self.model.get_weights()

    def restore(self, model: keras.Model) -> None:
        """Put the kept weights into `model`. Raises ValueError when no epoch has ended yet."""
        if self.epoch is None:
            raise ValueError("there are no best weights yet: pass this callback to fit first")
        model.set_weights(self._weights)
        if watch := watching.of(model):
            best = "lowest" if self.mode == "min" else "highest"
            watch.restored = (
                f"the weights of epoch {self.epoch}, which has the {best} {self.monitor} ({self.value:.4f})"
            )


class Progress(keras.callbacks.Callback):
    """One line per epoch and, where training takes longer, how far it is and how long it will take.

    In a notebook that is a board below the lines, in a terminal the last line, which a carriage return rewrites.
    Ends the training when `seconds` are over, and raises Diverged when the loss is not a number.
    """

    EVERY = 1.0
    CLOCK = 0.2
    """Seconds between two looks at the loss: reading it after every batch would slow small nets down."""
    FIRST = 10
    """Batches before the time left is estimated, in the first epoch."""
    BOARD_AFTER = 2.0
    """Seconds after which a training in a notebook shows its board."""

    def __init__(self, run: Run, epochs: int, steps: int, seconds: float | None, quiet: bool) -> None:
        super().__init__()
        self.run, self.epochs, self.steps, self.seconds, self.quiet = run, epochs, steps, seconds, quiet
        self.out_of_time = False
        self.each: list[float] = []
        self.width = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        self.began = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self.epoch = epoch
        self.epoch_began = self.looked = self.shown = time.monotonic()
        self.width = 0

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        now = time.monotonic()
        if now - self.looked < self.CLOCK:
            return
        self.looked = now
        loss = float((logs or {}).get("loss", 0.0))
        self._stop_on_nan(loss)
        if self.seconds is not None and now - self.began > self.seconds:
            self.out_of_time = True
            self.model.stop_training = True
        if now - self.shown >= self.EVERY:
            self.shown = now
            self._tell(batch + 1, loss, now)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        now = time.monotonic()
        self.each.append(now - self.epoch_began)
        self._stop_on_nan(float(logs.get("loss", 0.0)))
        if self.seconds is not None and now - self.began > self.seconds and epoch + 1 < self.epochs:
            self.out_of_time = True
            self.model.stop_training = True
        row = {name: float(value) for name, value in logs.items()}
        if not in_worker():  # nobody interrupts there
            self.run.watch.epoch(row, None if self.run.counts_on else self.run.total)
        self.run.rows.append(row)
        self.run.seconds.append(self.each[-1])
        # What is graded comes out the same every time, and times do not.
        line = self.run.line(row, None if in_worker() else self.each[-1])
        self.run.number += 1
        self._write(line, final=True)
        if self._has_board(now):
            self.run.board.show(self._how_far(0), (self.run.number - 1) / self.run.total, self.run.rows)

    def _tell(self, batch: int, loss: float, now: float) -> None:
        text = f"{self.run.label}   {batch:,} of {self.steps:,} batches   loss {loss:.4f}"
        if self._has_board(now):
            share = (self.run.number - 1 + batch / self.steps) / self.run.total
            self.run.board.show(f"{text}   {self._how_far(batch)}".rstrip(), share, self.run.rows)
        elif session.kernel_shell() is None:
            self._write(f"{text}   {self._how_far(batch)}".rstrip(), final=False)

    def _has_board(self, now: float) -> bool:
        return not self.quiet and session.kernel_shell() is not None and now - self.run.began > self.BOARD_AFTER

    def _how_far(self, batch: int) -> str:
        """The time left in words, from the epochs and batches so far."""
        left = self.run.total - self.run.number + 1
        if left < 1:
            return f"{self.run.total} epochs in {sum(self.run.seconds):.0f} s"
        if self.run.seconds:
            each = sum(self.run.seconds) / len(self.run.seconds)
            return self._left(each * (left - batch / self.steps))
        if batch < min(self.steps, self.FIRST):
            return ""  # the first batch takes long: the net is compiled in it
        gone = time.monotonic() - self.epoch_began
        return self._left(gone / batch * (left * self.steps - batch))

    @staticmethod
    def _left(seconds: float) -> str:
        return f"about {seconds:.0f} s left" if seconds < 90 else f"about {seconds / 60:.0f} min left"

    def _write(self, line: str, final: bool) -> None:
        if self.quiet or (in_worker() and not final):
            return
        start = "\r" if self.width else ""
        sys.stdout.write(start + line.ljust(self.width) + ("\n" if final else ""))
        sys.stdout.flush()
        self.width = 0 if final else len(line)

    def end_line(self) -> None:
        """Close a line that was to be rewritten."""
        if self.width and not self.quiet:
            sys.stdout.write("\n")
        self.width = 0

    def _stop_on_nan(self, loss: float) -> None:
        if not math.isfinite(loss):
            self.end_line()
            raise Diverged(
                f"the loss is {loss} in epoch {self.epoch + 1}: the training has diverged. Lower the learning rate, and "
                "look whether the inputs are scaled and hold numbers only."
            )
