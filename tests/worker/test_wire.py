"""What may cross the wire arrives as exact plain types; what may not, and what is malformed, never gets further."""

from __future__ import annotations

import array
import collections
import contextlib
import pickle
import socket
import struct
import threading
from fractions import Fraction

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from autograder.worker import wire
from course import checks, paced

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text("abc", max_size=3) | st.integers(0, 9), inner, max_size=3)
    ),
    max_leaves=12,
)


def there_and_back(value: object) -> object:
    return wire.decode(wire.encode(value))


@given(plain)
@settings(deadline=None)
def test_plain_data_comes_back_as_it_was(value: object) -> None:
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32", "float64", "complex128", ">f8"])
def test_arrays_keep_dtype_shape_and_values(dtype: str) -> None:
    array = np.arange(12).reshape(3, 4).astype(dtype)[:, ::2]
    back = there_and_back(array)
    assert type(back) is np.ndarray
    assert back.shape == (3, 2)
    assert back.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(back, array)
    back[...] = 0  # the copy can be written to


def test_subclasses_arrive_as_what_they_hold() -> None:
    class AlwaysEqual(np.ndarray):
        def __eq__(self, other: object) -> bool:  # type: ignore[override]
            return True

    class Liar(int):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = int.__hash__

    Point = collections.namedtuple("Point", "x y")
    assert type(there_and_back(np.zeros(3).view(AlwaysEqual))) is np.ndarray
    assert type(there_and_back(Liar(3))) is int
    assert type(there_and_back(Point(1, 2))) is tuple
    assert type(there_and_back(np.float64(0.5))) is np.float64


@pytest.mark.parametrize(
    "value",
    [
        *(object(), print, np.array([object()]), np.array(["2026-01-01"], dtype="M8[D]"), iter([]), 10**5000),
        type("Evil<b>", (), {})(),
    ],
    ids=["object", "function", "object array", "array of dates", "iterator", "huge integer", "odd name"],
)
def test_everything_else_arrives_as_unsupported(value: object) -> None:
    back = there_and_back([value])[0]  # type: ignore[index]
    assert isinstance(back, wire.Unsupported)
    assert "<b>" not in back.type_name


def test_nesting_without_end_is_cut() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert isinstance(there_and_back(endless), list)


def test_pickles_do_not_come_from_the_worker() -> None:
    payload = wire.encode(np.random.default_rng(3), trusted=True)
    assert wire.decode(payload, trusted=True).integers(100) == np.random.default_rng(3).integers(100)
    with pytest.raises(wire.WireError):
        wire.decode(payload)
    assert isinstance(there_and_back(np.random.default_rng(3)), wire.Unsupported)


def test_a_net_of_a_known_pace_is_sent_by_the_referee_alone() -> None:
    net = paced.Net((2, 3), [0.5, 0.25])
    there = wire.decode(wire.encode(net, trusted=True), trusted=True)
    assert (there.input_shape, there.pace) == ((None, 2, 3), (0.5, 0.25))
    assert isinstance(there_and_back(net), wire.Unsupported)


def _hostile_messages() -> list[bytes]:
    def ext(code: int, data: bytes) -> bytes:
        return msgpack.packb(msgpack.ExtType(code, data))

    deep = b""
    for _ in range(200):
        deep = ext(1, b"\x91" + deep if deep else b"\x90")
    return [
        b"",
        b"\xc1",
        b"\x91" * 5000,
        msgpack.packb({"a": 1}),
        ext(99, b""),
        ext(3, msgpack.packb(["|O", [1], b"\0" * 8])),
        ext(3, msgpack.packb(["<f8", [2**40], b"\0" * 8])),
        ext(3, msgpack.packb(["<f8", [-1], b"\0" * 8])),
        ext(3, msgpack.packb(["<f8", [1] * 40, b"\0" * 8])),
        ext(3, b"junk"),
        ext(6, b"\1" * 10_000),
        ext(7, msgpack.packb([1, 2, 3])),
        ext(8, msgpack.packb([1, 2])),
        ext(10, pickle.dumps(print)),
        deep,
        ext(11, b"junk"),
        ext(11, msgpack.packb([[2], ["a"]])),
        ext(11, msgpack.packb([[2], ["a", 3]])),
        ext(11, msgpack.packb([[2], ["a", b"b"]])),
        ext(11, msgpack.packb([[1], "a"])),
        ext(11, msgpack.packb([["x"], ["a"]])),
        ext(11, msgpack.packb([[0, 2**40], []])),
        ext(11, msgpack.packb([[1] * 40, ["a"]])),
        ext(11, msgpack.packb([[2**16], ["a" * 2**11] + [""] * (2**16 - 1)])),
    ]


@pytest.mark.parametrize("message", _hostile_messages())
def test_malformed_messages_are_refused_with_one_kind_of_error(message: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.decode(message)


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=300)
def test_random_bytes_never_do_anything_else(message: bytes) -> None:
    with contextlib.suppress(wire.WireError):
        wire.decode(message)


def test_channel_refuses_a_frame_that_announces_too_much() -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(struct.pack("<Q", 2**62))
    with pytest.raises(wire.WireError, match="larger than"):
        wire.Channel(ours).receive(5)


def test_channel_times_out_on_half_a_message_and_notices_the_end() -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(struct.pack("<Q", 10) + b"half")
    with pytest.raises(wire.ChannelTimeout):
        wire.Channel(ours).receive(0.05)
    theirs.close()
    with pytest.raises(wire.ChannelClosed):
        wire.Channel(ours).receive(5)


def test_channel_carries_large_messages_whole() -> None:
    ours, theirs = socket.socketpair()
    payload = bytes(range(256)) * 20_000
    sender = threading.Thread(target=wire.Channel(theirs).send, args=(payload, 10))
    sender.start()
    assert wire.Channel(ours).receive(10) == payload
    sender.join()


def test_what_can_be_walked_through_arrives_as_a_list() -> None:
    table = {"a": 1, "b": 2}
    for value in (range(3), (n for n in range(3)), map(int, "012"), collections.deque([0, 1, 2])):
        assert there_and_back(value) == [0, 1, 2]
    assert there_and_back([zip("ab", [1, 2], strict=True), table.keys(), table.items()]) == [
        [("a", 1), ("b", 2)],
        ["a", "b"],
        [("a", 1), ("b", 2)],
    ]
    assert len(there_and_back(iter_for_ever())) == wire.MAX_WALKED


def iter_for_ever():  # type: ignore[no-untyped-def]
    while True:
        yield 0


def test_a_value_that_raises_when_it_is_looked_at_cannot_be_sent() -> None:
    class Mean(dict):
        def items(self):  # type: ignore[no-untyped-def, override]
            raise KeyError("no")

    with pytest.raises(wire.WireError):
        wire.encode(Mean())


def test_a_photograph_as_rows_of_numpy_numbers_crosses() -> None:
    rows = [list(row) for row in np.zeros((427, 300))]
    assert len(there_and_back(rows)) == 427


@pytest.mark.parametrize(
    "array",
    [
        np.array(["cat", "oak", ""]),
        np.random.default_rng(0).permutation(["cat", "ape", "oak"]),
        np.array([["é", "z\0z"], ["b", "c"]]),
        np.array([b"cat", b"a"]),
        np.array([], dtype="U3"),
        np.zeros((0, 3), dtype="U2"),
    ],
)
def test_arrays_of_text_arrive_as_arrays_of_text(array: np.ndarray) -> None:
    back = there_and_back(array)
    assert type(back) is np.ndarray and back.dtype.kind == array.dtype.kind and back.shape == array.shape
    assert back.tolist() == array.tolist()


def test_arrays_of_objects_arrive_as_what_they_hold() -> None:
    numbers = there_and_back(np.array([[1, 2.5], [True, np.float32(3)]], dtype=object))
    assert type(numbers) is np.ndarray and numbers.tolist() == [[1, 2.5], [1, 3]]
    assert there_and_back(np.array(["a", "bc"], dtype=object)).tolist() == ["a", "bc"]  # type: ignore[attr-defined]
    assert there_and_back(np.array(["a", 1, None], dtype=object)) == ["a", 1, None]
    assert there_and_back(np.array([2**70, 1], dtype=object)) == [2**70, 1]
    ragged = np.empty(2, dtype=object)
    ragged[:] = [np.arange(2), np.arange(3)]
    assert [row.tolist() for row in there_and_back(ragged)] == [[0, 1], [0, 1, 2]]  # type: ignore[attr-defined]


class _Offers:
    def __array__(self, *args: object, **options: object) -> np.ndarray:
        return np.arange(4.0)


class _Rows:
    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> int:
        return [4, 5, 6][index]


class _Leaves:
    def __array__(self, *args: object, **options: object) -> np.ndarray:
        raise SystemExit


OFFERS = {
    "own class": (_Offers(), [0, 1, 2, 3]),
    "own sequence": (_Rows(), [4, 5, 6]),
    "buffer": (memoryview(np.arange(6, dtype="int32").reshape(2, 3)), [[0, 1, 2], [3, 4, 5]]),
    "array.array": (array.array("d", [1, 2]), [1, 2]),
    "bytearray": (bytearray(b"\x01\x02"), [1, 2]),
    "picture": (Image.fromarray(np.eye(2, dtype="uint8")), [[1, 0], [0, 1]]),
    "user list": (collections.UserList([1, 2]), [1, 2]),
}


@pytest.mark.parametrize("name", OFFERS)
def test_what_offers_itself_as_an_array_is_one_here_and_in_the_notebook(name: str) -> None:
    value, expected = OFFERS[name]
    for one in (value, there_and_back(value)):
        checks.close(one, expected)
        checks.equal(one, expected)


@pytest.mark.parametrize("value", [_Leaves(), object(), Fraction(1, 2), np.array([object()])])
def test_what_is_no_array_is_none_here_and_in_the_notebook_with_the_same_words(value: object) -> None:
    said = set()
    for one in (value, there_and_back(value)):
        with pytest.raises((checks.CheckFailed, SystemExit)) as problem:
            checks.close(one, 3.0)
        said.add(getattr(problem.value, "idea", "it is left"))
    assert "the result is not an array of numbers" in said and len(said) == (2 if isinstance(value, _Leaves) else 1)


def _arrive(number: int, type_name: str, kinds: list[str]) -> tuple[object, ...]:
    return "object", number, type_name, kinds


class _Point:
    pass


def test_objects_cross_as_numbers_where_both_sides_say_so_and_not_otherwise() -> None:
    point = _Point()

    def describe(value: object) -> list[object] | None:
        return [7, "_Point", ["Point"]] if value is point else None

    data = wire.encode({"a": [point, 1]}, objects=describe)
    assert wire.decode(data, objects=_arrive) == {"a": [("object", 7, "_Point", ["Point"]), 1]}
    (found, _) = wire.decode(data)["a"]
    assert isinstance(found, wire.Unsupported) and found.type_name == "_Point"
    (unsent,) = wire.decode(wire.encode([point]), objects=_arrive)
    assert isinstance(unsent, wire.Unsupported)


@pytest.mark.parametrize(
    "described",
    [
        [],
        [1],
        [-1, "P", []],
        [True, "P", []],
        [1.0, "P", []],
        [2**31, "P", []],
        [1, b"P", []],
        [1, None, []],
        [1, "P", "Point"],
        [1, "P", [1]],
        [1, "P", [["Point"]]],
        [1, "P", ["Point"] * 101],
        [1, "P", [], 2],
        "Poi",
        None,
    ],
)
def test_a_malformed_object_is_refused(described: object) -> None:
    message = msgpack.packb(msgpack.ExtType(12, msgpack.packb(described)))
    with pytest.raises(wire.WireError):
        wire.decode(message, objects=_arrive)


def test_a_message_holds_no_more_objects_than_a_dictionary_holds_keys() -> None:
    one = msgpack.ExtType(12, msgpack.packb([1, "P", ["Point"]]))
    assert len(wire.decode(msgpack.packb([one] * wire.MAX_MEMBERS), objects=_arrive)) == wire.MAX_MEMBERS
    with pytest.raises(wire.WireError, match="too many objects"):
        wire.decode(msgpack.packb([one] * (wire.MAX_MEMBERS + 1)), objects=_arrive)
