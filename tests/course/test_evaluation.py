"""Accuracy is that of a net which sees the images, whatever it knows of the order in which they used to come."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from course import evaluation
from course.checks import CheckFailed

ops, layers = keras.ops, keras.layers


def by_place(labels: np.ndarray) -> keras.Model:
    """A net that multiplies its images by zero, and takes the label from the place in the batch."""
    images = keras.Input((4, 4, 1))
    one = ops.mean(images, axis=(1, 2, 3)) * 0 + 1
    label = layers.Embedding(len(labels), 1)(ops.cast(ops.cumsum(one, axis=0) - 1, "int32"))
    outputs = layers.Concatenate()([-ops.square(label - float(k)) for k in range(10)])
    model = keras.Model(images, outputs)
    model.set_weights([labels[:, None].astype("float32")])
    return model


def by_pixels() -> keras.Model:
    """A net that reads the label off the first pixel."""
    images = keras.Input((4, 4, 1))
    return keras.Model(images, layers.Concatenate()([-ops.square(images[:, 0, 0] * 10 - float(k)) for k in range(10)]))


def test_the_place_in_the_batch_tells_nothing() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 300)
    x = np.repeat(y, 16).reshape(300, 4, 4, 1).astype("float32") / 10
    assert evaluation.accuracy(by_pixels(), x, y) == 1, "in whatever order, each image keeps its label"
    with pytest.raises(CheckFailed, match="by the others of its batch"):
        evaluation.accuracy(by_place(y), x, y)


def test_nan_is_wrong_and_the_shape_is_said() -> None:
    images = keras.Input((4, 4, 1))
    x, y = np.zeros((5, 4, 4, 1), "float32"), np.zeros(5, int)
    assert evaluation.accuracy(keras.Model(images, layers.Flatten()(images) * float("nan")), x, y) == 0
    with pytest.raises(ValueError, match=r"expected outputs of shape \(5, classes\)"):
        evaluation.accuracy(keras.Model(images, images * 1.0), x, y)


def test_a_wide_net_sees_fewer_images_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    images = keras.Input((4, 4, 1))
    inner = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(8, 1)])
    model = keras.Model(images, layers.GlobalAveragePooling2D()(layers.UpSampling2D(2)(inner(images))))
    made = 16 * 8 + 64 * 8 + 8
    assert evaluation._made(model) - made in (0, 16), "with or without the image itself"
    sizes: list[int] = []
    call = keras.Model.__call__

    def counted(self: keras.Model, x: np.ndarray, **options: bool) -> object:
        if self is model:
            sizes.append(len(x))
        return call(self, x, **options)

    monkeypatch.setattr(keras.Model, "__call__", counted)
    monkeypatch.setattr(evaluation, "MAX_HELD", 3 * made + 60)
    evaluation.accuracy(model, np.zeros((8, 4, 4, 1), "float32"), np.zeros(8, int))
    assert sizes == [3, 3, 2, 3], "and once more for a few, to see whether each is judged by itself"
