"""Time limits that a busy machine does not shorten: what counts is the time that would have passed on an idle one.

A limit is of wall time, less the time in which what it bounds was ready to compute and had no core (Linux counts that for each
thread). So a sleeper, and a loop on an idle machine, end when the limit says; a computation among twenty others gets its
seconds in full; and whoever keeps the machine busy alone is ended by the processor time that all their processes use together.
"""

from __future__ import annotations

import time

from autograder.worker import usage
from autograder.worker.usage import Usage

MOST = 12
"""Times a limit that anything may take of wall time, on however busy a machine."""
_CROWDED = 0.2
"""Share of the time spent waiting for a core from which on a machine is busy."""
_SLOWER = 2.0
"""Times longer that the same computation may take of processor time there: caches and the cores themselves are shared."""


def active(wall: float, used: Usage) -> float:
    """Seconds that something which took `wall` of them would have taken on an idle machine, as far as can be told."""
    return wall - min(wall, used.waited)


def remaining(limit: float, wall: float, used: Usage, cores: int = 1) -> float:
    """Seconds for which something that has taken `wall` of them, and has used `used`, may go on; 0 where it is over.

    cores: that it may compute on.
    """
    if wall < limit:
        return limit - wall
    allowed = limit * (_SLOWER if used.waited > _CROWDED * wall else 1.0)
    by_time, by_cpu = allowed - active(wall, used), (cores + 1) * allowed - used.cpu
    return max(0.0, min(by_time, by_cpu, MOST * limit - wall))


class Clock:
    """Seconds that a submission has taken so far, as they would have been on an idle machine.

    Counted out is what its worker waited for a core (`lost`, which is told) and what this thread did.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._before = usage.of_this_thread()
        self.lost = 0.0

    @property
    def wall(self) -> float:
        return time.monotonic() - self._began

    @property
    def used(self) -> Usage:
        """What this thread has used, and waited together with the worker."""
        here = usage.of_this_thread().since(self._before)
        return Usage(here.cpu, here.waited + self.lost)

    @property
    def active(self) -> float:
        return active(self.wall, self.used)
