"""Checks accept every right answer of a fair type, refuse what only pretends, and say which idea is missing."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course import checks
from course.checks import CheckFailed

Pair = collections.namedtuple("Pair", "a b")


class AlwaysEqual:
    """What a forger returns: equal to everything."""

    shape = (2,)

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class Agreeing(np.ndarray):
    """An array that answers True to every comparison."""

    def __eq__(self, other: object) -> Any:
        return np.ones(self.shape, bool)

    def __array_ufunc__(self, *args: Any, **kwargs: Any) -> Any:
        return np.bool_(True)

    def __array_function__(self, *args: Any, **kwargs: Any) -> Any:
        return True


def failed(call: Any, *args: Any, **options: Any) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        call(*args, **options)
    return caught.value


@pytest.mark.parametrize(
    "got",
    [
        [1, 2],
        (1, 2),
        np.array([1, 2]),
        np.array([1, 2], np.float32),
        np.array([1.0, 2.0]),
        Pair(1, 2),
        np.array([1 + 1e-7, 2]),
    ],
)
def test_close_takes_right_values_of_any_fair_type(got: Any) -> None:
    checks.close(got, [1, 2])


WRONG = [
    None,
    "12",
    ["1", "2"],
    [1],
    [[1, 2]],
    [[1], [2]],
    1,
    [1, float("nan")],
    [float("nan")] * 2,
    [1, float("inf")],
    [1, 3],
    [[1], [2, 3]],
    np.array([1, None], object),
    np.zeros(2).view(Agreeing),
    AlwaysEqual(),
    {"a": 1},
    print,
]


@pytest.mark.parametrize("got", WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_close_refuses_what_is_not_the_result(got: Any) -> None:
    failed(checks.close, got, [1, 2], hint="add them up")


def test_close_says_the_idea_and_keeps_the_values_apart() -> None:
    problem = failed(
        checks.close, [3, 4], [1, 2], hint="add them up", unless={"you doubled": [2, 4], "you swapped": [3, 4]}
    )
    assert problem.idea == "you swapped"
    assert "3" in problem.detail and "expected" in problem.detail
    assert str(problem) == f"{problem.idea}\n{problem.detail}"
    assert failed(checks.close, [9, 9], [1, 2], hint="add them up").idea == "add them up"
    assert "return" in failed(checks.close, None, [1]).idea
    assert "NaN" in failed(checks.close, [np.nan], [1.0]).idea


def test_a_right_result_passes_though_a_listed_wrong_one_is_the_same() -> None:
    checks.close([1, 2], [1, 2], unless={"flipped": [1, 2]})
    checks.equal(3, 3, unless={"wrong": 3})


finite = st.floats(-1e6, 1e6)


def test_a_wrong_result_is_computed_only_for_a_wrong_answer() -> None:
    asked = []

    def doubled() -> list[int]:
        asked.append(True)
        return [2, 4]

    checks.close([1, 2], [1, 2], unless={"you doubled": doubled})
    checks.equal([1, 2], [1, 2], unless={"you doubled": doubled})
    assert not asked
    assert failed(checks.close, [2, 4], [1, 2], unless={"you doubled": doubled}).idea == "you doubled"
    assert failed(checks.equal, [2, 4], [1, 2], unless={"you doubled": doubled}).idea == "you doubled"
    assert len(asked) == 2


@given(arrays.arrays(np.float64, arrays.array_shapes(max_dims=3, max_side=4), elements=finite))
def test_close_holds_for_itself_and_not_for_a_shifted_copy(x: np.ndarray) -> None:
    checks.close(x, x)
    checks.close(x.tolist(), x)
    failed(checks.close, x + 1 + np.abs(x), x)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (3, 3),
        (np.int64(3), 3),
        (3.0, 3),
        ([1, 2], (1, 2)),
        (np.array([1, 2]), [1, 2]),
        (Pair(1, 2), (1, 2)),
        ({"a": (1, 2)}, {"a": [1, 2]}),
        (None, None),
        ("same", "same"),
        ({1, 2}, {2, 1}),
        ([(np.int32(3), 1)], [(3, 1)]),
    ],
)
def test_equal_takes_the_same_plain_data(got: Any, expected: Any) -> None:
    checks.equal(got, expected)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (True, 1),
        (1, True),
        ("3", 3),
        (AlwaysEqual(), 3),
        ([AlwaysEqual()], [3]),
        (float("nan"), float("nan")),
        (None, 0),
        ((1, 2, 3), (1, 2)),
    ],
)
def test_equal_refuses_what_only_looks_the_same(got: Any, expected: Any) -> None:
    failed(checks.equal, got, expected)


def test_integer_wants_a_count() -> None:
    checks.integer(np.int64(4), 4)
    for wrong in (4.0, True, "4", None, 5):
        failed(checks.integer, wrong, 4)
    assert "int" in failed(checks.integer, 4.0, 4).idea


def test_shape_dtype_between_and_true() -> None:
    checks.shape(np.zeros((2, 3)), (2, 3))
    assert failed(checks.shape, np.zeros((3, 2)), (2, 3), unless={"swapped": (3, 2)}).idea == "swapped"
    checks.dtype(np.zeros(2, np.float32), "floating")
    checks.dtype(np.zeros(2, np.uint8), "uint8")
    failed(checks.dtype, np.zeros(2), "integer")
    checks.between(0.5, 0, 1, hint="a share")
    for wrong in (float("nan"), float("inf"), 2, [0.5], None, "0.5", AlwaysEqual()):
        failed(checks.between, wrong, 0, 1, hint="a share")
    checks.true(np.bool_(True), "idea")
    for wrong in (False, 1, "yes", None, AlwaysEqual(), np.ones(2, bool)):
        failed(checks.true, wrong, "idea")


def test_raises_tells_the_three_ways_to_fall_short() -> None:
    def bad(kind: type[BaseException] | None) -> Any:
        if kind is not None:
            raise kind("because")
        return 7

    checks.raises(ValueError, lambda: bad(ValueError), hint="negative padding")
    checks.raises((ValueError, TypeError), lambda: bad(TypeError), hint="negative padding")
    wrong = failed(checks.raises, ValueError, lambda: bad(KeyError), hint="negative padding")
    assert "ValueError" in wrong.idea and "negative padding" in wrong.idea and "KeyError" in wrong.detail
    assert "returned 7" in failed(checks.raises, ValueError, lambda: bad(None), hint="x").detail
    with pytest.raises(NotImplementedError):
        checks.raises(ValueError, lambda: bad(NotImplementedError), hint="x")


def test_unchanged_notices_arrays_lists_and_dicts() -> None:
    x = np.array([1.0, np.nan])
    assert checks.unchanged(lambda a, b: len(b), x, [1, 2]) == 2

    def spoil(a: Any) -> None:
        a[0] = 5

    for argument in (np.zeros(2), [0, 1], {0: 1}):
        assert "copy" in failed(checks.unchanged, spoil, argument).idea


def test_rows_names_the_first_row_that_is_wrong() -> None:
    checks.rows([(3, 1), (5, 1)], [(3, 1), (5, 1)], hint="x")
    assert "row 1" in failed(checks.rows, [(3, 1), (9, 1)], [(3, 1), (5, 1)], hint="x").idea
    assert "number of rows" in failed(checks.rows, [(3, 1)], [(3, 1), (5, 1)], hint="x").idea
    failed(checks.rows, None, [(1,)], hint="x")
    assert failed(checks.rows, [(9, 1)], [(3, 1)], hint="x", unless={"multiplied": [(9, 1)]}).idea == "multiplied"


def test_waiting_for_speaks_instead_of_failing(capsys: pytest.CaptureFixture[str]) -> None:
    with checks.waiting_for("conv2d", "zero_pad"):
        raise NotImplementedError
    assert "conv2d and zero_pad" in capsys.readouterr().out
    with pytest.raises(ZeroDivisionError), checks.waiting_for("conv2d"):
        _ = 1 / 0


def test_a_picture_that_waits_says_for_what(capsys: pytest.CaptureFixture[str]) -> None:
    """After an interrupted training it once said that train_once was to be written."""
    with checks.waiting_for("conv2d", "pool2d"):
        raise NotImplementedError
    with checks.waiting_for("train_once"):
        raise NameError("name 'tiny' is not defined", name="tiny")
    assert capsys.readouterr().out.splitlines() == [
        "This picture appears once conv2d and pool2d can be called.",
        "This picture appears once tiny is defined: run the cell that does so.",
    ]
