"""The student's names as the referee sees them: functions that are called across the wire, data that came by value."""

from __future__ import annotations

import builtins
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from types import FrameType
from typing import Any

import numpy as np

from autograder.grading import models, objects, patience
from autograder.grading.patience import Clock
from autograder.worker import keras_models, wire
from autograder.worker.usage import Usage
from course import checks


class CallAborted(BaseException):
    """A call that ended the check: no answer, or no worker left. Not an Exception, so no check can swallow it."""

    def __init__(self, verdict: str, message: str, name: str = "", lost: bool = False) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.lost = lost  # whether the worker was gone
        self.name = name  # of the function that was called
        self.message = message


class StudentError(Exception):
    """An exception in the student's code that has no built-in counterpart."""


_UNLIKE = (StopIteration, StopAsyncIteration, UnicodeError, ExceptionGroup)
"""Not raised by name: the first two would end a loop of the check quietly, the others are not made of one text."""


def _exception_class(kinds: list[Any]) -> type[Exception]:
    for kind in kinds:
        found = getattr(builtins, str(kind), None)
        if not (isinstance(found, type) and issubclass(found, Exception)) or found is Exception:
            continue
        if not issubclass(found, _UNLIKE):
            return found
    return StudentError


def error_kind(raised: dict[str, Any]) -> str:
    """The built-in name of an exception: the name of a class of the student's could repeat what the grader sent."""
    kinds = raised.get("kinds")
    found = _exception_class(kinds[:20] if isinstance(kinds, list) else [])
    return "an error" if found is StudentError else found.__name__


class Worker:
    """One worker's conversation: numbered requests, answers checked for form, a time limit on each."""

    def __init__(
        self,
        channel: wire.Channel,
        used: Callable[[], Usage] = lambda: Usage(0.0, 0.0),
        clock: Clock | None = None,
        cores: int = 1,
    ) -> None:
        """used: what the worker has used of the machine so far. clock: told for how long it has waited for a core. cores: that
        it may compute on."""
        self.channel = channel
        self._used = used
        self._clock = clock or Clock()
        self._cores = cores
        self._number = 0
        self._aborted: CallAborted | None = None
        self.begin(seconds=0.0)

    def begin(
        self, seconds: float, classes: Collection[str] = (), exceptions: Mapping[str, type[Exception]] | None = None
    ) -> None:
        """A check begins. seconds: for what it asks of objects. classes: names of the student's classes that it reads.
        exceptions: {name: what stands for it here} of those that are exceptions."""
        self._seconds = seconds
        self._classes = frozenset(classes)
        self._exceptions = dict(exceptions or {})
        self._room = MAX_PRINTED

    def lost(self) -> CallAborted | None:
        """What ended the conversation: no answer that comes later answers what is asked now."""
        return self._aborted

    def ask(self, seconds: float, **request: Any) -> dict[str, Any]:
        """Send a request, return its reply. Raises CallAborted with the verdict that fits, and again whenever more is asked:
        NumPy swallows what is raised while it looks at an object."""
        if self._aborted is not None:
            raise self._aborted
        try:
            return self._ask(seconds, request)
        except CallAborted as problem:
            self._aborted = problem
            raise

    def _ask(self, seconds: float, request: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        request["id"] = self._number
        try:
            back, forth = (self._arrival, objects.describe) if self._classes else (None, None)
            payload = wire.encode(request, trusted=True, model=keras_models.to_data, objects=forth)
            self.channel.send(payload, 4 * seconds)  # a busy worker takes its time to read
            raw = self._receive(seconds)
            reply = wire.decode(raw, model=models.rebuild_or_refusal, objects=back)
        except wire.ChannelTimeout as problem:
            name = str(request.get("name", ""))
            who = f"{name} did not return" if name else "no answer"
            raise CallAborted("timeout", f"{who} within {seconds:g} s: an endless loop?", name) from problem
        except wire.ChannelClosed as problem:
            raise CallAborted("error", "your code ended the interpreter", lost=True) from problem
        except wire.WireError as problem:
            raise CallAborted("tampered", f"the answer was not in the agreed form ({problem})") from problem
        if not isinstance(reply, dict) or type(reply.get("id")) is not int or reply["id"] != self._number:
            raise CallAborted("tampered", "the answer was not in the agreed form (it answers no question of ours)")
        return reply

    def asked(self, seconds: float, op: str, who: str, **request: Any) -> dict[str, Any]:
        """Ask for something that the student's code computes; what it prints is printed here. who: what is asked, in words.

        Raises what the student's code raises, and CallAborted.
        """
        reply = self.ask(seconds, op=op, who=who, **request)
        self._print(reply.get("printed"))
        if (raised := reply.get("raised")) is not None:
            raise _as_exception(who, raised, self._exceptions)
        return reply

    def _of_object(self, op: str, who: str, **request: Any) -> Any:
        """As `objects.Ask`."""
        reply = self.asked(self._seconds, op, who, **request)
        return objects.METHOD if reply.get("method") is True else reply.get("value")

    def _arrival(self, number: int, type_name: str, kinds: list[str]) -> Any:
        known = [kind for kind in kinds if kind in self._classes]
        return objects.arrival(self._of_object, number, type_name, known) if known else wire.Unsupported(type_name)

    def _print(self, printed: Any) -> None:
        """Print what a call printed, as far as there is room for it: into what a check captures, or nowhere."""
        if type(printed) is str and self._room > 0:
            sys.stdout.write(printed[: self._room])
            self._room -= len(printed)

    def _receive(self, seconds: float) -> bytes:
        """The answer. A worker that computes, but gets less than a core of a busy machine, is given its time in full."""
        began = time.monotonic()
        if not self.channel.ready(min(_UNWATCHED, seconds / 2)):
            first, before, lost = time.monotonic() - began, self._used(), 0.0
            left = seconds - first
            while left > 0 and not self.channel.ready(min(left, max(_LOOK_SECONDS, seconds / 10))):
                now, wall = self._used().since(before), time.monotonic() - began
                # What was not watched, at first, is taken to have been as crowded as what was.
                waited = min(wall, now.waited * wall / max(1e-3, wall - first))
                left = patience.remaining(seconds, wall, Usage(now.cpu, waited), self._cores)
                self._clock.lost, lost = self._clock.lost + max(0.0, waited - lost), max(lost, waited)
            if left <= 0:
                raise wire.ChannelTimeout("no answer in time")
        return self.channel.receive(max(seconds, _TRANSFER_SECONDS))


MAX_PRINTED = 2_000_000
"""Characters that the student's code may print in one check; the rest is dropped."""
_UNWATCHED = 0.5
"""Seconds after which it is watched how long a worker waits for a core: most answers come sooner."""
_LOOK_SECONDS = 0.5
"""How often, at most."""
_TRANSFER_SECONDS = 20.0
"""For an answer that has begun, however large."""


class RemoteFunction:
    """A function of the student's. Calling it sends the arguments and returns what came back, as exact plain types."""

    def __init__(self, name: str, worker: Callable[[], Worker], seconds: float, doc: str | None = None) -> None:
        self.__name__ = name
        self.__doc__ = doc
        self._worker = worker
        self._seconds = seconds

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        reply = self._ask("call", args=list(args), kwargs=kwargs)
        if _within_unchanged():
            _copy_back((*args, *kwargs.values()), reply.get("changed"))
        value = reply.get("value")
        if isinstance(value, wire.Unsupported) and (reason := getattr(value, "reason", None)):
            # A model that is refused, and why.
            raise checks.CheckFailed(f"{self.__name__}: {reason}", getattr(value, "detail", ""))
        return value

    def model_of(self, shape: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """The model that the function makes of an input of `shape`: see `course.blocks`."""
        return self._ask("block", shape=shape, args=list(args), kwargs=dict(kwargs)).get("value")

    def _ask(self, op: str, **request: Any) -> dict[str, Any]:
        return self._worker().asked(self._seconds, op, self.__name__, name=self.__name__, **request)

    def __repr__(self) -> str:
        return f"<the student's {self.__name__}>"


class RemoteClass(RemoteFunction):
    """A class of the student's that a check names: calling it makes an object (`objects`)."""

    def __init__(
        self, name: str, worker: Callable[[], Worker], seconds: float, doc: str | None, ancestors: Collection[str]
    ) -> None:
        """ancestors: names of the classes that it is derived from."""
        super().__init__(name, worker, seconds, doc)
        self._ancestors = frozenset(ancestors)

    def __getattr__(self, name: str) -> Any:
        def ask(op: str, who: str, **request: Any) -> Any:
            reply = self._worker().asked(self._seconds, op, who, **request)
            return objects.METHOD if reply.get("method") is True else reply.get("value")

        return objects.attribute(ask, self.__name__, {"name": self.__name__}, name)

    def __instancecheck__(self, value: Any) -> bool:
        return objects.is_of(value, self.__name__)

    def __subclasscheck__(self, kind: Any) -> bool:
        return isinstance(kind, RemoteClass) and (kind is self or self.__name__ in kind._ancestors)


def exceptions(named: Mapping[str, Sequence[str]]) -> dict[str, type[Exception]]:
    """{name: class that stands here for the student's exception of that name}. named: {name: it and its ancestors, by name}."""
    made: dict[str, type[Exception]] = {}
    for name in sorted(named, key=lambda one: len(named[one])):
        above = named[name][1:]
        base = next((made[one] for one in above if one in made), None) or _exception_class(list(above))
        made[name] = type(name, (base,), {"__module__": "student"})
    return made


def _as_exception(name: str, raised: Any, named: Mapping[str, type[Exception]] | None = None) -> BaseException:
    """named: exceptions of the student's that the check names."""
    if not isinstance(raised, dict):
        return CallAborted("tampered", "the answer was not in the agreed form")
    kind = str(raised.get("type"))[:60]
    text = str(raised.get("text"))[:500]
    kinds = raised.get("kinds")
    kinds = kinds[:20] if isinstance(kinds, list) else []
    if kind in ("SystemExit", "KeyboardInterrupt"):
        return CallAborted("error", f"{name} ends the interpreter ({kind}): a function should return")
    if "MemoryError" in kinds:
        return CallAborted("oom", f"{name} needs more memory than is allowed")
    classes = raised.get("classes")
    classes = [one for one in classes[:20] if type(one) is str] if isinstance(classes, list) else []
    found = next((named[one] for one in classes if one in named), None) if named else None
    problem = (found or _exception_class(kinds))(text)
    problem.remote_type = kind  # type: ignore[attr-defined]
    problem.remote_name = name  # type: ignore[attr-defined]
    problem.unwritten = raised.get("unwritten") is True  # type: ignore[attr-defined]
    return problem


def _within_unchanged() -> bool:
    """Whether `checks.unchanged` is what calls: it alone may see changes, since it compares with a copy of its own.

    Anywhere else a check may compute what it expects from its inputs after the call, and the student would set it.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code is checks.unchanged.__code__:
            return True
        frame = frame.f_back
    return False


def _copy_back(args: tuple[Any, ...], changed: Any) -> None:
    """Arguments that the student's function changed, changed here as well, so that a check can notice.

    args: those by position, then those by keyword.
    """
    if not isinstance(changed, dict):
        return
    for index, new in changed.items():
        if type(index) is not int or not 0 <= index < len(args):
            continue
        _become(args[index], new)


def _become(old: Any, new: Any) -> None:
    if isinstance(old, np.ndarray):
        if isinstance(new, np.ndarray) and new.shape == old.shape and old.flags.writeable:
            old[...] = new.astype(old.dtype, copy=False)
    elif type(old) is list and type(new) is list:
        old[:] = new
    elif type(old) is tuple and type(new) is tuple and len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            _become(one, other)
    elif type(old) is dict and type(new) is dict:
        old.clear()
        old.update(new)
