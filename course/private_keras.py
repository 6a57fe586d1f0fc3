"""Keras's private parts: the one place that touches them, with what each is needed for.

`pyproject.toml` bounds Keras's version for their sake, and `tests/course/test_private_keras.py` names every one, so that a
new version that lacks one says so in a test and not in a student's notebook. Nothing is imported from Keras until it is used.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

OPERATION_MODULES = ("keras.src.models.", "keras.src.layers.", "keras.src.ops.", "keras.src.random.")
"""Modules that Keras writes into a model's configuration for its own classes."""


def sources(tensor: Any) -> list[Any]:
    """The symbolic tensors from which an operation makes `tensor`; none for an input. Keras draws graphs from them."""
    operation, node, _ = tensor._keras_history
    return list(operation._inbound_nodes[node].input_tensors)


def calls(operation: Any) -> list[Any]:
    """The calls of an operation in the graphs it is part of, each with `arguments.args` and `arguments.kwargs`."""
    return list(operation._inbound_nodes)


def graph_of(model: Any) -> Any:
    """The functional graph inside a model: itself, or that of a built Sequential."""
    return getattr(model, "_functional", None) or model


def is_graph(operation: Any) -> bool:
    """Whether an operation is itself a graph of operations: a model within a model."""
    return hasattr(operation, "_run_through_graph") or getattr(operation, "_functional", None) is not None


def parts(operation: Any) -> list[Any]:
    """The layers inside an operation, at any depth; none for one that is not a layer."""
    return list(getattr(operation, "_flatten_layers", lambda **_: ())(include_self=False))


def run_through(model: Any, given: Any, function_for: Callable[[Any], Callable[..., Any]]) -> Any:
    """Run a model's graph on `given`, each operation replaced by `function_for(operation)`; returns the outputs.

    What Keras's clone_model walks a graph with; it offers no public way that keeps the tensors of our inputs.
    """
    return graph_of(model)._run_through_graph(given, operation_fn=function_for)


def deferred_variables() -> list[Any]:
    """Variables that a StatelessScope without initialisation has left without memory."""
    from keras.src.backend.common import global_state

    return list(global_state.get_global_attribute("uninitialized_variables") or ())


class _Given:
    """An initialiser that gives an array."""

    seed = None

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return self.value.astype(dtype)


def give_memory(variable: Any, value: Any = None) -> None:
    """Initialise one of `deferred_variables`: with `value`, an array of its shape, else as its layer says."""
    if value is not None:
        variable._initializer = _Given(value)
    variable._deferred_initialize()


def forget_deferred_variables() -> None:
    from keras.src.backend.common import global_state

    global_state.set_global_attribute("uninitialized_variables", [])


class _Value:
    """A variable's `_value`, made when somebody asks for it: see `values_when_asked`."""

    def __init__(self, make: Callable[[Any, Any], None]) -> None:
        self.make = make

    def __get__(self, variable: Any, owner: Any = None) -> Any:
        if variable is None:
            return self
        held = vars(variable)
        if (waiting := held.get(_LATER)) is not None:
            import tensorflow

            initializer, trainable = waiting
            now, variable._trainable = variable._trainable, trainable
            try:
                with tensorflow.init_scope():
                    self.make(variable, initializer)  # which sets it
            finally:
                variable._trainable = now
        try:
            return held["_value"]
        except KeyError:
            raise AttributeError("_value") from None

    def __set__(self, variable: Any, value: Any) -> None:
        vars(variable).pop(_LATER, None)
        vars(variable)["_value"] = value


_LATER = "_course_later"
"""Under this name a variable holds (its initialiser, whether it was trainable) until it is asked for its values."""


def values_when_asked() -> None:
    """From now on a variable of this process gets its memory and its first values when somebody asks for them.

    Most nets that checks build are only counted, and half of the time that it takes to build one is spent on values. They are
    the same ones: only initialisers wait that are constant, or draw from a seed which they have already. Where Keras computes
    with something else than TensorFlow, nothing changes.
    """
    import keras

    kind = keras.Variable
    if keras.backend.backend() != "tensorflow" or isinstance(vars(kind).get("_value"), _Value):
        return
    make = kind._initialize_with_initializer

    def later(variable: Any, initializer: Any) -> None:
        ours = isinstance(initializer, _Given) or type(initializer).__module__.startswith("keras.")
        if ours and isinstance(getattr(initializer, "seed", None), int | None):
            vars(variable)[_LATER] = initializer, variable._trainable
        else:
            make(variable, initializer)

    kind._initialize_with_initializer = later
    kind._value = _Value(make)


def weights_of(model: Any) -> list[Any]:
    """`model.get_weights()`, without memory for the variables that wait for somebody to ask."""
    import keras
    import numpy as np

    if not isinstance(vars(keras.Variable).get("_value"), _Value):
        return list(model.get_weights())
    waiting = [(variable, vars(variable).get(_LATER)) for variable in model.weights]
    return [np.asarray(later[0](v._shape, dtype=v._dtype)) if later else v.numpy() for v, later in waiting]


def sharing() -> contextlib.AbstractContextManager[None]:
    """Within, of what a configuration marks with one `shared_object_id` only the first is built, and used in every place.

    What Keras loads its own files in; `model_from_json` does without, and what `to_json` writes holds no such marks.
    """
    from keras.src.saving.serialization_lib import ObjectSharingScope

    return ObjectSharingScope()


@contextlib.contextmanager
def array_pipelines(changed: Callable[[Any], Any]) -> Iterator[None]:
    """Within the body, what `fit` reads arrays with is `changed(pipeline)`; where this Keras has no such part, as it is."""
    try:
        from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

        pipeline = ArrayDataAdapter.get_tf_dataset
    except (ImportError, AttributeError):
        yield
        return

    def replaced(self: Any) -> Any:
        return changed(pipeline(self))

    ArrayDataAdapter.get_tf_dataset = replaced
    try:
        yield
    finally:
        ArrayDataAdapter.get_tf_dataset = pipeline
