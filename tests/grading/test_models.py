"""Models arrive as configuration and weights: built-in layers only, weights that fit, nothing that can hide code."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest

from autograder.grading import model_size, models
from autograder.grading.refused import ModelRefused
from autograder.worker import keras_models, wire
from course import evaluation, private_keras


def small() -> keras.Model:
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Add()([x, keras.layers.Conv2D(4, 1)(x)])
    outputs = keras.layers.Dense(3, kernel_regularizer="l2")(keras.layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, outputs)


def data_of(model: keras.Model) -> wire.ModelData:
    data = keras_models.to_data(model)
    assert data is not None
    return data


@pytest.fixture(autouse=True)
def _as_in_a_grading_process() -> None:
    private_keras.values_when_asked()


def test_a_model_crosses_and_predicts_the_same() -> None:
    model = small()
    model.layers[1].trainable = False
    back = wire.decode(wire.encode(model, model=keras_models.to_data), model=models.rebuild)
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 1))
    np.testing.assert_allclose(back(x), model(x), rtol=1e-6)
    assert back.layers[1].trainable is False


def test_a_model_of_ours_arrives_in_the_worker_with_its_weights_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    scale = keras.layers.Normalization()
    scale.adapt(np.random.default_rng(1).normal(3, 2, size=(50, 4)).astype("float32"))
    model = keras.Sequential([keras.Input((4,)), scale, keras.layers.Dropout(0.5), keras.layers.Dense(3)])
    x = np.random.default_rng(0).normal(size=(2, 4)).astype("float32")
    sent = wire.encode(model, trusted=True, model=keras_models.to_data)
    wanted = model(x)

    def drawn(self: object, shape: object, dtype: object = None) -> None:
        raise AssertionError("nothing is drawn that is overwritten at once")

    monkeypatch.setattr(keras.initializers.GlorotUniform, "__call__", drawn)
    back = wire.decode(sent, trusted=True, model=keras_models.from_data)
    np.testing.assert_allclose(back(x), wanted, rtol=1e-6)
    assert [w.path.rsplit("/", 1)[-1] for w in back.weights] == [w.path.rsplit("/", 1)[-1] for w in model.weights]
    assert not private_keras.deferred_variables()


def test_a_layer_that_is_used_again_stays_one_layer() -> None:
    inputs = x = keras.Input((8, 8, 2))
    again = keras.layers.Conv2D(2, 3, padding="same", activation="relu")
    for _ in range(3):
        x = again(x)
    model = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.GlobalMaxPooling2D()(x)))
    back = models.rebuild(data_of(model))
    images = np.random.default_rng(1).normal(size=(2, 8, 8, 2))
    np.testing.assert_allclose(back(images), model(images), rtol=1e-6)
    assert evaluation.budget(back) == evaluation.budget(model) == (9 * 2 + 1) * 2 + 3 * 3


def test_a_setting_that_a_layer_does_not_write_down_is_left_out() -> None:
    """`autocast` decides about the float type of what a layer takes, and no configuration of Keras's says so."""
    config = json.loads(data_of(small()).config)
    for layer in config["config"]["layers"][1:3]:
        layer["config"]["autocast"] = False
    back = models.rebuild(wire.ModelData(json.dumps(config), small().get_weights()))
    assert all(layer.autocast for layer in back.layers)


def test_what_is_drawn_is_not_the_students_choice() -> None:
    """A seed can be sought until the mask that it draws is a table: it says nothing in a net that is graded."""

    def dropping(seed: int) -> keras.Model:
        inputs = keras.Input((8,))
        return keras.Model(inputs, keras.layers.Dropout(0.5, seed=seed)(inputs, training=1))

    ones = np.ones((3, 8))
    one, other = (models.rebuild(data_of(dropping(seed))) for seed in (4, 123456))
    np.testing.assert_array_equal(one(ones), other(ones))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace('"Conv2D"', '"Lambda"'), "Lambda"),
        (lambda text: text.replace('"Conv2D"', '"TFSMLayer"'), "TFSMLayer"),
        (lambda text: text.replace('"class_name": "Conv2D"', '"class_name": "Popen"'), "Popen"),
        (lambda text: text.replace('"module": "keras.layers"', '"module": "os"'), "no built-in"),
        (lambda text: text.replace('"filters": 4', '"filters": 40000000'), "above"),
        (lambda text: text.replace('"units": 3', '"units": 5'), "do not fit"),
        (lambda text: "[" * 5000 + "]" * 5000, "cannot be read"),
        (lambda text: "null", "cannot be read"),
        (
            lambda text: json.dumps({"class_name": "Dense", "module": "keras.layers", "config": {"units": 3}}),
            "not describe",
        ),
    ],
)
def test_hostile_configurations_are_refused(change, says: str) -> None:  # type: ignore[no-untyped-def]
    data = data_of(small())
    changed = change(data.config)
    assert changed != data.config
    with pytest.raises(models.ModelRefused, match=says):
        models.rebuild(wire.ModelData(changed, data.weights))


def test_nan_weights_and_missing_weights_are_refused() -> None:
    data = data_of(small())
    broken = [w.copy() for w in data.weights]
    broken[0][...] = np.nan
    with pytest.raises(models.ModelRefused, match="NaN"):
        models.rebuild(wire.ModelData(data.config, broken))
    with pytest.raises(models.ModelRefused, match="do not fit"):
        models.rebuild(wire.ModelData(data.config, data.weights[:-1]))


def compiled_inside() -> keras.Model:
    base = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3)])
    base.compile("adam", "mse", metrics=["accuracy"])
    model = keras.Sequential([keras.Input((8, 8, 1)), base, keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile(keras.optimizers.SGD(0.1), keras.losses.CategoricalCrossentropy(label_smoothing=0.1))
    return model


def sliced() -> keras.Model:
    inputs = keras.Input((8, 8, 1))
    return keras.Model(inputs, keras.ops.relu(inputs[:, 1:-1, ::2, ...] * 2.0) - inputs[:, ::8, ::2, :1])


def augmented() -> keras.Model:
    own = keras.layers
    return keras.Sequential(
        [keras.Input((8, 8, 1)), own.RandomFlip(), own.RandomRotation(0.1), own.RandomCrop(6, 6), own.Dropout(0.5)]
    )


def adapted() -> keras.Model:
    scale = keras.layers.Normalization(axis=None)
    scale.adapt(np.random.default_rng(1).normal(3, 2, (50, 8, 8, 1)))
    return keras.Sequential([keras.Input((8, 8, 1)), scale, keras.layers.Dense(1)])


def activated() -> keras.Model:
    own = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            own.Dense(2, activation=keras.ops.relu),
            own.Conv2D(2, 3, activation=own.LeakyReLU(0.1), kernel_initializer=keras.initializers.HeNormal(seed=3)),
            own.Activation(keras.activations.gelu),
            own.Conv2D(2, 3, dtype="float64", kernel_constraint=keras.constraints.MaxNorm(2)),
        ]
    )


def open_inside() -> keras.Model:
    """A model within the model, whose sizes are open there: it is counted with those of the image."""
    own, x = keras.layers, keras.Input((None, None, 1))
    inputs = x
    x = own.Conv2D(4, 3, padding="same")(x)
    x = own.Dropout(0.2)(own.BatchNormalization()(x, training=False), training=False)
    x = keras.ops.pad(own.Concatenate()([x, x * 2]), [[0, 0], [1, 1], [1, 1], [0, 0]])[:, 1:-1, 1:-1]
    x = own.SeparableConv2D(3, 3)(own.UpSampling2D(2)(own.LayerNormalization()(x)))
    base = keras.Model(inputs, x)
    image = keras.Input((8, 8, 1))
    return keras.Model(image, own.GlobalAveragePooling2D()(base(image, training=False)))


@pytest.mark.parametrize("make", [open_inside, compiled_inside, sliced, augmented, adapted, activated])
def test_what_students_build_crosses_and_predicts_the_same(make) -> None:  # type: ignore[no-untyped-def]
    keras.utils.set_random_seed(11)
    model = make()
    back = models.rebuild(data_of(model))
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 1))
    np.testing.assert_allclose(back(x, training=False), model(x, training=False), rtol=1e-5, atol=1e-6)


def test_numbers_that_numpy_does_not_know_cross_as_floats() -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, dtype="bfloat16")])
    back = wire.decode(wire.encode(model, model=keras_models.to_data), model=models.rebuild)
    assert np.array_equal(np.asarray(back.get_weights()[0], "float32"), np.asarray(model.get_weights()[0], "float32"))


def vocabulary_in_a_file(path: str) -> keras.Model:
    return keras.Sequential(
        [keras.Input((1,), dtype="string"), keras.layers.StringLookup(vocabulary=path, num_oov_indices=1)]
    )


def test_no_file_is_read_for_a_model(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "answers.txt"
    file.write_text("one\ntwo\n")
    with pytest.raises(models.ModelRefused, match="read files"):
        models.rebuild(data_of(vocabulary_in_a_file(str(file))))


def enlarged(model: keras.Model, old: str, new: str) -> wire.ModelData:
    data = data_of(model)
    assert old in data.config
    return wire.ModelData(data.config.replace(old, new), data.weights)


def test_a_model_may_not_make_more_of_an_image_than_fits() -> None:
    own, open_input = keras.layers, keras.Input((None, None, 1))
    inner = keras.Sequential([keras.Input((8, 8, 1)), own.UpSampling2D(4000), own.GlobalAveragePooling2D()])
    matrix = keras.Sequential([keras.Input((8,)), own.RepeatVector(2_000_000)])
    widened = keras.Sequential([open_input, own.Conv2D(100, 1), own.Conv2D(1, 1), own.GlobalAveragePooling2D()])
    places = keras.Input((3000, 8))
    for data in (
        data_of(keras.Model(places, own.MultiHeadAttention(2, 1)(places, places))),
        enlarged(keras.Sequential([keras.Input((8, 8, 1)), own.UpSampling2D(2)]), "[2, 2]", "[90000, 90000]"),
        data_of(keras.Sequential([keras.Input((8, 8, 1)), own.ZeroPadding2D(4000), own.GlobalMaxPooling2D()])),
        data_of(keras.Sequential([keras.Input((2, 8, 8, 1)), own.TimeDistributed(inner)])),
        data_of(keras.Sequential([keras.Input((8, 8, 1)), own.UpSampling2D(60), widened])),
        data_of(keras.Sequential([open_input, own.UpSampling2D(4000), own.GlobalAveragePooling2D()])),
        data_of(matrix),
    ):
        with pytest.raises(models.ModelRefused, match="numbers of one image"):
            models.rebuild(data)
    fully = keras.Sequential([open_input, own.Conv2D(3, 3), own.GlobalAveragePooling2D()])
    assert np.shape(models.rebuild(data_of(fully))(np.zeros((1, 9, 7, 1)))) == (1, 3)


def test_a_model_may_not_multiply_without_end() -> None:
    """A few weights at millions of places: TensorFlow would abort on them, or not come back for minutes."""
    own = keras.layers
    for model in (
        keras.Sequential([keras.Input((28, 28, 1)), own.UpSampling2D(20), own.Conv2D(1, (150, 150), padding="same")]),
        keras.Sequential([keras.Input((28, 28, 1)), own.UpSampling2D(100), own.Conv2D(1, (60, 60))]),
        keras.Sequential([keras.Input((None, None, 1)), own.UpSampling2D(40), own.Conv2D(1, (60, 60))]),
    ):
        with pytest.raises(models.ModelRefused, match=r"multiplies more than [\d.]+ thousand million times"):
            models.rebuild(data_of(model))


def repeated(model: keras.Model, times: int) -> keras.Model:
    """A model that calls `model`, which keeps its sizes, `times` over."""
    inputs = x = keras.Input(model.input_shape[1:])
    for _ in range(times):
        x = model(x)
    return keras.Model(inputs, x)


def test_a_model_within_a_model_counts_as_often_as_it_is_called() -> None:
    """Five models within each other call one layer a hundred thousand times."""
    own, shape = keras.layers, (28, 28, 4)
    small = model = keras.Sequential([keras.Input(shape), own.Conv2D(4, 3, padding="same")])
    assert models.rebuild(data_of(repeated(repeated(small, 10), 10))).count_params() == 148
    for _ in range(5):
        model = repeated(model, 10)
    with pytest.raises(models.ModelRefused, match="calls its layers more than 3,000 times"):
        models.rebuild(data_of(model))
    open_sides = keras.Sequential([keras.Input((None, None, 4)), own.Conv2D(4, 31, padding="same")])
    inputs = x = keras.Input((224, 224, 4))
    for _ in range(50):
        x = open_sides(x)
    with pytest.raises(models.ModelRefused, match="multiplies more than"):
        models.rebuild(data_of(keras.Model(inputs, x)))


def test_large_models_of_the_course_are_computed() -> None:
    with keras.StatelessScope(initialize_variables=False):
        for net in (
            keras.applications.VGG16(weights=None),
            keras.applications.VGG16(weights=None, input_shape=(32, 32, 3), include_top=False),
            keras.applications.NASNetMobile(weights=None),
        ):
            model_size.check_size(net, keras)


def test_a_model_of_very_many_layers_is_not_built() -> None:
    text = json.loads(data_of(keras.Sequential([keras.Input((8,)), keras.layers.ReLU()])).config)
    text["config"]["layers"] += text["config"]["layers"][-1:] * 3000
    with pytest.raises(models.ModelRefused, match=r"3,002 layers"):
        models.rebuild(wire.ModelData(json.dumps(text), []))


@pytest.mark.parametrize(
    ("module", "name", "config"),
    [
        ("builtins", "function", "exec"),
        ("keras.src.ops.core", "function", "vectorized_map"),
        ("keras.src.ops.numpy", "backend", {}),
        ("keras.utils", "get_file", {}),
        ("keras.src.layers.core.lambda_layer", "python_utils", {}),
        ("keras", "Variable", {}),
        ("keras.metrics", "Accuracy", {}),
        ("keras.layers", "IntegerLookup", {"vocabulary": "gs://bucket/file"}),
        ("keras.layers", "TextVectorization", {"vocabulary": "/etc/hostname"}),
        ("keras.layers", "Hashing", {"num_bins": 10}),
    ],
)
def test_classes_that_are_no_layers_are_refused_wherever_they_stand(module: str, name: str, config: object) -> None:
    hostile = {"module": module, "class_name": name, "config": config, "registered_name": None}
    text = json.loads(data_of(keras.Sequential([keras.Input((4,)), keras.layers.Activation("relu")])).config)
    for place in ("layer", "activation"):
        changed = json.loads(json.dumps(text))
        if place == "layer":
            changed["config"]["layers"][-1] = hostile
        else:
            changed["config"]["layers"][-1]["config"]["activation"] = hostile
        with pytest.raises(models.ModelRefused, match=name):
            models.rebuild(wire.ModelData(json.dumps(changed), []))


def twice(x: object) -> object:
    return x


@pytest.mark.filterwarnings("ignore:The object being serialized includes a `lambda`")
@pytest.mark.parametrize("activation", [lambda x: x, twice])
def test_a_function_of_the_students_own_is_named(activation: object) -> None:
    own = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    own.layers[0].activation = activation
    with pytest.raises(models.ModelRefused, match="a function of your own, as an activation perhaps"):
        models.rebuild(data_of(own))


def test_packed_weights_are_refused() -> None:
    packed = keras.Sequential([keras.Input((8,)), keras.layers.Dense(64, dtype="int8_from_float32")])
    with pytest.raises(models.ModelRefused, match="packed"):
        models.rebuild(data_of(packed))


def test_names_that_the_student_chose_stand_in_the_detail_alone() -> None:
    own = keras.layers
    data = data_of(keras.Sequential([keras.Input((8, 8, 1)), own.UpSampling2D(4000, name="SEEN")]))
    custom = wire.ModelData(data.config.replace('"class_name": "UpSampling2D"', '"class_name": "SEEN"'), [])
    for one in (data, custom):
        refused = models.rebuild_or_refusal(one)
        assert "SEEN" not in refused.reason
        assert "SEEN" in refused.detail


def of(function, shape: tuple[int, ...] = (28, 28, 1)) -> keras.Model:  # type: ignore[no-untyped-def]
    inputs = keras.Input(shape)
    return keras.Model(inputs, function(inputs))


ops = keras.ops


@pytest.mark.parametrize(
    "function",
    [
        lambda x: ops.eigh(ops.squeeze(x, -1))[0],
        lambda x: ops.svd(ops.squeeze(x, -1), compute_uv=False),
        lambda x: ops.inv(ops.squeeze(x, -1)),
        lambda x: ops.fft2((ops.squeeze(x, -1), ops.squeeze(x, -1)))[0],
        lambda x: ops.sort(x, axis=1),
        lambda x: ops.cumsum(x, axis=1),
        lambda x: ops.conv(x, ops.reshape(x[0, :3, :3], (3, 3, 1, 1))),
        lambda x: ops.take(x, ops.cast(x[0, 0, :, 0], "int32"), axis=1),
        lambda x: ops.argsort(x, axis=1),
    ],
)
def test_operations_that_no_net_needs_are_refused(function) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(models.ModelRefused, match="is none that a net is built of here"):
        models.rebuild(data_of(of(function)))


def column(x, times: int):  # type: ignore[no-untyped-def]
    return ops.tile(ops.reshape(x, (-1, 784, 1)), (1, times, 1))


def powers(x, times: int):  # type: ignore[no-untyped-def]
    x = ops.reshape(ops.tile(ops.reshape(x, (-1, 784, 1)), (1, 1, 784)), (-1, 784, 784))
    for _ in range(times):
        x = ops.matmul(x, x)
    return x


def long_windows(x):  # type: ignore[no-untyped-def]
    x = keras.layers.UpSampling2D(20)(x)
    for _ in range(3):
        x = keras.layers.MaxPooling2D(200, strides=1, padding="same")(x)
    return x


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda x: ops.matmul(column(x, 51), ops.transpose(column(x, 51), (0, 2, 1))), "numbers of one image"),
        (lambda x: ops.tile(x[0], (400, 400, 50)), "numbers of one image"),
        (
            lambda x: ops.matmul(ops.reshape(x[:, ::2, ::2], (-1, 1)), ops.reshape(x[:, ::2, ::2], (1, -1))),
            "compares the images of a batch",
        ),
        (lambda x: ops.einsum("aijc,bklc->abijkl", x, x), "numbers of one image"),
        (lambda x: powers(x, 12), "multiplies more than"),
        (lambda x: keras.layers.Dense(3000)(ops.reshape(ops.tile(x, (1, 60, 60, 1)), (-1, 1))), "numbers of one image"),
        (long_windows, "multiplies more than"),
    ],
)
def test_what_costs_without_weights_is_bounded_too(function, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(models.ModelRefused, match=says):
        models.rebuild(data_of(of(function)))


def attention_by_hand(x):  # type: ignore[no-untyped-def]
    tokens = keras.layers.Reshape((49, 8))(keras.layers.Conv2D(8, 4, strides=4)(x))
    q, k, v = (keras.layers.Dense(8)(tokens) for _ in range(3))
    weights = ops.softmax(ops.matmul(q, ops.transpose(k, (0, 2, 1))) / 8**0.5)
    mixed = ops.einsum("bij,bjc->bic", weights, v) + keras.layers.MultiHeadAttention(2, 4)(tokens, tokens)
    return keras.layers.Dense(10, activation="softmax")(ops.mean(mixed, axis=1))


def gated(x):  # type: ignore[no-untyped-def]
    x = keras.layers.Conv2D(8, 3, padding="same", activation=ops.silu)(x)
    gate = keras.layers.Dense(8, activation="hard_sigmoid")(keras.layers.GlobalAveragePooling2D(keepdims=True)(x))
    x = ops.where(x > 0, x, 0.1 * x) * gate
    mean, variance = ops.moments(x, axes=(1, 2), keepdims=True)
    x = ops.concatenate([x[:, ::2, ::2], ops.max_pool(x, 2)], axis=-1) - ops.mean(
        mean + variance, axis=-1, keepdims=True
    )
    return keras.layers.Dense(10, activation="softmax")(
        ops.max(ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]), axis=(1, 2))
    )


@pytest.mark.parametrize("function", [attention_by_hand, gated])
def test_nets_of_operations_cross_and_count_their_weights_alone(function) -> None:  # type: ignore[no-untyped-def]
    model = of(function)
    back = models.rebuild(data_of(model))
    x = np.random.default_rng(0).random((3, 28, 28, 1)).astype("float32")
    np.testing.assert_allclose(back(x), model(x), rtol=1e-5, atol=1e-6)
    assert evaluation.budget(back) == evaluation.budget(model) == model.count_params()


def test_shapes_that_a_layer_is_said_to_be_built_for_are_not_believed() -> None:
    model = of(lambda x: keras.layers.Reshape((-1, 7))(x))
    changed = data_of(model)
    text = json.loads(changed.config)
    for layer in text["config"]["layers"]:
        if layer["class_name"] == "Reshape":
            layer["build_config"] = {"input_shape": [None, 28, 14, 1]}
    back = models.rebuild(wire.ModelData(json.dumps(text), []))
    assert np.shape(back(np.zeros((2, 28, 28, 1)))) == (2, 112, 7)


def test_a_table_in_the_arguments_of_an_operation_is_refused() -> None:
    for table in (np.ones((28, 28, 1)), [[1, 2] * 14] * 28):
        with pytest.raises(models.ModelRefused, match="is called with a table of numbers"):
            models.rebuild(
                data_of(of(lambda x, table=table: ops.less(x[..., 0], table) if isinstance(table, list) else x * table))
            )


class _Slower(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):  # type: ignore[no-untyped-def]
        return 0.1 / (1 + step)


class _Mine(keras.regularizers.Regularizer):
    def __call__(self, x):  # type: ignore[no-untyped-def]
        return keras.ops.sum(x) * 0


def _mine(shape, dtype=None):  # type: ignore[no-untyped-def]
    return keras.ops.ones(shape, dtype)


def _loss(true, found):  # type: ignore[no-untyped-def]
    return keras.ops.mean(found)


@pytest.mark.parametrize(
    "compiled",
    [
        {"optimizer": keras.optimizers.SGD(_Slower()), "loss": "mse"},
        {"optimizer": "sgd", "loss": _loss, "metrics": [lambda true, found: found]},
    ],
)
def test_how_a_net_was_compiled_does_not_matter(compiled) -> None:  # type: ignore[no-untyped-def]
    inner = small()
    inner.compile(**compiled)
    model = keras.Sequential([keras.Input((8, 8, 1)), inner, keras.layers.Dense(2)])
    model.compile(**compiled)
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 1))
    np.testing.assert_allclose(models.rebuild(data_of(model))(x), model(x), rtol=1e-5)
    assert model.compiled and inner.loss == compiled["loss"]


@pytest.mark.parametrize(
    "settings",
    [
        {"kernel_initializer": _mine, "bias_initializer": lambda shape, dtype=None: keras.ops.zeros(shape)},
        {"kernel_regularizer": _Mine(), "bias_regularizer": lambda x: 0.0},
        {"kernel_constraint": lambda x: x, "activity_regularizer": lambda x: keras.ops.sum(x) * 0},
    ],
)
def test_what_a_student_wrote_to_initialise_or_regularise_is_left_out(settings) -> None:  # type: ignore[no-untyped-def]
    layer = keras.layers.Dense(3, **settings)
    model = keras.Sequential([keras.Input((4,)), layer, keras.layers.Dense(2, kernel_initializer="he_normal")])
    before = dict(vars(layer))
    back = models.rebuild(data_of(model))
    x = np.random.default_rng(0).normal(size=(2, 4))
    np.testing.assert_allclose(back(x), model(x), rtol=1e-5)
    assert dict(vars(layer)) == before, "the student's own net keeps what it has"
    assert type(back.layers[1].kernel_initializer) is keras.initializers.HeNormal


def test_activations_of_tensorflow_have_the_names_of_keras() -> None:
    tf = pytest.importorskip("tensorflow")
    names = ("softmax", "log_softmax", "relu", "silu", "swish", "sigmoid", "tanh", "gelu", "elu", "leaky_relu", "relu6")
    for function in [*(getattr(tf.nn, name) for name in names), tf.identity, tf.math.exp, keras.ops.softmax]:
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation=function)])
        x = np.random.default_rng(0).normal(size=(2, 4))
        back = wire.decode(wire.encode(model, model=keras_models.to_data), model=models.rebuild)
        np.testing.assert_allclose(back(x), model(x), rtol=1e-4, atol=1e-6)


class _Unsaid(keras.layers.Layer):
    def __init__(self, size: object) -> None:
        super().__init__()
        self.size = size

    def call(self, x):  # type: ignore[no-untyped-def]
        return x


class _Whole(keras.Model):
    def __init__(self, layer: object) -> None:
        super().__init__()
        self.layer = layer


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (
            keras.Sequential([keras.Input((4,)), _Unsaid(object())]),
            "no built-in Keras layer: build it from Keras's own",
        ),
        (_Whole(object()), "build it from Keras's own layers"),
        (
            keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation=lambda x: x)]),
            "a function of your own, as an activation",
        ),
    ],
)
def test_a_model_that_cannot_be_described_is_refused_for_what_is_to_blame(model: keras.Model, says: str) -> None:
    with pytest.raises(ModelRefused, match=says):
        models.rebuild(data_of(model))
