"""Blocks of layers as models: how a check looks at a function that takes a tensor and returns a tensor."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course import operations, private_keras
from course.checks import CheckFailed

Shape = tuple[int | None, ...]


def model_of(function: Callable[..., Any], shape: Shape | list[Shape], *args: Any, **kwargs: Any) -> Any:
    """The `keras.Model` from an input of `shape` (no batch axis) to `function(input, *args, **kwargs)`.

    A list of shapes makes a list of inputs. Raises CheckFailed where `function` does not return a tensor that its input
    leads to; exceptions of `function` pass through. In the grader `function` stands for one in the student's process,
    which builds the model there; it comes back as configuration and weights.
    """
    remote = getattr(function, "model_of", None)
    model = remote(shape, args, kwargs) if remote else build(function, shape, args, kwargs)
    if model is None:
        name = getattr(function, "__name__", "your function")
        raise CheckFailed(f"{name} must return the tensor that its last layer gives: did you forget `return`?")
    if reason := getattr(model, "reason", None):
        raise CheckFailed(str(reason), getattr(model, "detail", ""))
    return model


def build(
    function: Callable[..., Any], shape: Shape | list[Shape], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """The model of `model_of`, built in this process; None where `function` returns no tensor of its input."""
    import keras

    inputs = [keras.Input(one) for one in shape] if isinstance(shape, list) else keras.Input(tuple(shape))
    outputs = function(inputs, *args, **kwargs)
    if not all(isinstance(one, keras.KerasTensor) for one in (outputs if isinstance(outputs, list) else [outputs])):
        return None
    try:
        return keras.Model(inputs, outputs)
    except ValueError:  # the outputs do not come from the inputs
        return None


def as_model(value: Any, what: str = "the result", takes: Shape | None = None) -> Any:
    """`value` where it is a built Keras model of Keras's own layers.

    takes: the shape of one input that it must have, no batch axis. Raises CheckFailed, which says what came instead, where
    it is none. A layer that the grader would refuse (Lambda, a class of the student's) is refused in the notebook as well.
    """
    import keras

    if value is None:
        raise CheckFailed(f"{what} is None: did you forget `return`?")
    if reason := getattr(value, "reason", None):
        raise CheckFailed(f"{what}: {reason}", getattr(value, "detail", ""))
    if not isinstance(value, keras.Model):
        raise CheckFailed(f"{what} should be a Keras model of built-in layers", f"it is {_kind_of(value)}")
    if (foreign := _foreign_layer(value)) is not None:
        raise CheckFailed(
            f"{what} uses {foreign}: build it from Keras's own layers, with keras.Sequential or keras.Model(inputs, outputs)"
        )
    if said := operations.refusal(value):
        raise CheckFailed(f"{what}: {said}")
    if not value.built or not getattr(value, "inputs", None):
        raise CheckFailed(f"{what} has no weights yet: begin it with keras.Input(shape), so that Keras can build it")
    if takes is not None:
        shapes = [tuple(one.shape[1:]) for one in value.inputs]
        if shapes != [tuple(takes)]:
            found = " and ".join(map(str, shapes))
            raise CheckFailed(
                f"{what} should take one image of shape {tuple(takes)}: keras.Input({tuple(takes)})",
                f"it takes {found}",
            )
    return value


def _kind_of(value: Any) -> str:
    """What something that is not a model is, in a few words."""
    if hasattr(value, "model_of"):  # the grader's stand-in for what can be called: a function, a layer, a class
        return "something that can be called"
    return f"a {getattr(value, 'type_name', type(value).__name__)}"


def _foreign_layer(model: Any) -> str | None:
    """A class in `model` that is not Keras's own, or that may hold code of any kind; None where there is none."""
    import keras

    name = type(model).__name__
    if not type(model).__module__.startswith("keras."):
        return f"{name}, which is no built-in Keras layer"
    if name == "Lambda":
        return "a Lambda layer, which can hide code"
    layers = model.layers if isinstance(model, keras.Model) else ()
    return next((found for layer in layers if (found := _foreign_layer(layer)) is not None), None)


def steps(model: Any) -> tuple[list[Any], list[tuple[Any, Any]]]:
    """What a model computes, layer by layer, with the nets within the net opened.

    Returns (inputs, [(layer, its output), …]): tensors of one graph, in the order of computation, so that
    `keras.Model(inputs, output)` is the part of the model up to there, with the model's own weights. `layer.output` is that
    tensor only where no net stands within another, and no layer is used twice.
    """
    import keras

    found: list[tuple[Any, Any]] = []

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(layer, keras.Model):
            return run(layer, *args)
        output = layer(*args, **kwargs)
        found.append((layer, output))
        return output

    def run(net: Any, x: Any) -> Any:
        if isinstance(net, keras.Sequential):
            for layer in net.layers:
                x = call(layer, x)
            return x
        return private_keras.run_through(net, x, lambda operation: functools.partial(call, operation))

    inputs = [keras.Input(batch_shape=one.shape, dtype=one.dtype) for one in model.inputs]
    run(model, inputs if len(inputs) > 1 else inputs[0])
    return inputs, found


def maps_of(model: Any) -> list[tuple[int, int, int]]:
    """Shapes (height, width, channels) of the maps on the way through a Keras model, in order, each once in a row.

    Left out are the input, maps that are only padded wider, and maps of 1×1 (dense layers written as convolutions), so that
    two ways to write one net give the same list. Blocks that are models themselves are looked into.
    """
    last = tuple(model.input_shape[1:])
    path: list[tuple[int, int, int]] = []
    for _, output in steps(model)[1]:
        shape = tuple(output.shape[1:])
        if len(shape) != 3 or shape == last or shape[0] > last[0] or shape[:2] == (1, 1):
            continue
        path.append(shape)
        last = shape
    return path


def twin(model: Any, reference: Any, rng: np.random.Generator) -> None:
    """Give two Keras models the same random weights, so that their outputs can be compared.

    Weights are paired by shape, those of one shape in the order in which they stand; a weight that finds no partner of its
    shape takes one of as many numbers (a 5×5 convolution over a 5×5 map, and a dense layer behind Flatten). Moving variances
    come out positive. Raises CheckFailed where the two hold other weights.
    """
    waiting = [w for w in model.weights if "seed_generator" not in w.path]
    for wanted in (w for w in reference.weights if "seed_generator" not in w.path):
        shape = tuple(wanted.shape)
        same = [w for w in waiting if tuple(w.shape) == shape] or [w for w in waiting if _size(w) == _size(wanted)]
        if not same:
            raise CheckFailed(
                "the weights are not those of the net asked for: compare their shapes, layer by layer",
                f"there is none of shape {shape}; left are {[tuple(w.shape) for w in waiting]}",
            )
        values = _random(shape, wanted.path, rng)
        wanted.assign(values)
        same[0].assign(values.reshape(tuple(same[0].shape)))
        waiting = [w for w in waiting if w is not same[0]]
    if waiting:
        raise CheckFailed(
            "there are more weights than the net asked for has: compare their shapes, layer by layer",
            f"too many are {[tuple(w.shape) for w in waiting]}",
        )


def _size(weight: Any) -> int:
    return int(np.prod(weight.shape))


def _random(shape: tuple[int, ...], path: str, rng: np.random.Generator) -> np.ndarray:
    if path.endswith("moving_variance"):
        return rng.uniform(0.5, 1.5, shape).astype("float32")
    spread = np.sqrt(2 / np.prod(shape[:-1])) if len(shape) > 1 else 0.3  # kernels keep the size of what passes them
    return rng.normal(0, spread, shape).astype("float32")
