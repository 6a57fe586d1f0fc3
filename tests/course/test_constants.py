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


def test_fractions_in_many_short_lists_count() -> None:
    inputs = keras.Input((8, 8, 3))
    one = keras.layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.5, 1.5, 1.5])(inputs)
    assert evaluation.constants(keras.Model(inputs, one)) == 0, "three colours are normalised in any net"
    many = inputs
    for _ in range(20):
        many = keras.layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.5, 1.5, 1.5])(many)
    assert evaluation.constants(keras.Model(inputs, many)) == 120


def test_settings_that_all_differ_count() -> None:
    inputs = keras.Input((8, 8, 1))
    parts = [layers.ReLU(max_value=1 + n / 7, threshold=n / 9)(inputs) for n in range(100)]
    assert evaluation.constants(keras.Model(inputs, layers.Add()(parts))) > 180
    same = [layers.ReLU(max_value=1.5)(inputs) for _ in range(100)]
    assert evaluation.constants(keras.Model(inputs, layers.Add()(same))) == 0


def test_a_table_in_the_statistics_of_batch_norm_counts() -> None:
    inputs = keras.Input((8, 8, 1))
    zeros = keras.layers.Rescaling(0.0)(keras.layers.Flatten()(keras.layers.UpSampling2D(4)(inputs)))
    table = keras.layers.BatchNormalization(center=False, scale=False)(zeros)
    kernel = keras.layers.Reshape((64, 16))(table)
    model = keras.Model(inputs, keras.ops.matmul(keras.layers.Reshape((1, 64))(inputs), kernel))
    assert evaluation.budget(model) == 2048, "a dense layer whose kernel is a moving mean"
    usual = keras.Sequential([inputs, keras.layers.Conv2D(4, 3, use_bias=False), keras.layers.BatchNormalization()])
    assert evaluation.budget(usual) == 36 + 8
