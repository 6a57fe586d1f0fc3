"""What a model makes of one image, and how often it multiplies, each call of each layer counted, before anything is run.

A few weights can be asked to fill any memory, or any time: by large maps, by one layer that is called again and again, and by
models within models. A layer of a model within the model is counted with the sizes that it is called with there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograder.grading.refused import ModelRefused
from course import private_keras

MAX_VALUES = 2**23
"""Numbers that one layer may make of one image. The first maps of VGG16, 224×224×64, are 3.2 million."""
MAX_WORK = 25_000_000_000
"""Multiplications that a model may need for one image. VGG16 needs 15.5 billion for one of 224×224."""
WORK_FOR_A_VALUE = 2_000_000
"""The same for each number of the image: a wide ResNet for images of 32×32×3 needs 1.7 million."""
BATCHES = (17, 34)
"""Images in the batches that are measured. What a tensor holds may grow with the images, but not with their square."""
MAX_CALLS = 3000
"""How often layers may be called for one image. NASNetLarge, the largest of Keras's nets, has about 1,000 layers."""
OPEN_SIDES = (64, 32, 28)
"""Lengths that an axis may have which the model leaves open; the first that the model can take is tried."""


def check_size(model: Any, keras: Any) -> None:
    """Raise ModelRefused when `model`, a Functional or a Sequential, makes or multiplies too much of one image."""
    declared = [tuple(tensor.shape) for tensor in getattr(model, "inputs", None) or []]
    dtypes = [tensor.dtype for tensor in getattr(model, "inputs", None) or []]
    open_axes = any(None in shape[1:] for shape in declared)
    for side in OPEN_SIDES if open_axes else (1,):
        shapes = [[side if n is None else n for n in shape[1:]] for shape in declared]
        try:
            tally = _measured(model, keras, shapes, dtypes, BATCHES[0])
            break
        except ModelRefused:
            raise
        except Exception:  # it cannot take images of this size
            if not open_axes:
                raise
    else:
        raise ModelRefused("the model takes no image of 64, 32 or 28 pixels")
    most = min(MAX_WORK, max(MAX_WORK // 10, WORK_FOR_A_VALUE * sum(map(_values, shapes))))
    if tally.work > most:
        raise ModelRefused(
            f"the model multiplies more than {most / 10**9:.3g} thousand million times for one image: make it smaller",
            f"{tally.work / 10**9:.3g} thousand million times",
        )
    if tally.mixes:
        twice = _measured(model, keras, shapes, dtypes, BATCHES[1])
        if any(b > 2 * max(a, BATCHES[0]) for a, b in zip(tally.made, twice.made, strict=True)):
            raise ModelRefused(
                "the model compares the images of a batch with each other: each is to be judged by itself"
            )


def _measured(model: Any, keras: Any, shapes: list[list[int]], dtypes: list[Any], images: int) -> _Tally:
    tally = _Tally(keras, images)
    tally.walk(model, [keras.KerasTensor((images, *one), dtype) for one, dtype in zip(shapes, dtypes, strict=True)])
    return tally


class _Tally:
    """Counts the calls and multiplications of a model, and looks at what each call makes of a batch of `images`.

    Attributes: calls; work, multiplications for one image; made, numbers in each tensor; mixes, whether a tensor has lost
    the axis of the images.
    """

    def __init__(self, keras: Any, images: int) -> None:
        self.keras = keras
        self.images = images
        self.calls = 0
        self.work = 0
        self.made: list[int] = []
        self.mixes = False

    def walk(self, model: Any, given: Sequence[Any], times: int = 1) -> Any:
        """Count what `model` does when it is called `times` over with the symbolic tensors `given`; returns its outputs."""
        self._count_a_call()
        if not getattr(
            private_keras.graph_of(model), "inputs", None
        ):  # a Sequential that was never built: nothing is known of its sizes
            return None
        return private_keras.run_through(model, given, lambda operation: self._counted(operation, times))

    def _counted(self, operation: Any, times: int) -> Callable[..., Any]:
        """What stands for `operation` while a graph is run with sizes instead of numbers."""
        flatten, tensor = self.keras.tree.flatten, self.keras.KerasTensor

        def call(*arguments: Any, **named: Any) -> Any:
            taken = [x for x in flatten((arguments, named)) if isinstance(x, tensor)]
            if _is_model(operation) and (outputs := self.walk(operation, taken, times)) is not None:
                return outputs
            made = operation.compute_output_spec(*arguments, **named)
            self._count(operation, taken, [one for one in flatten(made) if isinstance(one, tensor)], times)
            return made

        return call

    def _count(self, operation: Any, taken: Sequence[Any], made: Sequence[Any], times: int) -> None:
        self._count_a_call()
        self._check_outputs(operation, made)
        self.work += times * _work(operation, taken, made, self.images)
        for part in private_keras.parts(operation):
            if _is_model(part):  # in a layer like TimeDistributed, which calls it once for each step
                steps = max((tensor.shape[1] or 1 for tensor in taken if len(tensor.shape) > 1), default=1)
                inputs = [
                    self.keras.KerasTensor((self.images, *(n or 1 for n in one.shape[1:])), one.dtype)
                    for one in getattr(part, "inputs", None) or []
                ]
                self.walk(part, inputs, times * steps)

    def _count_a_call(self) -> None:
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise ModelRefused(
                f"the model calls its layers more than {MAX_CALLS:,} times for one image: make it smaller"
            )

    def _check_outputs(self, operation: Any, outputs: Sequence[Any]) -> None:
        for tensor in outputs:
            if None in tensor.shape:
                raise ModelRefused(
                    "the size of what a layer of the model makes depends on the image", f"it is {operation.name[:60]!r}"
                )
        self.mixes |= any(not tensor.shape or tensor.shape[0] != self.images for tensor in outputs)
        self.made += [_values(tensor.shape) for tensor in outputs]
        made = [-(-_values(tensor.shape) // self.images) for tensor in outputs]
        if "Attention" in type(operation).__name__:  # inside it, a number for each pair of places and each head
            places = max(_values(tensor.shape[1:-1]) for tensor in outputs)
            made.append((getattr(operation, "num_heads", 1) or 1) * places**2)
        for values in made:
            if values > MAX_VALUES:
                raise ModelRefused(
                    f"a layer of the model makes more than {MAX_VALUES:,} numbers of one image",
                    f"{operation.name[:60]!r} makes {values:,}",
                )


def _is_model(operation: Any) -> bool:
    return hasattr(operation, "operations") or hasattr(operation, "_functional")


def _work(operation: Any, taken: Sequence[Any], made: Sequence[Any], images: int) -> int:
    """Multiplications of one call for one image: each weight at each place, each pair that is multiplied, each value."""
    name = type(operation).__name__
    ins, outs = ([-(-_values(one.shape) // images) for one in some] for some in (taken, made))
    work = sum(ins) + sum(outs)
    if name == "Embedding":  # looks up, and multiplies nothing
        return work
    first = getattr(operation, "data_format", None) == "channels_first"
    places = [
        -(-_values(one.shape[:1] + one.shape[2:] if first else one.shape[:-1]) // images) for one in (*taken, *made)
    ]
    work += sum(_values(weight.shape) for weight in getattr(operation, "weights", ())) * max(places, default=1)
    if name in ("Matmul", "Dot", "Einsum", "DotProductAttention") or "Attention" in name:
        # With f, g free and c common values: f·c and g·c come in, f·g come out, and f·g·c is the root of the product.
        pairs = ins[:2] if len(ins) > 1 else ins * 2
        work += (
            math.prod(ins) if len(ins) > 2 and name == "Einsum" else math.isqrt(math.prod(pairs) * max(*outs, *pairs))
        )
    window = getattr(operation, "pool_size", None)
    if window is not None and "Global" not in name:
        work += sum(outs) * (math.prod(window) if isinstance(window, (list, tuple)) else window**2)
    return work


def _values(shape: Sequence[int | None]) -> int:
    return math.prod(1 if n is None else n for n in shape)
