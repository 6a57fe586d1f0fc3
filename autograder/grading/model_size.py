"""What a model makes of one image, and how often it multiplies, each call of each layer counted, before anything is run.

A few weights can be asked to fill any memory, or any time: by large maps, by one layer that is called again and again, and by
models within models. A layer of a model within the model is counted with the sizes that it is called with there.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

from autograder.grading.refused import ModelRefused

MAX_VALUES = 2**23
"""Numbers that one layer may make of one image. The first maps of VGG16, 224×224×64, are 3.2 million."""
MAX_WORK = 25_000_000_000
"""Multiplications that a model may need for one image. VGG16 needs 15.5 thousand million for one of 224×224."""
WORK_FOR_A_VALUE = 2_000_000
"""The same for each number of the image: a wide ResNet for images of 32×32×3 needs 1.7 million."""
MAX_CALLS = 3000
"""How often layers may be called for one image. NASNetLarge, the largest of Keras's nets, has about 1,000 layers."""
OPEN_SIDES = (64, 32, 28)
"""Lengths that an axis may have which the model leaves open; the first that the model can take is tried."""


def check_size(model: Any, keras: Any) -> None:
    """Raise ModelRefused when `model`, a Functional or a Sequential, makes or multiplies too much of one image."""
    _check(model, keras)
    inputs = [tensor.shape[1:] for tensor in getattr(model, "inputs", None) or []]
    if all(None not in shape for shape in inputs):
        return
    for side in OPEN_SIDES:
        filled = [keras.Input([side if n is None else n for n in shape]) for shape in inputs]
        try:
            sized = keras.models.clone_model(model, input_tensors=filled if len(filled) > 1 else filled[0])
        except Exception:  # it cannot take images of this size
            continue
        return _check(sized, keras)


def _check(model: Any, keras: Any) -> None:
    given = list(getattr(model, "inputs", None) or [])
    tally = _Tally(keras)
    tally.walk(model, given)
    most = min(MAX_WORK, max(MAX_WORK // 10, WORK_FOR_A_VALUE * sum(_values(tensor.shape[1:]) for tensor in given)))
    if tally.work > most:
        raise ModelRefused(
            f"the model multiplies more than {most / 10**9:.3g} thousand million times for one image: make it smaller",
            f"{tally.work / 10**9:.3g} thousand million times",
        )


class _Tally:
    """Counts the calls and multiplications of a model, and looks at what each call makes."""

    def __init__(self, keras: Any) -> None:
        self.keras = keras
        self.calls = 0
        self.work = 0

    def walk(self, model: Any, given: Sequence[Any], times: int = 1) -> Any:
        """Count what `model` does when it is called `times` over with the symbolic tensors `given`; returns its outputs."""
        self._count_a_call()
        graph = getattr(model, "_functional", None) or model
        declared = getattr(graph, "inputs", None)
        if not declared:  # a Sequential that was never built: nothing is known of its sizes
            return None
        if [tensor.shape for tensor in declared] != [tensor.shape for tensor in given]:
            return graph._run_through_graph(given, operation_fn=lambda operation: self._counted(operation, times))
        for node in itertools.chain.from_iterable(graph._nodes_by_depth.values()):  # its own sizes: they are known
            if _is_model(node.operation):
                self.walk(node.operation, node.input_tensors, times)
            elif not node.is_input:
                self._count(node.operation, node.input_tensors, node.output_tensors, times)
        return graph.outputs if len(graph.outputs) > 1 else graph.outputs[0]

    def _counted(self, operation: Any, times: int) -> Callable[..., Any]:
        """What stands for `operation` while a graph is run with other sizes than its own."""
        flatten, tensor = self.keras.tree.flatten, self.keras.KerasTensor

        def call(*arguments: Any, **named: Any) -> Any:
            taken = [x for x in flatten((arguments, named)) if isinstance(x, tensor)]
            if _is_model(operation) and (outputs := self.walk(operation, taken, times)) is not None:
                return outputs
            made = operation.compute_output_spec(*arguments, **named)
            self._count(operation, taken, flatten(made), times)
            return made

        return call

    def _count(self, operation: Any, taken: Sequence[Any], made: Sequence[Any], times: int) -> None:
        self._count_a_call()
        self._check_outputs(operation, made)
        self.work += times * _work(operation, [*taken, *made])
        for part in getattr(operation, "_flatten_layers", lambda **_: ())(include_self=False):
            if _is_model(part):  # in a layer like TimeDistributed, which calls it once for each step
                steps = max((tensor.shape[1] or 1 for tensor in taken if len(tensor.shape) > 1), default=1)
                self.walk(part, getattr(part, "inputs", None) or [], times * steps)

    def _count_a_call(self) -> None:
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise ModelRefused(
                f"the model calls its layers more than {MAX_CALLS:,} times for one image: make it smaller"
            )

    @staticmethod
    def _check_outputs(operation: Any, outputs: Sequence[Any]) -> None:
        made = [_values(tensor.shape[1:]) for tensor in outputs]
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


def _work(operation: Any, tensors: Sequence[Any]) -> int:
    """Multiplications of one call: each weight of the layer at each place."""
    if type(operation).__name__ == "Embedding":  # looks up, and multiplies nothing
        return 0
    first = getattr(operation, "data_format", None) == "channels_first"
    places = [_values(tensor.shape[2:] if first else tensor.shape[1:-1]) for tensor in tensors]
    return sum(_values(weight.shape) for weight in getattr(operation, "weights", ())) * max(places, default=1)


def _values(shape: Sequence[int | None]) -> int:
    return math.prod(1 if n is None else n for n in shape)
