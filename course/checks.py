"""Assertions that explain. Check cells call these; a student reads what they say.

A failed check raises `CheckFailed`. Its text has two parts, kept apart on purpose: `idea`, a sentence that names what is
missing and may always be shown, and `detail`, the values expected and found, which the grader withholds when the failing
line is in the hidden part of a check.

A check that holds says so as its last statement, with `passed`, or with `when_graded` where all of it is hidden.

The same cell runs in two places: in the student's kernel, and in the grader's referee, where the student's names are
bound to values that came over a wire. Nothing here therefore trusts the type of what it is given: an arrival is first
brought to an exact NumPy array, number or string, and only then compared.
"""

from __future__ import annotations

import io
import math
import numbers
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any

import numpy as np

from course import arraylike, failures, session
from course.difference import Difference

__all__ = [
    "CheckFailed",
    "between",
    "close",
    "dtype",
    "equal",
    "fail",
    "integer",
    "passed",
    "printed",
    "raises",
    "rows",
    "shape",
    "true",
    "unchanged",
    "waiting_for",
    "when_graded",
]


class CheckFailed(AssertionError):
    """A check did not hold. `idea` says what is missing; `detail` shows expected and found values.

    difference: the two values themselves, where they can be set side by side for the student.
    """

    def __init__(self, idea: str, detail: str = "", *, difference: Difference | None = None) -> None:
        super().__init__(idea, detail)
        self.idea = idea
        self.detail = detail
        self.difference = difference

    def __str__(self) -> str:
        return f"{self.idea}\n{self.detail}" if self.detail else self.idea

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of a traceback: the lines of a check are ours, and no help to a student."""
        return failures.lines(self.idea, self.detail, self.difference)


def passed(what: str, *, points: float, later: str = "") -> None:
    """Say that a check holds: the last statement of a check cell.

    what: what was shown to work, in a few words. points: those of the cell, 0 for stretch. later: what its hidden part
    will try, where it has one: then the points are not earned yet.
    """
    session.note(sys._getframe(1).f_code.co_filename)
    if later:
        worth = f", for {_points(points)}" if points else ""
        _say(f"✓ visible part · {what}; when graded{worth}: {later}")
    elif points:
        _say(f"✓ {points} of {points} · {what}")
    else:
        _say(f"✓ stretch · {what}")


def when_graded(what: str, *, points: float) -> None:
    """Say that all of a check is hidden: the last statement of such a cell. what: what it will try, in a few words."""
    _say(f"○ when graded · {what}{f' ({_points(points)})' if points else ''}")


def _say(text: str) -> None:
    """Print one line; a notebook would break a longer one within a word."""
    print("\n".join(textwrap.wrap(text, failures.WIDTH, subsequent_indent="  ", break_on_hyphens=False)))


def _points(points: float) -> str:
    return f"{points} point{'' if points == 1 else 's'}"


def fail(idea: str, detail: str = "") -> None:
    """Fail with `idea` (always shown) and `detail` (shown only where values may be)."""
    raise CheckFailed(idea, detail)


def _short(value: object, limit: int = 300) -> str:
    text = repr(value)
    if isinstance(value, np.ndarray):
        text = np.array2string(value, threshold=60, precision=6, separator=", ")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _array(value: object, what: str) -> np.ndarray:
    """An exact ndarray of real (or complex) numbers, or a CheckFailed that says what came instead."""
    if value is None:
        raise CheckFailed(f"{what} is None: did you forget `return`?")
    try:
        array = np.array(value, copy=True, subok=False)
    except Exception as problem:
        raise CheckFailed(f"{what} is not an array of numbers", f"it is a {_kind(value)}") from problem
    if array.dtype.kind == "O" and (found := arraylike.plain(array)) is not None:
        array = found
    if array.dtype.kind not in arraylike.KINDS:
        raise CheckFailed(f"{what} is not an array of numbers", f"it is a {_kind(value)}: {_short(value)}")
    return array


def _kind(value: object) -> str:
    """The name of a value's type, where it came over the wire that of the type it had."""
    return str(getattr(value, "__type_name__", type(value).__name__))


def _equal_arrays(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> bool:
    """Same shape, everything finite where expected is finite, values within tolerance. NaN is never close."""
    if got.shape != expected.shape:
        return False
    with np.errstate(all="ignore"):
        return bool(np.allclose(got, expected, rtol=rtol, atol=atol, equal_nan=False))


def _recognise(got: np.ndarray, unless: Mapping[str, Any] | None, rtol: float, atol: float) -> str | None:
    for message, wrong in (unless or {}).items():
        if _equal_arrays(got, np.asarray(_now(wrong)), rtol, atol):
            return message
    return None


def _now(wrong: Any) -> Any:
    """A known wrong result, computed where a function stands for it: only an answer that is wrong has to wait for that."""
    return wrong() if callable(wrong) else wrong


def close(
    got: Any,
    expected: Any,
    *,
    unless: Mapping[str, Any] | None = None,
    hint: str = "the values are not the expected ones",
    rtol: float = 1e-5,
    atol: float = 1e-7,
    what: str = "the result",
) -> None:
    """Check that `got` has the shape of `expected` and the same values within `rtol`, `atol`.

    unless: {message: wrong result}. When `got` is one of these known wrong results, that message is shown. A function
    without arguments in place of a result is called only when `got` is not the expected one.
    hint: the idea to name when the wrong result is not a known one.
    Raises CheckFailed. NaN in `got` never passes; an integer or boolean array passes where its values do.
    """
    wanted = np.asarray(expected)
    array = _array(got, what)
    if _equal_arrays(array, wanted, rtol, atol):
        return
    detail = f"expected {_short(wanted)}\nfound    {_short(array)}"
    difference = Difference(wanted, array, rtol, atol)
    if (message := _recognise(array, unless, rtol, atol)) is not None:
        raise CheckFailed(message, detail, difference=difference)
    if array.shape != wanted.shape:
        shapes = f"expected shape {wanted.shape}, found {array.shape}"
        raise CheckFailed(f"{what} has the wrong shape: {hint}", shapes, difference=difference)
    if array.dtype.kind in "fc" and np.isnan(array).any() and not np.isnan(wanted.astype(complex)).any():
        raise CheckFailed(f"{what} contains NaN (not a number): {hint}", detail, difference=difference)
    raise CheckFailed(hint, detail, difference=difference)


def equal(
    got: Any,
    expected: Any,
    *,
    unless: Mapping[str, Any] | None = None,
    hint: str = "the value is not the expected one",
    what: str = "the result",
) -> None:
    """Check exact equality of plain data: numbers, strings, booleans, None, and tuples, lists, dicts and sets of these.

    A list equals a tuple of the same items, and a NumPy number or array the same Python numbers; but True is not 1, a
    string is not a number, and 3.0 passes for 3 only because the two are the same count.
    unless: {message: wrong value}, as in `close`.
    """
    plain, wanted = _plain(got), _plain(expected)
    detail = f"expected {_short(expected)}\nfound    {_short(got)}"
    if _same(plain, wanted):
        return
    difference = Difference(wanted, plain)
    for message, wrong in (unless or {}).items():
        if _same(plain, _plain(_now(wrong))):
            raise CheckFailed(message, detail, difference=difference)
    if plain is None:
        raise CheckFailed(f"{what} is None: did you forget `return`? {hint}", detail)
    raise CheckFailed(hint, detail, difference=difference)


def _plain(value: Any) -> Any:
    """Arrays and NumPy scalars to Python numbers, lists to tuples; anything that is not plain data to itself."""
    if type(value) not in _EXACT and (array := arraylike.as_array(value)) is not None:
        value = array.tolist()
    elif isinstance(value, (np.ndarray, np.generic)):
        value = np.array(value, subok=False).tolist()
    if isinstance(value, (list, tuple)):
        return tuple(_plain(item) for item in value)
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return frozenset(_plain(item) for item in value)
    return value


_EXACT = (bool, int, float, complex, str, bytes, type(None))


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if type(a) is frozenset and type(b) is frozenset:
        return a == b
    # Only exact built-in types reach `==`: a student's object with an overridden __eq__ is equal to nothing.
    if type(a) not in _EXACT or type(b) not in _EXACT:
        return False
    if (type(a) is bool) != (type(b) is bool):
        return False
    return bool(a == b)


def shape(
    got: Any,
    expected: Sequence[int],
    *,
    hint: str = "the shape is not the expected one",
    unless: Mapping[str, Sequence[int]] | None = None,
    what: str = "the result",
) -> None:
    """Check the shape of an array. unless: {message: wrong shape}."""
    found = _array(got, what).shape
    wanted = tuple(expected)
    if found == wanted:
        return
    detail = f"expected shape {wanted}, found {found}"
    for message, wrong in (unless or {}).items():
        if found == tuple(wrong):
            raise CheckFailed(message, detail)
    raise CheckFailed(f"{what} has the wrong shape: {hint}", detail)


def dtype(
    got: Any, expected: str, *, hint: str = "the number type is not the expected one", what: str = "the result"
) -> None:
    """Check the NumPy dtype by name ("float64"), or by family: "floating", "integer", "bool"."""
    found = _array(got, what).dtype
    families = {"floating": "f", "integer": "iu", "bool": "b"}
    holds = found.kind in families[expected] if expected in families else found == np.dtype(expected)
    if not holds:
        raise CheckFailed(hint, f"{what} should be of type {expected}, found {found}")


def integer(got: Any, expected: int, **options: Any) -> None:
    """Check a count: the value must be `expected` and an int (a NumPy integer is accepted, 3.0 and True are not)."""
    if isinstance(got, (bool, np.bool_)) or not isinstance(got, numbers.Integral):
        equal(got, expected, **options)  # says the better message when the value is wrong as well
        raise CheckFailed("a count is an int: use // instead of /, or int(…)", f"found {_short(got)}, a {_kind(got)}")
    equal(int(got), expected, **options)


def between(got: Any, low: float, high: float, *, hint: str, what: str = "the value") -> None:
    """Check low <= got <= high for a real number. NaN and infinity never pass."""
    array = _array(got, what)
    if array.shape != ():
        raise CheckFailed(f"{what} should be a single number: {hint}", f"found shape {array.shape}")
    value = float(array.real)
    if not (math.isfinite(value) and low <= value <= high):
        raise CheckFailed(hint, f"expected between {low:g} and {high:g}, found {value:g}")


def true(condition: Any, idea: str, detail: str = "") -> None:
    """Check that `condition` is exactly True (bool or NumPy bool)."""
    if not (isinstance(condition, (bool, np.bool_)) and bool(condition)):
        raise CheckFailed(idea, detail)


def raises(
    expected: type[BaseException] | tuple[type[BaseException], ...], call: Callable[[], Any], *, hint: str
) -> None:
    """Check that `call()` raises `expected`. hint: the bad input in a few words ("a kernel larger than the image")."""
    names = " or ".join(kind.__name__ for kind in (expected if isinstance(expected, tuple) else (expected,)))
    try:
        result = call()
    except expected:
        return
    except CheckFailed:
        raise
    except NotImplementedError:
        raise  # the exercise is not written yet: that is a different thing from a missing error
    except Exception as problem:
        raise CheckFailed(
            f"should raise {names}: {hint}", f"it raised {type(problem).__name__}: {problem}"
        ) from problem
    raise CheckFailed(f"should raise {names}: {hint}", f"it returned {_short(result)}")


def printed(call: Callable[[], Any]) -> str:
    """What `call()` prints, as text: `checks.equal(checks.printed(lambda: greet("Ada")), "Hello, Ada\\n")`."""
    with redirect_stdout(io.StringIO()) as captured:
        call()
    return captured.getvalue()


def unchanged(
    call: Callable[..., Any], *arguments: Any, hint: str = "your function changes its input: work on a copy"
) -> Any:
    """Call with `arguments` (arrays, lists, dicts), check that none of them was changed, return the result."""
    before = [np.array(a, copy=True) if isinstance(a, np.ndarray) else _plain(a) for a in arguments]
    result = call(*arguments)
    for old, new in zip(before, arguments, strict=True):
        same = (
            old.dtype == new.dtype
            and old.shape == new.shape
            and np.array_equal(old, new, equal_nan=old.dtype.kind in "fc")
            if isinstance(new, np.ndarray) and isinstance(old, np.ndarray)
            else _same(old, _plain(new))
        )
        if not same:
            raise CheckFailed(hint)
    return result


def rows(got: Any, expected: Iterable[Iterable[Any]], *, hint: str, unless: Mapping[str, Any] | None = None) -> None:
    """Check a table (a list of rows) and name the first row that is wrong."""
    wanted = [tuple(row) for row in expected]
    table = _plain(got)
    if not isinstance(table, tuple):
        equal(got, wanted, hint=hint, unless=unless)
        return
    for message, wrong in (unless or {}).items():
        if _same(table, _plain(list(wrong))):
            raise CheckFailed(message, f"found {_short(got)}")
    if len(table) != len(wanted):
        raise CheckFailed(
            f"the table has the wrong number of rows: {hint}", f"expected {len(wanted)} rows, found {len(table)}"
        )
    for index, (row, right) in enumerate(zip(table, wanted, strict=True)):
        if not _same(row, _plain(right)):
            difference = Difference(_plain(right), row)
            detail = f"expected {right}\nfound    {_short(row)}"
            raise CheckFailed(f"row {index} is wrong: {hint}", detail, difference=difference)


@contextmanager
def waiting_for(*exercises: str) -> Iterator[None]:
    """Around a picture that uses the student's functions: until they are written, say so instead of failing."""
    try:
        yield
    except NotImplementedError:
        print(f"This picture appears once {' and '.join(exercises)} can be called.")
    except NameError as problem:  # written perhaps, and not run, or interrupted
        missing = problem.name or " and ".join(exercises)
        print(f"This picture appears once {missing} is defined: run the cell that does so.")


failures.install(CheckFailed)
