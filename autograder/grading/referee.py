"""Runs one check cell on the trusted side and says how it went, in words that fit the reader."""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import importlib
import io
import os
import random
import signal
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np

from autograder.grading import patience
from autograder.grading.patience import Clock
from autograder.grading.remote import CallAborted, StudentError
from autograder.lean import without
from autograder.results import CheckResult, Verdict
from autograder.weeks import Cell, marks, names
from autograder.worker.usage import Usage
from autograder.worker.wire import Unsupported
from course import private_keras
from course.checks import CheckFailed

SEED = 0
CHECK_SECONDS = 120
"""Bound of one whole check, far above what any needs: the calls in it have their own, shorter limits."""
WATCHDOG = 1.5
"""How many times its bound a check may take before a process that does not return from a computation is ended."""


@contextlib.contextmanager
def time_limit(seconds: float = CHECK_SECONDS, clock: Clock | None = None) -> Iterator[None]:
    """CallAborted after `seconds` of an idle machine, see `patience`; only where signals can be had (the main thread).

    clock: that of the submission, which knows how long its worker has waited for a core.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    clock = clock or Clock()
    began, before = clock.wall, clock.used

    def ring(signum: int, frame: FrameType | None) -> None:
        wall, used = clock.wall - began, clock.used.since(before)
        if (left := patience.remaining(seconds, wall, Usage(0.0, used.waited))) <= 0:
            raise CallAborted("timeout", f"the check took longer than {seconds:g} s")
        arm(max(0.05, left))

    def arm(left: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, left)
        # A signal waits for the end of what TensorFlow is computing; this ends the process, and the batch grades on.
        faulthandler.dump_traceback_later(left + (WATCHDOG - 1) * seconds, exit=True, file=nowhere)

    previous = signal.signal(signal.SIGALRM, ring)
    with Path(os.devnull).open("w") as nowhere:
        try:
            arm(seconds)
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)


class _Nowhere(io.TextIOBase):
    """What is printed and not captured by the check itself is kept by nobody."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


def warm_up(checks: Iterable[Cell]) -> None:
    """Import Keras where `checks` name it, without Matplotlib and pandas, which it draws in and no check needs."""
    if any("keras" in check.source for check in checks):
        if "keras" not in sys.modules:
            with without("matplotlib", "pandas"):
                importlib.import_module("keras")
        private_keras.values_when_asked()


def missing(check: Cell, absent: list[str], reasons: dict[str, str]) -> CheckResult:
    """The result where a name that the check reads does not exist."""
    why = "; ".join(f"{name} is not defined{reasons.get(name, '')}" for name in absent)
    return CheckResult(check.id, "missing", 0, check.points, why, hidden=check.hidden)


def deadly(check: Cell) -> CheckResult:
    """The result of a check that ends the process in which it runs, each time."""
    why = "computing what you handed in ended the grader each time: is it far larger than the exercise asks for?"
    return CheckResult(check.id, "error", 0, check.points, why, hidden=check.hidden)


def aborted(check: Cell, problem: CallAborted) -> CheckResult:
    verdict: Verdict = problem.verdict  # type: ignore[assignment]
    return CheckResult(check.id, verdict, 0, check.points, problem.message, hidden=check.hidden)


def run(check: Cell, bindings: dict[str, Any], clock: Clock | None = None) -> CheckResult:
    """Run `check` with the student's names bound to `bindings`. CallAborted passes through: the engine mends the worker.

    clock: see `time_limit`.
    """
    filename = f"<check {check.id}>"
    namespace: dict[str, Any] = {"__name__": "__check__", **bindings}

    def result(verdict: Verdict, message: str, detail: str = "") -> CheckResult:
        points = check.points if verdict == "pass" else 0
        return CheckResult(check.id, verdict, points, check.points, message, detail, hidden=check.hidden)

    for name, value in bindings.items():
        if isinstance(value, Unsupported) and hasattr(value, "reason"):
            return result("fail", f"{name}: {value.reason}", getattr(value, "detail", ""))
    _seed()
    try:
        with (
            time_limit(clock=clock),
            contextlib.redirect_stdout(_Nowhere()),
            contextlib.redirect_stderr(_Nowhere()),
        ):
            exec(_compiled(check.source, filename), namespace)
    except CheckFailed as problem:
        return result("fail", problem.idea if _rose_hidden(problem, check) else str(problem), str(problem))
    except AssertionError as problem:
        if getattr(problem, "remote_type", None) is not None:  # the student's own
            return _unexpected(result, problem, _rose_hidden(problem, check))
        said = _asserted(problem, check)
        return result(
            "fail", "the hidden part of this check does not hold" if _rose_hidden(problem, check) else said, said
        )
    except Exception as problem:
        return _unexpected(result, problem, _rose_hidden(problem, check))
    return result("pass", "")


def _asserted(problem: AssertionError, check: Cell) -> str:
    """What a plain `assert` of a check says: its message, else its own line."""
    text = str(problem).strip()
    if text:
        return text
    frames = traceback.walk_tb(problem.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == f"<check {check.id}>"]
    source = check.source.splitlines()
    return f"{source[lines[-1] - 1].strip()} does not hold" if lines else "an assertion does not hold"


def _seed() -> None:
    """The same chance for every check of every submission: nets that a check builds start from the same weights."""
    random.seed(SEED)
    np.random.seed(SEED)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(SEED)


def _unexpected(result: Any, problem: Exception, hidden: bool) -> CheckResult:
    detail = "".join(traceback.format_exception_only(problem)).strip()
    remote = getattr(problem, "remote_type", None)
    if remote is None:
        message = "the check could not use what your function returned: is it of the type that the docstring asks for?"
        if not hidden:
            message += f" ({detail})"
        return result("error", message, detail)
    name = getattr(problem, "remote_name", "your function")
    if getattr(problem, "unwritten", False):
        return result("missing", f"{name} is not written yet")
    if not hidden:
        return result("error", f"{name} raised {remote}: {problem}", detail)
    # The text of a student's exception, and the name of a class of theirs, can repeat what the grader sent.
    kind = "an error of its own" if isinstance(problem, StudentError) else type(problem).__name__
    return result("error", f"{name} raised {kind} on an input of the hidden check", detail)


def shows_values(result: CheckResult) -> bool:
    """Whether the message of a failed check repeats text or values that came from the student's code."""
    said = result.detail.partition("\n" if result.verdict == "fail" else ": ")[2]
    return bool(said) and said in result.message


def _rose_hidden(problem: BaseException, check: Cell) -> bool:
    """Whether a line of the hidden part, or one after it, had a part in raising `problem`: its values are withheld.

    A helper that a visible part defines and a hidden one calls fails on a visible line, with hidden values. What comes after
    a hidden part can use what that part defined. Where no line of the check is known, everything is withheld.
    """
    hidden = marks.hidden_lines(check.source)
    if not hidden:
        return False
    filename = f"<check {check.id}>"
    frames = traceback.walk_tb(problem.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == filename]
    return not lines or max(lines) >= min(hidden)


def names_of(check: Cell) -> list[str]:
    """The student's names that `check` reads."""
    return list(_names_in(check.source))


# Check cells are ours and the same in every submission: read once. Students' cells are never kept here.
@functools.lru_cache(maxsize=1024)
def _names_in(source: str) -> tuple[str, ...]:
    return tuple(names.free(source))


@functools.lru_cache(maxsize=1024)
def _compiled(source: str, filename: str) -> CodeType:
    return compile(source, filename, "exec")
