"""Where a batch runs: processes of this machine, or the workers of a dask cluster. Both grade with `grade_task`.

A process keeps its grader (a warm parent, a warm referee) from one submission to the next.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import multiprocessing
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from autograder import weeks
from autograder.errors import UserError
from autograder.grading.grader import Grader, Options
from autograder.intake.work import Work
from autograder.isolation import sandbox
from autograder.results import Result

_PR_SET_PDEATHSIG = 1
_LEAST_MEMORY = 4 * 2**30
_SCHEDULER_SECONDS = 10
"""Within which a dask scheduler has to answer."""


@dataclass(frozen=True)
class Settings:
    """What the submissions of a batch have in common."""

    kind: sandbox.Sandbox
    profile: str = "quick"
    pictures: bool = False
    retrain: bool = False
    threads: int = 1
    data: str | None = None
    """Folder with the real training data; on a cluster, a path that exists on every machine."""


@dataclass(frozen=True)
class Task:
    """One submission, ready to be graded anywhere."""

    student: str
    week: str
    work: Work
    settings: Settings
    key: str
    only: frozenset[str] | None = None
    """Ids of the checks to run, where the others have not changed since an earlier run."""
    deadly: frozenset[str] = frozenset()
    """Ids of the checks that have ended the grading process, and are not run again."""
    trace: str | None = None
    """A file in which the check that is running is noted, to be read when the process has ended in it."""


_mine = threading.local()


def _grader(settings: Settings) -> Grader:
    """This thread's warm grader. One thread uses one grader; another sandbox or data folder needs another one."""
    wanted = (settings.kind, settings.threads, settings.data)
    if getattr(_mine, "kind", None) != wanted:
        if (old := getattr(_mine, "grader", None)) is not None:
            old.close()
        _mine.grader = Grader(
            settings.kind, threads=settings.threads, data=Path(settings.data) if settings.data else None
        )
        _mine.kind = wanted
        Finalize(_mine.grader, _mine.grader.close, exitpriority=10)
    return _mine.grader


def grade_task(task: Task) -> Result:
    """Grade `task` with this thread's grader."""
    work, settings = task.work, task.settings
    if settings.retrain:
        work = replace(work, artefacts={})
    options = Options(
        profile=settings.profile,
        only=task.only,
        pictures=settings.pictures,
        deadly=task.deadly,
        before_check=functools.partial(_note, task.trace),
    )
    result = _grader(settings).grade(weeks.load(task.week), work, options)
    return replace(result, student=task.student)


def _note(path: str | None, check: str) -> None:
    if path is not None:
        with contextlib.suppress(OSError):  # a cluster's worker on another machine has no such file
            Path(path).write_text(check, encoding="utf-8")


def _die_with_driver(driver: int) -> None:
    """A driver that is killed takes its processes along: they would wait for work for ever."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != driver:
            os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's affair
    _bound_memory()


def _bound_memory() -> None:
    """No more than most of this machine's memory for a referee: a net that a student handed in is computed there."""
    if sys.platform == "linux":
        import resource

        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        most, (soft, hard) = max(_LEAST_MEMORY, int(0.8 * whole)), resource.getrlimit(resource.RLIMIT_DATA)
        if soft in (resource.RLIM_INFINITY, -1) or soft > most:
            resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def local(jobs: int) -> Executor:
    """Processes of this machine. "spawn": a forked copy of a process that has run TensorFlow would not work."""
    os.environ.setdefault("PYTHONHASHSEED", "0")  # so that a message shows a set in the same order in every process
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_die_with_driver, initargs=(os.getpid(),))


def dask(address: str) -> tuple[Executor, int]:
    """The workers of the dask cluster whose scheduler is at `address`, and how many submissions they grade at a time.

    Raises UserError where dask is not installed, nobody answers, or there is no worker.
    """
    try:
        from distributed import Client
    except ImportError as problem:
        raise UserError(
            "--executor dask needs dask's distributed: install the extra with `pip install convnet-course[cluster]`"
        ) from problem
    if not re.fullmatch(r"(\w+://)?.+:\d+", address):
        raise UserError(f"--cluster takes the address of a scheduler, such as tcp://127.0.0.1:8786, not {address}")
    try:
        client = Client(address, timeout=_SCHEDULER_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as problem:
        raise UserError(f"no dask scheduler answers at {address}: start one, or check --cluster") from problem
    slots = sum(worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values())
    if not slots:
        client.close()
        raise UserError(f"the dask scheduler at {address} has no workers: start one with `dask worker {address}`")
    executor = client.get_executor(pure=False)
    shutdown: Callable[..., None] = executor.shutdown

    def close(wait: bool = True, **options: Any) -> None:
        shutdown(wait=wait)
        client.close()

    executor.shutdown = close
    return executor, slots


def is_lost(problem: BaseException) -> bool:
    """Whether a task failed because the process that graded it, or its connection, is gone."""
    names = {kind.__name__ for kind in type(problem).__mro__}
    return isinstance(problem, BrokenExecutor) or bool(names & {"KilledWorker", "CancelledError", "CommClosedError"})
