"""What can end a training early."""

from __future__ import annotations


class Diverged(ArithmeticError):
    """The loss is no longer a number. `history`: the epochs that ended before, as `fit` would have returned them."""

    history: dict[str, list[float]]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.history = {}


class Interrupted(KeyboardInterrupt):
    """The training was interrupted. The net has the weights of its best epoch; `history`: the epochs that ended before."""

    history: dict[str, list[float]]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.history = {}

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of a hundred lines of Keras and TensorFlow."""
        return [str(self)]
