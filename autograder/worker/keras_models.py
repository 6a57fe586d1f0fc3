"""Keras models to data and back, on the worker's side (the referee has its own, stricter, way back)."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.worker.wire import ModelData

_BACKENDS = {
    "softmax_v2": "softmax",
    "log_softmax_v2": "log_softmax",
    "identity": "linear",
    "exp": "exponential",
    "swish": "silu",
    "hard_swish": "hard_silu",
    "hardswish": "hard_silu",
    "hardsigmoid": "hard_sigmoid",
    "hardtanh": "hard_tanh",
    "hardshrink": "hard_shrink",
    "softshrink": "soft_shrink",
    "tanhshrink": "tanh_shrink",
    "logsigmoid": "log_sigmoid",
}
"""{name of an activation as TensorFlow, JAX or PyTorch has it: Keras's name}."""
_ONLY_FOR_TRAINING = ("_initializer", "_regularizer", "_constraint")
"""Settings of a layer that its weights, once they are there, do not need."""


def is_model(value: Any) -> bool:
    """Whether `value` is a Keras model. Does not import Keras: without it there is none."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def to_data(value: Any) -> ModelData | None:
    """`value` as ModelData when it is a Keras model, else None.

    Only what computes is described: layers and weights, not how the model was compiled, nor what a student wrote to
    initialise or to regularise it. A model that cannot be described arrives as one that is refused, with what is to blame.
    """
    if not is_model(value):
        return None
    import keras

    from course import private_keras

    try:
        with _without_training(value, keras):
            config = _with_known_names(json.loads(value.to_json()))
        _mark_shared(value, config)
        return ModelData(json.dumps(config), [_plain(np.asarray(w)) for w in private_keras.weights_of(value)])
    except Exception:
        return ModelData(json.dumps(_to_blame(value, keras)), [])


@contextlib.contextmanager
def _without_training(model: Any, keras: Any) -> Iterator[None]:
    """Within, the layers of `model` hold none of the student's own initialisers, regularisers and constraints, and how it
    was compiled is nobody's business."""
    from course import private_keras

    compiled = keras.Model.get_compile_config
    replaced: list[tuple[dict[str, Any], str, Any]] = []
    for layer in (model, *private_keras.parts(model)):
        held = vars(layer)
        for name, setting in list(held.items()):
            if name.endswith(_ONLY_FOR_TRAINING) and setting is not None and not _of_keras(setting):
                replaced.append((held, name, setting))
                held[name] = keras.initializers.Zeros() if name.endswith("_initializer") else None
    keras.Model.get_compile_config = lambda self: None
    try:
        yield
    finally:
        keras.Model.get_compile_config = compiled
        for held, name, setting in replaced:
            held[name] = setting


def _of_keras(setting: Any) -> bool:
    """Whether an initialiser, a regulariser or a constraint is of a class of Keras's."""
    return type(setting).__module__.partition(".")[0] == "keras"


def _with_known_names(node: Any) -> Any:
    """A configuration in which the backends' own activations have the names that Keras gives them."""
    if isinstance(node, list):
        return [_with_known_names(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("class_name") == "function" and node.get("module") == "builtins":
        return _BACKENDS.get(str(node.get("config")), node)
    return {key: _with_known_names(item) for key, item in node.items()}


def _mark_shared(model: Any, config: dict[str, Any]) -> None:
    """Mark in `config` the layers that several models within `model` share: Keras describes them as one in each of them.

    Only where all of these are Sequential. In a graph, Keras finds a call of a layer by its number, and where another model
    called the layer first, what it loads would not hang together.
    """
    entries: dict[int, list[dict[str, Any]]] = {}
    in_graphs: set[int] = set()
    for layer, entry, sequential in _entries(model, config):
        entries.setdefault(id(layer), []).append(entry)
        if not sequential:
            in_graphs.add(id(layer))
    shared = [found for key, found in entries.items() if len(found) > 1 and key not in in_graphs]
    for number, found in enumerate(shared, start=1):
        for entry in found:
            entry["shared_object_id"] = number


def _entries(model: Any, config: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any], bool]]:
    """Each layer of `model`, and of the models within it, with its entry in the configuration, and whether the model that
    it is listed in is a Sequential."""
    layers = {layer.name: layer for layer in getattr(model, "layers", ())}
    for entry in config["config"].get("layers", ()):
        layer = layers.get(entry["config"].get("name"))
        if layer is None:  # an input, or an operation that is no layer
            continue
        yield layer, entry, config["class_name"] == "Sequential"
        if "layers" in entry["config"]:
            yield from _entries(layer, entry)


def _to_blame(model: Any, keras: Any) -> dict[str, Any]:
    """A configuration that is refused for the same reason for which `model` has none."""
    from course import private_keras

    layers = [model]
    with contextlib.suppress(Exception):  # a model whose own __init__ never called Keras's
        layers += private_keras.parts(model)
    for layer in layers:
        if not _of_keras(layer):
            return {"class_name": type(layer).__name__, "module": type(layer).__module__, "config": {}}
    return {"class_name": "function", "module": "builtins", "config": "a function of your own"}


def _plain(weight: np.ndarray) -> np.ndarray:
    """`weight` in a number type that NumPy itself has: bfloat16 is none."""
    return weight if weight.dtype.kind in "biufc" else weight.astype("float32")


_WITHOUT_DETOUR = ("float16", "float32", "float64", "int32", "int64", "uint32")
"""Types of weights that NumPy has as well."""


def give_weights(model: Any, waiting: list[Any], weights: list[np.ndarray]) -> None:
    """Give the variables that wait for memory their weights at once: what their initialisers draw would be overwritten."""
    from course import private_keras

    sent = {id(variable): weight for variable, weight in zip(model.weights, weights, strict=True)}
    for variable in waiting:
        weight = sent.pop(id(variable), None) if variable.dtype in _WITHOUT_DETOUR else None
        private_keras.give_memory(variable, weight)
    if sent:
        model.set_weights(weights)
    finish(model)


def finish(model: Any) -> None:
    """A Normalization layer that was adapted computes with a copy of its weights, which is brought in line."""
    import keras

    from course import private_keras

    for layer in private_keras.parts(model):
        if isinstance(layer, keras.layers.Normalization) and layer.built and layer.input_mean is None:
            layer.finalize_state()


def from_data(data: ModelData) -> Any:
    """The model that the referee sent."""
    import keras

    from course import private_keras

    try:
        with keras.StatelessScope(initialize_variables=False), private_keras.sharing():
            model = keras.models.model_from_json(data.config)
            waiting = private_keras.deferred_variables()
        give_weights(model, waiting, data.weights)
    finally:
        private_keras.forget_deferred_variables()
    return model
