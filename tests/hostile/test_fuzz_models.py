"""Configurations of models damaged in every way that chance finds: each is built or refused, and what is built is described.

A small share with every run, thousands with the slow tests; what failed once is kept in `corpus/`.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import numpy as np
import pytest
from fuzzing import CASES, VALUES, damaged_json, fuzz
from hypothesis import strategies as st

from autograder.grading import models
from autograder.worker import keras_models, wire
from course.description import description


@functools.cache
def configurations() -> tuple[str, ...]:
    import keras

    layers, ops = keras.layers, keras.ops
    x = inputs = keras.Input((8, 8, 2))
    x = layers.BatchNormalization()(layers.Conv2D(3, 3, padding="same", activation="relu")(x))
    x = layers.Add()([x, layers.Conv2D(3, 1)(x)]) * 2.0
    x = layers.MaxPooling2D()(ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]))
    x = layers.Dropout(0.2, seed=3)(layers.Flatten()(x))
    one = keras.Model(inputs, layers.Dense(3, kernel_regularizer="l2")(x))
    steps = keras.Input((3, 8, 8, 2))
    other = keras.Model(steps, layers.GRU(2)(layers.TimeDistributed(one)(steps)))
    dense = [layers.Dense(4, "gelu"), layers.LayerNormalization(), layers.Softmax()]
    plain = keras.Sequential([keras.Input((8,)), *dense])
    pixels = keras.Input((4, 4, 1))
    made = [pixels, layers.ELU()(pixels), layers.Softmax(axis=1)(pixels), ops.flip(pixels, 2)]
    ends = [keras.Input((4, 4, 1)) for _ in range(2)]
    two = keras.Model(ends[::-1], layers.Subtract()(ends))
    inner = keras.Sequential([keras.Input((4, 4, 1)), layers.Rescaling(2.0, 1.0), layers.Permute((2, 1, 3))])
    made += [
        two([made[1], made[2]]),
        inner(made[0]),
        inner(made[3]),
        layers.BatchNormalization()(pixels, training=True),
    ]
    made += [layers.Dropout(0.5, seed=n)(made[n], training=1) for n in range(3)]
    rich = keras.Model(pixels, layers.Concatenate()([*made, made[4][:, ::-1], ops.where(made[1] > 0.5, made[2], 0.25)]))
    return tuple(keras_models.to_data(model).config for model in (one, other, plain, rich))  # type: ignore[union-attr]


_CLASSES = ("Lambda", "Dense", "Conv2D", "Functional", "Sequential", "StringLookup", "__tensor__", "function", "Einsum")
_OTHERS = (
    "builtins",
    "os",
    "keras",
    "keras.layers",
    "keras.src.ops.numpy",
    "relu",
    "float16",
    "int8",
    "ab,bc->ac",
    "same",
)
WORDS = st.sampled_from((*_CLASSES, *_OTHERS))
CONFIGURATIONS = st.deferred(lambda: damaged_json(list(configurations()), VALUES | WORDS)).map(
    lambda config: json.dumps(config).encode()
)


def a_model_is_built_or_refused(data: bytes) -> None:
    """And what its description says, with its weights, is all that it computes: two of one description are one function."""
    import keras

    for number in range(len(configurations())):
        try:
            model = models.rebuild(wire.ModelData(data.decode(), _weights(number)))
        except models.ModelRefused as problem:
            assert problem.idea and "\n" not in problem.idea
            if "do not fit" not in problem.idea:
                return
            continue
        assert isinstance(model, keras.Model)
        assert not any(isinstance(layer, keras.layers.Lambda) for layer in model.layers)
        said, outputs = description(json.loads(model.to_json())), _outputs(model)
        if outputs is not None:
            known, expected = _known(number)
            expected = expected if said == known else _seen.setdefault((number, said), outputs)
            assert np.array_equal(outputs, expected, equal_nan=True), "another function, and nothing says so"
        return


_seen: dict[tuple[int, str], np.ndarray] = {}
"""{(whose weights, description): what comes out} of all models so far."""


def _outputs(model: Any) -> np.ndarray | None:
    """What a model makes of some images; None where it cannot be run."""
    rng = np.random.default_rng(5)
    given = [rng.random((3, *(n or 1 for n in one.shape[1:]))).astype("float32") for one in model.inputs or ()]
    try:
        found = model(given[0] if len(given) == 1 else given)
        return np.concatenate(
            [np.ravel(np.asarray(one, "float64")) for one in (found if isinstance(found, list) else [found])]
        )
    except Exception:
        return None


@functools.cache
def _known(number: int) -> tuple[str, np.ndarray]:
    model = models.rebuild(wire.ModelData(configurations()[number], _weights(number)))
    outputs = _outputs(model)
    assert outputs is not None
    return description(json.loads(model.to_json())), outputs


@functools.cache
def _weights(number: int) -> list[np.ndarray]:
    """Weights for one of the undamaged configurations; where a damaged one asks for others, they do not fit."""
    import keras

    rng = np.random.default_rng(number)
    model = keras.models.model_from_json(configurations()[number])
    return [rng.uniform(0.1, 1.0, weight.shape).astype("float32") for weight in model.weights]


def test_a_share_of_damaged_models() -> None:
    fuzz("models", 40, CONFIGURATIONS, a_model_is_built_or_refused)


@pytest.mark.slow
def test_ten_thousand_damaged_models() -> None:
    fuzz("models", CASES, CONFIGURATIONS, a_model_is_built_or_refused)
