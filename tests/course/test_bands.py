"""Both halves of a check that asks for an accuracy: what they compare, what they say, and what they remember."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course import bands, evaluation, profile
from course.checks import CheckFailed

BOUND, SLACK, MOVED = (profile.bound("week07", name) for name in ("first", "slack", "moved"))


class Net:
    """Stands for a model: its configuration and its weights are all that is asked."""

    def __init__(self, value: float = 0.0, config: str = "{}") -> None:
        self.weights = [np.full(3, value, dtype="float32")]
        self.config = config

    def to_json(self) -> str:
        return self.config

    def get_weights(self) -> list[np.ndarray]:
        return self.weights


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Accuracies that nets shall have, by part; and how often they were measured."""
    found: dict[str, Any] = {"as they are": 1.0, "moved": 1.0, "count": 0}
    plain = {
        evaluation.scaled(part.x).tobytes()
        for part in (evaluation.test_split("cifar10"), bands._validation("cifar10", "quick"))
    }

    def accuracy(net: Net, x: np.ndarray, y: np.ndarray) -> float:
        assert x.dtype == np.float32 and len(x) == len(y)
        found["count"] += 1
        return found["as they are" if x.tobytes() in plain else "moved"]

    monkeypatch.setattr(evaluation, "accuracy", accuracy)
    monkeypatch.setattr(bands, "_last", (b"", {}))
    return found


def test_validation_may_lie_a_little_below_the_band(reached: dict[str, Any]) -> None:
    reached["as they are"] = BOUND - SLACK + 0.001
    bands.on_validation(Net(1), "cifar10", "week07", "first")
    reached["as they are"] = BOUND - SLACK - 0.001
    with pytest.raises(CheckFailed, match=rf"{100 * BOUND:.0f} % of the test images is the goal; your validation"):
        bands.on_validation(Net(2), "cifar10", "week07", "first", says="is the goal")


def test_the_test_images_ask_for_the_band_itself(reached: dict[str, Any]) -> None:
    reached["as they are"] = BOUND
    bands.on_test(Net(1), "cifar10", "week07", "first")
    reached["as they are"] = BOUND - 0.001
    with pytest.raises(CheckFailed, match=rf"ask for {100 * BOUND:.0f} %, and your net is below"):
        bands.on_test(Net(2), "cifar10", "week07", "first")


def test_a_net_that_knows_images_falls_when_they_move(reached: dict[str, Any]) -> None:
    reached["moved"] = BOUND - MOVED - 0.001
    with pytest.raises(CheckFailed, match="knows images, not what is on them"):
        bands.on_test(Net(1), "cifar10", "week07", "first")
    bands.on_test(Net(1), "cifar10", "week07", "first", moves=())
    reached["moved"] = BOUND - MOVED + 0.001
    bands.on_test(Net(2), "cifar10", "week07", "first")


def test_nan_is_no_accuracy(reached: dict[str, Any]) -> None:
    reached["as they are"] = float("nan")
    with pytest.raises(CheckFailed):
        bands.on_test(Net(1), "cifar10", "week07", "first")


def test_a_net_is_measured_once_for_all_its_bands(reached: dict[str, Any]) -> None:
    for band in ("first", "second"):
        bands.on_validation(Net(1), "cifar10", "week07", band)
        bands.on_test(Net(1), "cifar10", "week07", band)
    assert reached["count"] == 4  # validation, test, and two moves


@pytest.mark.parametrize("other", [Net(2), Net(1, '{"activation": "relu"}')])
def test_another_net_is_measured_anew(reached: dict[str, Any], other: Net) -> None:
    bands.on_validation(Net(1), "cifar10", "week07", "first")
    reached["as they are"] = 0.0
    bands.on_validation(Net(1), "cifar10", "week07", "first")
    with pytest.raises(CheckFailed):
        bands.on_validation(other, "cifar10", "week07", "first")
