"""What counts as an array: one rule for the checks in a notebook and for results that cross to the grader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

KINDS = "biufc"
"""NumPy's kinds of plain numbers."""
_NUMBERS = (bool, int, float, complex, np.number, np.bool_)
_NAMES = ("__array__", "__array_interface__", "__array_struct__")
_HELD = (*_NUMBERS, str, type(None), np.ndarray, list, tuple)


def as_array(value: Any) -> np.ndarray | None:
    """`value` as an exact array of numbers or text; None where it is nothing of the kind.

    Taken are arrays, what offers itself as one (`__array__`, a buffer such as memoryview, array.array or a picture of PIL,
    a sequence of the student's own class), and arrays of objects that are all numbers or all text. Lists, tuples, text and
    bytes are data already, and give None.
    """
    if not isinstance(value, np.ndarray) and not _offers_one(value):
        return None
    try:
        return plain(np.array(value, copy=True, subok=False))
    except (Exception, SystemExit):  # code of the student's: it may raise anything
        return None


def plain(array: np.ndarray) -> np.ndarray | None:
    """`array` in a number or text type of NumPy's own, where that is what it holds; else None."""
    if array.dtype.kind in KINDS + "US":
        return array
    if array.dtype.kind not in "OT":
        return None
    items = array.ravel().tolist()
    if all(isinstance(item, _NUMBERS) for item in items):
        found = np.array(items)
    elif all(isinstance(item, str) for item in items):
        found = np.array(items, dtype=str)
    else:
        return None
    return found.reshape(array.shape) if found.dtype.kind in KINDS + "U" else None  # an int may be too long for any


def items(array: np.ndarray) -> list[Any] | None:
    """An array of objects as lists, where each object is data: numbers beside text, rows of unequal length; else None."""
    held = array.dtype.kind == "O" and array.ndim and all(isinstance(item, _HELD) for item in array.ravel().tolist())
    return array.tolist() if held else None


def _offers_one(value: Any) -> bool:
    kind = type(value)
    if isinstance(value, (type, str, bytes, list, tuple, Mapping, set, frozenset, np.generic)):
        return False
    if any(hasattr(kind, name) for name in _NAMES) or (hasattr(kind, "__len__") and hasattr(kind, "__getitem__")):
        return True
    try:
        memoryview(value)
    except TypeError:
        return False
    return True
