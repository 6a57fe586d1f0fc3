"""What the referee makes of answers about objects that no honest worker gives."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from autograder.grading.remote import CallAborted, RemoteClass, Worker, exceptions
from autograder.worker import wire


class _Instance:
    """Crosses as an object: what a forged worker says of one."""

    def __init__(self, number: int = 0, type_name: str = "Stack", kinds: tuple[str, ...] = ("Stack",)) -> None:
        self.described = [number, type_name, list(kinds)]


def _describe(value: Any) -> list[Any] | None:
    return value.described if isinstance(value, _Instance) else None


@contextmanager
def forged(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[Worker]:
    """A worker in a check that names the class Stack; `answer` makes each of its replies."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        channel = wire.Channel(theirs)
        while True:
            try:
                request = wire.decode(channel.receive(), trusted=True, objects=lambda number, *_: _Instance(number))
            except wire.WireError:
                return
            reply = {"id": request["id"], **answer(request)}
            channel.send(wire.encode(reply, objects=_describe))

    thread = threading.Thread(target=serve)
    thread.start()
    worker = Worker(wire.Channel(ours))
    worker.begin(5, ["Stack"], exceptions({"Empty": ("Empty", "LookupError", "Exception")}))
    try:
        yield worker
    finally:
        ours.close()
        thread.join()
        theirs.close()


def made(worker: Worker) -> Any:
    return RemoteClass("Stack", lambda: worker, 5, None, ())()


def test_an_object_of_a_class_that_the_check_does_not_name_does_not_arrive() -> None:
    for kinds in ((), ("Other",), ("__class__",)):
        with forged(lambda request, kinds=kinds: {"value": _Instance(kinds=kinds)}) as worker:  # type: ignore[misc]
            assert isinstance(made(worker), wire.Unsupported)


def test_a_name_that_is_no_name_is_not_repeated() -> None:
    with forged(lambda request: {"value": _Instance(type_name="<script>\x1b")}) as worker:
        assert made(worker).__type_name__ == "object"


@pytest.mark.parametrize(
    ("value", "use"),
    [
        ("yes", len),
        (True, len),
        (-1, len),
        (2.0, len),
        (3, str),
        (b"x", repr),
        ("abc", list),
        ((1, 2), list),
        ("x", hash),
        (1, lambda it: it == it),
        ("yes", lambda it: it != it),
        (None, lambda it: it < it),
        (3, lambda it: -it),
        (3, lambda it: it + 1),
        (3, lambda it: 1 - it),
        (True, bool),
        (3, float),
        (3, int),
        (3, abs),
        (3, round),
        (True, lambda it: it < 3),
    ],
)
def test_an_answer_of_another_type_is_no_answer(value: object, use: Callable[[Any], Any]) -> None:
    with forged(lambda request: {"value": _Instance() if request["op"] == "call" else value}) as worker:
        thing = made(worker)
        with pytest.raises((TypeError, ValueError)):
            use(thing)


@pytest.mark.parametrize("held", [None, _Instance(), object()])
def test_what_is_no_data_equals_no_data(held: object) -> None:
    with forged(lambda request: {"value": _Instance() if request["op"] == "call" else held}) as worker:
        assert made(worker) != None and made(worker) != 3 and not made(worker) == []  # noqa: E711, SIM201


def test_a_number_that_no_object_has_goes_nowhere() -> None:
    """Only the worker's own table is asked with it."""
    asked: list[dict[str, Any]] = []

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        asked.append(request)
        return {"value": _Instance(number=2**31 - 1) if request["op"] == "call" else 5}

    with forged(answer) as worker:
        assert made(worker).size == 5
    assert (asked[1]["op"], asked[1]["attribute"]) == ("get", "size")
    assert asked[1]["object"].described[0] == 2**31 - 1


def test_pythons_own_names_are_not_asked_for() -> None:
    asked: list[str] = []

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        asked.append(request["op"])
        return {"value": _Instance()}

    with forged(answer) as worker:
        thing = made(worker)
        for name in ("__array__", "__dict__", "__deepcopy__", "__wrapped__", "__code__"):
            assert not hasattr(thing, name) and not hasattr(
                RemoteClass("Stack", lambda: worker, 5, None, ()), "__array__"
            )
        with pytest.raises(AttributeError):
            thing.__class__ = int
    assert asked == ["call"]


@pytest.mark.parametrize("classes", ["Empty", ["Other"], [["Empty"]], [b"Empty"], None, {"Empty": 1}])
def test_a_malformed_exception_is_a_plain_one(classes: object) -> None:
    raised = {"type": "Empty", "kinds": ["ValueError"], "classes": classes, "text": "x"}
    with forged(lambda request: {"raised": raised}) as worker, pytest.raises(ValueError, match="x"):
        made(worker)


def test_printed_is_text_within_bounds(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.grading.remote.MAX_PRINTED", 10)
    for printed, shown in (("abc", "abc"), ("x" * 50, "x" * 10), (b"abc", ""), (["abc"], ""), (3, "")):
        with forged(lambda request, printed=printed: {"value": 1, "printed": printed}) as worker:  # type: ignore[misc]
            made(worker)
            made(worker)
        said = capsys.readouterr().out
        assert said == (shown * 2)[:10]


def test_a_conversation_that_broke_stays_broken() -> None:
    with forged(lambda request: {"id": 99}) as worker:
        with pytest.raises(CallAborted, match="answers no question"):
            made(worker)
        assert worker.lost() is not None
        with pytest.raises(CallAborted, match="answers no question"):
            made(worker)


def test_exceptions_keep_their_order() -> None:
    found = exceptions({"B": ("B", "A", "KeyError", "LookupError", "Exception"), "A": ("A", "KeyError"), "C": ("C",)})
    assert issubclass(found["B"], found["A"]) and issubclass(found["A"], KeyError)
    assert issubclass(found["C"], Exception) and not issubclass(found["C"], KeyError)
