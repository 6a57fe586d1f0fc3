"""The nets of `python -m benchmarks training`: those under a budget, the lecture's, and week 5's ladder between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograder import weeks

WEEK = "week05_under_ten_thousand"
LECTURE = "lecture"


@dataclass(frozen=True)
class Design:
    """A net of the table: how it is built, how long it is trained, and what is promised of it."""

    budget: str
    epochs: int
    seeds: int
    promise: float | None
    """Mean accuracy that must be reached, where one is promised."""
    says: str


DESIGNS = {
    "10000": Design(
        "10000", 10, 5, 0.9940, "5×5 to 10 channels, 3×3 to 16 and 18, then separable to 44 and 56: week 5's reference"
    ),
    "5000": Design("5000", 9, 3, 0.9930, "3×3 to 8 and 12 channels, then separable to 22, 24, 32, 32"),
    "2500": Design("2500", 12, 3, None, "3×3 to 6 and 8 channels, then separable to 16, 16, 20, 18"),
    "1000": Design(
        "1000",
        20,
        3,
        None,
        "3×3 to 9 channels, separable to 16, then four times over one separable layer of 16 channels",
    ),
    LECTURE: Design(LECTURE, 10, 1, None, "the lecture's net and recipe: RMSprop, batches of 64, no augmentation"),
    "head": Design(
        "head", 10, 1, None, "the lecture's convolutions, a global average and one dense layer for its head"
    ),
    "width": Design("width", 10, 1, None, "the same with 16 and 32 channels for 32 and 64"),
    "depth": Design("depth", 10, 1, None, "five 3×3 layers of 16 channels, a pooling after the first and the third"),
    "norm": Design("norm", 10, 1, None, "the same, each bias replaced by a batch norm"),
    "recipe": Design(
        "recipe", 10, 1, None, "the same, trained as week 5's reference is: schedule, moved images, soft labels"
    ),
}

LADDER = {
    "head": "C32 M C64 M",
    "width": "C16 M C32 M",
    "depth": "C16 M C16 C16 M C16 C16",
    "norm": "C16 M C16 C16 M C16 C16",
    "recipe": "C16 M C16 C16 M C16 C16",
}
"""Week 5's way from the lecture's net to fewer than 10,000 weights, one change a rung; all but the last are trained with the
lecture's recipe. 3×3 convolutions with same padding and their channels (C), 2×2 max poolings (M), then a global average and a
dense layer."""


def reference() -> dict[str, Any]:
    """`build_tiny` and `train_tiny` as week 5's authored notebook has them."""
    import keras
    import numpy as np

    from course import evaluation, training

    week = weeks.load(WEEK)
    names: dict[str, Any] = {"keras": keras, "np": np, "training": training, "evaluation": evaluation}
    for answer in ("build_tiny", "train_tiny"):
        exec(compile(week[answer].source, f"<{WEEK}: {answer}>", "exec"), names)
    return names


def small_net(first: int, second: int, *separable: int) -> Any:
    """Under 5,000 weights and under 2,500: 3×3 to `first` and `second` channels, pooling, then four separable 3×3 layers with a
    pooling behind the second of them."""
    import keras

    layers = keras.layers

    def close(x: Any, pooled: bool) -> Any:
        return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(layers.MaxPooling2D(2)(x) if pooled else x))

    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(first, 3, activation="relu")(inputs)
    x = close(layers.Conv2D(second, 3, use_bias=False)(x), pooled=True)
    for number, channels in enumerate(separable):
        x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
        x = close(layers.Conv2D(channels, 1, use_bias=False)(x), pooled=number == 1)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


def tied_net(first: int, channels: int, times: int) -> Any:
    """Under 1,000 weights: 3×3 to `first` channels, pooling, a separable 3×3 layer to `channels`, and then one more, the same
    one `times` over. Weights that are used again exist once and count once; each time has its own batch norm.
    """
    import keras

    layers = keras.layers

    def close(x: Any) -> Any:
        return layers.LeakyReLU(negative_slope=0.2)(layers.BatchNormalization(momentum=0.9, scale=False)(x))

    def separable() -> Callable[[Any], Any]:
        depthwise = layers.DepthwiseConv2D(3, use_bias=False)
        pointwise = layers.Conv2D(channels, 1, use_bias=False)
        return lambda x: pointwise(depthwise(x))

    inputs = keras.Input((28, 28, 1))
    x = close(layers.MaxPooling2D(2)(layers.Conv2D(first, 3, use_bias=False)(inputs)))
    x = close(separable()(x))
    again = separable()
    for _ in range(times):
        x = close(again(x))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


def lecture_net() -> Any:
    """The lecture's MNIST net, 220,234 weights."""
    import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def ladder_net(rung: str) -> Any:
    """The net of one rung of `LADDER`; "norm" and "recipe" have a batch norm before each ReLU, and no biases there."""
    import keras

    layers = keras.layers
    normed = rung in ("norm", "recipe")
    inputs = x = keras.Input((28, 28, 1))
    for part in LADDER[rung].split():
        if part == "M":
            x = layers.MaxPooling2D(2)(x)
            continue
        x = layers.Conv2D(int(part[1:]), 3, padding="same", use_bias=not normed)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x) if normed else x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


def builders(names: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    return {
        "10000": names["build_tiny"],
        "5000": lambda: small_net(8, 12, 22, 24, 32, 32),
        "2500": lambda: small_net(6, 8, 16, 16, 20, 18),
        "1000": lambda: tied_net(9, 16, 4),
        LECTURE: lecture_net,
        **{rung: partial(ladder_net, rung) for rung in LADDER},
    }
