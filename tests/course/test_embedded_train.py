"""The embedded sets really train: a small net gets where the notebooks of the quick profile need it.

Only accuracies are asserted. On 2 free cores both trainings together take about 10 s.
"""

import numpy as np
import pytest

from course import datasets

pytestmark = pytest.mark.slow  # in the fast tests, the weeks that train on these sets show the same


def accuracy(model, data, epochs: int, batch: int = 32) -> float:
    """Train on the train part and return the accuracy on the validation part."""
    import keras

    rate = keras.optimizers.schedules.CosineDecay(3e-3, epochs * -(-len(data.train) // batch))
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(data.train.x, data.train.y, batch_size=batch, epochs=epochs, verbose=0)
    return model.evaluate(data.validation.x, data.validation.y, verbose=0)[1]


def block(layers, filters: int, strides: int = 1) -> list:
    return [
        layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False),
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
    ]


@pytest.fixture
def layers():
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    yield keras.layers
    keras.backend.clear_session()


def test_digits(layers):
    import keras

    model = keras.Sequential(
        [
            layers.Input((28, 28)),
            layers.Reshape((28, 28, 1)),
            layers.Rescaling(1 / 255),
            *block(layers, 16, strides=2),
            *block(layers, 32),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )
    assert accuracy(model, datasets.load("mnist"), epochs=10) >= 0.97


def test_shapes(layers):
    import keras

    model = keras.Sequential(
        [
            layers.Input((32, 32, 3)),
            layers.Rescaling(1 / 255),
            *block(layers, 16, strides=2),
            *block(layers, 32),
            layers.MaxPooling2D(),
            *block(layers, 64),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    assert accuracy(model, datasets.load("cifar10"), epochs=4) >= 0.90


def test_shapes_are_not_a_linear_task():
    """Least squares on the pixels: far above chance, far below a convolutional net."""
    data = datasets.load("cifar10")

    def design(x):
        return np.c_[x[:, ::2, ::2].reshape(len(x), -1) / 255, np.ones(len(x))]

    weights = np.linalg.lstsq(design(data.train.x), np.eye(10)[data.train.y], rcond=None)[0]
    right = (design(data.validation.x) @ weights).argmax(axis=1) == data.validation.y
    assert 0.15 < right.mean() < 0.65
