"""Keras models to data and back, on the worker's side (the referee has its own, stricter, way back)."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from autograder.worker.wire import ModelData


def to_data(value: Any) -> ModelData | None:
    """`value` as ModelData when it is a Keras model, else None. Does not import Keras: without it there is no model."""
    keras = sys.modules.get("keras")
    if keras is None or not isinstance(value, keras.Model):
        return None
    try:
        return ModelData(value.to_json(), [_plain(np.asarray(w)) for w in value.get_weights()])
    except Exception:
        return None  # a subclassed model without a configuration cannot be rebuilt, so it does not cross


def _plain(weight: np.ndarray) -> np.ndarray:
    """`weight` in a number type that NumPy itself has: bfloat16 is none."""
    return weight if weight.dtype.kind in "biufc" else weight.astype("float32")


def set_weights(model: Any, weights: list[np.ndarray]) -> None:
    """Give `model` its weights. A Normalization layer that was adapted computes with a copy of them, which is brought in line."""
    import keras

    from course import private_keras

    model.set_weights(weights)
    for layer in private_keras.parts(model):
        if isinstance(layer, keras.layers.Normalization) and layer.built and layer.input_mean is None:
            layer.finalize_state()


def from_data(data: ModelData) -> Any:
    """The model that the referee sent."""
    import keras

    model = keras.models.model_from_json(data.config)
    set_weights(model, data.weights)
    return model
