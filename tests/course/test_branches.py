"""Where branches leave and meet, and how much their maps see, whatever the layers are and however they are written."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from course import branches

L = keras.layers


def conv(x: Any, maps: int, size: Any) -> Any:
    return L.Conv2D(maps, size, padding="same", activation="relu")(x)


def block(x: Any) -> Any:
    pooled = L.MaxPooling2D(3, strides=1, padding="same")(x)
    return L.Concatenate()([conv(x, 4, 1), conv(conv(x, 2, 1), 6, 3), conv(conv(x, 2, 1), 5, 5), conv(pooled, 3, 1)])


@pytest.fixture
def image() -> Any:
    return keras.Input((12, 12, 3))


def kinds(inputs: Any, outputs: Any) -> list[dict[int, int]]:
    return [join.kinds for join in branches.joins(keras.Model(inputs, outputs))]


def test_two_blocks_in_a_row(image: Any) -> None:
    x = L.BatchNormalization()(block(image))
    assert kinds(image, block(L.MaxPooling2D(2)(x))) == [{1: 4, 3: 9, 5: 5}] * 2


def test_a_large_kernel_in_other_words(image: Any) -> None:
    twice = conv(conv(image, 5, 3), 5, 3)
    thin = conv(conv(image, 2, (7, 1)), 4, (1, 7))
    assert kinds(image, L.Concatenate()([conv(image, 3, 1), twice, thin])) == [{1: 3, 5: 5, 7: 4}]


def test_branches_that_meet_in_pairs(image: Any) -> None:
    pair = L.Concatenate()([conv(image, 2, 1), conv(image, 3, 3)])
    assert kinds(image, L.Concatenate()([pair, conv(image, 4, 5)])) == [{1: 2, 3: 3, 5: 4}]


def test_a_block_that_is_a_model(image: Any) -> None:
    inner = keras.Model(image, block(image))
    net = keras.Sequential([keras.Input((12, 12, 3)), inner, L.GlobalAveragePooling2D()])
    assert [join.kinds for join in branches.joins(net)] == [{1: 4, 3: 9, 5: 5}]


def test_maps_that_are_passed_on_are_no_branch(image: Any) -> None:
    assert kinds(image, L.Concatenate()([image, conv(image, 4, 3)])) == [{3: 4}]


def test_an_addition_has_one_field(image: Any) -> None:
    assert kinds(image, L.Add()([conv(image, 4, 1), conv(image, 4, 5)])) == [{5: 4}]


def test_a_chain_has_no_joins(image: Any) -> None:
    assert kinds(image, conv(conv(image, 4, 3), 4, 3)) == []
    assert branches.joins(keras.Sequential([image, L.Conv2D(4, 3), L.Flatten()])) == []


def test_branches_of_another_size_do_not_count(image: Any) -> None:
    smaller = L.Conv2D(4, 3, strides=2, padding="same")(image)
    assert kinds(image, L.Concatenate()([smaller, L.MaxPooling2D(2)(image)])) == []


def test_the_net_keeps_its_weights(image: Any) -> None:
    net = keras.Model(image, block(image))
    before = [weight.copy() for weight in net.get_weights()]
    branches.joins(net)
    assert all((a == b).all() for a, b in zip(before, net.get_weights(), strict=True))
