"""The same batch on a dask cluster: a real scheduler and two workers on this machine, one of which dies half-way."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from classroom import fill, lines, notebook, put

from autograder.errors import UserError
from autograder.grading import batch, executors, referee
from autograder.grading.remote import CallAborted
from autograder.grading.task import Task, grade_task
from autograder.results import CheckResult, Result, Verdict, records

pytest.importorskip("distributed")
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@contextlib.contextmanager
def started(tmp_path: Path, threads: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler, and its two workers, with this many threads each."""
    slots = 2 * threads
    file = tmp_path / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}  # where the stand-in below is found
    dask = [sys.executable, "-m", "dask"]
    scheduler = ["scheduler", "--scheduler-file", str(file), "--port", "0", "--no-dashboard", "--host", "127.0.0.1"]
    worker = ["worker", "--scheduler-file", str(file), "--nthreads", str(threads), "--no-dashboard", "--no-nanny"]
    with contextlib.ExitStack() as stack:

        def start(arguments: list[str]) -> subprocess.Popen[bytes]:
            process = subprocess.Popen([*dask, *arguments], cwd=tmp_path, env=environment, **QUIET)  # type: ignore[call-overload]
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        start(scheduler)
        workers = [start(worker), start(worker)]
        deadline = time.monotonic() + 60
        while not file.exists() or not file.read_text():
            assert time.monotonic() < deadline, "the scheduler did not start"
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        while True:
            try:
                pool = executors.Cluster(address)
                pool.shutdown()
                if pool.slots == slots:
                    break
            except UserError:
                pass
            assert time.monotonic() < deadline, "the workers did not come"
            time.sleep(0.2)
        yield address, workers


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    with started(tmp_path, threads=1) as there:
        yield there


def strained(task: Task) -> Result:
    """Stands for `grade_task`: some submissions need the referee's own limits, which only a process's main thread has."""
    verdict: Verdict = "pass"
    if task.student == "fills":
        try:
            np.zeros(int(0.95 * psutil.virtual_memory().total), np.uint8)
        except MemoryError:
            verdict = "oom"
    elif task.student == "hangs":
        try:
            with referee.time_limit(0.5):
                time.sleep(20)
        except CallAborted:
            verdict = "timeout"
    else:
        return grade_task(task)
    return Result(task.student, task.week, verdict, 0, 0, (CheckResult("limits", verdict, 0, 0),))


@pytest.mark.slow
@pytest.mark.sandbox
def test_limits_and_records_are_those_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "grade_task", strained)
    fill(tmp_path / "submitted", 40)
    for student in ("fills", "hangs"):
        put(tmp_path / "submitted", student, notebook())
    batch.grade(tmp_path / "submitted", to=tmp_path / "here", jobs=2)
    with started(tmp_path, threads=2) as (address, _):
        batch.grade(tmp_path / "submitted", to=tmp_path / "there", cluster=address)
    verdicts = {r.student: r.verdict for r in records.read(tmp_path / "there")}
    assert (verdicts["fills"], verdicts["hangs"]) == ("oom", "timeout")
    assert lines(tmp_path / "there") == lines(tmp_path / "here")


@pytest.mark.sandbox
def test_a_worker_that_dies_loses_nothing(
    tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]], here: None
) -> None:
    address, workers = cluster
    fill(tmp_path / "submitted", 12)
    batch.grade(tmp_path / "submitted", to=tmp_path / "here", jobs=1)
    done = threading.Semaphore(0)

    def kill() -> None:
        done.acquire()
        workers[0].kill()

    thread = threading.Thread(target=kill)
    thread.start()
    summary = batch.grade(
        tmp_path / "submitted", to=tmp_path / "there", cluster=address, on_result=lambda result: done.release()
    )
    thread.join()
    assert workers[0].poll() is not None and workers[1].poll() is None
    assert summary.failed == 0
    assert lines(tmp_path / "there") == lines(tmp_path / "here")


def test_a_cluster_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "_SCHEDULER_SECONDS", 0.5)
    fill(tmp_path / "submitted", 1)
    with pytest.raises(UserError, match=r"no dask scheduler answers at tcp://127\.0\.0\.1:1"):
        batch.grade(tmp_path / "submitted", to=tmp_path / "there", cluster="tcp://127.0.0.1:1")
    with pytest.raises(UserError, match="--cluster takes the address of a scheduler"):
        batch.grade(tmp_path / "submitted", to=tmp_path / "there", cluster="nonsense")
