"""Numbers that hide in a configuration count towards a budget; sizes, shapes and names do not."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course import evaluation

layers = keras.layers


def chain(*parts: keras.layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((8, 8, 1)), *parts])


@pytest.mark.parametrize(
    ("model", "hidden"),
    [
        (chain(layers.Conv2D(4, 3), layers.BatchNormalization(), layers.Flatten(), layers.Dense(10)), 0),
        (chain(layers.Flatten(), layers.Normalization(mean=np.zeros(64), variance=np.ones(64))), 128),
        (chain(layers.Flatten(), layers.Discretization(bin_boundaries=[float(n) for n in range(40)])), 40),
        (chain(layers.Rescaling(scale=1 / 255)), 0),
    ],
)
def test_constants_of_layers(model: keras.Model, hidden: int) -> None:
    assert evaluation.constants(model) == hidden


def test_constants_of_an_operation() -> None:
    inputs = keras.Input((64,))
    model = keras.Model(inputs, layers.Dense(2)(inputs * np.ones((64,), "float32")))
    assert evaluation.constants(model) == 64
    assert evaluation.budget(model) == 64 + 130


def test_many_branches_are_no_constants() -> None:
    inputs = keras.Input((8, 8, 1))
    joined = layers.Concatenate()([layers.Conv2D(1, 3)(inputs) for _ in range(40)])
    assert evaluation.constants(keras.Model(inputs, joined)) == 0
