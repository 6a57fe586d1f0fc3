"""What a kept net depends on, and what an interrupted training leaves."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course import backends, profile, training
from course.datasets import loading
from course.training import made_of, runs

X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("int64")
EPOCHS = 2
NAMES: list[str] = []


@pytest.fixture(autouse=True)
def beside_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    training.start("quick", 3)
    yield
    profile.use("quick")


def build() -> Any:
    import keras

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, "softmax")])
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def helper(model: Any) -> Any:
    """A docstring, which changes nothing."""
    NAMES.append("trained")
    return {"loss": [float(X.mean())] * EPOCHS}


def train(model: Any) -> Any:
    return helper(model)


def trained(capsys: pytest.CaptureFixture[str], seed: int = 3) -> str:
    """Ask for the net; what was said."""
    training.start("quick", seed)
    training.trained("toy", build, train)
    return " ".join(capsys.readouterr().out.split())


def test_a_net_is_kept_until_something_that_it_depends_on_changes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full profile without data once kept a net of the small digits, which was then loaded as one of MNIST."""
    monkeypatch.setattr(loading, "given", {"mnist": "scikit-learn's digits"})
    assert "kept in" in trained(capsys)
    loaded = trained(capsys)
    assert "loaded from" in loaded and "on scikit-learn's digits with the seed 3" in loaded
    assert 'training.forget("toy") has it trained anew' in loaded
    changes = [
        (
            lambda: monkeypatch.setitem(loading.given, "mnist", "MNIST"),
            "on scikit-learn's digits, and now MNIST is loaded",
        ),
        (
            lambda: monkeypatch.setattr(backends, "title", lambda: "Other"),
            "it was trained with [A-Z][A-Za-z]+, and now Keras computes with Other",
        ),
        (lambda: monkeypatch.setitem(globals(), "EPOCHS", 3), "EPOCHS was 2 when it was trained, and now is 3"),
        (lambda: monkeypatch.setitem(globals(), "X", X + 1), "the array X has changed"),
        (
            lambda: monkeypatch.setitem(globals(), "helper", another),
            "its training has used helper, and does so no more",
        ),
    ]
    for change, why in changes:
        change()
        said = trained(capsys)
        assert "is not used, because" in said and re.search(why, said), said
        assert "It is kept as artefacts/earlier/toy-quick.npz.old." in said.replace("\\", "/")
        assert "loaded from" in trained(capsys), "and is then kept in turn"
    assert "it was trained with the seed 3, and now it is 4" in trained(capsys, seed=4)
    assert len(NAMES) == 7, "what a training itself changes is no input of it"


def another(model: Any) -> Any:
    NAMES.append("trained")
    return {"loss": [float(X.mean()) + 1] * EPOCHS}


def test_forget(capsys: pytest.CaptureFixture[str]) -> None:
    trained(capsys)
    training.forget("toy")
    assert "forgotten" in capsys.readouterr().out and Path("artefacts/earlier/toy-quick.npz.old").is_file()
    assert "loaded from" not in trained(capsys)
    training.forget("other")
    assert "nothing to forget" in capsys.readouterr().out
    with pytest.raises(ValueError, match="no name for a net"):
        training.forget("../toy")


def test_where_work_is_graded_a_net_counts_as_it_was_handed_in(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(capsys)
    monkeypatch.setenv("COURSE_WORKER", "1")
    monkeypatch.setitem(globals(), "EPOCHS", 5)
    said = trained(capsys, seed=9)
    assert "loaded from" in said and not re.search(r"\d\d:\d\d", said), "nothing in it that differs from run to run"


def test_comments_and_docstrings_change_nothing() -> None:
    bare = "def f(x):\n    return x + 1\n"
    told = 'def f(x):\n    """Add one."""\n    # one\n    return x + 1\n'
    assert made_of._plain(told).split() == ["def", "f(x):", "pass", "return", "x", "+", "1"]
    assert made_of._plain(bare) != made_of._plain(bare.replace("1", "2"))


def test_the_parts_of_a_data_set_count() -> None:
    from course.datasets.splits import Split

    scope: dict[str, Any] = {"__name__": "__main__", "part": Split(X, Y, "train"), "pair": (X, Y), "names": ["a"]}
    exec("def train(model):\n    return part, pair, names", scope)
    before = made_of.of(scope["train"], build, 0, {})
    scope["part"] = Split(X + 1, Y, "train")
    assert made_of.change(before, made_of.of(scope["train"], build, 0, {})) == (
        "the array part has changed since it was trained"
    )
    assert before["array pair"].count(";") == 1 and before["value names"] == "['a']"


def test_what_a_training_assigns_to_is_no_input() -> None:
    scope: dict[str, Any] = {"__name__": "__main__", "count": 0, "rate": 0.1}
    exec("def train(model):\n    global count\n    count = count + 1\n    return rate", scope)
    made = made_of.of(scope["train"], build, 0, {})
    assert "value count" not in made and made["value rate"] == "0.1"


class Stop:
    """Interrupts the training in an epoch, as the button does."""

    def __new__(cls, epoch: int) -> Any:
        import keras

        def interrupt(batch: int, logs: Any = None) -> None:
            if len(seen) >= epoch:
                raise KeyboardInterrupt

        seen: list[int] = []
        return keras.callbacks.LambdaCallback(
            on_epoch_end=lambda number, logs: seen.append(number), on_train_batch_begin=interrupt
        )


@pytest.mark.parametrize("loop", [False, True])
def test_an_interrupted_training_leaves_its_best_epoch(loop: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """It once ended in a hundred lines of traceback, and the training was lost."""
    stop, weights = Stop(3), []

    def run(model: Any) -> Any:
        import keras

        worse = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda *_: weights.append(model.get_weights()[0].copy()),
        )
        for number in range(1, 6 if loop else 2):
            title = f"{number} of 5" if loop else ""
            training.fit(
                model,
                X,
                Y,
                validation=(X, Y),
                epochs=1 if loop else 5,
                title=title,
                callbacks=[worse, stop],
                batch_size=8,
            )

    model, history = training.trained("toy", build, run)
    out = " ".join(capsys.readouterr().out.split())
    assert "toy: interrupted in epoch 4 of 5. Kept: epoch " in out and "highest validation accuracy" in out
    assert len(history["loss"]) == 3 and Path("artefacts/toy-quick.npz").is_file()
    best = int(np.argmax(history["val_accuracy"]))
    assert np.array_equal(model.get_weights()[0], weights[best + 1])
    again, _ = training.trained("toy", build, run)
    out = " ".join(capsys.readouterr().out.split())
    assert "loaded from" in out and "interrupted in epoch 4 of 5" in out
    assert np.array_equal(model.get_weights()[0], again.get_weights()[0])


def test_fit_alone_is_interrupted_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    model = build()
    with pytest.raises(training.Interrupted) as caught:
        training.fit(model, X, Y, epochs=5, callbacks=[Stop(2)], quiet=True)
    said = "Interrupted in epoch 3 of 5. The net has the weights of epoch 2, which has the lowest loss so far"
    assert str(caught.value).startswith(said) and len(caught.value.history["loss"]) == 2
    assert caught.value._render_traceback_() == [str(caught.value)] and isinstance(caught.value, KeyboardInterrupt)
    looped = build()
    training.fit(looped, X, Y, epochs=1, quiet=True)
    with pytest.raises(training.Interrupted, match=r"Interrupted in epoch 2\. The net has the weights of epoch 1"):
        training.fit(looped, X, Y, epochs=1, callbacks=[Stop(0)], quiet=True)
    with pytest.raises(training.Interrupted, match="No epoch had ended"):
        training.fit(build(), X, Y, epochs=5, callbacks=[Stop(0)], quiet=True)
    with pytest.raises(training.Interrupted, match="nothing to keep"):
        training.trained("toy", build, lambda net: training.fit(net, X, Y, epochs=2, callbacks=[Stop(0)], quiet=True))
    assert not Path("artefacts").exists()


def test_one_fit_an_epoch_counts_on(capsys: pytest.CaptureFixture[str]) -> None:
    """Each call once printed "epoch 1/1"."""
    model = build()
    for number in (1, 2):
        training.fit(model, X, Y, epochs=1, title=f"tiny, {number} of 2")
    plain = build()
    for _ in range(2):
        training.fit(plain, X, Y, epochs=1)
    labels = [
        re.match(r"(.*epoch \S+)", line.rpartition("\r")[2])[1]
        for line in capsys.readouterr().out.rstrip("\n").split("\n")
    ]  # type: ignore[index]
    assert labels == ["tiny: epoch 1/2", "tiny: epoch 2/2", "epoch 1", "epoch 2"]
    gone = weakref.ref(plain)
    del plain
    import gc

    gc.collect()
    assert gone() is None, "a net is not kept for its progress"


def test_the_board_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from course import session
    from course.training import board
    from course.training.callbacks import Progress

    class Shell:
        kernel = object()
        execution_count = 1

    class Handle:
        def update(self, data: dict[str, str], raw: bool) -> None:
            shown.append(data)

    shown: list[dict[str, str]] = []
    monkeypatch.setattr(session, "kernel_shell", lambda: Shell)
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data) or Handle())
    for name in ("EVERY", "CLOCK", "BOARD_AFTER"):
        monkeypatch.setattr(Progress, name, -1.0)
    training.fit(build(), X, Y, validation=(X, Y), epochs=2, batch_size=32, title="toy")
    assert len(shown) == 6 and "toy: epoch 1/2   1 of 2 batches" in shown[0]["text/plain"]
    assert "left" not in shown[0]["text/plain"] and "s left" in shown[1]["text/plain"]
    assert re.fullmatch(r"2 epochs in \d+ s", shown[-1]["text/plain"])
    last = shown[-1]["text/html"]
    assert 'aria-valuenow="100"' in last and last.count("<svg") == 2 and "loss over 2 epochs: training" in last
    assert "<svg" not in shown[0]["text/html"] and "&lt;" in board.page("<b>", 0.5, [])
    assert "\r" not in capsys.readouterr().out, "the board is what is rewritten"


def test_a_line_holds_what_fits() -> None:
    run = runs.Run(None, "a title", 10)  # type: ignore[arg-type]
    row = {"loss": 0.5, "accuracy": 0.5, "val_loss": 0.5, "val_accuracy": 0.5, "lr": 1.0}
    assert len(run.line(row, 100.0)) <= runs.WIDTH and "lr" not in run.line(row, None)
