"""A time limit is meant for an idle machine: on a busy one a worker that computes is given its time in full."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from autograder import weeks
from autograder.grading import patience, referee, remote, session
from autograder.grading.patience import Clock
from autograder.grading.remote import CallAborted, Worker
from autograder.worker import usage, wire
from autograder.worker.usage import Usage


def asked(monkeypatch: pytest.MonkeyPatch, cpu: float, waits: float, answers_after: float, limit: float = 0.4) -> str:
    """What becomes of a request with `limit` seconds to a worker that has `cpu` of a core, and waits for one for `waits`."""
    monkeypatch.setattr(remote, "_LOOK_SECONDS", 0.1)
    ours, theirs = socket.socketpair()
    began = time.monotonic()
    there = wire.Channel(theirs)

    def work() -> None:
        there.receive()
        time.sleep(answers_after)
        with contextlib.suppress(wire.ChannelClosed):
            there.send(wire.encode({"id": 1, "value": 7}))

    def used() -> Usage:
        wall = time.monotonic() - began
        return Usage(cpu * wall, waits * wall)

    threading.Thread(target=work, daemon=True).start()
    worker = Worker(wire.Channel(ours), used)
    try:
        return str(worker.ask(limit, op="call", name="f")["value"])
    except CallAborted as problem:
        return problem.verdict
    finally:
        ours.close()


@pytest.mark.parametrize(
    ("cpu", "waits", "answers_after", "outcome"),
    [
        (0.3, 0.7, 0.1, "7"),
        (0.3, 0.7, 1.0, "7"),
        (0.05, 0.95, 2.0, "7"),  # among twenty
        (0.5, 0.5, 3.0, "timeout"),  # more than twice 0.4 s of a whole core, at half of one
        (1.0, 0.0, 1.2, "timeout"),  # a loop on an idle machine
        (0.0, 0.0, 1.2, "timeout"),  # a sleeper
        (2.0, 200.0, 1.5, "timeout"),  # a crowd of its own
        (0.01, 0.99, 8.0, "timeout"),  # on however busy a machine
    ],
)
def test_who_computes_on_a_busy_machine_gets_more_time(
    monkeypatch: pytest.MonkeyPatch, cpu: float, waits: float, answers_after: float, outcome: str
) -> None:
    assert asked(monkeypatch, cpu, waits, answers_after) == outcome


def test_what_is_left_of_a_limit() -> None:
    assert patience.remaining(10, 4, Usage(4, 0)) == 6
    assert patience.remaining(10, 10.1, Usage(10, 0)) == patience.remaining(10, 10.1, Usage(0, 0)) == 0
    assert patience.remaining(10, 40, Usage(10, 30)) == 10, "a quarter of a core, and half as quick"
    assert patience.remaining(10, 10 * patience.MOST, Usage(1, 119)) == 0
    assert patience.remaining(10, 30, Usage(41, 200)) == 0, "two cores for thirty seconds are more than was allowed"


def test_the_time_of_a_check_is_that_of_an_idle_machine() -> None:
    clock = Clock()
    with referee.time_limit(0.2, clock):
        clock.lost += 0.5  # in which the worker had no core
        time.sleep(0.5)
    with pytest.raises(CallAborted, match=r"longer than 0\.2 s"), referee.time_limit(0.2, clock):
        time.sleep(5)


def test_a_process_may_use_the_processor_for_as_long_as_its_week_trains() -> None:
    for week in weeks.all_weeks():
        for profile in ("quick", "full"):
            allowed = session.limits_of(week, profile, 2).cpu_seconds
            assert allowed >= 2 * week.plan.seconds[profile], "two cores, to the end of the notebook's time"


def test_the_system_says_who_waits_for_a_core() -> None:
    """Three loops on one core, for a second: each has a third of it, and waits for the rest."""
    if not Path("/proc/self/schedstat").exists():
        pytest.skip("this kernel does not count it")
    code = (
        "import os, time\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nprint(flush=True)\nwhile True: pass"
    )
    loops = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(3)]
    try:
        for loop in loops:
            assert loop.stdout and loop.stdout.readline()
        before, began = usage.of(loop.pid for loop in loops), time.monotonic()
        time.sleep(1)
        used, wall = usage.of(loop.pid for loop in loops).since(before), time.monotonic() - began
    finally:
        for loop in loops:
            loop.kill()
            loop.communicate()
    assert used.cpu <= wall + 0.3 and used.waited >= 2 * wall - 0.5
    assert usage.of(loop.pid for loop in loops) == (0, 0), "and nothing of those that have ended"


def test_a_closed_channel_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with pytest.raises(CallAborted) as caught:
        Worker(wire.Channel(ours)).ask(5, op="names")
    assert caught.value.lost


@pytest.mark.sandbox
def test_the_parent_knows_what_its_worker_and_its_children_have_used() -> None:
    from autograder.isolation.parent import WarmParent

    with WarmParent("bwrap") as parent:
        worker = Worker(parent.spawn(), parent.used)
        before = parent.used()
        busy = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass"
        child = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {busy!r}])"
        assert worker.ask(30, op="cell", source=f"{busy}\n{child}")["raised"] is None
        assert 0.8 < parent.used().since(before).cpu < 4
        parent.clean()
    assert parent.used() == (0, 0)
