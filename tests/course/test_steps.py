"""A model layer by layer, with the nets within it opened."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from course import blocks
from course.checks import CheckFailed


def block(filters: int) -> keras.Model:
    return keras.Sequential([layers.Conv2D(filters, 3, padding="same"), layers.MaxPooling2D(2)])


def test_nets_within_a_net_are_opened_and_a_layer_may_be_used_twice() -> None:
    inner_input = keras.Input((8, 8, 4))
    twice = layers.Conv2D(4, 3, padding="same")
    inner = keras.Model(inner_input, layers.Add()([inner_input, twice(twice(inner_input))]))
    inputs = keras.Input((16, 16, 1))
    x = keras.ops.relu(inner(block(4)(inputs)))
    model = keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))

    (image,), found = blocks.steps(model)
    names = [type(layer).__name__ for layer, _ in found]
    assert names[:5] == ["Conv2D", "MaxPooling2D", "Conv2D", "Conv2D", "Add"] and names[-1] == "Dense"
    assert [tuple(out.shape[1:]) for _, out in found[:3]] == [(16, 16, 4), (8, 8, 4), (8, 8, 4)]
    x = np.random.default_rng(0).random((2, 16, 16, 1)).astype("float32")
    np.testing.assert_allclose(keras.Model(image, found[-1][1])(x), model(x), rtol=1e-5)
    assert keras.Model(image, found[1][1])(x).shape == (2, 8, 8, 4)


def test_a_sequential_net_of_blocks() -> None:
    model = keras.Sequential([keras.Input((16, 16, 1)), block(2), block(3), layers.Flatten()])
    assert [tuple(out.shape[1:]) for _, out in blocks.steps(model)[1]] == [
        (16, 16, 2),
        (8, 8, 2),
        (8, 8, 3),
        (4, 4, 3),
        (48,),
    ]


class _Double(layers.Layer):
    def call(self, x: object) -> object:
        return x * 2  # type: ignore[operator]


@pytest.mark.parametrize(
    ("layer", "words"),
    [(layers.Lambda(lambda x: x), "a Lambda layer, which can hide code"), (_Double(), "_Double, which is no built-in")],
)
@pytest.mark.parametrize("nested", [False, True])
def test_layers_that_the_grader_refuses_are_refused_at_home(layer: layers.Layer, words: str, nested: bool) -> None:
    part = [keras.Sequential([layer])] if nested else [layer]
    model = keras.Sequential([keras.Input((3,)), *part, layers.Dense(2)])
    with pytest.raises(CheckFailed, match=f"your net uses {words}.*Keras's own layers"):
        blocks.as_model(model, "your net")


@pytest.mark.parametrize("shape", [(20, 20, 1), (784,)])
def test_a_net_of_another_input_says_which_it_should_take(shape: tuple[int, ...]) -> None:
    model = keras.Sequential([keras.Input(shape), layers.Flatten()])
    with pytest.raises(CheckFailed, match=r"your net should take one image of shape \(28, 28, 1\)") as caught:
        blocks.as_model(model, "your net", (28, 28, 1))
    assert caught.value.detail == f"it takes {shape}"
    assert blocks.as_model(model, "your net", shape) is model
