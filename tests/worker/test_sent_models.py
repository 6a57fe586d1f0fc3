"""A model that a check hands to a student's function arrives as it was, with what it shares."""

from __future__ import annotations

import keras
import numpy as np

from autograder.worker import keras_models, wire


def sent(model: keras.Model) -> keras.Model:
    """`model` as a student's function gets it."""
    payload = wire.encode(model, trusted=True, model=keras_models.to_data)
    return wire.decode(payload, trusted=True, model=keras_models.from_data)


def towers(*layers: keras.Layer) -> keras.Model:
    """Two models within a model, each of `layers` and a layer of its own."""
    image = keras.Input((4,))
    parts = [
        keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(3, name="own")], name=name)
        for name in ("left", "right")
    ]
    return keras.Model(image, keras.layers.Add()([part(image) for part in parts]))


def test_a_layer_that_two_models_share_is_one_layer() -> None:
    frozen = keras.layers.BatchNormalization(name="norm", trainable=False)
    model = towers(keras.layers.Dense(4, name="shared"), frozen)
    back = sent(model)
    left, right = back.get_layer("left"), back.get_layer("right")
    assert left.layers[0] is right.layers[0] and left.layers[1] is right.layers[1]
    assert left.layers[2] is not right.layers[2]
    assert back.count_params() == model.count_params() == 20 + 16 + 2 * 15
    assert [w.trainable for w in back.weights] == [w.trainable for w in model.weights]
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    np.testing.assert_allclose(back(x), model(x), rtol=1e-6)


def test_a_model_that_two_models_share_is_one_model() -> None:
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)], name="inner")
    back = sent(towers(inner, keras.layers.ReLU()))
    left, right = back.get_layer("left"), back.get_layer("right")
    assert left.get_layer("inner") is right.get_layer("inner") and back.count_params() == 20 + 2 * 15


def test_layers_of_one_name_that_nobody_shares_stay_apart() -> None:
    model = towers()
    back = sent(model)
    assert back.get_layer("left").layers[0] is not back.get_layer("right").layers[0]
    assert back.count_params() == model.count_params() == 2 * 15
