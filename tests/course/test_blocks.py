"""Functions of tensors as models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from keras import layers

from course import blocks
from course.checks import CheckFailed


def double(x: Any, filters: int, kernel: int = 3) -> Any:
    return layers.Conv2D(filters, kernel, padding="same")(layers.Conv2D(filters, kernel, padding="same")(x))


def test_a_block_becomes_a_model() -> None:
    model = blocks.model_of(double, (8, 8, 3), 4, kernel=1)
    assert model.output_shape == (None, 8, 8, 4) and model.count_params() == 16 + 20
    both = blocks.model_of(lambda pair: layers.Add()(pair), [(4, 4, 1), (4, 4, 1)])
    assert len(both.inputs) == 2


@pytest.mark.parametrize("wrong", [lambda x: None, lambda x: np.zeros(3), lambda x: __import__("keras").Input((2,))])
def test_what_is_no_tensor_of_the_input_is_named(wrong: Any) -> None:
    with pytest.raises(CheckFailed, match="must return the tensor"):
        blocks.model_of(wrong, (8, 8, 3))


def test_a_model_is_a_built_keras_model() -> None:
    import keras

    model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    assert blocks.as_model(model) is model
    for wrong, words in (
        (None, "forget `return`"),
        ("text", "should be a Keras model"),
        (keras.Sequential([layers.Dense(2)]), r"keras\.Input"),
    ):
        with pytest.raises(CheckFailed, match=words):
            blocks.as_model(wrong, "your net")
