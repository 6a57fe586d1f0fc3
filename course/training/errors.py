"""What can go wrong in training."""

from __future__ import annotations


class Diverged(ArithmeticError):
    """The loss is no number any more. `history`: the epochs that ended before, as `fit` would have returned them."""

    history: dict[str, list[float]]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.history = {}
