"""How trained nets are judged: the test split, accuracy, and the weights that count towards a budget.

Notebooks may use these, too. In the grader they run on the trusted side, with a net rebuilt from configuration and weights.
"""

from __future__ import annotations

import contextlib
import functools
import io
import warnings
from typing import Any

import numpy as np

from course import datasets, profile
from course.backends import as_numpy
from course.checks import CheckFailed
from course.constants import FREE_COMPUTED, computed, computed_of, counted
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
    outputs hold NaN counts as wrong. Raises ValueError when the outputs are not (N, classes), CheckFailed where the net judges
    an image by the others of its batch, or computes for these images the kernels that it hides when it is counted.
    """
    batch_size = max(1, min(batch_size, MAX_HELD // max(1, _made(model))))
    # In an order that nobody can know: a net sees its whole batch, and could tell an image by its place in it.
    order = np.random.default_rng().permutation(len(x))
    places = [order[start : start + batch_size] for start in range(0, len(x), batch_size)]
    outputs = np.concatenate([as_numpy(model(x[place], training=False)) for place in places])
    if outputs.ndim != 2 or len(outputs) != len(y):
        raise ValueError(f"expected outputs of shape ({len(y)}, classes), found {outputs.shape}")
    _see_that_each_is_judged_by_itself(model, x, order, outputs, batch_size)
    _see_that_nothing_was_held_back(model, x)
    known = np.isfinite(outputs).all(axis=1)
    return float(np.mean((outputs.argmax(axis=1) == np.asarray(y).reshape(-1)[order]) & known))


def _see_that_each_is_judged_by_itself(
    model: Any, x: np.ndarray, order: np.ndarray, outputs: np.ndarray, batch_size: int
) -> None:
    """Ask a net about a few images again, in other company. outputs: of the images `x[order]`."""
    rng = np.random.default_rng()
    some = rng.permutation(len(x))[: min(batch_size, int(rng.integers(5, 12)))]
    before, again = (as_numpy(one).astype("float64") for one in (outputs[some], model(x[order[some]], training=False)))
    finite = np.isfinite(before) & np.isfinite(again)
    span = np.ptp(before[finite]) if finite.any() else 0.0
    if (np.abs(before - again)[finite] > _UNLIKE * span + 1e-6).any():
        raise CheckFailed("the net judges an image by the others of its batch: each is to be judged by itself")


def _see_that_nothing_was_held_back(model: Any, x: np.ndarray) -> None:
    """Compare what a net computes from nothing for these images with what it shows when it is counted."""
    if hasattr(model, "inputs") and computed_of(model, x) > computed(model) + FREE_COMPUTED:
        raise CheckFailed(
            "the net computes kernels for these images that no weight holds: build it from layers with weights"
        )


_UNLIKE = 0.02
"""Share of the range of all outputs by which the outputs for one image may differ, as sums in another order do."""
MAX_HELD = 2**27
"""Numbers that a net may hold at a time, all its maps together: half a gigabyte."""


def _made(model: Any) -> int:
    """Numbers that the layers of a model make of one image."""
    total = 0
    for layer in getattr(model, "layers", ()):
        if hasattr(layer, "layers"):
            total += _made(layer)
        else:
            try:
                shapes = [output.shape[1:] for output in _tensors(layer.output)]
            except (AttributeError, ValueError):  # never called, or called twice: then it is one of many
                continue
            total += sum(int(np.prod([n or 1 for n in shape])) for shape in shapes)
    return total


def _tensors(outputs: Any) -> list[Any]:
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


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
    """Weights that count: all that the student could have set, trainable or frozen, and `constants`.

    A weight is 32 bits: one of 64 counts twice, for it can hold two. The moving statistics of batch normalisation are left
    out, and the state of random generators. Statistics beyond half of the weights count as well: no net that is trained has
    so many, but a batch normalisation of zeros is a table of any numbers.
    """
    weights, statistics = _sizes(model)
    return constants(model) + weights + max(0, statistics - weights // 2)


def constants(model: Any) -> int:
    """Numbers in a model that are weights by another name; 0 for a net of ordinary layers. `course.constants` says which.

    Normalization(mean=[…]), an array in an operation, a kernel that is computed by a formula, or thousands of layers whose
    settings or order are a code, hold numbers that no weight is.
    """
    return counted(model, _sizes(model)[0])


def _sizes(model: Any) -> tuple[int, int]:
    """(weights that count, moving statistics) of a model, in units of 32 bits."""
    weights = statistics = 0
    for weight in model.weights:
        size = int(np.prod(weight.shape)) * (2 if "64" in str(weight.dtype) else 1)
        if _is_statistic(weight):
            statistics += size
        elif not _is_seed(weight):
            weights += size
    return weights, statistics


# By the variable's own name, which Keras gives; the layer's name before it is the student's choice.
def _is_statistic(weight: Any) -> bool:
    return weight.path.rsplit("/", 1)[-1] in ("moving_mean", "moving_variance")


def _is_seed(weight: Any) -> bool:
    return weight.path.rsplit("/", 1)[-1] == "seed_generator_state"
