"""From data to a Keras model on the trusted side: an allow-list of classes, bounded sizes, no code, no files."""

from __future__ import annotations

import copy
import json
import sys
from typing import Any

from autograder.grading.model_size import check_size
from autograder.grading.refused import ModelRefused
from autograder.worker.keras_models import give_weights
from autograder.worker.wire import ModelData, Unsupported
from course import operations, private_keras
from course.description import description

MAX_CONFIG_BYTES = 2_000_000
MAX_WEIGHTS = 250_000_000
MAX_NUMBER = 10_000_000
"""No size in a configuration is larger: a guard against models that only exist to fill memory."""
UNKNOWN_CHARACTERS = 200
"""Characters of a configuration that no layer has to keep: another version of Keras may write down a little more."""
SEED = 1
"""Of all that is random in a net. A seed can be sought until the numbers drawn from it are a table, and nothing counts it."""
MAX_LAYERS = 1500
"""Layers and operations, those of models within the model counted: they cost time before anything is computed."""

_FORBIDDEN_LAYERS = {
    **dict.fromkeys(
        ("Lambda", "TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "Wrapper", "InputSpec"), "hide code"
    ),
    # These take the name of a file, or of an address, as their vocabulary.
    **dict.fromkeys(("StringLookup", "IntegerLookup", "TextVectorization", "FeatureSpace"), "read files"),
    # A hash of an image is a key to a table of labels.
    **dict.fromkeys(("Hashing", "HashedCrossing"), "look images up"),
    **dict.fromkeys(("MelSpectrogram", "STFTSpectrogram"), "compute kernels that no weight holds"),
}
_OWN_LAYERS = "build it from Keras's own layers, with keras.Sequential or keras.Model(inputs, outputs)"
_OWN_FUNCTION = (
    'the model uses a function of your own, as an activation perhaps: name one of Keras\'s instead, such as "relu"'
)
_MODULES = ("keras", "keras.layers", "keras.initializers", "keras.regularizers", "keras.constraints", "keras.models")
_OTHER_MODULES = ("keras.dtype_policies", "keras.random")
_PLAIN = (
    "__tuple__",
    "__numpy__",
    "__tensor__",
    "__keras_tensor__",
    "__slice__",
    "__ellipsis__",
    "slice",
    "DTypePolicy",
)


def rebuild(data: ModelData) -> Any:
    """The model described by `data`, built anew with its weights.

    Raises ModelRefused: a class that is not a built-in Keras layer, sizes out of bounds, weights that do not fit or are
    not numbers.
    """
    import keras
    import numpy as np

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
    _inspect(config, keras, 0)
    if (layers := _count_layers(config)) > MAX_LAYERS:
        raise ModelRefused(
            f"the model has more than {MAX_LAYERS:,} layers: so many are not built", f"{layers:,} layers"
        )
    try:
        # Without memory for its weights, until it is known that what the layers ask for was sent, and what they make fits.
        with keras.StatelessScope(initialize_variables=False):
            model = _as_it_says(_deserialized(config, keras), config, keras)
            waiting = private_keras.deferred_variables()
            if said := operations.refusal(model):
                raise ModelRefused(f"the model cannot be counted: {said}")
            _check_shapes(model, data)
            check_size(model, keras)
        if any(not np.isfinite(w).all() for w in data.weights if w.dtype.kind in "fc"):
            raise ModelRefused(
                "the model's weights contain NaN or infinity: the training diverged, so train it anew with a lower rate"
            )
        give_weights(model, waiting, data.weights)
    except ModelRefused:
        raise
    except Exception as problem:
        raise ModelRefused(
            f"the model cannot be rebuilt from its configuration ({type(problem).__name__})"
        ) from problem
    finally:
        private_keras.forget_deferred_variables()
    return model


def _deserialized(config: dict[str, Any], keras: Any) -> Any:
    model = keras.saving.deserialize_keras_object(copy.deepcopy(config), safe_mode=True)
    if not isinstance(model, keras.Model):
        raise ModelRefused("the configuration does not describe a Keras model")
    return model


def _check_shapes(model: Any, data: ModelData) -> None:
    if [tuple(w.shape) for w in model.weights] != [w.shape for w in data.weights]:
        raise ModelRefused("the model's weights do not fit its layers")


def _as_it_says(model: Any, config: dict[str, Any], keras: Any) -> Any:
    """`model`, built from `config`, such that what it says of itself is all that it is built from: numbers are counted there.

    A setting that a layer takes and does not write down again is left out.
    """
    said = json.loads(model.to_json())
    sent, kept = description(config), description(said)
    if sent == kept:
        return model
    if len(sent) > len(kept) + UNKNOWN_CHARACTERS:
        raise ModelRefused("the model's configuration holds more than its layers keep")
    private_keras.forget_deferred_variables()
    again = _deserialized(said, keras)
    if description(json.loads(again.to_json())) != kept:
        raise ModelRefused("the model's configuration holds more than its layers keep")
    return again


def rebuild_or_refusal(data: ModelData) -> Any:
    """`rebuild`, with a refusal as an `Unsupported` value that says why."""
    try:
        return rebuild(data)
    except ModelRefused as problem:
        refused = Unsupported("Model")
        refused.reason, refused.detail = problem.idea, problem.detail  # type: ignore[attr-defined]
        return refused


def _count_layers(node: Any) -> int:
    """Entries of all lists of layers in a configuration that has been inspected."""
    if isinstance(node, dict):
        layers = node.get("layers")
        return (len(layers) if isinstance(layers, list) else 0) + sum(map(_count_layers, node.values()))
    return sum(map(_count_layers, node)) if isinstance(node, list) else 0


def _inspect(node: Any, keras: Any, depth: int) -> None:
    if depth > 60:
        raise ModelRefused("the model's configuration is nested too deeply")
    if isinstance(node, dict):
        if set(node) == {"value"} and isinstance(node["value"], list):  # how Keras writes down the code of a lambda
            raise ModelRefused(_OWN_FUNCTION)
        if "class_name" in node and ("module" in node or "config" in node):
            node.pop("compile_config", None)  # how it was trained: not needed, and full of other classes
            if node["class_name"] != "Sequential":
                node.pop(
                    "build_config", None
                )  # shapes that the graph gives: others would be numbers that nothing counts
            _inspect_class(node, keras)
        for key, item in node.items():
            if key == "dtype" and isinstance(item, str) and item.startswith(("int4", "int8", "gptq", "awq")):
                raise ModelRefused("the model's weights are packed: keep them as floats")
            if key == "seed" and isinstance(item, int):
                node[key] = SEED  # what is random in a net that is graded is not the student's choice
            else:
                _inspect(item, keras, depth + 1)
    elif isinstance(node, list):
        for item in node:
            _inspect(item, keras, depth + 1)
    elif isinstance(node, int) and not isinstance(node, bool) and abs(node) > MAX_NUMBER:
        raise ModelRefused(f"the model's configuration holds a number above {MAX_NUMBER:,}")


def _inspect_class(node: dict[str, Any], keras: Any) -> None:
    name, module = str(node["class_name"]), node.get("module")
    if node.get("registered_name") not in (None, name) and module is not None and module not in ("builtins",):
        raise ModelRefused(f"the model uses a class of your own: {_OWN_LAYERS}", f"it is {name[:60]!r}")
    if name == "function" and module == "builtins":
        raise ModelRefused(_OWN_FUNCTION, f"it is {str(node.get('config'))[:60]!r}")
    if reason := _FORBIDDEN_LAYERS.get(name):
        raise ModelRefused(f"the model uses a {name} layer, which can {reason}: {_OWN_LAYERS}")
    if name in ("Functional", "Sequential") and str(module).startswith(("keras", "None")):
        return
    if name in _PLAIN:
        return
    if "Quantiz" in name or "GPTQ" in name or "AWQ" in name:
        raise ModelRefused("the model's weights are packed: keep them as floats")
    spaces = (
        keras.layers,
        keras.initializers,
        keras.regularizers,
        keras.constraints,
        keras.dtype_policies,
        keras.random,
    )
    bases = (
        keras.Layer,
        keras.Initializer,
        keras.regularizers.Regularizer,
        keras.constraints.Constraint,
        keras.DTypePolicy,
        keras.random.SeedGenerator,
    )
    if (
        module is None
        or str(module) in (*_MODULES, *_OTHER_MODULES)
        or str(module).startswith(private_keras.OPERATION_MODULES)
    ):
        found = next((getattr(space, name) for space in (*spaces, keras) if hasattr(space, name)), None)
        if isinstance(found, type) and issubclass(found, bases):
            return
        if str(module).startswith("keras.src.ops."):  # an operation of the functional API
            found = getattr(sys.modules.get(str(module)), name, None)
            if isinstance(found, type) and issubclass(found, keras.Operation):
                if name in operations.ALLOWED:
                    return
                raise ModelRefused(operations.not_allowed(name))
    raise ModelRefused(f"the model uses what is no built-in Keras layer: {_OWN_LAYERS}", f"it is {name[:60]!r}")
