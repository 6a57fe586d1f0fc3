"""The same batch on a dask cluster: a real scheduler and two workers on this machine, one of which dies half-way."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from classroom import fill, lines

from autograder.errors import UserError
from autograder.grading import batch, executors

pytest.importorskip("distributed")
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The scheduler's address, and its two workers."""
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    scheduler = ["scheduler", "--scheduler-file", str(file), "--port", "0", "--no-dashboard", "--host", "127.0.0.1"]
    worker = ["worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    with contextlib.ExitStack() as stack:

        def start(arguments: list[str]) -> subprocess.Popen[bytes]:
            process = subprocess.Popen([*dask, *arguments], cwd=tmp_path, **QUIET)  # type: ignore[call-overload]
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
                pool, slots = executors.dask(address)
                pool.shutdown()
                if slots == 2:
                    break
            except UserError:
                pass
            assert time.monotonic() < deadline, "the workers did not come"
            time.sleep(0.2)
        yield address, workers


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
