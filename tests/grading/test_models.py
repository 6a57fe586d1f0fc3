"""Models arrive as configuration and weights: built-in layers only, weights that fit, nothing that can hide code."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest

from autograder.grading import models
from autograder.worker import keras_models, wire


def small() -> keras.Model:
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Add()([x, keras.layers.Conv2D(4, 1)(x)])
    outputs = keras.layers.Dense(3, kernel_regularizer="l2")(keras.layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, outputs)


def data_of(model: keras.Model) -> wire.ModelData:
    data = keras_models.to_data(model)
    assert data is not None
    return data


def test_a_model_crosses_and_predicts_the_same() -> None:
    model = small()
    model.layers[1].trainable = False
    back = wire.decode(wire.encode(model, model=keras_models.to_data), model=models.rebuild)
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 1))
    np.testing.assert_allclose(back(x), model(x), rtol=1e-6)
    assert back.layers[1].trainable is False


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace('"Conv2D"', '"Lambda"'), "Lambda"),
        (lambda text: text.replace('"Conv2D"', '"TFSMLayer"'), "TFSMLayer"),
        (lambda text: text.replace('"class_name": "Conv2D"', '"class_name": "Popen"'), "Popen"),
        (lambda text: text.replace('"module": "keras.layers"', '"module": "os"'), "no built-in"),
        (lambda text: text.replace('"filters": 4', '"filters": 40000000'), "above"),
        (lambda text: text.replace('"units": 3', '"units": 5'), "do not fit"),
        (lambda text: "[" * 5000 + "]" * 5000, "cannot be read"),
        (lambda text: "null", "cannot be read"),
        (
            lambda text: json.dumps({"class_name": "Dense", "module": "keras.layers", "config": {"units": 3}}),
            "not describe",
        ),
    ],
)
def test_hostile_configurations_are_refused(change, says: str) -> None:  # type: ignore[no-untyped-def]
    data = data_of(small())
    changed = change(data.config)
    assert changed != data.config
    with pytest.raises(models.ModelRefused, match=says):
        models.rebuild(wire.ModelData(changed, data.weights))


def test_nan_weights_and_missing_weights_are_refused() -> None:
    data = data_of(small())
    broken = [w.copy() for w in data.weights]
    broken[0][...] = np.nan
    with pytest.raises(models.ModelRefused, match="NaN"):
        models.rebuild(wire.ModelData(data.config, broken))
    with pytest.raises(models.ModelRefused, match="do not fit"):
        models.rebuild(wire.ModelData(data.config, data.weights[:-1]))
