"""Trained nets that are kept beside the notebook, and handed in with it.

A file holds plain arrays only and is read without pickle: the net's configuration as JSON, its weights in order, the
history, and what the caller wants it to depend on. It is used again only where it fits the code as it stands.
"""

from __future__ import annotations

import json
import re
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from course import profile
from course.datasets.sources import in_worker
from course.files import whole
from course.training import fitting

FOLDER = "artefacts"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,50}")
_FORMAT = 1

History = dict[str, list[float]]


class _Unfit(Exception):
    """Why a file is not used, as the end of a sentence."""


def trained(
    name: str,
    build: Callable[[], Any],
    train: Callable[[Any], Any],
    *,
    settings: Mapping[str, Any] | None = None,
) -> tuple[Any, History]:
    """The trained net `name`: from `artefacts/<name>-<profile>.npz` where that file fits, else trained now and kept there.

    build: makes the net, not yet trained. train: trains the net it is given; it returns the history (numbers an epoch by
    name, or what `model.fit` returns), or None. Both begin with the seed that `training.start` was given, so that a net
    comes out the same whichever nets were trained before it.
    settings: what else the training depends on ({"epochs": 10}), plain values; a file made with others is not used.

    A file fits when it was made by the same configuration (layer names aside), with weights of the same shapes, all of
    them finite, and the same settings. One that is damaged or does not fit is named in a sentence, and the net trained.

    Returns (model, history). A loaded model is not compiled unless `build` compiles it.
    Raises ValueError when `name` is not lower-case letters, digits, - and _; and whatever build and train raise.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a net: use lower-case letters, digits, - and _")
    path = Path(FOLDER) / f"{name}-{profile.current()}.npz"
    wanted = json.dumps(dict(settings or {}), sort_keys=True, default=str)
    fitting.set_seed()
    model = build()
    if path.exists():
        try:
            history = _load(path, model, wanted)
        except _Unfit as problem:
            print(f"{name}: {path} is not used, because {problem}. Training anew.")
            fitting.set_seed()
            model = build()
        else:
            print(f"{name}: loaded from {path}. Delete the file to train anew.")
            return model, history
    began = time.monotonic()
    history = _plain(train(model))
    took = "" if in_worker() else f" in {time.monotonic() - began:.0f} s"
    try:
        _save(path, model, history, wanted)
    except OSError as problem:
        print(f"{name}: trained{took}, but {path} cannot be written ({problem.strerror or problem}).")
    else:
        print(f"{name}: trained{took}, kept in {path}.")
    return model, history


def configuration(model: Any) -> str:
    """The configuration of a Keras model as JSON, with layers called by their order: two builds of one net are equal."""
    config = json.loads(model.to_json())
    names: dict[str, str] = {}
    _collect(config, names)
    return json.dumps(_renamed(config, names), sort_keys=True)


def _collect(node: Any, names: dict[str, str]) -> None:
    if isinstance(node, dict):
        inner = node.get("config")
        if "class_name" in node and isinstance(inner, dict) and isinstance(inner.get("name"), str):
            names.setdefault(inner["name"], f"layer {len(names)}")
        for item in node.values():
            _collect(item, names)
    elif isinstance(node, list):
        for item in node:
            _collect(item, names)


def _renamed(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {
            key: _renamed(item, names) for key, item in node.items() if key not in ("compile_config", "build_config")
        }
    if isinstance(node, list):
        return [_renamed(item, names) for item in node]
    return names.get(node, node) if isinstance(node, str) else node


def _plain(history: Any) -> History:
    if isinstance(history, tuple) and len(history) == 2:  # (model, history), as some training functions return
        history = history[1]
    found = getattr(history, "history", history)
    if not isinstance(found, dict):
        return {}
    plain: History = {}
    for key, values in found.items():
        try:
            plain[str(key)] = [float(value) for value in values]
        except (TypeError, ValueError):
            continue
    return plain


def _text(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


def _save(path: Path, model: Any, history: History, settings: str) -> None:
    about = {"format": _FORMAT, "history": history, "settings": settings}
    arrays: dict[str, Any] = {f"weight_{n:03}": np.asarray(w) for n, w in enumerate(model.get_weights())}
    arrays |= {"about": _text(json.dumps(about)), "config": _text(configuration(model))}
    with whole(path) as file:
        np.savez(file, **arrays)


def _load(path: Path, model: Any, settings: str) -> History:
    """Put the weights in `path` into `model` and return the history. Raises _Unfit, and leaves the model as it was."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        about = json.loads(arrays.pop("about").tobytes())
        config = arrays.pop("config").tobytes().decode()
        known = about["format"] == _FORMAT
        history = {str(key): [float(value) for value in values] for key, values in about["history"].items()}
        kept = about["settings"]
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ) as problem:
        raise _Unfit("it is damaged") from problem
    if not known:
        raise _Unfit("another version of the course wrote it")
    if config != configuration(model):
        raise _Unfit("it was trained with another architecture")
    if kept != settings:
        raise _Unfit(f"it was trained with other settings ({kept} then, {settings} now)")
    weights = [arrays[key] for key in sorted(arrays)]
    own = model.get_weights()
    if [w.shape for w in weights] != [w.shape for w in own] or any(w.dtype.kind not in "fiub" for w in weights):
        raise _Unfit("its weights do not fit the net's layers")
    if not all(np.isfinite(w).all() for w in weights):
        raise _Unfit("its weights hold NaN or infinity")
    model.set_weights(weights)
    return history
