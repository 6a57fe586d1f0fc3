"""A table of random numbers in every place that a configuration has: what the count says bounds what is stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from course import constants, evaluation

L, ops = keras.layers, keras.ops
IMAGE = (8, 8, 1)


def of(function: Callable[[Any], Any], shape: tuple[int, ...] = IMAGE) -> keras.Model:
    inputs = keras.Input(shape)
    return keras.Model(inputs, function(inputs))


def summed(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else L.Add()(parts)


def each(function: Callable[[Any, int], Any]) -> Callable[[np.ndarray], keras.Model]:
    """The table number by number: one call on the image for each, all added."""
    return lambda table: of(lambda x: summed([function(x, int(n)) for n in table]))


def chain(function: Callable[[Any, int], Any], shape: tuple[int, ...] = IMAGE) -> Callable[[np.ndarray], keras.Model]:
    """The table number by number: one call behind the other."""

    def make(table: np.ndarray) -> keras.Model:
        def through(x: Any) -> Any:
            for n in table:
                x = function(x, int(n))
            return x

        return of(through, shape)

    return make


def rows(function: Callable[[Any, np.ndarray], Any]) -> Callable[[np.ndarray], keras.Model]:
    """The table in rows of 16 numbers, one call for each."""
    return lambda table: of(
        lambda x: summed([function(L.Flatten()(x), row) for row in table.reshape(-1, 16)]), (4, 4, 1)
    )


def wired(table: np.ndarray) -> keras.Model:
    """Which of the last sixteen tensors each addition takes."""

    def through(x: Any) -> Any:
        made = [x]
        for _ in range(15):
            made.append(L.ReLU()(made[-1]))
        for n in table:
            made.append(L.Add()([made[-1], made[-1 - int(n)]]))
        return made[-1]

    return of(through)


KINDS = (L.ReLU, L.ELU, L.Identity, L.PReLU, L.LeakyReLU, L.Softmax, L.BatchNormalization, L.UnitNormalization)
WORDS = (
    "relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "tanh",
    "sigmoid",
    "softplus",
    "softsign",
    "swish",
    "mish",
    "exponential",
)
ORDERS = ((1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1))


def into_a_model(table: np.ndarray) -> keras.Model:
    """Which input of a model within the model is which: the order of sixteen, eight times."""

    def through(x: Any) -> Any:
        parts = [L.Flatten()(x)[:, n : n + 1] for n in range(16)]
        for order in np.argsort(table.reshape(-1, 16), axis=1):
            ends = [keras.Input((1,)) for _ in range(16)]
            inner = keras.Model([ends[n] for n in order], L.Concatenate()(ends))
            parts = [inner(parts)[:, n : n + 1] for n in range(16)]
        return L.Concatenate()(parts)

    return of(through)


def through_a_model(table: np.ndarray) -> keras.Model:
    """Which of four tensors goes into a model within the model, one model that is called again and again."""

    def through(x: Any) -> Any:
        made = [x, L.ReLU()(x), L.ELU()(x), L.Softmax()(x)]
        inner = of(lambda y: L.ReLU()(y))
        return L.Add()([inner(made[n]) for n in table])

    return of(through)


# {where the table stands: (a net that holds it, values that one number has, how many numbers)}
PLACES: dict[str, tuple[Callable[[np.ndarray], keras.Model], int, int]] = {
    "whole numbers in the arguments of an operation": (rows(lambda x, row: x * row), 16, 1024),
    "booleans": (rows(lambda x, row: ops.where(row > 0, x, 0.0)), 2, 1024),
    "small integers of a type": (
        rows(lambda x, row: ops.where(ops.less(x, row.astype("int8")), x, 0.0)),
        100,
        1024,
    ),
    "one array": (lambda table: of(lambda x: L.Flatten()(x) * table.astype("float32"), (16, 64, 1)), 16, 1024),
    "an array of two values": (lambda table: of(lambda x: L.Flatten()(x) * table, (16, 64, 1)), 2, 1024),
    "a nested array": (lambda table: of(lambda x: x + table.reshape(16, 64, 1), (16, 64, 1)), 256, 1024),
    "a list in which a tensor stands": (
        lambda table: of(lambda x: ops.less(L.Flatten()(x), [*map(int, table), x[0, 0, 0, 0]]), (16, 64, 1)),
        16,
        1023,
    ),
    "lists in a list in which a tensor stands": (
        lambda table: of(lambda x: ops.less(x, [*table.reshape(-1, 16).tolist(), x[0, 0]]), (65, 16)),
        16,
        1024,
    ),
    "numbers that stand by themselves": (each(lambda x, n: x * n), 256, 120),
    "the ranges of layers": (each(lambda x, n: L.ReLU(max_value=float(n))(x)), 256, 120),
    "two settings of a layer": (each(lambda x, n: L.ReLU(None, n % 16, n // 16)(x)), 256, 120),
    "factors of Rescaling": (each(lambda x, n: L.Rescaling(n / 7, n)(x)), 256, 120),
    "means of Normalization": (
        lambda table: of(
            lambda x: summed(
                [L.Normalization(mean=row.tolist(), variance=[1.0] * 16)(x) for row in table.reshape(-1, 16)]
            ),
            (4, 16),
        ),
        256,
        320,
    ),
    "boundaries": (
        lambda table: of(lambda x: L.Discretization(bin_boundaries=np.cumsum(table + 1.0).tolist())(x)),
        256,
        120,
    ),
    "shares of Dropout": (chain(lambda x, n: L.Dropout(n / 256)(x)), 256, 60),
    "sizes of paddings and crops": (
        chain(lambda x, n: L.Cropping2D(((n % 16, n // 16), 0))(L.ZeroPadding2D(((n % 16, n // 16), 0))(x))),
        256,
        60,
    ),
    "the order of axes": (chain(lambda x, n: L.Permute(ORDERS[n])(x), (4, 4, 4)), 6, 120),
    "axes of an operation": (chain(lambda x, n: ops.flip(x, 1 + n)), 3, 120),
    "the kinds of layers": (chain(lambda x, n: KINDS[n]()(x)), 8, 120),
    "the names of activations": (chain(lambda x, n: L.Activation(WORDS[n])(x)), 12, 120),
    "the types of layers": (
        chain(lambda x, n: L.Identity(dtype=("float32", "float16", "float64", "bfloat16")[n])(x)),
        4,
        120,
    ),
    "which tensor goes where": (wired, 16, 120),
    "slices": (each(lambda x, n: x[:, n % 8 : n % 8 + 1, n // 8 : n // 8 + 1]), 64, 120),
    "the order in a concatenation": (
        lambda table: of(lambda x: (lambda other: L.Concatenate()([(x, other)[n] for n in table]))(L.ReLU()(x))),
        2,
        600,
    ),
    "whether batch norm learns": (
        chain(lambda x, n: L.BatchNormalization(trainable=bool(n))(x, training=True)),
        2,
        150,
    ),
    "the order of a model's inputs": (into_a_model, 6, 128),
    "whether a recurrent layer bends": (
        chain(lambda x, n: L.SimpleRNN(1, activation=("tanh", "linear")[n], return_sequences=True)(x), (4, 1)),
        2,
        150,
    ),
    "which tensor goes into a model": (through_a_model, 4, 300),
    "keywords of a call": (chain(lambda x, n: L.BatchNormalization()(x, training=bool(n))), 2, 150),
}


def held(model: keras.Model) -> int:
    """Bits that a model's configuration holds by the count, with nothing free."""
    config = json.loads(model.to_json())
    rest = constants.description_bytes(constants._without_long_lists(config))
    return 64 * sum(constants._long_lists(config)) + 8 * rest


@pytest.mark.parametrize("place", PLACES)
def test_the_count_bounds_what_is_stored(place: str) -> None:
    make, values, count = PLACES[place]
    table = np.random.default_rng(0).integers(0, values, count)
    assert held(make(table)) >= count * np.log2(values)


@pytest.mark.parametrize("place", [place for place, (_, _, count) in PLACES.items() if count > 1000])
def test_what_stands_in_lists_counts_number_by_number(place: str) -> None:
    make, values, count = PLACES[place]
    assert evaluation.constants(make(np.ones(count, int))) >= count, f"{values} values, or only one"


def test_a_code_of_settings_counts() -> None:
    make, values, _ = PLACES["numbers that stand by themselves"]
    assert evaluation.constants(make(np.arange(100) % values)) >= 100
    code = each(lambda x, n: L.ReLU(None, n % 16, n // 16)(x))
    assert evaluation.constants(code(np.random.default_rng(2).integers(0, 256, 500))) > 500


def test_names_are_read_by_nothing_and_count_nothing() -> None:
    long = [L.Conv2D(2, 3, name=f"layer_{n}_" + "x" * 400) for n in range(3)]
    assert evaluation.constants(keras.Sequential([keras.Input(IMAGE), *long])) == 0
