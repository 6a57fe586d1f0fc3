"""Figures: what is drawn, not how it looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

matplotlib.use("Agg")

from course import plots

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def titles(fig: Any) -> list[str]:
    return [ax.get_title() for ax in fig.axes if ax.get_title()]


def test_curves_mark_the_best_epoch() -> None:
    history = {
        "loss": [2, 1],
        "val_loss": [2, 3],
        "accuracy": [0.1, 0.5],
        "val_accuracy": [0.2, 0.4],
        "seconds": [1, 1],
    }
    fig = plots.curves(history, best={"kept": 1, "best accuracy": 2})
    assert titles(fig) == ["Loss", "Accuracy"]
    labels = [text.get_text() for text in fig.legends[0].get_texts()]
    assert labels == ["training", "validation", "kept: epoch 1", "best accuracy: epoch 2"]
    assert all(ax.get_xlabel() == "epoch" and ax.get_ylabel() for ax in fig.axes)
    assert titles(plots.curves({"loss": [1.0]}, best=1)) == ["Loss"]
    with pytest.raises(ValueError, match="neither"):
        plots.curves({"seconds": [1.0]})


@pytest.mark.parametrize("shape", [(5, 6, 6), (5, 6, 6, 1), (5, 6, 6, 3)])
def test_a_grid_shows_every_image(shape: tuple[int, ...]) -> None:
    fig = plots.image_grid(RNG.integers(0, 256, shape, dtype=np.uint8), list("abcde"), columns=3)
    (ax,) = fig.axes
    assert [text.get_text() for text in ax.texts] == list("abcde") and len(ax.images) == 5
    boxes = [image.get_extent() for image in ax.images]  # left, right, bottom, top, the y axis pointing down
    assert boxes[3][0] == boxes[0][0] < boxes[1][0] < boxes[2][0] and boxes[3][3] > boxes[0][2] > boxes[0][3]
    for text, (left, right, _, top) in zip(ax.texts, boxes, strict=True):
        x, y = text.get_position()
        assert left < x < right and top - 0.2 < y < top


def test_a_grid_keeps_the_shape_of_an_image() -> None:
    fig = plots.image_grid(RNG.random((1, 4, 8)), size=2)
    (image,) = fig.axes[0].images
    assert np.allclose(image.get_extent(), (0, 2, 1.5, 0.5))
    assert image.get_clim() == (0, 1) and not fig.axes[0].texts


def test_a_digit_has_every_value_at_its_place() -> None:
    image = np.array([[0, 9, 0], [0, 200, 0]], np.uint8)
    ax = plots.annotated_digit(image).axes[0]
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    assert texts == {(1, 0): "9", (1, 1): "200"}  # at (column, row)
    (zeros,) = ax.lines
    assert zeros.get_marker() == "$0$" and {*zip(*zeros.get_data(), strict=True)} == {(0, 0), (2, 0), (0, 1), (2, 1)}


def test_a_digit_is_not_stretched_to_white() -> None:
    for image in (np.full((2, 2), 232, np.uint8), np.full((2, 2), 0.6)):
        ax = plots.annotated_digit(image).axes[0]
        (picture,) = ax.images
        assert picture.get_clim() == (0, 255 if image.dtype == np.uint8 else 1)
        assert all(text.get_fontsize() >= 9 and text.get_color() == "black" for text in ax.texts)


def test_confusion_counts() -> None:
    fig = plots.confusion(np.array([[9, 1], [0, 1234]]), ["cat", "a dog"])
    ax = fig.axes[0]
    assert {text.get_text() for text in ax.texts} == {"9", "1", "1,234"}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    with pytest.raises(ValueError, match="2 classes"):
        plots.confusion(np.eye(3), ["a", "b"])


@pytest.mark.parametrize("columns", [6, 8, 12])
def test_a_grid_is_no_wider_than_a_page(columns: int) -> None:
    """At 13 inches, words of 9 points had 5 on a page of 1280 pixels."""
    labels = np.zeros(2 * columns, int)
    fig = plots.gallery(RNG.random((2 * columns, 4, 4)), labels, labels, ["half-disc"], columns=columns)
    assert fig.get_size_inches()[0] <= 10.001


def test_a_sheet_of_kernels_is_no_wider_than_a_page() -> None:
    assert plots.kernels(RNG.normal(size=(3, 3, 1, 32)), columns=16).get_size_inches()[0] <= 10


def test_a_gallery_tells_right_from_wrong_without_colour() -> None:
    fig = plots.gallery(RNG.random((2, 4, 4)), np.array([0, 1]), np.array([0, 0]), ["cat", "dog"])
    captions = fig.axes[0].texts[1:]  # the first is the title
    assert [text.get_text() for text in captions] == ["cat", "× cat (dog)"]
    assert [text.get_color() for text in captions] == [plots.BLUE, plots.VERMILLION]
    assert len(fig.axes[0].patches) == 2


def test_kernels_are_on_one_scale() -> None:
    weights = RNG.normal(size=(3, 3, 2, 5))
    ax = plots.kernels(weights, channel=1, columns=3).axes[0]
    (picture,) = ax.images
    assert sum(picture.get_clim()) == 0 and [text.get_text() for text in ax.texts] == list("01234")
    sheet = np.asarray(picture.get_array())
    assert np.array_equal(sheet[5:8, 4:7], weights[:, :, 1, 4])  # the fifth: second row, second column
    with pytest.raises(ValueError, match="shape"):
        plots.kernels(np.zeros((3, 3)))


def test_kernels_over_colours_are_colour_pictures() -> None:
    weights = np.zeros((3, 3, 3, 2))
    weights[:, :, 0, 1] = 0.2  # the second likes red
    (picture,) = plots.kernels(weights, channel=None).axes[0].images
    sheet = np.asarray(picture.get_array())
    assert np.allclose(sheet[2, 1], (0.5, 0.5, 0.5, 1)) and np.allclose(sheet[2, 5], (1, 0.5, 0.5, 1))
    assert sheet[0, :, 3].max() == 0  # between the kernels the page is seen
    with pytest.raises(ValueError, match="3 channels, not at 2"):
        plots.kernels(np.zeros((3, 3, 2, 5)), channel=None)


def test_activation_maps_of_each_layer() -> None:
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Conv2D(3, 3), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(2)]
    )
    fig = plots.activation_maps(model, RNG.random((8, 8, 1)), maps=4)
    (ax,) = fig.axes
    assert len(ax.images) == 2 * 3
    words = [text.get_text() for text in ax.texts]
    assert any("6×6×3" in word for word in words) and words.count("map 2") == 1 and "map 3" not in words
    with pytest.raises(ValueError, match="no convolution"):
        plots.activation_maps(keras.Sequential([keras.Input((4,)), layers.Dense(2)]), np.zeros(4))


@pytest.mark.parametrize("error", [False, True])
def test_budget_against_accuracy_names_every_net(error: bool) -> None:
    rows = [
        {"name": "lecture", "weights": 220_234, "accuracy": 0.991, "group": "lecture"},
        {"name": "MLP", "weights": 669_706, "accuracy": 0.983, "group": "lecture"},
        {"name": "ours", "weights": 8_000, "accuracy": 0.994, "spread": 0.0004, "group": "small"},
    ]
    ax = plots.budget_against_accuracy(rows, error=error).axes[0]
    assert {text.get_text() for text in ax.texts} == {"lecture", "MLP", "ours"}
    assert ax.get_xscale() == "log" and ax.get_ylabel()
    assert not ax.get_legend() and len(ax.figure.legends) == 1  # outside, where no point is
    with pytest.raises(ValueError, match="no net"):
        plots.budget_against_accuracy([])
