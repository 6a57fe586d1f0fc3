"""Numbers of a model that no weight holds: in its configuration, in its structure, and computed from nothing.

A budget of weights would be worth nothing if a table could stand elsewhere, so three things count beside the weights:

- numbers in long lists, in arrays, and in the arguments of operations, each of them, whatever its type;
- the rest of the configuration by the length of its compressed description, four bits for one weight: settings, axes,
  kinds of layers and which goes where are a code for any table, and a table of n bits needs a description of n bits;
- the values of tensors that are the same whatever the image is: kernels that a formula computes are frozen weights.

What any design needs of each is free.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from course import private_keras
from course.checks import CheckFailed
from course.description import description_bytes

__all__ = ["computed", "computed_of", "counted"]

SHORT = 16
"""Lists up to this length are sizes, shapes and names of inputs."""
FEW = 64
"""Numbers in short lists and in the arguments of operations that are free: two for the range of each augmentation, six to
normalise three colours."""
FREE_BYTES = 1024
"""Length of a description that is free. The nets of the course need 200 to 600 bytes, ResNet50 560, InceptionV3 840."""
SHARE = 64
"""Weights for which one more number, and one more byte, is free: large nets have more layers."""
BITS = 4
"""Bits of a description that count as one weight: a small number, such as the grey of a pixel, has no more."""


def counted(model: Any, weights: int) -> int:
    """Weights by another name in `model`, a Keras model with `weights` weights: 0 for a net of ordinary layers."""
    config = json.loads(model.to_json())
    more = weights // SHARE
    listed = sum(_long_lists(config))
    short = sum(_short_lists(config))
    if short > FEW + more:
        listed += short
    described = max(0, description_bytes(_without_long_lists(config)) - FREE_BYTES - more) * 8 // BITS
    return listed + described + computed(model)


# Lists and arguments


def _long_lists(node: Any) -> Iterator[int]:
    """How many numbers and words each list of more than SHORT holds, lists within it counted, and layers left out."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in _SHAPES:
                yield from _long_lists(value)
    elif isinstance(node, list):
        if long := _leaves(node) > SHORT:
            yield _units(node)
        for item in _dicts(node) if long else node:
            yield from _long_lists(item)


def _short_lists(node: Any, in_call: bool = False) -> Iterator[int]:
    """Numbers in the short lists of a configuration that are not sizes: fractions, and whatever an operation is called with."""
    if isinstance(node, dict):
        if node.get("class_name") == "__slice__":
            return
        is_operation = str(node.get("module")).startswith("keras.src.ops.")
        for key, value in node.items():
            if key not in _SHAPES:
                yield int(in_call and isinstance(value, (int, float)))
                yield from _short_lists(value, in_call or (is_operation and key == "inbound_nodes"))
    elif isinstance(node, list):
        if _leaves(node) <= SHORT:
            yield sum(isinstance(n, float) or (in_call and isinstance(n, (int, float))) for n in _flat(node))
        for item in _dicts(node):
            yield from _short_lists(item, in_call)


_SHAPES = ("build_config", "compile_config", "keras_history", "input_layers", "output_layers", "batch_shape", "shape")


def _flat(node: Any) -> Iterator[Any]:
    """What stands in a list of lists, dicts left out."""
    if isinstance(node, list):
        for item in node:
            yield from _flat(item)
    elif not isinstance(node, dict):
        yield node


def _dicts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for item in node:
            yield from _dicts(item)
    elif isinstance(node, dict):
        yield node


def _leaves(node: Any) -> int:
    return sum(n is not None for n in _flat(node))


def _units(node: Any) -> int:
    """Numbers in a list of lists; of a word every four letters count."""
    return sum(-(-len(n) // 4) if isinstance(n, str) else 1 for n in _flat(node) if n is not None)


def _without_long_lists(node: Any) -> Any:
    """The configuration with an empty list in place of each that `_long_lists` counts, number by number."""
    if isinstance(node, dict):
        return {key: value if key in _SHAPES else _without_long_lists(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_without_long_lists(item) for item in (_dicts(node) if _leaves(node) > SHORT else node)]
    return node


# Tensors that are computed from nothing

_IMAGES = 7
"""Images in a batch: a number that no axis of a net is likely to have."""
_SIDES = (28, 32, 64, 224)
_SAME = 0.99
"""Correlation of what a tensor holds for two images from which on both are the same pattern."""
_SAME_FOR_IMAGES = 0.9995
"""The same for images as they come, which are more alike: textures of one mean give maps that differ by a few hundredths."""
FREE_COMPUTED = 1024
"""Values that a net may compute from nothing: two maps with the rows and columns of the pixels are fewer, compressed."""


def computed(model: Any) -> int:
    """Values in tensors of `model` that are the same for any image, up to a factor and a summand: frozen weights.

    Counted is each such tensor where it meets one that depends on the image, less the weights it is made of: a kernel that
    a formula computes, an index of places. What repeats itself counts by its compressed length. `FREE_COMPUTED` values are
    free. Found by running the net on two batches of unlike images. Raises CheckFailed where it cannot be run on them.
    """
    if not getattr(model, "inputs", None):
        return 0
    for side in _SIDES:
        batches = [_batches(model, side, np.random.default_rng(seed)) for seed in (0, 1)]
        try:
            one, other = (_Run(model, batch) for batch in batches)
        except Exception:  # its axes are open, and it cannot take images of this size
            continue
        total = _meeting(one, other)
        return (total if total > FREE_COMPUTED else 0) + sum(map(computed, one.inner))
    raise CheckFailed(
        f"the net cannot be counted: it does not run on a batch of {_IMAGES} images of the size it asks for"
    )


def computed_of(model: Any, images: np.ndarray) -> int:
    """The same for a batch of images as they come, (N, height, width, channels): what a net computes from nothing for these.

    A net can tell stripes and noise from a photograph, and hold its pattern back until it is shown one. 0 for fewer than 14
    images, and for a model of several inputs.
    """
    if len(getattr(model, "inputs", None) or ()) != 1 or len(images) < 2 * _IMAGES:
        return 0
    chosen = np.random.default_rng().permutation(len(images))[: 2 * _IMAGES]
    one, other = (_Run(model, [images[np.sort(part)]]) for part in np.split(chosen, 2))
    total = _meeting(one, other, _SAME_FOR_IMAGES)
    return total if total > FREE_COMPUTED else 0


def _batches(model: Any, side: int, rng: np.random.Generator) -> list[np.ndarray]:
    """For each input a batch of images that have little in common: black, white, noise of two kinds, stripes, one spot."""
    batches = []
    for tensor in model.inputs:
        shape = tuple(side if n is None else n for n in tensor.shape[1:])
        images = rng.random((_IMAGES, *shape))
        if shape:
            stripes = np.arange(shape[0]) // int(rng.integers(1, 4)) % 2
            images[0], images[1] = 0.0, 1.0
            images[2] = images[2] > 0.8
            images[3] = stripes.reshape(-1, *[1] * (len(shape) - 1))
            images[4] = 0.02 * images[4]
            images[5] = 0.0
            images[5].flat[int(rng.integers(images[5].size))] = 1.0
        batches.append(images.astype("float32" if "float" in str(tensor.dtype) else str(tensor.dtype)))
    return batches


class _Run:
    """What each call of a layer or an operation makes of a batch, with the models within the model opened.

    Attributes: calls, a list of (numbers of the tensors taken, numbers of the tensors made); values, an array for each
    tensor; weights, for each tensor how many weights it was made of; inner, models in layers such as TimeDistributed.
    """

    def __init__(self, model: Any, batches: list[np.ndarray]) -> None:
        import keras

        self.keras = keras
        self.calls: list[tuple[list[int], list[int]]] = []
        self.values: list[np.ndarray] = []
        self.inner: list[Any] = []
        self._tensors: list[Any] = []  # held, so that no id is given twice
        self._number: dict[int, int] = {}
        self._made_of: list[dict[int, int]] = []
        with keras.StatelessScope():  # a batch norm that is called as in training would learn of these images
            outputs = self._walk(model, [keras.ops.convert_to_tensor(one) for one in batches])
        self.calls.append(([self._known(one) for one in keras.tree.flatten(outputs)], []))
        self.weights = [sum(sizes.values()) for sizes in self._made_of]
        del self._tensors

    def _known(self, tensor: Any, made_of: dict[int, int] | None = None) -> int:
        if id(tensor) not in self._number:
            self._number[id(tensor)] = len(self.values)
            self._tensors.append(tensor)
            self.values.append(np.asarray(self.keras.ops.convert_to_numpy(tensor)))
            self._made_of.append(made_of or {})
        return self._number[id(tensor)]

    def _walk(self, model: Any, given: Any) -> Any:
        return private_keras.run_through(model, given, self._recorded)

    def _recorded(self, operation: Any) -> Any:
        flatten = self.keras.tree.flatten

        def call(*arguments: Any, **named: Any) -> Any:
            if private_keras.is_graph(operation):
                return self._walk(operation, arguments[0])
            self.inner += [
                part
                for part in private_keras.parts(operation)
                if private_keras.is_graph(part) and part not in self.inner
            ]
            taken = [self._known(x) for x in flatten((arguments, named)) if self.keras.ops.is_tensor(x)]
            outputs = operation(*arguments, **named)
            sizes = {id(w): int(np.prod(w.shape)) for w in getattr(operation, "weights", ())}
            for number in taken:
                sizes |= self._made_of[number]
            made = [self._known(x, sizes) for x in flatten(outputs) if self.keras.ops.is_tensor(x)]
            self.calls.append((taken, made))
            return outputs

        return call


def _meeting(one: _Run, other: _Run, same: float = _SAME) -> int:
    """Values of the constant tensors that are joined with others, or come out. same: see `_SAME`."""
    fixed = [_constant(a, b, same) for a, b in zip(one.values, other.values, strict=True)]
    meeting: set[int] = set()
    for taken, made in one.calls:
        if not made or any(fixed[number] is None for number in made):
            meeting |= {number for number in taken if fixed[number] is not None}
    return sum(max(0, (fixed[number] or 0) - one.weights[number]) for number in meeting)


def _constant(one: np.ndarray, other: np.ndarray, same: float) -> int | None:
    """How many values a tensor holds whose pattern is the same for all images; None where it is not."""
    if one.shape != other.shape or one.dtype.kind not in "fiub" or one.size < 2:
        return None if one.shape != other.shape or not np.array_equal(one, other) else 1
    rows = np.stack([one, other]).astype(float)
    rows = rows.reshape(2 * _IMAGES if one.shape[0] == _IMAGES else 2, -1)
    rows = np.nan_to_num(rows, nan=0.0, posinf=0.0, neginf=0.0)
    rows -= rows.mean(axis=1, keepdims=True)
    sizes = np.linalg.norm(rows, axis=1)
    patterns = rows[sizes > 1e-6 * max(1.0, sizes.max())]
    if len(patterns) < 2:
        return 1 if not len(patterns) else None
    patterns /= np.linalg.norm(patterns, axis=1, keepdims=True)
    if np.abs(patterns @ patterns[0]).min() < same:
        return None
    span = np.ptp(patterns[0])
    levels = np.round((patterns[0] - patterns[0].min()) / span * 255).astype("uint8")
    return min(levels.size, 8 * len(zlib.compress(levels.tobytes())))
