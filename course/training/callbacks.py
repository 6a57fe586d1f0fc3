"""Keras callbacks. Importing this module imports Keras, so nothing imports it before it is needed."""

from __future__ import annotations

import math
import sys
import time
from typing import Any

import keras

from course.datasets.sources import in_worker
from course.training.errors import Diverged

Logs = dict[str, Any] | None


class BestWeights(keras.callbacks.Callback):
    """Keeps the weights of the best epoch in memory.

    monitor: the quantity to compare, as the history names it ("val_loss"). mode: "min" or "max", which of them is better.

    Attributes:
        epoch: the best epoch so far, counted from 1; None before the first. Of equal ones the earliest.
        value: the monitored quantity in that epoch.
    """

    def __init__(self, monitor: str, mode: str) -> None:
        """Raises ValueError when `mode` is another word: which direction is better is nothing to guess."""
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


class Progress(keras.callbacks.Callback):
    """One line an epoch; while a long epoch runs, that line is rewritten about once a second.

    A carriage return rewrites it: terminals and Jupyter show the last text only, and nbconvert keeps no other.
    Ends the training when `seconds` are over, and raises Diverged when the loss is no number.
    """

    EVERY = 1.0
    CLOCK = 0.2
    """Seconds between two looks at the loss: reading it after every batch would slow small nets down."""

    def __init__(self, epochs: int, steps: int, seconds: float | None, title: str, quiet: bool) -> None:
        super().__init__()
        self.epochs, self.steps, self.seconds, self.title, self.quiet = epochs, steps, seconds, title, quiet
        self.out_of_time = False
        self.each: list[float] = []

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
            self._say(f"{batch + 1:,} of {self.steps:,} batches   loss {loss:.4f}", final=False)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        now = time.monotonic()
        self.each.append(now - self.epoch_began)
        self._stop_on_nan(float(logs.get("loss", 0.0)))
        if self.seconds is not None and now - self.began > self.seconds and epoch + 1 < self.epochs:
            self.out_of_time = True
            self.model.stop_training = True
        shown = [name for name in ("loss", "accuracy", "val_loss", "val_accuracy") if name in logs]
        parts = [f"{name.replace('val_', 'validation ')} {float(logs[name]):.4f}" for name in shown]
        if not in_worker():  # what is graded comes out the same every time, and times do not
            parts.append(f"{self.each[-1]:.1f} s")
        self._say("   ".join(parts), final=True)

    def _say(self, text: str, final: bool) -> None:
        if self.quiet or (in_worker() and not final):
            return
        line = f"{self.title}epoch {self.epoch + 1:>{len(str(self.epochs))}}/{self.epochs}   {text}"
        start = "\r" if self.width else ""
        sys.stdout.write(start + line.ljust(self.width) + ("\n" if final else ""))
        sys.stdout.flush()
        self.width = len(line)

    def _stop_on_nan(self, loss: float) -> None:
        if not math.isfinite(loss):
            if self.width and not self.quiet:
                sys.stdout.write("\n")
            raise Diverged(
                f"the loss is {loss} in epoch {self.epoch + 1}: the training has diverged. Lower the learning rate, and "
                "look whether the inputs are scaled and hold numbers only."
            )
