"""Load changes no verdict: right work that computes for a good part of its time limits passes on a busy machine, too."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from classroom import lines, notebook, put
from graded import graded
from grading_example import GOOD, WEEK

from autograder import weeks
from autograder.grading import batch
from autograder.grading.grader import Grader

pytestmark = pytest.mark.sandbox

BURNS = """
import time
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
"""


@contextlib.contextmanager
def busy(loops: int) -> Iterator[None]:
    """While the body runs, as many endless loops run beside it."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for loop in running:
            loop.kill()
            loop.wait()


@pytest.mark.slow
def test_what_computes_gets_its_seconds_in_full_on_a_busy_machine(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cells and calls that need half of their limits, among six loops a core; what sleeps or never ends has still to go."""
    for limit, seconds in (("call_seconds", 1.0), ("cell_seconds", 1.0), ("seconds", 2.5)):
        monkeypatch.setitem(getattr(WEEK.plan, limit), "quick", seconds)
    right = f"{BURNS}\nburn(0.5)\n{GOOD}\n_right = conv2d\ndef conv2d(*a):\n    burn(0.15)\n    return _right(*a)\n"
    after = {WEEK.cells[-1].id: ["burn(0.5)", "burn(0.5)", "shown = 3\nprint(shown)"]}
    asleep = "import time\ndef conv2d(*a): time.sleep(1000)"
    endless = "def conv2d(*a):\n    while True: pass"
    with busy(6 * batch.jobs_here()):
        result = graded(grader, WEEK, {"conv2d": right}, extras=after)
        assert result.verdict == "pass", result.checks
        assert result.outputs, "the last cell had its time, too"
        for never in (asleep, endless):
            began = time.monotonic()
            assert {check.verdict for check in graded(grader, WEEK, {"conv2d": never}).checks} == {"timeout"}
            assert time.monotonic() - began < 90


@pytest.mark.slow
def test_forty_right_submissions_have_the_records_of_an_idle_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = weeks.load(1).plan
    burn = min(plan.call_seconds["quick"], plan.cell_seconds["quick"]) / 4
    right = weeks.load(1)["zero_pad"].source
    for number in range(40):
        # The same verdicts of unlike work: one in five takes a good part of a limit for a cell, and in its first call.
        slow = f"{BURNS}\nburn({burn})\nonce = [{burn}]\n{right}\n_right = zero_pad\n" + (
            "def zero_pad(*a):\n    burn(once.pop() if once else 0)\n    return _right(*a)\n"
        )
        put(tmp_path / "submitted", f"student{number:02}", notebook(zero_pad=slow) if number % 5 == 0 else notebook())
    batch.grade(tmp_path / "submitted", to=tmp_path / "idle", jobs=1)
    cores = batch.jobs_here()
    with busy(4 * cores):
        batch.grade(tmp_path / "submitted", to=tmp_path / "busy", jobs=2 * cores)
    assert lines(tmp_path / "busy") == lines(tmp_path / "idle")
    assert {record["result"]["verdict"] for record in lines(tmp_path / "idle")} == {"pass"}
