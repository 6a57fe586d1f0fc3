"""Objects of the student's as a check sees them: attributes come as data, methods are called from afar.

An object arrives only in a check that names its class, so no other check can meet one in the place of data. And what a check
computes itself never decides by the object's own word: compared with plain data an object is what it holds as a built-in type,
or unequal; it is not a number, and has no truth; an operator between it and plain data has to give an object. Between two
objects of the student's, operators mean what their class says. What an operator made of plain data stays an object only: it is
equal to no data, else an object that takes itself for the difference from whatever it is compared with would be 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

Ask = Callable[..., Any]
"""Ask(operation, who, **request): the value that the worker answers, or the exception that it names."""

_DATA = (int, float, complex, str, bytes, list, tuple, dict, set)
_NAME = re.compile(r"[^\W\d]\w{0,59}")


def arrival(ask: Ask, number: int, type_name: str, kinds: list[str]) -> RemoteObject:
    """What stands for object `number` of the worker. kinds: the classes named by the check that it is of."""
    return RemoteObject(ask, number, type_name if _NAME.fullmatch(type_name) else "object", frozenset(kinds))


def describe(value: Any) -> list[Any] | None:
    """An object as it travels back to the worker as an argument; None for anything else."""
    return [value._RemoteObject__number, "", []] if isinstance(value, RemoteObject) else None


def is_of(value: Any, kind: str) -> bool:
    """Whether `value` is an object of the class that the check knows as `kind`."""
    return isinstance(value, RemoteObject) and kind in value._RemoteObject__kinds


class RemoteMethod:
    """A method of an object or class of the student's."""

    def __init__(self, ask: Ask, who: str, owner: dict[str, Any], name: str) -> None:
        self.__name__ = name
        self.__doc__ = None
        self._call = lambda args, kwargs: ask(
            "call", f"{who}.{name}", **owner, attribute=name, args=list(args), kwargs=kwargs
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(args, kwargs)


def attribute(ask: Ask, who: str, owner: dict[str, Any], name: str) -> Any:
    """An attribute of an object or class: data, an object, or a method. owner: {"object": …} or {"name": …}.

    Names with two underscores are Python's own, and are not asked for: AttributeError.
    """
    if name.startswith("__"):
        raise AttributeError(f"{who}.{name} is not asked for")
    value = ask("get", f"{who}.{name}", **owner, attribute=name)
    return RemoteMethod(ask, who, owner, name) if value is METHOD else value


METHOD = object()
"""What `ask("get", …)` gives for a method."""


def _operator(name: str, swapped: bool = False) -> Any:
    def operate(self: RemoteObject, other: Any) -> Any:
        args = (other, self) if swapped else (self, other)
        result = self._operate(name, *args)
        mixed = self._mixed or not isinstance(other, RemoteObject) or other._mixed
        if isinstance(result, RemoteObject):
            return result._as_mixed() if mixed else result
        if mixed:
            raise TypeError(f"an operator between {self._who} and plain data gave plain data: let a method compute it")
        return result

    return operate


def _order(name: str) -> Any:
    def compare(self: RemoteObject, other: Any) -> Any:
        return self._answer(bool, name, self, other) if isinstance(other, RemoteObject) else NotImplemented

    return compare


class RemoteObject:
    """An object of the student's, held in the worker."""

    __slots__ = ("__ask", "__kinds", "__mixed", "__number", "__type_name")

    def __init__(self, ask: Ask, number: int, type_name: str, kinds: frozenset[str], mixed: bool = False) -> None:
        """mixed: whether an operator made it of plain data."""
        given = {"ask": ask, "number": number, "type_name": type_name, "kinds": kinds, "mixed": mixed}
        for name, value in given.items():
            object.__setattr__(self, f"_RemoteObject__{name}", value)

    @property
    def __type_name__(self) -> str:
        """The name of its class, for messages."""
        return str(self.__type_name)

    @property
    def _who(self) -> str:
        return str(self.__type_name)

    @property
    def _mixed(self) -> bool:
        return bool(self.__mixed)

    def _as_mixed(self) -> RemoteObject:
        return RemoteObject(self.__ask, self.__number, self.__type_name, self.__kinds, mixed=True)

    def _operate(self, name: str, *args: Any) -> Any:
        return self.__ask("operate", self._who, operator=name, args=list(args))

    def _answer(self, kind: type, name: str, *args: Any) -> Any:
        """The answer to an operator that has to give a `kind`. Raises TypeError where it gives something else."""
        value = self._operate(name, *args)
        if type(value) is not kind:
            raise TypeError(f"{name} of {self._who} gives no {kind.__name__}")
        return value

    def __getattr__(self, name: str) -> Any:
        return attribute(self.__ask, self._who, {"object": self}, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("__"):
            raise AttributeError(f"{self._who}.{name} is not set")
        self.__ask("set", f"{self._who}.{name}", object=self, attribute=name, value=value)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RemoteObject):
            return bool(self._answer(bool, "eq", self, other))
        held = None if self._mixed else self.__ask("plain", self._who, object=self)
        return type(held) in _DATA and bool(held == other)

    def __ne__(self, other: object) -> bool:
        if isinstance(other, RemoteObject):
            return bool(self._answer(bool, "ne", self, other))
        return not self == other

    def __hash__(self) -> int:
        return int(self._answer(int, "hash", self))

    __lt__, __le__, __gt__, __ge__ = (_order(name) for name in ("lt", "le", "gt", "ge"))
    __add__, __sub__, __mul__, __truediv__ = (_operator(name) for name in ("add", "sub", "mul", "truediv"))
    __floordiv__, __mod__, __pow__, __matmul__ = (_operator(name) for name in ("floordiv", "mod", "pow", "matmul"))
    __radd__, __rsub__, __rmul__, __rtruediv__ = (_operator(name, True) for name in ("add", "sub", "mul", "truediv"))

    def __neg__(self) -> Any:
        if not isinstance(result := self._operate("neg", self), RemoteObject):
            raise TypeError(f"minus {self._who} is no object: let a method compute it")
        return result._as_mixed() if self._mixed else result

    def __bool__(self) -> NoReturn:
        raise TypeError(f"whether {self._who} is true is not asked of it: call a method, or compare its len()")

    def __len__(self) -> int:
        return int(self._answer(int, "len", self))

    def __str__(self) -> str:
        return str(self._answer(str, "str", self))

    def __repr__(self) -> str:
        return str(self._answer(str, "repr", self))

    def __format__(self, spec: str) -> str:
        return str(self._answer(str, "format", self, spec))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._answer(list, "iter", self))

    def __contains__(self, item: Any) -> bool:
        return any(one is item or one == item for one in self)

    def __getitem__(self, key: Any) -> Any:
        return self._operate("getitem", self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._operate("setitem", self, key, value)

    def __delitem__(self, key: Any) -> None:
        self._operate("delitem", self, key)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__ask("call", self._who, object=self, args=list(args), kwargs=kwargs)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(f"{self._who} is held by the student's program: it cannot be copied here")
