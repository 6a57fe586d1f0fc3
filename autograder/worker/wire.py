"""Data that crosses the trust line: a closed set of plain types in msgpack frames, nothing executable.

From the worker come only None, bool, int, float, complex, str, bytes, list, tuple, dict, set, NumPy arrays and scalars of
plain number types, arrays of text (as their strings), and Keras models as configuration plus weights. What counts as an
array in a notebook (`course.arraylike`) arrives as one. An instance of a class that the check itself names arrives as a number,
by which the referee asks for its attributes (`grading.objects`). Whatever else a student's function returns arrives as
`Unsupported`, which is equal to nothing. There is no pickle in this direction. Towards the worker a few trusted objects
(random generators, nets of a known pace) may travel as pickles: the worker has nothing to fear from the referee.

A frame is an 8-byte little-endian length and that many bytes of msgpack. Everything received is bounded: the frame, the
depth of nesting, the length of an integer.
"""

from __future__ import annotations

import itertools
import math
import pickle
import re
import struct
import types
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgpack
import numpy as np

from autograder.worker.channel import MAX_FRAME, Channel, ChannelClosed, ChannelTimeout, WireError
from course import arraylike, paced

__all__ = [
    "MAX_FRAME",
    "Channel",
    "ChannelClosed",
    "ChannelTimeout",
    "ModelData",
    "Unsupported",
    "WireError",
    "decode",
    "encode",
    "taken",
    "walked",
]

MAX_DEPTH = 40
MAX_INTEGER_BYTES = 512
MAX_ITEMS = 5_000_000
"""Objects in one message: an empty list is one byte on the wire and 64 in memory."""
MAX_MEMBERS = 10_000
"""Keys and set members in one message: numbers can be chosen to have the same hash, and then cost their square."""
MAX_ARRAYS = 100_000
"""Arrays in one message: each costs as much time as a thousand plain numbers."""
MAX_ELEMENTS = 2**26
"""Array elements in one message: a check may turn an array of bytes into a list of Python numbers."""

_TUPLE, _SET, _ARRAY, _SCALAR, _COMPLEX, _INTEGER, _DICT, _MODEL, _UNSUPPORTED, _PICKLE, _TEXT, _OBJECT = range(1, 13)
_PLAIN_KINDS = arraylike.KINDS
MAX_WALKED = 10_000
"""Items taken of an iterator, which may have no end."""
_WALKED: tuple[Any, ...] = (
    *(range, map, zip, filter, enumerate, reversed, types.GeneratorType, deque),
    *(type({}.keys()), type({}.values()), type({}.items())),
)
"""What a check may walk through in the student's kernel arrives here as a list."""


class Unsupported:
    """Stands for a value that may not cross. Known only by the name of its type."""

    def __init__(self, type_name: str) -> None:
        self.type_name = re.sub(r"[^\w.]", "?", type_name)[:60]

    @property
    def __type_name__(self) -> str:
        return self.type_name

    def __repr__(self) -> str:
        return f"<an object of type {self.type_name}>"


Describe = Callable[[Any], list[Any] | None]
"""[number, name of its type, names of its classes] of what crosses as an object, None for anything else."""
Arrive = Callable[[int, str, list[str]], Any]
"""What stands for an object that has arrived."""


class ModelData:
    """A Keras model as data: its configuration as JSON text and its weights in order."""

    def __init__(self, config: str, weights: list[np.ndarray]) -> None:
        self.config = config
        self.weights = weights


def _pack_raw(value: Any) -> bytes:
    return msgpack.packb(value, use_bin_type=True)


def _tree(
    value: Any, depth: int, trusted: bool, model: Callable[[Any], ModelData | None] | None, objects: Describe | None
) -> Any:
    """`value` as what msgpack can hold, extension types for the rest."""
    if depth > MAX_DEPTH:
        return msgpack.ExtType(_UNSUPPORTED, b"deeply nested value")

    def sub(item: Any) -> Any:
        return _tree(item, depth + 1, trusted, model, objects)

    def nested(code: int, items: Any) -> msgpack.ExtType:
        return msgpack.ExtType(code, _pack_raw([sub(item) for item in items]))

    if objects is not None and (described := objects(value)) is not None:
        return msgpack.ExtType(_OBJECT, _pack_raw(described))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.generic):
        if value.dtype.kind not in _PLAIN_KINDS:
            return sub(value.item()) if value.dtype.kind in "US" else _unsupported(value)
        return msgpack.ExtType(_SCALAR, _array_bytes(np.asarray(value)))
    if isinstance(value, int):
        value = int(value)
        if -(2**63) <= value < 2**64:
            return value
        data = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
        if len(data) > MAX_INTEGER_BYTES:
            return msgpack.ExtType(_UNSUPPORTED, b"very large integer")
        return msgpack.ExtType(_INTEGER, data)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, complex):
        return msgpack.ExtType(_COMPLEX, struct.pack("<dd", value.real, value.imag))
    if isinstance(value, str):
        return str.__str__(value).encode("utf-8", "replace").decode()
    if isinstance(value, bytes):
        return bytes(value)
    if isinstance(value, np.ndarray):
        if value.dtype.kind in _PLAIN_KINDS:
            return msgpack.ExtType(_ARRAY, _array_bytes(value))
        if (found := arraylike.as_array(value)) is not None:
            return _of_array(found)
        if (items := arraylike.items(value)) is not None:
            return [sub(item) for item in items]
        return msgpack.ExtType(_UNSUPPORTED, f"array of {value.dtype}".encode())
    if isinstance(value, list):
        return [sub(item) for item in value]
    if isinstance(value, tuple):
        return nested(_TUPLE, value)
    if isinstance(value, (set, frozenset)):
        return nested(_SET, value)
    if isinstance(value, _WALKED):
        return [sub(item) for item in walked(value)]
    if isinstance(value, dict):
        return nested(_DICT, [part for item in value.items() for part in item])
    if model is not None and (data := model(value)) is not None:
        return msgpack.ExtType(_MODEL, _pack_raw([data.config, [sub(w) for w in data.weights]]))
    if trusted and isinstance(value, (np.random.Generator, np.random.RandomState, paced.Net)):
        return msgpack.ExtType(_PICKLE, pickle.dumps(value))
    found = arraylike.as_array(value)
    return _unsupported(value) if found is None else _of_array(found)


def walked(value: Any) -> Any:
    """The items of an iterator, as far as they are taken, in a list; any other value as it is."""
    return taken(value) if isinstance(value, _WALKED) else value


def taken(items: Iterable[Any]) -> list[Any]:
    """The first of `items`, which may have no end."""
    return list(itertools.islice(items, MAX_WALKED))


def _unsupported(value: Any) -> msgpack.ExtType:
    return msgpack.ExtType(_UNSUPPORTED, type(value).__name__.encode("utf-8", "replace")[:200])


def _array_bytes(array: np.ndarray) -> bytes:
    array = np.asarray(array)  # subclasses (matrices, masked arrays) travel as what they hold
    order = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    return _pack_raw([order.dtype.str, list(array.shape), order.tobytes()])


def _of_array(array: np.ndarray) -> msgpack.ExtType:
    """An array of numbers as its bytes, one of text as its strings: no text of a student's becomes memory unread."""
    if array.dtype.kind in _PLAIN_KINDS:
        return msgpack.ExtType(_ARRAY, _array_bytes(array))
    texts = array.ravel().tolist()
    if array.dtype.kind == "U":
        texts = [text.encode("utf-8", "replace").decode() for text in texts]
    return msgpack.ExtType(_TEXT, _pack_raw([list(array.shape), texts]))


def encode(
    value: Any,
    *,
    trusted: bool = False,
    model: Callable[[Any], ModelData | None] | None = None,
    objects: Describe | None = None,
) -> bytes:
    """Bytes of one message. trusted: the sender is the referee. model: turns a Keras model into ModelData, else None.

    objects: tells what crosses as an object, see `Describe`; without it nothing does.
    """
    try:
        return _pack_raw(_tree(value, 0, trusted, model, objects))
    except Exception as problem:  # a value of the student's may raise anything when it is looked at
        raise WireError(f"cannot be sent: {type(problem).__name__}") from problem


def decode(
    data: bytes,
    *,
    trusted: bool = False,
    model: Callable[[ModelData], Any] | None = None,
    objects: Arrive | None = None,
) -> Any:
    """The value in `data`, of exact built-in and NumPy types. trusted: the sender is the referee (pickles allowed).

    model: called with a model's data where one arrives; without it a model is Unsupported. objects: called with the number, the
    name of the type and the names of the classes of an object; without it an object is Unsupported. Raises WireError.
    """
    depth = items = members = arrays = elements = handles = 0

    def count(found: list[Any]) -> list[Any]:
        nonlocal items
        items += len(found) + 1
        if items > MAX_ITEMS:
            raise WireError("a message of too many values")
        return found

    def distinct(found: list[Any]) -> list[Any]:
        nonlocal members
        members += len(found)
        if members > MAX_MEMBERS and not trusted:
            raise WireError("a set or dictionary of too many values")
        return found

    def unpack(raw: bytes) -> Any:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH + 2:
            raise WireError("nested too deeply")
        try:
            return msgpack.unpackb(
                raw,
                raw=False,
                ext_hook=extension,
                strict_map_key=True,
                list_hook=count,
                max_array_len=5_000_000,
                max_map_len=0,  # dicts travel as extension types: a bare map is not ours
            )
        finally:
            depth -= 1

    def extension(code: int, raw: bytes) -> Any:
        nonlocal arrays, elements, handles
        if code in (_ARRAY, _SCALAR):
            arrays += code == _ARRAY
            if arrays > MAX_ARRAYS and not trusted:
                raise WireError("a message of too many arrays")
            array = _array_from(msgpack.unpackb(raw, raw=False))
            elements += array.size
            if elements > MAX_ELEMENTS and not trusted:
                raise WireError("a message of too many numbers")
            return array[()] if code == _SCALAR else array
        if code == _TEXT:
            texts = unpack(raw)
            arrays += 1
            elements += _characters(texts)
            if (arrays > MAX_ARRAYS or elements > MAX_ELEMENTS) and not trusted:
                raise WireError("a message of too much text")
            return _texts_from(*texts)
        if code == _TUPLE:
            return tuple(unpack(raw))
        if code == _SET:
            return set(distinct(unpack(raw)))
        if code == _DICT:
            flat = unpack(raw)
            return dict(zip(distinct(flat[::2]), flat[1::2], strict=True))
        if code == _COMPLEX:
            return complex(*struct.unpack("<dd", raw))
        if code == _INTEGER:
            if len(raw) > MAX_INTEGER_BYTES:
                raise WireError("an integer is too long")
            return int.from_bytes(raw, "little", signed=True)
        if code == _MODEL:
            config, weights = unpack(raw)
            if not isinstance(config, str) or not all(type(w) is np.ndarray for w in weights):
                raise WireError("a model is malformed")
            return model(ModelData(config, list(weights))) if model else Unsupported("Model")
        if code == _OBJECT:
            handles += 1
            if handles > MAX_MEMBERS and not trusted:
                raise WireError("a message of too many objects")
            number, type_name, kinds = _described(unpack(raw))
            return objects(number, type_name, kinds) if objects else Unsupported(type_name)
        if code == _PICKLE and trusted:
            return pickle.loads(raw)
        if code == _UNSUPPORTED:
            return Unsupported(raw.decode("utf-8", "replace"))
        raise WireError(f"unknown extension {code}")

    try:
        return unpack(data)
    except WireError:
        raise
    except Exception as problem:  # msgpack raises many kinds on malformed input; all mean the same here
        raise WireError(f"malformed message: {type(problem).__name__}") from problem


def _described(parts: Any) -> tuple[int, str, list[str]]:
    """The parts of an object, of exact types."""
    number, type_name, kinds = parts
    if type(number) is not int or not 0 <= number < 2**31 or type(type_name) is not str or type(kinds) is not list:
        raise WireError("an object is malformed")
    if len(kinds) > 100 or not all(type(kind) is str for kind in kinds):
        raise WireError("an object is malformed")
    return number, type_name[:60], kinds


def _array_from(parts: Any) -> np.ndarray:
    dtype_text, dimensions, raw = parts
    dtype = np.dtype(str(dtype_text)[:8])
    if dtype.kind not in _PLAIN_KINDS or dtype.hasobject:
        raise WireError("an array of a type that may not cross")
    _check_shape(dimensions)
    return np.frombuffer(raw, dtype=dtype).reshape(dimensions).astype(dtype.newbyteorder("="), copy=True)


def _check_shape(dimensions: Any) -> None:
    if len(dimensions) > 32 or not all(type(n) is int and n >= 0 for n in dimensions):
        raise WireError("an array with an impossible shape")
    # Of an array without elements, a list is made of as many empty lists as its other dimensions say.
    if 0 in dimensions and math.prod(filter(None, dimensions)) > MAX_ITEMS:
        raise WireError("an empty array of an impossible shape")


def _characters(parts: Any) -> int:
    """Characters that an array of the text in `parts` (shape, strings) takes: each string as many as the longest."""
    _, texts = parts
    if not isinstance(texts, list) or {*map(type, texts)} not in ({str}, {bytes}, set()):
        raise WireError("an array of text that holds something else")
    return len(texts) * max(map(len, texts), default=0)


def _texts_from(dimensions: Any, texts: list[str] | list[bytes]) -> np.ndarray:
    _check_shape(dimensions)
    if math.prod(dimensions) != len(texts):
        raise WireError("an array with an impossible shape")
    return np.array(texts, dtype=bytes if texts and type(texts[0]) is bytes else str).reshape(dimensions)
