"""Seeds, fitting, best weights, and trained nets that are kept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course import profile, training

X = np.random.default_rng(0).normal(size=(96, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("int64")


@pytest.fixture(autouse=True)
def beside_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    training.start("quick", 3)
    yield
    profile.use("quick")


def build(units: int = 3, name: str | None = None) -> Any:
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(units, "relu", name=name), layers.Dropout(0.1), layers.Dense(2, "softmax")]
    )
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def train(model: Any) -> dict[str, list[float]]:
    return training.fit(model, X, Y, epochs=2, batch_size=32, quiet=True)


def test_importing_it_imports_no_keras() -> None:
    code = "import sys, course, course.training as t; assert t.fit and t.trained; print('keras' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_start_sets_profile_and_seeds() -> None:
    def first() -> tuple[list[float], float]:
        training.start("full", 7)
        return build().get_weights()[0].ravel().tolist(), float(np.random.random())

    assert first() == first() and profile.current() == "full"
    with pytest.raises(ValueError, match="choose"):
        training.start("slow", 0)


def test_graphs_are_rewritten_in_the_full_profile_alone() -> None:
    import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("only TensorFlow rewrites graphs")
    import tensorflow as tf

    for name, plain in (("full", False), ("quick", True), ("full", False)):
        training.start(name, 7)
        assert tf.config.optimizer.get_experimental_options()["disable_meta_optimizer"] is plain


def test_fit_returns_plain_numbers_and_prints_a_line_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    history = training.fit(build(), X, Y, validation=(X[:32], Y[:32]), epochs=3, title="toy")
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy", "seconds"}
    assert all(len(values) == 3 and all(type(v) is float for v in values) for values in history.values())
    json.dumps(history)
    lines = [line.rpartition("\r")[2] for line in capsys.readouterr().out.rstrip("\n").split("\n")]
    assert len(lines) == 3 and lines[0].startswith("toy: epoch 1/3   loss ") and "validation loss" in lines[2]
    assert all(len(line) <= 96 for line in lines), "a longer line breaks within a word at 1280 pixels"


def test_fit_is_reproducible() -> None:
    histories = []
    for _ in range(2):
        training.start("quick", 5)
        histories.append(train(build())["loss"])
    assert histories[0] == histories[1]


def test_fit_sees_the_batches_of_keras_and_leaves_keras_as_it_was() -> None:
    import keras
    from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

    pipeline, within = ArrayDataAdapter.get_tf_dataset, []
    keras.utils.set_random_seed(5)
    ours = build()
    look = keras.callbacks.LambdaCallback(on_epoch_begin=lambda *_: within.append(ArrayDataAdapter.get_tf_dataset))
    held = np.tile(X, (6, 1)).astype("float64") + np.arange(576)[:, None] / 576, np.tile(Y, 6)  # two batches of 500
    history = training.fit(ours, X, Y, validation=held, epochs=3, batch_size=40, quiet=True, callbacks=[look])
    keras.utils.set_random_seed(5)
    theirs = build()
    other = theirs.fit(X, Y, validation_data=held, validation_batch_size=500, epochs=3, batch_size=40, verbose=0)
    assert other.history == {name: values for name, values in history.items() if name != "seconds"}
    assert all(np.array_equal(a, b) for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True))
    assert pipeline not in within and ArrayDataAdapter.get_tf_dataset is pipeline
    with pytest.raises(ZeroDivisionError):
        breaks = keras.callbacks.LambdaCallback(on_epoch_begin=lambda *_: 1 // 0)
        training.fit(ours, X, Y, epochs=1, quiet=True, callbacks=[breaks])
    assert ArrayDataAdapter.get_tf_dataset is pipeline


def test_fit_ends_when_the_time_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    history = training.fit(build(), X, Y, epochs=50, seconds=0.0)
    assert len(history["loss"]) == 1 and "the limit, in epoch 1 of 50" in capsys.readouterr().out


def test_a_long_epoch_rewrites_its_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from course.training.callbacks import Progress

    monkeypatch.setattr(Progress, "EVERY", 0.0)
    monkeypatch.setattr(Progress, "CLOCK", 0.0)
    training.fit(build(), X, Y, epochs=1, batch_size=32)
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "\r" in out and "3 of 3 batches" in out


def test_a_loss_that_is_no_number_ends_the_training() -> None:
    import keras

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1e4), "mse")
    with pytest.raises(training.Diverged, match=r"the training has diverged\. Lower the learning rate") as caught:
        training.fit(model, X, Y, epochs=30, batch_size=32, quiet=True)
    history = caught.value.history
    assert len(history["seconds"]) >= len(history["loss"]) and np.isfinite(history["loss"]).all()


def test_fit_says_what_does_not_fit() -> None:
    import keras

    with pytest.raises(ValueError, match="x and y must be images and as many labels, not 96 and 5"):
        training.fit(build(), X, Y[:5], epochs=1)
    with pytest.raises(ValueError, match="validation part"):
        training.fit(build(), X, Y, validation=(X, Y[:5]), epochs=1)
    raw = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"model\.compile"):
        training.fit(raw, X, Y, epochs=1)


@pytest.mark.parametrize(("mode", "epoch", "value"), [("min", 2, 0.1), ("max", 4, 0.9)])
def test_best_weights_are_of_the_first_best_epoch(mode: str, epoch: int, value: float) -> None:
    model = build()
    best = training.BestWeights("val_loss", mode)
    best.set_model(model)
    with pytest.raises(ValueError, match="no best weights"):
        best.restore(model)
    best.on_train_begin()
    kept = []
    for number, loss in enumerate([0.5, 0.1, 0.1, 0.9, float("nan")]):
        model.set_weights([w + number for w in model.get_weights()])
        kept.append(model.get_weights()[0].copy())
        best.on_epoch_end(number, {"val_loss": loss})
    assert (best.epoch, best.value) == (epoch, value)
    best.restore(model)
    assert np.array_equal(model.get_weights()[0], kept[epoch - 1])


def test_best_weights_name_what_is_missing() -> None:
    with pytest.raises(ValueError, match='"min" or "max"'):
        training.BestWeights("val_loss", "auto")
    with pytest.raises(KeyError, match="give `validation` to fit"):
        training.fit(build(), X, Y, epochs=1, callbacks=[training.BestWeights("val_loss", "min")], quiet=True)


def test_a_trained_net_is_kept_and_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    def bare(name: str | None = None) -> Any:
        import keras

        return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, "softmax", name=name)])

    def recipe(model: Any) -> Any:
        model.compile("sgd", "sparse_categorical_crossentropy")
        return train(model)

    first, history = training.trained("toy", bare, recipe, settings={"epochs": 2})
    assert Path("artefacts/toy-quick.npz").exists() and "kept in" in capsys.readouterr().out
    assert not list(Path("artefacts").glob("*.part"))

    # A layer called otherwise is the same net; layers that Keras numbers are, too.
    second, again = training.trained("toy", lambda: bare(name="hidden"), recipe, settings={"epochs": 2})
    assert again == history and "loaded from" in capsys.readouterr().out
    assert all(np.array_equal(a, b) for a, b in zip(first.get_weights(), second.get_weights(), strict=True))
    with np.load("artefacts/toy-quick.npz", allow_pickle=False) as file:
        assert all(file[key].dtype != object for key in file.files)


def test_a_net_is_the_same_whatever_was_trained_before() -> None:
    first, _ = training.trained("one", build, train)
    np.random.random(10)
    second, _ = training.trained("two", build, train)
    assert all(np.array_equal(a, b) for a, b in zip(first.get_weights(), second.get_weights(), strict=True))


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:300])


def no_file_of_ours(path: Path) -> None:
    np.savez(path, a=np.zeros(3))


def pickled(path: Path) -> None:
    np.savez(path, about=np.array([{}], dtype=object), config=np.zeros(1))


def poison(path: Path) -> None:
    with np.load(path) as file:
        arrays = {key: file[key] for key in file.files}
    arrays["weight_000"] = arrays["weight_000"] * np.nan
    np.savez(path, **arrays)


def shorten(path: Path) -> None:
    with np.load(path) as file:
        arrays = {key: file[key] for key in file.files if key != "weight_001"}
    np.savez(path, **arrays)


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (damage, "damaged"),
        (no_file_of_ours, "damaged"),
        (pickled, "damaged"),
        (poison, "NaN"),
        (shorten, "do not fit"),
    ],
)
def test_a_spoilt_file_is_named_and_the_net_trained_anew(
    harm: Any, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    training.trained("toy", build, train)
    path = Path("artefacts/toy-quick.npz")
    good = path.read_bytes()
    harm(path)
    capsys.readouterr()
    model, history = training.trained("toy", build, train)
    out = capsys.readouterr().out
    assert "is not used, because" in out and why in out and "kept in" in out
    assert len(history["loss"]) == 2 and np.isfinite(model.get_weights()[0]).all()
    assert len(path.read_bytes()) == pytest.approx(len(good), abs=200)


def test_a_file_of_another_net_or_other_settings_is_not_used(capsys: pytest.CaptureFixture[str]) -> None:
    training.trained("toy", build, train, settings={"epochs": 2})
    training.trained("toy", lambda: build(units=5), train, settings={"epochs": 2})
    assert "another architecture" in capsys.readouterr().out
    training.trained("toy", lambda: build(units=5), train, settings={"epochs": 3})
    assert "other settings" in capsys.readouterr().out
    training.start("full", 3)
    training.trained("toy", build, train)
    assert "not used" not in capsys.readouterr().out and Path("artefacts/toy-full.npz").exists()


def test_names_and_histories_of_other_kinds() -> None:
    with pytest.raises(ValueError, match="no name for a net"):
        training.trained("../toy", build, train)
    _, history = training.trained("silent", build, lambda model: None)
    assert history == {}
    _, history = training.trained("keras", build, lambda model: model.fit(X, Y, verbose=0))
    assert set(history) == {"loss", "accuracy"}


def test_a_folder_that_cannot_be_written_is_no_disaster(capsys: pytest.CaptureFixture[str]) -> None:
    Path("artefacts").write_text("in the way")
    model, _ = training.trained("toy", build, train)
    assert model is not None and "cannot be written" in capsys.readouterr().out


def test_in_a_grading_worker_no_time_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record of a submission is to be the same every time it is graded."""
    monkeypatch.setenv("COURSE_WORKER", "1")
    training.trained("net", build, lambda model: training.fit(model, X, Y, epochs=2, batch_size=32))
    first = capsys.readouterr().out
    Path("artefacts/net-quick.npz").unlink()
    training.trained("net", build, lambda model: training.fit(model, X, Y, epochs=2, batch_size=32))
    assert capsys.readouterr().out == first and "epoch 2/2" in first and " s" not in first.replace(" seed", "")
