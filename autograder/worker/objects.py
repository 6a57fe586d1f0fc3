"""Objects of the student's that a check works with: kept here while it runs, known to the referee by their numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from autograder.worker import wire

MAX_OBJECTS = 10_000
"""Objects that one check may meet."""
_BASES: tuple[Any, ...] = (int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
OPERATORS: dict[str, Callable[..., Any]] = {
    **{name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")},
    **{name: getattr(operator, name) for name in ("neg", "getitem", "setitem", "delitem")},
    "len": len,
    "str": str,
    "repr": repr,
    "format": format,
    "hash": hash,
    "iter": lambda value: wire.taken(iter(value)),
}
"""What may be done with an object besides its attributes and methods, by the name that the referee uses."""


class Objects:
    """The objects that the check in force has met."""

    def __init__(self) -> None:
        self.begin({})

    def begin(self, classes: dict[str, type]) -> None:
        """A check begins: instances of `classes` ({name that the check reads: class}) are objects to it, others are not."""
        self.classes = classes
        self.kept: list[Any] = []
        self._numbers: dict[int, int] = {}

    def describe(self, value: Any) -> list[Any] | None:
        """[number, name of its type, names of the classes it is of] where `value` is an object to this check, else None."""
        ancestors = type(value).__mro__
        kinds = [name for name, kind in self.classes.items() if any(kind is one for one in ancestors)]
        if not kinds:
            return None
        number = self._numbers.get(id(value))
        if number is None:
            if len(self.kept) >= MAX_OBJECTS:
                raise wire.WireError(f"more than {MAX_OBJECTS} objects")
            number = self._numbers[id(value)] = len(self.kept)
            self.kept.append(value)  # as long as it is kept, its id is nobody else's
        return [number, str(type(value).__name__)[:60], kinds]

    def held(self, number: int, *_: Any) -> Any:
        """The object that was given `number`."""
        return self.kept[number]


def plain(value: Any) -> Any:
    """What an object of a class derived from a built-in one holds as that; Unsupported where it is of no such class."""
    for base in _BASES:
        if isinstance(value, base):
            return base(value)
    return wire.Unsupported(type(value).__name__)
