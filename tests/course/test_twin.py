"""`blocks.twin`: two nets get the same weights, or the reason why they cannot is given."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course import blocks
from course.checks import CheckFailed


def net(*layers: keras.layers.Layer) -> keras.Sequential:
    return keras.Sequential([keras.Input((6, 6, 2)), *layers])


def test_equal_nets_give_equal_outputs() -> None:
    images = np.random.default_rng(0).random((3, 6, 6, 2)).astype("float32")
    conv = keras.layers.Conv2D
    one = net(conv(4, 3), keras.layers.BatchNormalization(), keras.layers.Flatten(), keras.layers.Dense(5))
    other = net(conv(4, 3), keras.layers.BatchNormalization(), conv(5, 4), keras.layers.Reshape((5,)))
    blocks.twin(one, other, np.random.default_rng(1))
    np.testing.assert_allclose(np.asarray(one(images)), np.asarray(other(images)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ((keras.layers.Conv2D(3, 3),), "not those of the net"),
        ((keras.layers.Conv2D(4, 3), keras.layers.Conv2D(4, 3)), "more weights"),
    ],
)
def test_other_weights_are_named(layers: tuple[keras.layers.Layer, ...], says: str) -> None:
    with pytest.raises(CheckFailed, match=says):
        blocks.twin(net(*layers), net(keras.layers.Conv2D(4, 3)), np.random.default_rng(0))
