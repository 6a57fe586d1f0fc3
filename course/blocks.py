"""Blocks of layers as models: how a check looks at a function that takes a tensor and returns a tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

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
        raise CheckFailed(str(reason))
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


def as_model(value: Any, what: str = "the result") -> Any:
    """`value` where it is a built Keras model. Raises CheckFailed, which says what came instead, where it is not."""
    import keras

    if value is None:
        raise CheckFailed(f"{what} is None: did you forget `return`?")
    if reason := getattr(value, "reason", None):
        raise CheckFailed(f"{what}: {reason}")
    if not isinstance(value, keras.Model):
        raise CheckFailed(
            f"{what} should be a Keras model of built-in layers",
            f"it is a {getattr(value, 'type_name', type(value).__name__)}",
        )
    if not value.built:
        raise CheckFailed(f"{what} has no weights yet: begin it with keras.Input(shape), so that Keras can build it")
    return value


def maps_of(model: Any) -> list[tuple[int, int, int]]:
    """Shapes (height, width, channels) of the maps on the way through a Keras model, in order, each once in a row.

    Left out are the input, maps that are only padded wider, and maps of 1×1 (dense layers written as convolutions), so that
    two ways to write one net give the same list. Blocks that are models themselves are looked into.
    """
    last = tuple(model.input_shape[1:])
    path: list[tuple[int, int, int]] = []
    for layer in _leaves(model):
        shape = tuple(layer.output.shape[1:])
        if len(shape) != 3 or shape == last or shape[0] > last[0] or shape[:2] == (1, 1):
            continue
        path.append(shape)
        last = shape
    return path


def _leaves(model: Any) -> Iterator[Any]:
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        else:
            yield layer


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
