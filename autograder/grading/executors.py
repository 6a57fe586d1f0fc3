"""Where a batch runs: on this machine, or on the workers of a dask cluster. Both grade in processes of their own."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing.util import Finalize
from typing import Any

from autograder.errors import UserError
from autograder.grading.child import Child, Run
from autograder.grading.task import Task
from autograder.results import Result

_SCHEDULER_SECONDS = 10
"""Within which a dask scheduler has to answer."""


class Slots(Executor):
    """An executor for submissions."""

    def get_ready(self, count: int) -> None:
        """Told that `count` submissions will come; need not do anything."""


class Local(Slots):
    """`jobs` threads, each with a grading process."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="grading")
        self._mine = threading.local()
        self._children: list[Child] = []
        self._waiting: list[Child] = []
        """Started ahead of their first task, for the threads to come."""

    def get_ready(self, count: int) -> None:
        """Start the processes that `count` submissions will need, without waiting: they import while the driver reads."""
        for _ in range(min(count, self.jobs) - len(self._children)):
            child = Child()
            child.begin()
            self._children.append(child)
            self._waiting.append(child)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """fn: as `Run`; args: the task."""
        return self._threads.submit(self._grade, fn, *args)

    def _grade(self, run: Run, task: Task) -> Result:
        if not hasattr(self._mine, "child"):
            try:
                self._mine.child = self._waiting.pop()
            except IndexError:
                self._mine.child = Child()
                self._children.append(self._mine.child)
        child: Child = self._mine.child
        return child.grade_to_the_end(run, task)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes: when all is done, or, unless `wait`, at once."""
        if not wait:
            for child in self._children:
                child.stop()
        self._threads.shutdown(wait=True, cancel_futures=cancel_futures)
        for child in self._children:
            child.close()


_of_cluster = threading.local()


def on_cluster(run: Run, task: Task) -> Result:
    """Grade `task` on a cluster's worker: one grading process for each of its threads."""
    if not hasattr(_of_cluster, "child"):
        _of_cluster.child = Child()
        Finalize(_of_cluster.child, _of_cluster.child.close, exitpriority=10)
    child: Child = _of_cluster.child
    return child.grade_to_the_end(run, task)


class Cluster(Slots):
    """The workers of the dask cluster whose scheduler is at `address`. slots: submissions that they grade at a time.

    Raises UserError where dask is not installed, nobody answers, or there is no worker.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as problem:
            raise UserError(
                "--executor dask needs dask's distributed: install the extra with `pip install convnet-course[cluster]`"
            ) from problem
        if not re.fullmatch(r"(\w+://)?.+:\d+", address):
            raise UserError(f"--cluster takes the address of a scheduler, such as tcp://127.0.0.1:8786, not {address}")
        try:
            self._client = Client(address, timeout=_SCHEDULER_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as problem:
            raise UserError(f"no dask scheduler answers at {address}: start one, or check --cluster") from problem
        self.slots: int = sum(w["nthreads"] for w in self._client.scheduler_info(n_workers=-1)["workers"].values())
        if not self.slots:
            self._client.close()
            raise UserError(f"the dask scheduler at {address} has no workers: start one with `dask worker {address}`")
        self._executor = self._client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = self._executor.submit(on_cluster, fn, *args)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._executor.shutdown(wait=wait)
        self._client.close()  # which forgets what is still waiting


def is_lost(problem: BaseException) -> bool:
    """Whether a task failed because a cluster's worker, or the connection to it, is gone."""
    names = {kind.__name__ for kind in type(problem).__mro__}
    return bool(names & {"KilledWorker", "CancelledError", "CommClosedError"})
