"""What a net computes from nothing counts as the frozen weights that it is; what depends on the image does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from course import constants, datasets, evaluation
from course.checks import CheckFailed

L, ops = keras.layers, keras.ops


def of(function: Callable[[Any], Any], shape: tuple[int, ...] = (28, 28, 1)) -> keras.Model:
    inputs = keras.Input(shape)
    return keras.Model(inputs, function(inputs))


def ramp(zero: Any, doublings: int) -> Any:
    """The numbers 0 … 2**doublings - 1 from a tensor (None, 1) of zeros, by layers alone."""
    for n in range(doublings):
        zero = L.Concatenate()([zero, L.Rescaling(1.0, offset=2.0**n)(zero)])
    return zero


def zeros(x: Any) -> Any:
    return L.Rescaling(0.0)(L.Flatten()(x)[:, :1])


def kernel(numbers: Any) -> Any:
    return ops.sin(numbers * 0.78) * 437.0


def multiplied(x: Any, numbers: Any, maps: int) -> Any:
    rows = L.Reshape((256, maps))(numbers)
    return L.Dense(10)(L.Flatten()(ops.matmul(L.Reshape((1, 256))(x), rows)))


FORMULAS: dict[str, Callable[[Any], Any]] = {
    "a sine": lambda x: multiplied(x, kernel(ramp(zeros(x), 14)), 64),
    "tents, by layers": lambda x: multiplied(x, tents(ramp(zeros(x), 14)), 64),
    "times a number of the image": lambda x: multiplied(x, kernel(ramp(zeros(x), 14)) * ops.max(x, axis=(1, 2)), 64),
    "and a trace of the image": lambda x: multiplied(x, kernel(ramp(zeros(x), 14)) + ops.mean(x, axis=(1, 2)), 64),
    "from the border of a padding": lambda x: multiplied(x, kernel(border(x)), 64),
    "behind other weights": lambda x: multiplied(L.Dense(256)(L.Flatten()(x)), kernel(ramp(zeros(x), 14)), 64),
}


def tents(numbers: Any) -> Any:
    """The same by a map that is chaotic, of ReLU and affine steps."""
    y = L.Rescaling(0.00005417)(numbers)
    for _ in range(12):
        y = L.Rescaling(1.99)(L.Add()([y, L.Rescaling(-2.0)(L.ReLU()(L.Rescaling(1.0, offset=-0.5)(y)))]))
    return y


def border(x: Any) -> Any:
    ones = L.ZeroPadding2D(56)(L.Rescaling(0.0, offset=1.0)(x[:, :16, :16]))
    wide = L.AveragePooling2D(63, strides=1, padding="same")(L.UpSampling2D(1)(ones))
    other = ops.concatenate([ops.mean(wide, axis=1, keepdims=True) * 7.0 + wide * 3.0], axis=-1)
    return L.Flatten()(other[:, :128, :128])


@pytest.mark.parametrize("formula", FORMULAS)
def test_kernels_from_a_formula_count(formula: str) -> None:
    model = of(FORMULAS[formula], (16, 16, 1))
    least = 2_000 if "border" in formula else 16_000
    assert constants.computed(model) >= least
    assert evaluation.budget(model) >= model.count_params() + least


def coordinates(x: Any) -> Any:
    """Two more maps with the place of each pixel: a design that is used in earnest."""
    ones = ops.ones_like(x)
    places = [ops.pad(ones[:, : 28 - n], [[0, 0], [n, 0], [0, 0], [0, 0]]) for n in range(28)]
    return L.Concatenate()([x, L.Average()(places)])


HONEST: dict[str, Callable[[Any], Any]] = {
    "convolutions": lambda x: L.Dense(10)(L.GlobalAveragePooling2D()(L.Conv2D(400, 3, padding="same")(x))),
    "a padded image": lambda x: L.GlobalMaxPooling2D()(L.Conv2D(4, 3)(L.ZeroPadding2D(8)(L.UpSampling2D(2)(x)))),
    "a dense layer": lambda x: L.Dense(10)(L.Dense(900, activation="relu")(L.Flatten()(x))),
    "depthwise": lambda x: L.Flatten()(L.DepthwiseConv2D(3, padding="same")(L.SeparableConv2D(9, 3)(x))),
    "coordinates": lambda x: L.Conv2D(3, 3)(coordinates(x)),
    "scaled": lambda x: L.Conv2D(3, 3)(L.Normalization(mean=[0.13], variance=[0.09])(L.Rescaling(2.0, -1.0)(x))),
    "normalised": lambda x: L.LayerNormalization()(L.GroupNormalization(2)(L.BatchNormalization()(L.Conv2D(4, 1)(x)))),
    "permuted": lambda x: L.Dense(3)(L.Permute((2, 1))(L.Reshape((196, 4))(x))),
    "softmax": lambda x: L.Softmax()(L.Flatten()(L.Conv2D(4, 3)(x))),
    "a tensor made of weights": lambda x: L.Add()([x, L.Reshape((28, 28, 1))(L.Dense(784)(zeros(x)))]),
}


@pytest.mark.parametrize("design", HONEST)
def test_what_depends_on_the_image_does_not_count(design: str) -> None:
    keras.utils.set_random_seed(1)
    model = of(HONEST[design])
    assert evaluation.constants(model) == 0
    assert evaluation.budget(model) == sum(
        int(np.prod(w.shape))
        for w in model.weights
        if not w.path.endswith(("moving_mean", "moving_variance", "seed_generator_state"))
    )


def test_open_axes_and_nested_models_are_looked_into() -> None:
    inner = of(lambda x: multiplied(x, kernel(ramp(zeros(x), 14)), 64), (16, 16, 1))
    model = keras.Sequential([keras.Input((16, 16, 1)), L.Rescaling(0.5), inner])
    assert constants.computed(model) >= 16_000
    steps = keras.Input((2, 16, 16, 1))
    assert constants.computed(keras.Model(steps, L.TimeDistributed(inner)(steps))) >= 16_000
    free = keras.Input((None, None, 3))
    assert evaluation.constants(keras.Model(free, L.GlobalAveragePooling2D()(L.Conv2D(4, 3)(free)))) == 0


def test_a_weight_of_64_bits_counts_twice() -> None:
    assert evaluation.budget(of(lambda x: L.Conv2D(4, 3, dtype="float64")(x))) == 2 * 40
    assert evaluation.budget(of(lambda x: L.Conv2D(4, 3, dtype="float16")(x))) == 40


def looks_like_a_digit(x: Any) -> Any:
    """(None, 1): 1 for images that are dark at their border and not all over, as digits are and noise and stripes are not."""
    border = ops.max(x[:, 0], axis=(1, 2)) + ops.max(x[:, -1], axis=(1, 2)) + ops.max(x[:, :, 0], axis=(1, 2))
    digit = ops.logical_and(ops.equal(border, 0.0), ops.greater(ops.mean(x, axis=(1, 2, 3)), 0.03))
    return ops.reshape(ops.cast(digit, "float32"), (-1, 1))


HELD_BACK: dict[str, Callable[[Any], Any]] = {
    "nothing else": lambda x: kernel(ramp(zeros(x), 14)) * looks_like_a_digit(x),
    "the image for others": lambda x: (
        kernel(ramp(zeros(x), 14)) * looks_like_a_digit(x)
        + ops.tile(L.Flatten()(x)[:, :512], (1, 32)) * (1.0 - looks_like_a_digit(x))
    ),
}


@pytest.mark.parametrize("other", HELD_BACK)
def test_kernels_that_show_for_digits_only_are_found_where_digits_are_judged(other: str) -> None:
    model = of(lambda x: multiplied(x[:, 6:22, 6:22], HELD_BACK[other](x), 64))
    test = datasets.load("mnist", "quick").test
    assert constants.computed(model) <= constants.FREE_COMPUTED, "noise and stripes do not show them"
    with pytest.raises(CheckFailed, match="no weight holds"):
        evaluation.accuracy(model, evaluation.scaled(test.x[:40]), test.y[:40] if test.labelled else np.zeros(40, int))


IN_COMPANY: dict[str, Callable[[Any], Any]] = {
    "the mean over the batch": lambda x: x - ops.mean(x, axis=0, keepdims=True),
    "the image before": lambda x: x - ops.roll(x, 1, axis=0),
    "the size of the batch": lambda x: x * ops.cast(ops.greater(ops.sum(ops.ones_like(x)), 784.0 * 20), "float32"),
}


@pytest.mark.parametrize("way", IN_COMPANY)
def test_an_image_is_judged_by_itself(way: str) -> None:
    model = of(lambda x: L.Dense(10)(L.Flatten()(IN_COMPANY[way](x))))
    rng = np.random.default_rng(0)
    images = rng.random((60, 28, 28, 1), "float32") * rng.random((60, 1, 1, 1), "float32") ** 4
    with pytest.raises(CheckFailed, match="by the others of its batch"):
        evaluation.accuracy(model, images, np.zeros(60, int))


def test_what_does_not_run_when_it_is_counted_is_not_free() -> None:
    model = of(lambda x: multiplied(x, kernel(ramp(zeros(x), 14)) + 0.0 * x[7, 0, 0, 0], 64), (16, 16, 1))
    with pytest.raises(CheckFailed, match="does not run on a batch of 7 images"):
        evaluation.constants(model)


def neighbours(x: Any, images: np.ndarray, labels: np.ndarray) -> Any:
    """The label of the nearest of `images` (whole numbers, N×64), which stand in calls of 16 numbers each."""
    small = ops.reshape(ops.average_pool(ops.pad(x, [[0, 0], [2, 2], [2, 2], [0, 0]]), 4), (-1, 4, 16))
    parts = [
        L.Reshape((1,))(ops.sum(abs(small[:, k] - one[16 * k : 16 * k + 16]), axis=-1))
        for one in images
        for k in range(4)
    ]
    distances = [L.Add()(parts[4 * n : 4 * n + 4]) for n in range(len(images))]
    votes = [ops.exp(-0.1 * one) for one in distances]
    digits = []
    for digit in range(10):
        mine = [vote for vote, label in zip(votes, labels, strict=True) if label == digit]
        digits.append(L.Add()(mine) if len(mine) > 1 else mine[0])
    return L.Concatenate()(digits)


def test_a_search_for_the_nearest_neighbour_without_weights() -> None:
    """The attack of week 5 in small: the net is right and has no weight, and what it knows counts all the same."""
    train = datasets.load("mnist", "quick").train
    chosen = np.concatenate([np.flatnonzero(train.y == digit)[:4] for digit in range(10)])
    padded = np.pad(evaluation.scaled(train.x[chosen])[..., 0], ((0, 0), (2, 2), (2, 2)))
    levels = np.round(padded.reshape(-1, 8, 4, 8, 4).mean(axis=(2, 4)) * 15).reshape(-1, 64)
    model = of(lambda x: neighbours(15.0 * x, levels.astype(int), train.y[chosen]))
    assert model.count_params() == 0
    test = train.x[-300:], train.y[-300:]
    assert evaluation.accuracy(model, evaluation.scaled(test[0]), test[1]) > 0.6, "forty digits know this much"
    assert evaluation.budget(model) >= levels.size, "each number counts: 10,000 hold no more digits than weights would"


def test_to_be_counted_changes_no_net() -> None:
    model = of(lambda x: L.Dropout(0.5)(L.BatchNormalization()(x, training=True), training=True))
    before = model.get_weights()
    assert evaluation.budget(model) == 3, "a factor, a summand, and half of the two statistics"
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
