"""The profile and its bounds; how trained nets are judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from course import evaluation, profile, syllabus


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    yield
    profile.use("quick")


def test_a_bound_is_the_current_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    document = {
        "defaults": {"seconds": {"quick": 1, "full": 2}, "cell_seconds": 3, "call_seconds": {"quick": 4, "full": 5}},
        "week": [
            {
                "number": 1,
                "id": "week01_x",
                "title": "",
                "build": "",
                "due": "2027-02-21T23:59:00Z",
                "exercises": {},
                "written": {},
                "memory_mb": 1,
                "bounds": {"quick": {"accuracy": 0.9}, "full": {"accuracy": 0.99}},
            }
        ],
    }
    (plan,) = syllabus.parse(document)
    assert plan.cell_seconds == {"quick": 3, "full": 3} and plan.call_seconds == {"quick": 4, "full": 5}
    monkeypatch.setattr(syllabus, "load", lambda: {plan.id: plan})
    assert profile.bound(1, "accuracy") == 0.9
    profile.use("full")
    assert profile.current() == "full" and profile.bound("week01_x", "accuracy") == 0.99
    with pytest.raises(KeyError, match="accuracy"):
        profile.bound(1, "speed")
    with pytest.raises(ValueError, match="choose"):
        profile.use("fast")


def test_the_test_split_is_silent_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    first = evaluation.test_split("mnist")
    assert first.x.dtype == np.uint8 and first.labelled
    assert evaluation.test_split("mnist") is first
    assert capsys.readouterr().out == ""


def test_images_are_scaled_once_and_get_a_channel() -> None:
    x = evaluation.scaled(np.full((2, 4, 5), 255, np.uint8))
    assert x.shape == (2, 4, 5, 1) and x.dtype == np.float32 and x.max() == 1
    assert evaluation.scaled(np.zeros((2, 4, 5, 3), np.uint8)).shape == (2, 4, 5, 3)


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (1, 0), (0, -2), (-1, 2)])
def test_shifting_moves_zeros_in(rows: int, columns: int) -> None:
    x = np.arange(1, 2 * 5 * 6 + 1).reshape(2, 5, 6)
    moved = evaluation.shifted(x, rows, columns)
    for r in range(5):
        for c in range(6):
            inside = 0 <= r - rows < 5 and 0 <= c - columns < 6
            assert (moved[:, r, c] == (x[:, r - rows, c - columns] if inside else 0)).all()


class Fixed:
    """A net with the given outputs."""

    def __init__(self, outputs: Any) -> None:
        self.outputs = np.asarray(outputs, float)

    def __call__(self, x: np.ndarray, training: bool) -> np.ndarray:
        return self.outputs[x[:, 0].astype(int)]


def test_nan_is_never_right() -> None:
    net = Fixed([[0.1, 0.9], [np.nan, 0.2], [np.nan, np.nan], [0.6, 0.4]])
    x = np.arange(4)[:, None]
    assert evaluation.accuracy(net, x, np.array([1, 0, 0, 0]), batch_size=3) == 0.5
    assert evaluation.accuracy(net, x, np.array([[1], [1], [1], [0]])) == 0.5
    with pytest.raises(ValueError, match="shape"):
        evaluation.accuracy(Fixed(np.zeros(4)), x, np.zeros(4))


def test_the_budget_counts_frozen_weights_but_no_statistics() -> None:
    import keras

    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(4, 3, name="seed_generator"),
            keras.layers.BatchNormalization(name="moving_mean"),
            keras.layers.RandomTranslation(0.1, 0.1),
            keras.layers.Dropout(0.1),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2),
        ]
    )
    assert evaluation.budget(model) == 40 + 8 + 10
    model.layers[0].trainable = False
    assert evaluation.budget(model) == 58
