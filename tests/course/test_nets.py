"""A net is recognised by what it computes, and an idle bias is found whatever stands in front of it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from course import nets

L = keras.layers
ROOT = Path(__file__).parents[2]
RNG = np.random.default_rng


def residual_block(x: Any, maps: int, stride: int = 1, skip: bool = True) -> Any:
    y = L.Conv2D(maps, 3, strides=stride, padding="same", use_bias=False)(x)
    y = L.ReLU()(L.BatchNormalization()(y))
    y = L.BatchNormalization()(L.Conv2D(maps, 3, padding="same", use_bias=False)(y))
    if skip:
        if stride > 1:
            x = L.BatchNormalization()(L.Conv2D(maps, 1, strides=stride, use_bias=False)(x))
        y = L.Add()([y, x])
    return L.ReLU()(y)


def plain_block(x: Any, maps: int, stride: int = 1) -> Any:
    return residual_block(x, maps, stride, skip=False)


def resnet8(skip: bool = True, dropout: float = 0.0) -> Any:
    inputs = keras.Input((32, 32, 3))
    x = L.ReLU()(L.BatchNormalization()(L.Conv2D(16, 3, padding="same", use_bias=False)(inputs)))
    for maps, stride in ((16, 1), (32, 2), (64, 2)):
        x = residual_block(x, maps, stride, skip)
    x = L.Dropout(dropout)(L.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, L.Dense(10, activation="softmax")(x))


def lecture_cnn(pool: Any = L.MaxPooling2D) -> Any:
    parts: list[Any] = [keras.Input((28, 28, 1))]
    for maps in (32, 64):
        parts += [L.Conv2D(maps, 3, padding="same", activation="relu"), pool(2)]
    return keras.Sequential([*parts, L.Flatten(), L.Dense(64, activation="relu"), L.Dense(10, activation="softmax")])


def answers(week: str, exercise: str) -> dict[str, str]:
    path = ROOT / "solutions" / week / "alternatives.py"
    spec = importlib.util.spec_from_file_location(f"alternatives_of_{week}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ALTERNATIVES[exercise]


def built(source: str, call: str) -> Any:
    names: dict[str, Any] = {"keras": keras, "np": np, "residual_block": residual_block, "plain_block": plain_block}
    source = re.split(r"\n\n\w+_part = |\n\n\w+, \w+ = ", source)[0]  # what trains is left out
    exec(source, names)
    return eval(call, names)


@pytest.mark.parametrize("name", answers("week04_mnist", "build_lecture_cnn"))
def test_the_lectures_net_in_other_words(name: str) -> None:
    other = built(answers("week04_mnist", "build_lecture_cnn")[name], "build_lecture_cnn()")
    assert nets.same_net(other, lecture_cnn(), RNG(1))


@pytest.mark.parametrize("name", answers("week12_resnet", "resnet_cifar"))
def test_a_residual_net_in_other_words(name: str) -> None:
    other = built(answers("week12_resnet", "resnet_cifar")[name], "resnet_cifar(1)")
    assert nets.same_net(other, resnet8(), RNG(2))
    assert not nets.same_net(other, resnet8(skip=False), RNG(2))


def test_dropout_makes_no_other_net() -> None:
    assert nets.same_net(resnet8(dropout=0.3), resnet8(), RNG(3))


def plain_of_as_many_weights() -> Any:
    """A chain of 78,714 weights, as many as a ResNet-8 has, without a shortcut."""
    inputs = keras.Input((32, 32, 3))
    x = inputs
    for maps in (24, 32, 48, 64):
        x = L.ReLU()(L.Conv2D(maps, 3, strides=2, padding="same")(x))
    x = L.GlobalAveragePooling2D()(x)
    base = keras.Model(inputs, L.Dense(10, activation="softmax")(x))
    wide, rest = divmod(78_714 - base.count_params(), 64 + 1 + 10)
    numbers = L.Flatten()(inputs)
    parts = [L.Dense(10)(x), L.Dense(10, use_bias=False)(L.Dense(wide)(x))]
    parts += [L.Dense(10, use_bias=False)(numbers[:, n : n + 1]) for n in range(rest // 10)]
    parts += [L.PReLU()(numbers[:, n : n + 1]) for n in range(rest % 10)]
    return keras.Model(inputs, L.Softmax()(L.Add()(parts)))


def test_another_net_of_as_many_weights_is_told_apart() -> None:
    plain = plain_of_as_many_weights()
    assert plain.count_params() == resnet8().count_params() == 78_714
    assert not nets.same_net(plain, resnet8(), RNG(4))
    average = lecture_cnn(L.AveragePooling2D)
    assert average.count_params() == lecture_cnn().count_params() == 220_234
    assert not nets.same_net(average, lecture_cnn(), RNG(5))


def test_shapes_of_one_length_in_another_order_are_one_net() -> None:
    inputs = keras.Input((8, 8, 2))

    def two(first: int) -> Any:
        parts = [L.Conv2D(3, 1), L.Conv2D(3, 3, padding="same")]
        parts[first](inputs)
        return keras.Model(inputs, L.Add()([part(inputs) for part in parts]))

    assert nets.same_net(two(0), two(1), RNG(6))


def tiny(hidden: Any, use_bias: bool) -> Any:
    return keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            L.Conv2D(4, 3, use_bias=use_bias, name="first"),
            *hidden,
            L.BatchNormalization(),
            L.ReLU(),
            L.Dropout(0.001),
            L.GlobalAveragePooling2D(),
            L.Dense(10, activation="softmax", name="last"),
        ]
    )


@pytest.mark.parametrize(
    "hidden", [[], [L.Dropout(0.001)], [L.GaussianNoise(1e-6)], [L.Rescaling(1e-3)], [L.Rescaling(1e5, offset=3e4)]]
)
def test_an_idle_bias_is_found(hidden: list[Any]) -> None:
    images = RNG(0).random((16, 12, 12, 1)).astype("float32")
    model = tiny(hidden, use_bias=True)
    before = model.get_weights()
    assert [path.split("/")[-2] for path in nets.idle_biases(model, images)] == ["first"]
    assert nets.idle_biases(tiny(hidden, use_bias=False), images) == []
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True)), "the net keeps its weights"


def test_a_bias_that_works_is_not_idle() -> None:
    images = RNG(0).random((16, 12, 12, 1)).astype("float32")
    inner = keras.Sequential([keras.Input((12, 12, 1)), L.Conv2D(4, 3, activation="relu"), L.Dropout(0.5)])
    model = keras.Sequential(
        [keras.Input((12, 12, 1)), inner, L.GlobalMaxPooling2D(), L.Dense(10, activation="softmax")]
    )
    assert nets.idle_biases(model, images) == []
