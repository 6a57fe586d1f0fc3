"""`start` and `fit`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from course import backends, private_keras
from course import profile as profiles
from course.training.errors import Diverged, Interrupted

__all__ = ["Diverged", "Interrupted", "fit", "start"]

_seed = 0


def start(profile: str, seed: int = 0) -> None:
    """Begin a notebook: choose the profile and set the seeds of Python, NumPy and Keras.

    Printed is one line where nets compute on a GPU, or with another library than TensorFlow.
    Raises ValueError when there is no such profile.
    """
    global _seed
    profiles.use(profile)
    _seed = int(seed)
    set_seed()
    _rewrite_graphs(profile != "quick")
    if said := backends.sentence():
        print(said)


def _rewrite_graphs(wanted: bool) -> None:
    """Whether TensorFlow rewrites the graph of a net before it runs it the first time. That pays over many epochs; where nets
    train for a second, it is a tenth of a notebook. The numbers differ by rounding.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": not wanted})


def seed() -> int:
    """What `start` was given."""
    return _seed


def set_seed() -> None:
    """Set the seeds of Python, NumPy and Keras to what `start` was given."""
    import keras

    keras.utils.set_random_seed(_seed)


def fit(
    model: Any,
    x: np.ndarray,
    y: np.ndarray,
    *,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    epochs: int,
    batch_size: int = 64,
    callbacks: Iterable[Any] = (),
    seconds: float | None = None,
    shuffle: bool = True,
    title: str = "",
    quiet: bool = False,
) -> dict[str, list[float]]:
    """Train a compiled Keras model, with one line of progress per epoch.

    x: inputs (N, …), as the model takes them. y: labels (N, …), as its loss takes them. validation: such a pair, measured
    after each epoch and never trained on. seconds: end after this time, also in the middle of an epoch; the epoch that was
    cut short is measured and counted. title: a word before each line; "3 of 10" where a loop calls `fit` for each epoch.
    quiet: print nothing. In a notebook, a training of some seconds shows how long it will take, and its curves.

    Returns the history: {"loss": [one number per epoch], "accuracy": …, "val_loss": …, "seconds": …}, the names as Keras
    gives them.

    Raises:
        Diverged: the loss became NaN or infinite; its `history` holds the epochs before.
        Interrupted: you interrupted it (a KeyboardInterrupt); the net has the weights of its best epoch, of those that
            had ended, and `history` holds them.
        ValueError: x and y differ in length, or the model is not compiled.
    """
    from course.training import runs, watching
    from course.training.callbacks import Progress

    parts = {"x and y": (x, y)} | ({} if validation is None else {"the validation part": tuple(validation)})
    for what, pair in parts.items():
        if len(pair) != 2 or len(pair[0]) != len(pair[1]):
            sizes = " and ".join(str(len(part)) for part in pair)
            raise ValueError(f"{what} must be images and as many labels, not {sizes}")
    if not getattr(model, "compiled", True):
        raise ValueError("the model is not compiled: call model.compile(optimizer, loss, metrics) before fit")
    _prepare(model, y)
    steps, held = -(-len(x) // batch_size), max(batch_size, 500)
    run = runs.begin(model, title, epochs)
    progress = Progress(run, epochs, steps, seconds, quiet)
    try:
        with _without_autotuning():
            model.fit(
                x,
                y,
                batch_size=batch_size,
                epochs=epochs,
                # Nothing but what Keras counts itself; told so, it makes one pipeline an epoch where it makes two otherwise.
                steps_per_epoch=steps,
                validation_data=_batches(validation, held),
                validation_batch_size=held,
                callbacks=[progress, *callbacks],
                shuffle=shuffle,
                verbose=0,
            )
    except Diverged as problem:
        problem.history = _history(model, progress.each)
        raise
    except KeyboardInterrupt:
        progress.end_line()
        if watching.of(model) is not None:
            raise  # `trained` keeps the best epoch of all calls
        kept = run.watch.restore_best()
        said = f"Interrupted in {run.watch.where}. "
        ended = Interrupted(said + (f"The net has the weights of {kept}." if kept else "No epoch had ended."))
        ended.history = _history(model, progress.each)
        raise ended from None
    runs.end(model, epochs)
    history = _history(model, progress.each)
    if progress.out_of_time and not quiet:
        print(f"Stopped after {seconds:g} s, the limit, in epoch {len(progress.each)} of {epochs}.")
    return history


def _batches(pair: tuple[np.ndarray, np.ndarray] | None, size: int) -> Any:
    """The same batches as Keras would make of `pair`, in a pipeline that starts ten times sooner: it does so twice an epoch."""
    import keras

    if pair is None or keras.backend.backend() != "tensorflow":
        return pair
    if not all(isinstance(part, np.ndarray) and part.dtype.kind in "fiub" for part in pair):
        return pair
    import tensorflow as tf

    real = keras.config.floatx()
    parts = tuple(part.astype(real, copy=False) if part.dtype.kind == "f" else part for part in pair)
    return _plain(tf.data.Dataset.from_tensor_slices(parts).batch(size))


def _plain(pipeline: Any) -> Any:
    """Without tf.data's autotuner and rewriting: order and values of the batches are the same."""
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False
    return pipeline.with_options(options)


def _without_autotuning() -> contextlib.AbstractContextManager[None]:
    """Keras's pipelines over arrays, without tf.data's autotuner: its thread sleeps, and `fit` waits at the end until it wakes,
    two seconds or more after an epoch of some length.
    """
    return private_keras.array_pipelines(_plain)


def _prepare(model: Any, y: np.ndarray) -> None:
    """Make the variables of optimizer and metrics: Keras compiles a step twice that has to make one while it is traced."""
    if not model.built:
        return
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    shape = getattr(model, "output_shape", None)
    if isinstance(shape, tuple) and None not in shape[1:]:
        with contextlib.suppress(Exception):  # labels that do not fit the metrics: `fit` says so in Keras's words
            model.compute_metrics(None, y[:1], np.zeros((1, *shape[1:]), "float32"))
            model.reset_metrics()


def _history(model: Any, each: list[float]) -> dict[str, list[float]]:
    found = getattr(model.history, "history", {})
    return {name: [float(value) for value in values] for name, values in found.items()} | {"seconds": list(each)}
