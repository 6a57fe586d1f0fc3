"""The bench of a cold start by its machinery: whose processes they are, and what they use. No test asserts a time of ours."""

from __future__ import annotations

import sys

import pytest

from autograder.errors import UserError
from benchmarks import cold
from benchmarks.cold import Cost

BURNS = """
import subprocess, sys, time
def burn(seconds):
    while time.process_time() < seconds:
        pass
held = bytearray(60_000_000)
if sys.argv[1:]:
    child = subprocess.Popen([sys.executable, "-c", sys.argv[1], "multiprocessing.spawn"])
    burn(0.3)
    child.wait()
"""


def test_every_process_has_its_role() -> None:
    python, inside = "/env/bin/python", "-s -P -m autograder.worker.main 7"
    commands = {
        1: (0, f"{python} -m autograder.cli grade there"),
        2: (1, f"{python} -c from multiprocessing.spawn import spawn_main"),
        3: (1, f"{python} -c from multiprocessing.resource_tracker import main"),
        4: (2, f"bwrap --ro-bind / / -- {python} {inside}"),
        5: (4, f"bwrap --ro-bind / / -- {python} {inside}"),
        6: (5, f"{python} {inside}"),
        7: (6, f"{python} {inside}"),
        8: (6, "fc-list --format=%{file}"),
    }
    found = [cold.role_of(process, 1, commands) for process in commands]
    assert found == [
        *("driver", "grading process", "other", "other", "other", "warm parent", "worker", "other"),
    ]
    assert set(found) == set(cold.ROLES)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_a_command_and_its_processes_use_is_told_apart() -> None:
    child = "import time\nwhile time.process_time() < 0.3: pass"
    cost = cold.cost_of([sys.executable, "-c", BURNS, child])
    assert set(cost.cpu) == {"driver", "grading process"}
    assert cost.cpu["driver"] >= 0.2 and cost.cpu["grading process"] >= 0.15  # but for the last look
    assert cost.memory_mb["driver"] > 60 and cost.total == sum(cost.cpu.values()) and cost.wall > 0.2
    with pytest.raises(UserError, match="ended with 3: it was"):
        cold.cost_of([sys.executable, "-c", "import sys; sys.stderr.write('it was'); sys.exit(3)"])


def test_rounds_come_together_as_medians() -> None:
    one = cold.together([Cost(3.0, {"driver": 1.0}, {"driver": 9.0}), Cost(5.0, {"driver": 3.0, "worker": 1.0}, {})])
    assert (one.wall, one.cpu["driver"], one.cpu["worker"], one.total) == (4.0, 2.0, 0.5, 2.5)
    assert (one.memory_mb["driver"], one.memory_mb["worker"]) == (9.0, 0.0)
