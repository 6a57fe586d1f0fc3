"""The base that travels with the course: a small residual net, trained on photographs of six classes by `data/train_base.py`.

    from course import pretrained

    base = pretrained.base()             # (32, 32, 3) in [0, 1]  →  96 features
    whole = pretrained.base(top=True)    # (32, 32, 3) in [0, 1]  →  six probabilities

What it learned from, and what it is worth, is written in its card, `data/base.md`. The file holds plain arrays and a configuration,
and is read without pickle; its SHA-256 is pinned here. Importing this module does not import Keras.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from course.datasets.errors import DatasetError
from course.datasets.registry import data_folder
from course.datasets.sources import in_worker
from course.files import whole

__all__ = ["BASE_CLASSES", "base", "card", "few", "imagenet", "only", "toy_base"]

FILE = "base.npz"
SHA256 = "22129d0237ff6f3c488d617abcdc7e61ef37ccdba5bf7400fb7fa9a13cc06810"

BASE_CLASSES = ("airplane", "bird", "deer", "dog", "frog", "truck")
"""What the base was trained to tell apart, in the order of its six outputs."""

_LAYERS = {
    "InputLayer", "Conv2D", "BatchNormalization", "ReLU", "MaxPooling2D", "Add", "GlobalAveragePooling2D", "Dense",
}  # fmt: skip


def base(top: bool = False) -> Any:
    """A fresh copy of the base, not compiled, with its trained weights.

    top: with its own last layer, six probabilities in the order of `BASE_CLASSES`; else the 96 averaged features before it.
    Each call builds a new model, so nothing that is done to one reaches the next.

    Raises DatasetError when the file is missing, or is not the one that was published.
    """
    import keras

    config, weights = _read(data_folder() / FILE, SHA256)
    model = keras.models.model_from_json(config)
    model.set_weights([one.astype("float32") for one in weights])
    if top:
        return model
    return keras.Model(model.inputs[0], model.layers[-2].output, name="base")


def card() -> str:
    """The card of the base in Markdown. Raises DatasetError when it is missing."""
    path = data_folder() / "base.md"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"The card {path} cannot be read ({error.strerror}); unpack the course again.") from error


def toy_base(maps: Iterable[int] = (4, 5, 6), size: int = 8, seed: int = 0) -> Any:
    """A tiny base to try functions on: random weights, and batch norms whose statistics are not those of a new net.

    For each number in `maps` a 3×3 convolution (the first, third, … with a bias), batch norm and ReLU; a global average behind.
    Input (size, size, 3), output (last of maps,).
    """
    import keras

    x = inputs = keras.Input((size, size, 3))
    for number, count in enumerate(maps):
        x = keras.layers.Conv2D(count, 3, padding="same", use_bias=number % 2 == 0)(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x), name="toy_base")
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        shape = tuple(weight.shape)
        last = weight.path.rsplit("/", 1)[-1]
        if last in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.5, 1.5, shape).astype("float32"))
        else:
            spread = np.sqrt(2 / np.prod(shape[:-1])) if len(shape) > 1 else 0.3
            weight.assign(rng.normal(0, spread, shape).astype("float32"))
    return model


def imagenet(size: int = 96) -> Any:
    """MobileNetV2 (width 0.35) with ImageNet's weights: (size, size, 3) in [-1, 1] → 1,280 features; None where they cannot be had.

    Keras downloads some 2 MB once. Where that is not possible (the quick profile, a grading worker, COURSE_OFFLINE, no network) a
    line says so.
    """
    import socket

    import keras

    from course import profile

    reason = ""
    if in_worker():
        reason = "the grading sandbox has no network"
    elif os.environ.get("COURSE_OFFLINE", "") not in ("", "0"):
        reason = "COURSE_OFFLINE forbids a download"
    elif profile.current() != "full":
        reason = "the quick profile downloads nothing"
    if not reason:
        patience = socket.getdefaulttimeout()
        socket.setdefaulttimeout(20)
        try:
            return keras.applications.MobileNetV2(
                (size, size, 3), alpha=0.35, include_top=False, weights="imagenet", pooling="avg"
            )
        except Exception as error:  # whatever the network, a proxy or a damaged file leads Keras to
            reason = f"they cannot be downloaded ({str(error).splitlines()[0][:100] if str(error) else type(error).__name__})"
        finally:
            socket.setdefaulttimeout(patience)
    print(f"ImageNet's weights are left out: {reason}.")
    return None


def save(model: Any, path: Path) -> str:
    """Write `model` so that `base` reads it: weights rounded to float16, configuration as text. Returns the SHA-256."""
    config = json.loads(model.to_json())
    config.pop("compile_config", None)
    arrays: dict[str, Any] = {f"weight_{n:03}": w.astype("float16") for n, w in enumerate(model.get_weights())}
    arrays["config"] = np.frombuffer(json.dumps(config, sort_keys=True).encode(), np.uint8)
    with whole(path) as file:
        np.savez_compressed(file, **arrays)
    return _digest(path.read_bytes())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@functools.lru_cache(maxsize=2)
def _read(path: Path, pinned: str) -> tuple[str, list[np.ndarray]]:
    """Configuration and weights in the file, after its hash and its layers have been looked at."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"The base {path} cannot be read ({error.strerror}); unpack the course again.") from error
    if _digest(raw) != pinned:
        raise DatasetError(f"The base {path} is not the file that the course published; unpack the course again.")
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        config = arrays.pop("config").tobytes().decode()
        kinds = {layer["class_name"] for layer in json.loads(config)["config"]["layers"]}
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise DatasetError(f"The base {path} is damaged ({type(error).__name__}); unpack the course again.") from error
    if unknown := sorted(kinds - _LAYERS):
        raise DatasetError(f"The base {path} holds a layer {unknown[0]}, which no base of ours has.")
    return config, [arrays[name] for name in sorted(arrays)]


def only(split: Any, wanted: Iterable[str], classes: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """The images of `split` that belong to the `wanted` classes, with labels 0, 1, … in the order of `wanted`.

    split: a part of a data set (images `x`, labels `y`). classes: the names of its labels, in order.
    Returns (x, y): uint8 (N, height, width[, channels]) and int64 (N,). Raises ValueError for a class that is not there.
    """
    names, chosen = list(classes), list(wanted)
    if missing := [name for name in chosen if name not in names]:
        raise ValueError(f"there is no class {missing[0]!r}; there are {', '.join(names)}")
    new = np.full(len(names), -1)
    new[[names.index(name) for name in chosen]] = np.arange(len(chosen))
    y = new[np.asarray(split.y)]
    return split.x[y >= 0], y[y >= 0].astype(np.int64)


def few(y: np.ndarray, each: int, seed: int) -> np.ndarray:
    """Indices of `each` random examples of every class, int64 (classes · each,), in random order.

    y: integers (N,). With one seed a smaller choice is part of every larger one. Raises ValueError where a class has fewer.
    """
    y = np.asarray(y)
    order = np.random.default_rng(seed).permutation(len(y))
    chosen = []
    for label in np.unique(y):
        members = order[y[order] == label]
        if len(members) < each:
            raise ValueError(f"class {label} has {len(members)} examples, {each} are wanted")
        chosen.append(members[:each])
    return np.random.default_rng(seed + 1).permutation(np.concatenate(chosen))
