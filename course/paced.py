"""A net whose calls take a time that is known: what a student's stopwatch says about it can be checked on any machine."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

__all__ = ["Net"]


class Net:
    """Stands for a `keras.Model` of one input where its calls are timed: it computes nothing, counts its calls and sleeps.

    Attributes:
        input_shape: (None, *shape), as Keras has it.
        pace: seconds per image of the first, second, … call on batches of one size, as if Keras compiled for each new size.
            The last number is that of all further calls. A call on b images therefore takes b times as long as on one.

    It can be sent to a student's function in the grading sandbox.
    """

    def __init__(self, shape: Sequence[int], pace: Sequence[float]) -> None:
        """shape: of one image, without the batch axis. pace: at least one number, see above."""
        if not pace:
            raise ValueError("pace needs the seconds of one call at least")
        self.input_shape = (None, *shape)
        self.pace = tuple(pace)
        self._calls: Counter[int] = Counter()

    @property
    def inputs(self) -> list[Any]:
        """One Keras tensor, as a model has it."""
        import keras

        return [keras.Input(self.input_shape[1:])]

    @property
    def input(self) -> Any:
        """The same tensor by itself."""
        return self.inputs[0]

    def predict_on_batch(self, x: Any) -> np.ndarray:
        """Sleep as long as this call on len(x) images takes; zeros (len(x), 1).

        Raises ValueError for images of another shape than the net's, and for none.
        """
        found = tuple(np.shape(x))
        if len(found) != len(self.input_shape) or found[1:] != self.input_shape[1:] or not found[0]:
            raise ValueError(f"the net takes a batch of shape {self.input_shape}, and was called on {found}")
        number = min(self._calls[found[0]], len(self.pace) - 1)
        self._calls[found[0]] += 1
        time.sleep(found[0] * self.pace[number])
        return np.zeros((found[0], 1), "float32")

    def predict(self, *_: Any, **__: Any) -> NoReturn:
        """Raises TypeError, as every other way to call the net does."""
        raise TypeError("call the net by model.predict_on_batch(images): that is the call to be timed")

    __call__ = predict
