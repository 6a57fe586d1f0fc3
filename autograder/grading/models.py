"""From data to a Keras model on the trusted side: an allow-list of classes, bounded sizes, no code."""

from __future__ import annotations

import copy
import json
from typing import Any

from autograder.worker.wire import ModelData, Unsupported

MAX_CONFIG_BYTES = 2_000_000
MAX_WEIGHTS = 250_000_000
MAX_NUMBER = 10_000_000
"""No size in a configuration is larger: a guard against models that only exist to fill memory."""

_FORBIDDEN_LAYERS = {"Lambda", "TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "Wrapper", "InputSpec"}
_MODULES = ("keras", "keras.layers", "keras.initializers", "keras.regularizers", "keras.constraints", "keras.models")
_INTERNAL = ("keras.src.models.", "keras.src.layers.", "keras.src.ops.")


class ModelRefused(Exception):
    """A model that the referee will not build. The text tells the student what to change."""


def rebuild(data: ModelData) -> Any:
    """The model described by `data`, built anew with its weights.

    Raises ModelRefused: a class that is not a built-in Keras layer, sizes out of bounds, weights that do not fit or are
    not numbers.
    """
    import keras
    import numpy as np
    from keras.src.backend.common import global_state

    if len(data.config) > MAX_CONFIG_BYTES:
        raise ModelRefused("the model's configuration is too large")
    if sum(w.size for w in data.weights) > MAX_WEIGHTS:
        raise ModelRefused(f"the model has more than {MAX_WEIGHTS:,} weights")
    try:
        config = json.loads(data.config)
    except (ValueError, RecursionError) as problem:
        raise ModelRefused("the model's configuration cannot be read") from problem
    if not isinstance(config, dict):
        raise ModelRefused("the model's configuration cannot be read")
    config.pop("compile_config", None)
    _inspect(config, keras, 0)
    try:
        # First without memory for its weights: what the layers ask for must be what was sent.
        try:
            with keras.StatelessScope(initialize_variables=False):
                _check_shapes(_deserialized(config, keras), data)
        finally:
            global_state.set_global_attribute("uninitialized_variables", [])
        model = _deserialized(config, keras)
        _check_shapes(model, data)
        if any(not np.isfinite(w).all() for w in data.weights if w.dtype.kind == "f"):
            raise ModelRefused("the model's weights contain NaN or infinity: the training diverged")
        model.set_weights(data.weights)
    except ModelRefused:
        raise
    except Exception as problem:
        raise ModelRefused(
            f"the model cannot be rebuilt from its configuration ({type(problem).__name__})"
        ) from problem
    return model


def _deserialized(config: dict[str, Any], keras: Any) -> Any:
    model = keras.saving.deserialize_keras_object(copy.deepcopy(config), safe_mode=True)
    if not isinstance(model, keras.Model):
        raise ModelRefused("the configuration does not describe a Keras model")
    return model


def _check_shapes(model: Any, data: ModelData) -> None:
    if [tuple(w.shape) for w in model.weights] != [w.shape for w in data.weights]:
        raise ModelRefused("the model's weights do not fit its layers")


def rebuild_or_refusal(data: ModelData) -> Any:
    """`rebuild`, with a refusal as an `Unsupported` value that says why."""
    try:
        return rebuild(data)
    except ModelRefused as problem:
        refused = Unsupported("Model")
        refused.reason = str(problem)  # type: ignore[attr-defined]
        return refused


def _inspect(node: Any, keras: Any, depth: int) -> None:
    if depth > 60:
        raise ModelRefused("the model's configuration is nested too deeply")
    if isinstance(node, dict):
        if "class_name" in node and ("module" in node or "config" in node):
            _inspect_class(node, keras)
        for item in node.values():
            _inspect(item, keras, depth + 1)
    elif isinstance(node, list):
        for item in node:
            _inspect(item, keras, depth + 1)
    elif isinstance(node, int) and not isinstance(node, bool) and abs(node) > MAX_NUMBER:
        raise ModelRefused(f"the model's configuration holds a number above {MAX_NUMBER:,}")


def _inspect_class(node: dict[str, Any], keras: Any) -> None:
    name, module = str(node["class_name"]), node.get("module")
    if node.get("registered_name") not in (None, name) and module is not None and module not in ("builtins",):
        raise ModelRefused(f"the model uses the custom class {name[:60]!r}: use Keras's own layers")
    if name == "Lambda" or name in _FORBIDDEN_LAYERS:
        raise ModelRefused(f"the model uses a {name} layer, which can hide code: use Keras's own layers")
    if name in ("Functional", "Sequential") and str(module).startswith(("keras", "None")):
        return
    if name in ("__tuple__", "__numpy__", "__tensor__", "slice", "__ellipsis__", "DTypePolicy", "__keras_tensor__"):
        return
    allowed = (keras.layers, keras.initializers, keras.regularizers, keras.constraints, keras.dtype_policies, keras)
    if module is None or str(module) in (*_MODULES, "keras.dtype_policies") or str(module).startswith(_INTERNAL):
        found = next((getattr(space, name) for space in allowed if hasattr(space, name)), None)
        if isinstance(found, type):
            return
        if str(module).startswith("keras.src.ops."):
            return  # an operation of the functional API, by name; Keras resolves it in its own modules only
    raise ModelRefused(f"the model uses {name[:60]!r}, which is no built-in Keras layer")
