"""What a training depends on: the student's functions that it runs, the plain values and arrays that they read, the seed,
the data that were loaded, and the library below Keras. Two trainings with the same answer here give the same net.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import inspect
import textwrap
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from course import backends

_SAMPLE = 16_384
"""Values of an array that are looked at."""
_LONGEST = 200
"""A plain value of more characters is kept as its hash."""

_MOST = 16
"""Arrays of one list that are looked at."""

Made = dict[str, str]
"""{"code train_tiny": a hash, "value SEED": "0", "array x_train": its kind and a checksum, "data mnist": a title, …}"""


def of(train: Callable[..., Any], build: Callable[..., Any], seed: int, data: dict[str, str]) -> Made:
    """What a training by `train` depends on, as far as it can be seen without running it.

    build: counts where it compiles; the architecture is compared by itself. data: what was loaded, {name: title}.
    """
    found: Made = {"seed": str(seed), "backend": backends.title()} | {
        f"data {name}": title for name, title in data.items()
    }
    written: set[str] = set()
    _follow(train, "train", found, written, set(), set())
    built: Made = {}
    reached: set[str] = set()
    _follow(build, "build", built, written, set(), reached)
    if "compile" in reached:
        found |= built
    for name in written:  # what the training itself assigns to is no input of it
        found.pop(f"value {name}", None)
        found.pop(f"array {name}", None)
    return found


def change(then: Made, now: Made) -> str:
    """What has changed between two of these, as the end of a sentence; empty where nothing has.

    What `then` does not name is not compared.
    """
    for key, old in then.items():
        new = now.get(key)
        if new == old:
            continue
        kind, _, name = key.partition(" ")
        if kind == "seed":
            return f"it was trained with the seed {old}, and now it is {new}"
        if kind == "backend":
            return f"it was trained with {old}, and now Keras computes with {new}"
        if kind == "data":
            if new is None:
                continue  # not loaded in this session
            return f"it was trained on {old}, and now {new} is loaded as {name}"
        if new is None:
            return f"its training has used {name}, and does so no more"
        if kind == "value" and len(old) + len(new) < _LONGEST:
            return f"{name} was {old} when it was trained, and now is {new}"
        what = {"code": "the code of ", "array": "the array "}.get(kind, "")
        return f"{what}{name} has changed since it was trained"
    return ""


def unchanged(before: Made, after: Made) -> Made:
    """What was the same before a training and after it: what the training changes is a result, and no input."""
    return {key: value for key, value in before.items() if after.get(key) == value}


def _function(thing: Any) -> Any:
    while isinstance(thing, functools.partial):
        thing = thing.func
    return thing.__func__ if isinstance(thing, MethodType) else thing


def _codes(function: Any) -> Iterator[CodeType]:
    """The code of a function, and of those within it."""
    waiting = [function.__code__] if isinstance(function, FunctionType) else []
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [part for part in code.co_consts if isinstance(part, CodeType)]


def _follow(thing: Any, name: str, found: Made, written: set[str], seen: set[int], reached: set[str]) -> None:
    """Note a function and all that it reads. written, reached: names that any of these functions assign to, and use."""
    function = _function(thing)
    if isinstance(thing, functools.partial):
        for number, value in enumerate([*thing.args, *thing.keywords.values()]):
            _value(f"{name} argument {number}", value, found, function, written, seen, reached)
    if isinstance(function, type):
        found[f"code {name}"] = _hash(_text(function))
        return
    if not isinstance(function, FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    label = name if function.__name__ == "<lambda>" else function.__name__
    found[f"code {label}"] = _hash(_text(function))
    read: dict[str, Any] = {}
    for code in _codes(function):
        written |= _assigned(code)
        reached |= set(code.co_names)
        read |= {one: function.__globals__[one] for one in code.co_names if one in function.__globals__}
    for one, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            read[one] = cell.cell_contents
        except ValueError:
            continue
    read |= {f"{label} default {n}": value for n, value in enumerate(function.__defaults__ or ())}
    read |= {f"{label} default {n}": value for n, value in (function.__kwdefaults__ or {}).items()}
    for one, value in read.items():
        _value(one, value, found, function, written, seen, reached)


def _value(
    name: str, value: Any, found: Made, reader: FunctionType, written: set[str], seen: set[int], reached: set[str]
) -> None:
    """Note one thing that `reader` reads: its own kind of code is followed, data are summed up, libraries are left out."""
    inner = _function(value)
    if isinstance(inner, (FunctionType, type)):
        if getattr(inner, "__module__", None) == reader.__module__:
            _follow(value, name, found, written, seen, reached)
    elif isinstance(value, ModuleType):
        path = Path(str(getattr(value, "__file__", "") or ""))
        if path.suffix == ".py" and path.resolve().parent == Path.cwd():
            found[f"code {name}"] = _hash(_plain(path.read_text(encoding="utf-8", errors="replace")))
    elif sums := [_sum(array) for array in _arrays(value)]:
        found[f"array {name}"] = "; ".join(sums)
    elif (text := _spelled(value)) is not None:
        found[f"value {name}"] = text if len(text) <= _LONGEST else _hash(text)


def _arrays(value: Any) -> Iterator[np.ndarray]:
    """The arrays of numbers or text that a value is, or is made of: a pair of images and labels, a part of a data set."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "biufcUS":
            yield value
    elif isinstance(value, (tuple, list)) and len(value) <= _MOST:
        yield from (one for item in value if isinstance(item, np.ndarray) for one in _arrays(item))
    elif type(value).__module__.partition(".")[0] == "course":  # a part of a data set
        for name in ("x", "y"):
            with contextlib.suppress(Exception):  # labels that are withheld
                yield from _arrays(getattr(value, name))


def _assigned(code: CodeType) -> set[str]:
    import dis

    return {str(step.argval) for step in dis.get_instructions(code) if step.opname == "STORE_GLOBAL"}


def _text(thing: Any) -> str:
    """The source of a function or class without comments and docstrings; of a lambda or a lost source its compiled parts."""
    if isinstance(thing, FunctionType) and thing.__name__ == "<lambda>":
        return _compiled(thing.__code__)
    try:
        return _plain(textwrap.dedent(inspect.getsource(thing)))
    except (OSError, TypeError, SyntaxError):
        return _compiled(thing.__code__) if isinstance(thing, FunctionType) else ""


def _plain(source: str) -> str:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)):
            first = body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                body[:1] = [ast.Pass()]
    return ast.unparse(tree)


def _compiled(code: CodeType) -> str:
    parts = [_compiled(part) if isinstance(part, CodeType) else repr(part) for part in code.co_consts]
    return " ".join([*code.co_names, *code.co_varnames, *parts, code.co_code.hex()])


def _spelled(value: Any) -> str | None:
    """A plain value as text, None for anything else."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if isinstance(value, (tuple, list, dict)) and len(value) <= _SAMPLE:
        items = [*value, *value.values()] if isinstance(value, dict) else value
        return repr(value) if all(_spelled(item) is not None for item in items) else None
    return None


def _sum(array: np.ndarray) -> str:
    flat = array.reshape(-1)
    sample = np.ascontiguousarray(flat[:: max(1, flat.size // _SAMPLE)])
    return f"{array.dtype} {array.shape} {zlib.crc32(sample.tobytes()):08x}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()[:16]
