"""A program that keeps one core busy, and a look at how busy a machine is."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks import runs

_PROGRAM = "while True: pass"


@contextlib.contextmanager
def one_core_busy() -> Iterator[None]:
    """Within the body another process computes without a pause, at the same rank as ours."""
    program = subprocess.Popen([sys.executable, "-c", _PROGRAM], stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        program.kill()
        program.wait()


def cores_in_use(seconds: float = 1.0) -> float:
    """Cores that all programs use together while this one waits for `seconds`; 0 where the system does not say."""
    before = runs.busy()
    time.sleep(seconds)
    return round(runs.others(before, runs.busy(), seconds), 2)
