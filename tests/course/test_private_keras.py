"""Every private part of Keras that the course uses, by name: a new version that lacks one fails here first."""

from __future__ import annotations

import re

import keras
import numpy as np

from autograder.paths import ROOT
from course import private_keras

PRIVATE = re.compile(
    r"keras\.src|\._inbound_nodes|\._run_through_graph|\._functional\b|_deferred_initialize|ArrayDataAdapter|_flatten_layers"
)


def net() -> keras.Model:
    x = keras.Input((4,))
    return keras.Model(x, keras.layers.Dense(2)(keras.layers.Dense(3)(x)))


def test_nobody_else_touches_them() -> None:
    found = []
    for folder in ("course", "autograder"):
        for path in (ROOT / folder).rglob("*.py"):
            code = re.sub(r"#.*|\"[^\"\n]*\"", "", path.read_text(encoding="utf-8"))
            if path.name != "private_keras.py" and (touched := PRIVATE.search(code)):
                found.append(f"{path.relative_to(ROOT)}: {touched[0]}")
    assert not found


def test_sources_and_calls_of_an_operation() -> None:
    model = net()
    (hidden,) = private_keras.sources(model.outputs[0])
    assert private_keras.sources(hidden)[0] is model.inputs[0] and private_keras.sources(model.inputs[0]) == []
    (call,) = private_keras.calls(model.layers[2])
    assert call.arguments.args[0] is hidden


def test_the_layers_inside_a_layer() -> None:
    wrapped = keras.layers.TimeDistributed(keras.layers.Dense(2))
    assert [type(part).__name__ for part in private_keras.parts(wrapped)] == ["Dense"]


def test_a_graph_is_run_with_other_functions() -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)])
    assert (
        private_keras.is_graph(model) and private_keras.is_graph(net()) and not private_keras.is_graph(model.layers[0])
    )
    seen: list[str] = []

    def function_for(operation: object) -> object:
        return lambda x: seen.append(type(operation).__name__) or operation(x)  # type: ignore[operator]

    private_keras.run_through(model, keras.KerasTensor((1, 4)), function_for)  # type: ignore[arg-type]
    assert seen == ["Dense", "Dense"]


def test_variables_wait_for_their_memory() -> None:
    with keras.StatelessScope(initialize_variables=False):
        model = net()
        waiting = private_keras.deferred_variables()
    assert len(waiting) >= 4
    first = np.full(waiting[0].shape, 7.0)
    for variable in waiting:
        private_keras.give_memory(variable, first if variable is waiting[0] else None)
    private_keras.forget_deferred_variables()
    assert private_keras.deferred_variables() == [] and len(model.get_weights()) == 4
    assert (np.asarray(waiting[0]) == first).all()


def test_what_is_marked_as_shared_is_built_once() -> None:
    config = keras.saving.serialize_keras_object(
        keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, name="a"), keras.layers.Dense(4, name="b")])
    )
    for layer in config["config"]["layers"][1:]:
        layer["shared_object_id"] = 1
    with private_keras.sharing():
        model = keras.saving.deserialize_keras_object(config)
    assert len(model.weights) == 2 and model.layers[0] is model.layers[1]


def test_what_fit_reads_arrays_with_can_be_changed() -> None:
    model = net()
    model.compile(loss="mse")
    seen: list[object] = []
    with private_keras.array_pipelines(lambda pipeline: seen.append(pipeline) or pipeline):
        model.fit(np.ones((8, 4)), np.ones((8, 2)), verbose=0)
    assert len(seen) == 1 or keras.backend.backend() != "tensorflow"
    model.fit(np.ones((8, 4)), np.ones((8, 2)), verbose=0)
    assert len(seen) <= 1


def test_modules_of_its_own_classes() -> None:
    module = type(keras.layers.Dense(1)).__module__
    assert module.startswith(private_keras.OPERATION_MODULES)
