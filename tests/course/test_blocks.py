"""Functions of tensors as models."""

from __future__ import annotations

from typing import Any

import keras
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


def test_maps_are_the_same_however_the_net_is_written() -> None:
    import keras

    plain = keras.Sequential([keras.Input((9, 9, 3)), layers.Conv2D(4, 3), layers.ReLU(), layers.MaxPooling2D(2)])
    plain.add(layers.Conv2D(5, 3, padding="same"))
    plain.add(layers.Flatten())
    plain.add(layers.Dense(2))
    inner = keras.Sequential([layers.Conv2D(4, 3), layers.MaxPooling2D(2)])
    padded = keras.Sequential([keras.Input((9, 9, 3)), inner, layers.ZeroPadding2D(1), layers.Conv2D(5, 3)])
    padded.add(layers.Conv2D(2, 3, activation="softmax"))
    padded.add(layers.Flatten())
    assert blocks.maps_of(plain) == blocks.maps_of(padded) == [(7, 7, 4), (3, 3, 4), (3, 3, 5)]
    copy = keras.Sequential.from_config(padded.get_config())
    assert blocks.maps_of(copy) == blocks.maps_of(plain)


def test_operations_that_no_net_needs_are_refused_in_the_notebook_too() -> None:
    image = keras.Input((8, 8, 1))
    inner = keras.Model(image, keras.ops.cumsum(image, axis=1))
    for net in (inner, keras.Sequential([keras.Input((8, 8, 1)), inner])):
        with pytest.raises(CheckFailed, match="the operation Cumsum is none that a net is built of here"):
            blocks.as_model(net)
    table = keras.Model(image, image * np.ones((8, 8, 1), "float32"))
    with pytest.raises(CheckFailed, match="called with a table of numbers"):
        blocks.as_model(table)
    colours = keras.Input((8, 8, 3))
    assert blocks.as_model(keras.Model(colours, keras.ops.relu(colours - np.array([0.5, 0.4, 0.4])))) is not None
