"""Every private part of Keras that the course uses, by name: a new version that lacks one fails here first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import keras
import numpy as np
import pytest

from autograder.paths import ROOT
from course import private_keras

PRIVATE = re.compile(
    r"keras\.src|\._inbound_nodes|\._run_through_graph|\._functional\b|_deferred_initialize|_initialize_with_initializer|ArrayDataAdapter|_flatten_layers"
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


def kinds_of_layers() -> keras.Model:
    image = keras.Input((8, 8, 2))
    x = keras.layers.Conv2D(3, 3, kernel_initializer="he_normal", bias_initializer="ones", name="first")(image)
    x = keras.layers.BatchNormalization()(keras.layers.SeparableConv2D(4, 3)(x))
    x = keras.layers.Dropout(0.5)(keras.layers.Dense(4, kernel_initializer=keras.initializers.Orthogonal(seed=5))(x))
    shared = keras.random.SeedGenerator(7)  # draws other numbers each time: the order counts, and nothing waits
    for width in (3, 2):
        x = keras.layers.Dense(width, kernel_initializer=keras.initializers.RandomNormal(seed=shared))(x)
    return keras.Model(image, keras.layers.GlobalAveragePooling2D()(x))


def waiting(model: keras.Model) -> list[bool]:
    return [private_keras._LATER in vars(weight) for weight in model.weights]


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keras as it is, until the test asks for something else; another test may have done so before."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("TensorFlow's variables alone can wait")
    names = ("_value", "_initialize_with_initializer")
    before = {name: vars(keras.Variable)[name] for name in names if name in vars(keras.Variable)}
    for name in before:
        delattr(keras.Variable, name)
    yield
    for name in names:
        if name in vars(keras.Variable):
            delattr(keras.Variable, name)
    for name, value in before.items():
        setattr(keras.Variable, name, value)


def test_values_that_are_made_when_asked_are_the_same(eager: None) -> None:
    keras.utils.set_random_seed(3)
    wanted = kinds_of_layers().get_weights()
    private_keras.values_when_asked()
    private_keras.values_when_asked()  # once is enough
    keras.utils.set_random_seed(3)
    model = kinds_of_layers()
    assert sum(waiting(model)) > 10 and not all(waiting(model))
    keras.utils.set_random_seed(99)
    sent = private_keras.weights_of(model)
    assert sum(waiting(model)) > 10  # it was not made for them
    found = [weight.numpy() for weight in model.weights[::-1]][::-1]
    assert not any(waiting(model))
    for one, other, third in zip(wanted, found, sent, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, third)
        assert one.dtype == other.dtype == third.dtype


def test_a_net_that_is_only_counted_makes_no_values(eager: None) -> None:
    private_keras.values_when_asked()
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.BatchNormalization()])
    model.layers[0].trainable = False
    assert model.count_params() == 27 and [tuple(w.shape) for w in model.trainable_weights] == [(3,), (3,)]
    assert json.loads(model.to_json()) and all(waiting(model))


def test_what_waits_is_used_as_any_variable(eager: None) -> None:
    import tensorflow

    private_keras.values_when_asked()
    model = net()
    kernel = model.layers[1].kernel
    model.layers[1].trainable = False  # afterwards: a tape still watches it
    with tensorflow.GradientTape() as tape:
        loss = tensorflow.reduce_sum(model(np.ones((1, 4), "float32")))
    assert tape.gradient(loss, kernel.value) is not None and not kernel.trainable
    graph = net()
    first = np.asarray(tensorflow.function(graph)(np.ones((2, 4), "float32")))  # made in the middle of a graph
    np.testing.assert_allclose(first, graph(np.ones((2, 4), "float32")), rtol=1e-5)
    assigned = net()
    assigned.set_weights([np.full(w.shape, 2.0) for w in assigned.weights])
    assert (assigned.layers[1].kernel.numpy() == 2).all() and "Dense" in repr(assigned.layers)
    copied = keras.models.clone_model(assigned)
    assert len(copied.weights) == 4 and all(waiting(copied))
    trained = net()
    trained.compile("adam", "mse")
    before = trained.weights[0].numpy().copy()
    trained.fit(np.ones((8, 4)), np.ones((8, 2)), verbose=0)
    assert not np.array_equal(before, trained.weights[0].numpy())


def test_a_variable_whose_values_cannot_be_made_says_why_each_time(
    eager: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    private_keras.values_when_asked()
    kernel = net().layers[1].kernel

    def full(self: object, shape: object, dtype: object = None) -> None:
        raise MemoryError("there is no room")

    monkeypatch.setattr(keras.initializers.GlorotUniform, "__call__", full)
    for _ in range(2):
        with pytest.raises(MemoryError, match="no room"):
            kernel.numpy()


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
