"""A grading process of its own for each slot, with the same limits wherever the batch runs: here, or on a cluster's worker.

One pipe for each process: one that is killed in the middle of an answer spoils nobody else's, as it would in a pool whose
processes share a pipe (concurrent.futures, pebble). A new process takes the place of one that has ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from autograder.grading.task import Task
from autograder.results import Result

MAX_LOSSES = 2
"""Times that a submission may lose its grading process in a check before that check is left out; outside of any check,
before the submission is given up."""
MAX_DEADLY = 2
"""Checks of a submission that may do so before all that are left are left out."""

_PR_SET_PDEATHSIG = 1
_LEAST_MEMORY = 4 * 2**30
_FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP}
"""Exit codes of a process that an operator has ended, or the system for want of memory."""

Run = Callable[[Task], Result]


class ChildLostError(Exception):
    """The grading process ended before it answered. crashed: by itself, not by a signal from outside."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(f"the grading process ended with status {exit_code}")
        self.crashed = exit_code not in {None, 0, *_FROM_OUTSIDE}


class GivenUpError(Exception):
    """A submission lost its grading process again and again. by_itself: no signal from outside was part of it, or nothing else
    was graded meanwhile, which could have used up the memory."""

    def __init__(self, by_itself: bool) -> None:
        super().__init__("the grading process ended each time")
        self.by_itself = by_itself


@dataclass
class _Failure:
    problem: Exception


class Child:
    """One grading process, started by `begin` or at the first task. Used by one thread at a time."""

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._stopped = False

    def grade(self, run: Run, task: Task) -> Result:
        """`run(task)` in the process. Raises what it raised, and ChildLostError."""
        pipe, process = self._started()
        try:
            pipe.send((run, task))
            wait([pipe, process.sentinel])
            answer = pipe.recv()  # EOFError when it ended without one
        except (OSError, EOFError, pickle.UnpicklingError) as problem:
            process.join(5)
            lost = ChildLostError(process.exitcode)
            self._end()
            raise lost from problem
        if isinstance(answer, _Failure):
            raise answer.problem
        assert isinstance(answer, Result)
        return answer

    def begin(self) -> None:
        """Start the process ahead of its first task, without waiting for what it imports."""
        self._started()

    def _started(self) -> tuple[Connection, SpawnProcess]:
        if self._stopped:
            raise RuntimeError("the batch was stopped")
        if self._process is None or self._pipe is None or not self._process.is_alive():
            self._end()
            os.environ.setdefault("PYTHONHASHSEED", "0")  # a message shows a set in the same order in every process
            # "spawn": a forked copy of a process that has run TensorFlow would not work.
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, os.getpid()), daemon=False)
            self._process.start()
            theirs.close()
        return self._pipe, self._process

    def stop(self) -> None:
        """End the process at once, from whatever thread; no other takes its place."""
        self._stopped = True
        if (process := self._process) is not None:
            process.kill()

    def close(self) -> None:
        """End the process, from the thread that uses it."""
        self._stopped = True
        self._end()

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def grade_to_the_end(self, run: Run, task: Task) -> Result:
        """`grade`, again where the process was lost, without the checks that end it each time.

        Raises GivenUpError, and what `run` raised.
        """
        losses: Counter[str] = Counter()
        by_itself = True
        with tempfile.TemporaryDirectory(prefix="grading-") as place:
            trace = Path(place) / "check"
            while losses[""] < MAX_LOSSES:
                trace.write_text("")
                deadly = {check for check, count in losses.items() if check and count >= MAX_LOSSES}
                if len(deadly) >= MAX_DEADLY:
                    deadly |= {check.id for check in task.checks}
                try:
                    return self.grade(run, replace(task, deadly=frozenset(deadly), trace=str(trace)))
                except ChildLostError as problem:
                    its_own = problem.crashed or task.alone
                    by_itself = by_itself and its_own
                    losses[trace.read_text(encoding="utf-8") if its_own else ""] += 1
        raise GivenUpError(by_itself)


def _serve(pipe: Connection, driver: int) -> None:
    """The process: answers tasks until the pipe is closed."""
    _die_with_driver(driver)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's affair
    _bound_memory()
    with contextlib.suppress(Exception):  # then the first task says why
        importlib.import_module("autograder.grading.grader")
    while True:
        try:
            run, task = pipe.recv()
        except (EOFError, OSError):
            return
        answer: Any
        try:
            answer = run(task)
        except Exception as problem:
            answer = _Failure(_picklable(problem))
        pipe.send(answer)


def _picklable(problem: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(problem))
    except Exception:
        return RuntimeError(f"{type(problem).__name__}: {problem}")
    return problem


def _die_with_driver(driver: int) -> None:
    """A driver that is killed takes its processes along: they would wait for work for ever."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != driver:
            os._exit(1)


def _bound_memory() -> None:
    """No more than most of this machine's memory for a referee: a net that a student handed in is computed there."""
    if sys.platform == "linux":
        import resource

        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        most, (soft, hard) = max(_LEAST_MEMORY, int(0.8 * whole)), resource.getrlimit(resource.RLIMIT_DATA)
        if soft in (resource.RLIM_INFINITY, -1) or soft > most:
            resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
