"""Trained nets that are kept beside the notebook, and handed in with it.

A file holds plain arrays only and is read without pickle: the net's configuration as JSON, its weights in order, the
history, and what its training depends on. It is used again only where it fits the code as it stands.

Where work is graded, a net that was handed in counts as it is, whatever code is beside it: only the architecture and the
caller's settings have to fit.
"""

from __future__ import annotations

import contextlib
import json
import re
import textwrap
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from course import profile
from course.datasets import loading
from course.datasets.sources import in_worker
from course.files import whole
from course.training import fitting, made_of
from course.training.errors import Interrupted
from course.training.runs import WIDTH
from course.training.watching import Watch

FOLDER = "artefacts"
EARLIER = "earlier"
"""The folder within FOLDER of the nets that were trained before; they are not handed in."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,50}")
_FORMAT = 1

History = dict[str, list[float]]


class _Unfit(Exception):
    """Why a file is not used, as the end of a sentence. intact: whether it holds a net that is worth keeping."""

    def __init__(self, why: str, intact: bool = False) -> None:
        super().__init__(why)
        self.intact = intact


def trained(
    name: str,
    build: Callable[[], Any],
    train: Callable[[Any], Any],
    *,
    settings: Mapping[str, Any] | None = None,
) -> tuple[Any, History]:
    """The trained net `name`: from `artefacts/<name>-<profile>.npz` where that file fits, else trained now and kept there.

    build: makes the net, not yet trained. train: trains the net it is given; it returns the history (one number per epoch,
    by name, or what `model.fit` returns), or None. Both begin with the seed that `training.start` was given, so that a net
    comes out the same whichever nets were trained before it.
    settings: what else the training depends on ({"epochs": 10}), plain values; a file made with others is not used.

    A file fits when it was made by the same configuration (layer names aside), with weights of the same shapes, all of
    them finite, and the same settings; and when the seed, the data that were loaded, the functions of yours that `train`
    calls, and the numbers and arrays that these read, are as they were (comments and docstrings aside). One that is damaged
    or does not fit is named in a sentence, and the net trained; a good one goes to `artefacts/earlier`.
    `training.forget(name)` has it trained anew in any case.

    Interrupted, it keeps the best epoch, by the validation accuracy or the loss, and returns that net.

    Returns (model, history). A loaded model is not compiled unless `build` compiles it.
    Raises ValueError when `name` is not lower-case letters, digits, - and _; training.Interrupted when no epoch had ended;
    and whatever build and train raise.
    """
    path = _path(name)
    wanted = json.dumps(dict(settings or {}), sort_keys=True, default=str)
    made = {} if in_worker() else made_of.of(train, build, fitting.seed(), loading.given)
    fitting.set_seed()
    model = build()
    if path.exists():
        try:
            history, about = _load(path, model, wanted, made)
        except _Unfit as problem:
            moved = _set_aside(path) if problem.intact else ""
            _say(f"{name}: {path} is not used, because {problem}. {moved}Training anew.")
            fitting.set_seed()
            model = build()
        else:
            _say(f"{name}: loaded from {path}{_story(about)}. {_anew(name)}")
            return model, history
    began = time.monotonic()
    ended = ""
    with Watch(model) as watch:
        try:
            history = _plain(train(model))
        except KeyboardInterrupt:
            kept = watch.restore_best()
            if not kept:
                raise Interrupted(
                    f"{name}: interrupted before an epoch had ended, so there is nothing to keep."
                ) from None
            history, ended = watch.history, f"interrupted in {watch.where}"
            _say(f"{name}: {ended}. Kept: {kept}.")
    took = "" if in_worker() else f" in {time.monotonic() - began:.0f} s"
    about = {"settings": wanted}
    if not in_worker():
        after = made_of.of(train, build, fitting.seed(), loading.given)
        about |= {"made": made_of.unchanged(made, after), "when": time.strftime("%Y-%m-%d %H:%M"), "interrupted": ended}
    why = f": {watch.restored}" if watch.restored and not ended else ""
    try:
        _save(path, model, history, about)
    except OSError as problem:
        _say(f"{name}: trained{took}, but {path} cannot be written ({problem.strerror or problem}).")
    else:
        _say(f"{name}: {'trained' if not ended else 'kept'}{took}{', kept' if not ended else ''} in {path}{why}.")
    return model, history


def forget(name: str) -> None:
    """Have the net `name` of this profile trained anew: its file goes to `artefacts/earlier`, where it is not used.

    Raises ValueError when no net is called `name`.
    """
    path = _path(name)
    if not path.exists():
        _say(f"{name}: there is no {path}, so there is nothing to forget.")
        return
    moved = _set_aside(path)
    _say(f"{name}: forgotten. {moved}Run the cell with training.trained to train it anew.")


def _say(text: str) -> None:
    """Print a sentence in lines that JupyterLab does not break within a word."""
    print("\n  ".join(textwrap.wrap(text, WIDTH - 2, break_on_hyphens=False, break_long_words=False)))


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a net: use lower-case letters, digits, - and _")
    return Path(FOLDER) / f"{name}-{profile.current()}.npz"


def _anew(name: str) -> str:
    return f'training.forget("{name}") has it trained anew.'


def _set_aside(path: Path) -> str:
    """Move a file to the nets that were trained before; a sentence that says so, empty where it cannot be moved."""
    target = path.parent / EARLIER / f"{path.name}.old"  # by its name no net: a zip made by hand may hold it, too
    with contextlib.suppress(OSError):
        target.parent.mkdir(exist_ok=True)
        path.replace(target)
        return f"It is kept as {target}. "
    return ""


def _story(about: dict[str, Any]) -> str:
    """What is known of a net that was loaded, and why it was: ": trained 2027-01-05 14:10 on MNIST with the seed 0, …"."""
    made = about.get("made")
    if not isinstance(made, dict) or in_worker():
        return ""
    on = sorted(title for key, title in made.items() if key.startswith("data "))
    parts = [
        f"trained {about.get('when', '')}".strip(),
        f"on {' and '.join(on)}" if on else "",
        f"with the seed {made.get('seed')}",
    ]
    cut = f", {about['interrupted']}" if about.get("interrupted") else ""
    return f": {' '.join(filter(None, parts))}{cut}; the code it was trained by has not changed since"


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


def _save(path: Path, model: Any, history: History, about: dict[str, Any]) -> None:
    about = {"format": _FORMAT, "history": history, **about}
    arrays: dict[str, Any] = {f"weight_{n:03}": np.asarray(w) for n, w in enumerate(model.get_weights())}
    arrays |= {"about": _text(json.dumps(about)), "config": _text(configuration(model))}
    with whole(path) as file:
        np.savez(file, **arrays)


def _load(path: Path, model: Any, settings: str, made: made_of.Made) -> tuple[History, dict[str, Any]]:
    """Put the weights in `path` into `model`; returns the history, and what else the file says.

    made: what a training now would depend on; empty where that is not compared. Raises _Unfit, and leaves the model as it
    was.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        about = json.loads(arrays.pop("about").tobytes())
        config = arrays.pop("config").tobytes().decode()
        known = about["format"] == _FORMAT
        history = {str(key): [float(value) for value in values] for key, values in about["history"].items()}
        kept = about["settings"]
        then = {str(key): str(value) for key, value in (about.get("made") or {}).items()}
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
    weights = [arrays[key] for key in sorted(arrays)]
    if any(w.dtype.kind not in "fiub" for w in weights):
        raise _Unfit("its weights do not fit the net's layers")
    if not all(np.isfinite(w).all() for w in weights):
        raise _Unfit("its weights hold NaN or infinity")
    if config != configuration(model):
        raise _Unfit("it was trained with another architecture", intact=True)
    if [w.shape for w in weights] != [w.shape for w in model.get_weights()]:
        raise _Unfit("its weights do not fit the net's layers")
    if kept != settings:
        raise _Unfit(f"it was trained with other settings ({kept} then, {settings} now)", intact=True)
    if made and (why := made_of.change(then, made)):
        raise _Unfit(why, intact=True)
    model.set_weights(weights)
    return history, about
