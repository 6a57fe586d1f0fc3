"""Branches that stand side by side: where a net splits, where it joins again, and how far each map in between looks.

What is looked at is the graph and what it does to one changed pixel, not the names or kinds of layers: a 5×5 written as two
3×3, or as 1×5 and 5×1, is as good as a 5×5, and the order of the branches is free.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course import private_keras
from course.backends import as_numpy

__all__ = ["Join", "joins"]

_BUMP = 100.0
_NOISE = 1e-3  # of the largest change: what lies below is rounding


@dataclass(frozen=True)
class Join:
    """Branches that leave one tensor and meet again in another, with the height and width unchanged.

    Attributes:
        start, end: the two Keras tensors of the model, each (None, height, width, channels).
        fields: for each map of `end` the side of the square of `start` that it sees; 0 for a map that mixes no channels,
            because it only passes one on.
    """

    start: Any
    end: Any
    fields: tuple[int, ...]

    @property
    def kinds(self) -> dict[int, int]:
        """Number of maps by the field that they see, from small to large; maps that are only passed on are left out."""
        return {field: self.fields.count(field) for field in sorted(set(self.fields) - {0})}


def joins(model: Any) -> list[Join]:
    """The places where branches of `model` (a Keras model) meet, from input to output; those of nested models, too.

    Of each fork it is the last tensor at which all its branches have met, where that has the fork's height and width.
    Fields are found on a copy of the net with positive weights, by changing the middle pixel of one channel.
    """
    import keras

    found: list[Join] = []
    for layer in model.layers:
        if isinstance(layer, keras.Model) and layer.inputs:
            found += joins(layer)
    copy = keras.models.clone_model(model)
    _positive(copy)
    depth, order = _graph(model)
    _, order_of_copy = _graph(copy)
    twins = dict(zip((id(tensor) for tensor in order), order_of_copy, strict=True))
    last: dict[int, Join] = {}
    for end in order:
        if len(_sources(end)) < 2 or not _is_map(end):
            continue
        start = _fork(end, depth)
        if start is None or not _is_map(start) or start.shape[1:3] != end.shape[1:3]:
            continue
        fields = _fields(twins[id(start)], twins[id(end)])
        last[id(start)] = Join(start, end, fields)  # a later end of the same fork replaces an inner one
    return found + [join for _, join in sorted(last.items(), key=lambda item: depth[item[0]])]


def _is_map(tensor: Any) -> bool:
    return len(tensor.shape) == 4 and None not in tensor.shape[1:]


def _sources(tensor: Any) -> list[Any]:
    """The tensors from which a layer makes `tensor`; none for an input."""
    return private_keras.sources(tensor)


def _graph(model: Any) -> tuple[dict[int, int], list[Any]]:
    """Place of each tensor (by its id), and the tensors, sources before results."""
    order: list[Any] = []
    place: dict[int, int] = {}
    waiting = [(tensor, False) for tensor in reversed(model.outputs)]
    while waiting:
        tensor, ready = waiting.pop()
        if id(tensor) in place:
            continue
        if ready:
            place[id(tensor)] = len(order)
            order.append(tensor)
        else:
            waiting.append((tensor, True))
            if all(tensor is not one for one in model.inputs):
                waiting += [(source, False) for source in reversed(_sources(tensor)) if id(source) not in place]
    return place, order


def _fork(end: Any, place: dict[int, int]) -> Any:
    """The nearest tensor through which every way to `end` leads, None where there is none."""
    front = {place[id(one)]: one for one in _sources(end) if id(one) in place}
    while len(front) > 1:
        latest = front.pop(max(front))  # whatever is last in order cannot lie before the others
        before = [one for one in _sources(latest) if id(one) in place]
        if not before:
            return None
        front |= {place[id(one)]: one for one in before}
    return next(iter(front.values()), None)


def _positive(model: Any) -> None:
    """Weights with which nothing cancels and no ReLU is silent: averages for kernels, batch norm that does nothing."""
    for weight in model.weights:
        shape, name = tuple(weight.shape), weight.path.rsplit("/", 1)[-1]
        if len(shape) > 1:
            weight.assign(np.full(shape, 1 / np.prod(shape[:-1])))
        elif len(shape) == 1 and "seed" not in name:
            weight.assign(np.full(shape, 1.0 if name in ("gamma", "moving_variance") else 0.0))


def _fields(start: Any, end: Any) -> tuple[int, ...]:
    import keras

    height, width, channels = start.shape[1:]
    row, column = height // 2, width // 2
    images = np.ones((2, height, width, channels), "float32")
    images[1, row, column, 0] += _BUMP
    outputs = as_numpy(keras.Model(start, end)(images, training=False))
    change = np.abs(outputs[1] - outputs[0])
    seen = change > np.maximum(_NOISE * change.max(axis=(0, 1)), 1e-6 * change.max())
    fields = []
    for number in range(end.shape[-1]):
        rows, columns = np.nonzero(seen[..., number])
        fields.append(1 + 2 * int(max(*abs(rows - row), *abs(columns - column))) if len(rows) else 0)
    # A convolution spreads the changed channel over all its maps: a single map of its kind only passes it on.
    return tuple(field if fields.count(field) > 1 else 0 for field in fields)
