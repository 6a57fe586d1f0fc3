"""How trained nets are judged: the test split, accuracy, and the weights that count towards a budget.

Notebooks may use these, too. In the grader they run on the trusted side, with a net rebuilt from configuration and weights.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import warnings
from typing import Any

import numpy as np

from course import datasets, profile
from course.datasets.splits import Split

__all__ = ["accuracy", "budget", "constants", "scaled", "shifted", "test_split"]


def test_split(name: str) -> Split:
    """Test images (uint8) and labels of the data set `name` in the current profile; read once and kept.

    In a grading worker the labels are withheld: ask `.labelled` before you use `.y`.
    Raises DatasetError, in the full profile also where the real data cannot be had.
    """
    return _test_split(name, profile.current())


@functools.lru_cache(maxsize=8)
def _test_split(name: str, profile_name: str) -> Split:
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore", datasets.EmbeddedDataWarning)
        return datasets.load(name, profile_name, require_real=profile_name == "full").test  # type: ignore[union-attr]


test_split.__test__ = False  # type: ignore[attr-defined]  # the name is a data set's word, not pytest's


def scaled(x: np.ndarray) -> np.ndarray:
    """Images as a net takes them: float32 (N, height, width, channels) in [0, 1] from uint8 (N, height, width[, channels])."""
    x = np.asarray(x)
    return np.divide(x[..., None] if x.ndim == 3 else x, np.float32(255), dtype=np.float32)


def accuracy(model: Any, x: np.ndarray, y: np.ndarray, batch_size: int = 500) -> float:
    """Share of the images that `model` puts into the right class, in [0, 1].

    x: float32 (N, height, width, channels), scaled. y: integers (N,). The class is the largest output; an image whose
    outputs hold NaN counts as wrong. Raises ValueError when the outputs are not (N, classes).
    """
    # In an order that nobody can know: a net sees its whole batch, and could tell an image by its place in it.
    order = np.random.default_rng().permutation(len(x))
    places = [order[start : start + batch_size] for start in range(0, len(x), batch_size)]
    outputs = np.concatenate([np.asarray(model(x[place], training=False)) for place in places])
    if outputs.ndim != 2 or len(outputs) != len(y):
        raise ValueError(f"expected outputs of shape ({len(y)}, classes), found {outputs.shape}")
    known = np.isfinite(outputs).all(axis=1)
    return float(np.mean((outputs.argmax(axis=1) == np.asarray(y).reshape(-1)[order]) & known))


def shifted(x: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """A copy of the images (N, height, width[, channels]) moved down by `rows` and right by `columns`, zeros moved in."""
    moved = np.zeros_like(x)
    height, width = x.shape[1:3]
    to_rows, to_columns = slice(max(0, rows), height + min(0, rows)), slice(max(0, columns), width + min(0, columns))
    from_rows, from_columns = (
        slice(max(0, -rows), height - max(0, rows)),
        slice(max(0, -columns), width - max(0, columns)),
    )
    moved[:, to_rows, to_columns] = x[:, from_rows, from_columns]
    return moved


def budget(model: Any) -> int:
    """Weights that count: all that the student could have set, trainable or frozen.

    The moving statistics of batch normalisation and the state of random generators are left out. `constants` are counted.
    Statistics beyond half of the weights count as well: no net that is trained has so many, but a batch normalisation of
    zeros is a table of any numbers.
    """
    weights = statistics = 0
    for weight in model.weights:
        size = int(np.prod(weight.shape))
        if _is_statistic(weight):
            statistics += size
        elif not _is_seed(weight):
            weights += size
    return constants(model) + weights + max(0, statistics - weights // 2)


def constants(model: Any) -> int:
    """Numbers and words in a model's configuration that are weights by another name.

    Normalization(mean=[…]), Discretization(bin_boundaries=[…]) or an array in an operation hold numbers that no weight is.
    Fractions in short lists are ranges and factors, unless there are many of them in the model; and the settings of its
    layers are settings, unless hardly two are the same: ReLU(max_value=…), or a factor and a summand for each map.
    """
    config = json.loads(model.to_json())
    fractions = _fractions(config)
    settings: set[float] = set()
    _settings(config, settings)
    more = max(fractions if fractions > FEW else 0, len(settings) if len(settings) > VARIED else 0)
    return _constants(config) + more


SHORT = 16
"""Lists up to this length are sizes, shapes and names of inputs."""
FEW = 64
"""Fractions that a model's short lists may hold: two for the range of each augmentation, six to normalise three colours."""

VARIED = 150
"""Different numbers that the settings of a model may have: GoogLeNet, of which no two blocks are alike, has about 60."""


def _constants(node: Any) -> int:
    if isinstance(node, dict):
        return sum(_constants(value) for key, value in node.items() if key != "build_config")  # shapes, however many
    if not isinstance(node, list):
        return 0
    leaves = _leaves(node)
    if leaves is None:  # there are layers in it
        return sum(_constants(item) for item in node)
    return leaves if leaves > SHORT else 0


def _fractions(node: Any) -> int:
    """Floats in the short lists of a configuration."""
    if isinstance(node, dict):
        return sum(_fractions(value) for key, value in node.items() if key != "build_config")
    if not isinstance(node, list):
        return 0
    leaves = _leaves(node)
    if leaves is None or leaves > SHORT:
        return sum(_fractions(item) for item in node) if leaves is None else 0
    return _floats(node)


def _settings(node: Any, found: set[float]) -> None:
    """Add the numbers that are in a configuration by themselves or in short lists; no shapes, and no seeds."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in ("build_config", "keras_history", "seed"):
                _settings(value, found)
    elif isinstance(node, list):
        if len(node) <= SHORT or _leaves(node) is None:
            for item in node:
                _settings(item, found)
    elif isinstance(node, (int, float)) and not isinstance(node, bool):
        found.add(node)


def _floats(node: Any) -> int:
    return sum(map(_floats, node)) if isinstance(node, list) else int(isinstance(node, float))


def _leaves(node: Any) -> int | None:
    """Numbers and words in a list of lists, None when there is a dict in it."""
    if isinstance(node, dict):
        return None
    if not isinstance(node, list):
        return 1
    counts = [_leaves(item) for item in node]
    return None if None in counts else sum(count for count in counts if count is not None)


# By the variable's own name, which Keras gives; the layer's name before it is the student's choice.
def _is_statistic(weight: Any) -> bool:
    return weight.path.rsplit("/", 1)[-1] in ("moving_mean", "moving_variance")


def _is_seed(weight: Any) -> bool:
    return weight.path.rsplit("/", 1)[-1] == "seed_generator_state"
