"""Whatever is killed, whenever: a run that goes on ends with the records of an undisturbed one."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from classroom import fill, lines

from autograder.grading import batch, records

pytestmark = pytest.mark.sandbox


def victims(kind: str) -> list[psutil.Process]:
    """Processes of a kind below this one: referees, the sandboxes' warm parents, and their workers."""
    found = []
    for referee in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if "spawn_main" not in " ".join(referee.cmdline()):
                continue
            inside = [p for p in referee.children(recursive=True) if "autograder.worker.main" in " ".join(p.cmdline())]
            python = [p for p in inside if "bwrap" not in Path(p.cmdline()[0]).name]
            parents = [p for p in python if p.parent() not in python]
            found += {"referee": [referee], "parent": parents, "worker": [p for p in python if p not in parents]}[kind]
    return found


@contextlib.contextmanager
def killer(chance: random.Random, kinds: list[str], pause: tuple[float, float]) -> Iterator[list[str]]:
    """While the body runs, one after the other of `kinds` is killed at random moments; yields what was."""
    over = threading.Event()
    done: list[str] = []

    def work() -> None:
        for kind in kinds:
            if over.wait(chance.uniform(*pause)):
                return
            while not (there := victims(kind)):
                if over.wait(0.002):
                    return
            with contextlib.suppress(psutil.NoSuchProcess):
                chance.choice(there).kill()
                done.append(kind)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()


def undisturbed(tmp_path: Path, count: int) -> list[dict]:
    fill(tmp_path / "submitted", count)
    batch.grade(tmp_path / "submitted", to=tmp_path / "undisturbed", jobs=2)
    return lines(tmp_path / "undisturbed")


def killed_drivers(folder: Path, to: Path, moments: list[float]) -> int:
    """Run the command line again and again, killed after each of `moments` seconds; how many runs were killed."""
    command = [sys.executable, "-m", "autograder.cli", "grade", str(folder), "--to", str(to), "--jobs", "2"]
    killed = 0
    for seconds in moments:
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            assert run.wait(seconds) in (0, 1)
            return killed
        except subprocess.TimeoutExpired:
            below = psutil.Process(run.pid).children(recursive=True)
            os.kill(run.pid, signal.SIGKILL)
            run.wait()
            killed += 1
            _, left = psutil.wait_procs(below, timeout=10)
            assert not left, "a killed driver takes all that it started along"
    return killed


def seconds_of_a_run(folder: Path, to: Path) -> float:
    began = time.monotonic()
    killed_drivers(folder, to, [600])
    return time.monotonic() - began


def test_killed_workers_parents_referees_and_drivers_change_no_record(tmp_path: Path) -> None:
    expected = undisturbed(tmp_path, 10)
    kinds = ["worker", "parent", "referee"]
    with killer(random.Random(3), kinds, (0.2, 0.6)) as killed:
        batch.grade(tmp_path / "submitted", to=tmp_path / "killed", jobs=1)
    assert killed == kinds
    assert lines(tmp_path / "killed") == expected
    whole = seconds_of_a_run(tmp_path / "submitted", tmp_path / "whole")
    assert killed_drivers(tmp_path / "submitted", tmp_path / "driver", [0.8 * whole])
    batch.grade(tmp_path / "submitted", to=tmp_path / "driver", jobs=2)
    assert lines(tmp_path / "driver") == expected


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_fifty_random_moments(tmp_path: Path, seed: int) -> None:
    """Ten a seed: seven times a worker, a warm parent or a referee within one run, three times the driver."""
    chance = random.Random(seed)
    expected = undisturbed(tmp_path, 40)
    kinds = chance.sample(["worker"] * 3 + ["parent"] * 2 + ["referee"] * 2, 7)
    with killer(chance, kinds, (0.3, 1.0)) as killed:
        batch.grade(tmp_path / "submitted", to=tmp_path / "killed", jobs=2)
    assert len(killed) >= 5
    assert lines(tmp_path / "killed") == expected
    whole = seconds_of_a_run(tmp_path / "submitted", tmp_path / "whole")
    moments = sorted(chance.uniform(0.1, 0.95) * whole for _ in range(3))
    assert killed_drivers(tmp_path / "submitted", tmp_path / "driver", moments) >= 2
    torn = tmp_path / "driver" / records.FILE
    if torn.exists():
        torn.write_bytes(torn.read_bytes() + b'{"key": "half a li')
    batch.grade(tmp_path / "submitted", to=tmp_path / "driver", jobs=2)
    assert lines(tmp_path / "driver") == expected
