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
        return ModelData(value.to_json(), [np.asarray(w) for w in value.get_weights()])
    except Exception:
        return None  # a subclassed model without a configuration cannot be rebuilt, so it does not cross


def from_data(data: ModelData) -> Any:
    """The model that the referee sent."""
    import keras

    model = keras.models.model_from_json(data.config)
    model.set_weights(data.weights)
    return model
