"""The best epoch of a training that may be interrupted, over all the calls of `fit` that it is made of."""

from __future__ import annotations

import math
import weakref
from typing import Any

Weights = list[Any]

_current: Watch | None = None


def better_by(logs: dict[str, Any]) -> tuple[str, float] | None:
    """By which quantity of an epoch it is compared with others, and its value, the larger the better; None without any."""
    for name in logs:
        if name.startswith("val_") and "accuracy" in name:
            return name, float(logs[name])
    for name in ("val_loss", "loss"):
        if name in logs:
            return name, -float(logs[name])
    return None


class Watch:
    """The epochs of one net. total: how many there are to be, where that is known."""

    def __init__(self, model: Any) -> None:
        self._model = weakref.ref(model)  # what is kept for a net does not keep the net
        self._outer: Watch | None = None
        self.rows: list[dict[str, float]] = []
        self.total: int | None = None
        self.restored = ""
        """What the training itself put back at its end, in words."""
        self._best: tuple[int, str, float, Weights] | None = None

    def epoch(self, logs: dict[str, Any], total: int | None) -> None:
        """Note an epoch that has ended, and its weights where it is the best so far."""
        self.rows.append({name: float(value) for name, value in logs.items()})
        self.total = total
        found = better_by(logs)
        if found is None or math.isnan(found[1]):
            return
        name, value = found
        if self._best is None or name != self._best[1] or value > self._best[2]:
            self._best = (len(self.rows), name, value, self.model.get_weights())

    def restore_best(self) -> str:
        """Put the best epoch's weights into the net; what was kept and why in words, empty where no epoch has ended."""
        if self._best is None:
            return ""
        epoch, name, value, weights = self._best
        self.model.set_weights(weights)
        quantity = name.replace("val_", "validation ")
        best = "lowest" if name.endswith("loss") else "highest"
        return f"epoch {epoch}, which has the {best} {quantity} so far ({abs(value):.4f})"

    @property
    def model(self) -> Any:
        """The net, None where it is gone."""
        return self._model()

    @property
    def history(self) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for row in self.rows:
            for name, value in row.items():
                found.setdefault(name, []).append(value)
        return found

    @property
    def where(self) -> str:
        """In which epoch the training is, in words."""
        number = len(self.rows) + 1
        return f"epoch {number}" + (f" of {self.total}" if self.total and number <= self.total else "")

    def __enter__(self) -> Watch:
        global _current
        self._outer, _current = _current, self
        return self

    def __exit__(self, *_: Any) -> None:
        global _current
        _current = self._outer


def of(model: Any) -> Watch | None:
    """The watch over `model`, where `trained` is training it."""
    return _current if _current is not None and _current.model is model else None
