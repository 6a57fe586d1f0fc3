"""What processes have used of the machine, as Linux counts it: time on a core, and time in which they waited for one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Usage(NamedTuple):
    """Seconds. cpu: on a core, threads and children that have ended included. waited: ready to run, and without a core, the
    threads that are alive together. Without Linux's counters both are 0."""

    cpu: float
    waited: float

    def since(self, before: Usage) -> Usage:
        return Usage(max(0.0, self.cpu - before.cpu), max(0.0, self.waited - before.waited))


def of(processes: Iterable[int | str]) -> Usage:
    """Of these processes together. One that has ended counts no more."""
    found = [_of_one(f"/proc/{process}") for process in processes]
    return Usage(sum(cpu for cpu, _ in found), sum(waited for _, waited in found))


def of_this_thread() -> Usage:
    """Of the thread that asks."""
    run, waited = _schedstat("/proc/thread-self/schedstat")
    return Usage(run, waited)


def _of_one(place: str) -> tuple[float, float]:
    cpu = waited = 0.0
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path(f"{place}/stat").read_text(errors="replace").rpartition(")")[2].split()
        cpu = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    with contextlib.suppress(OSError):
        waited = sum(_schedstat(f"{thread}/schedstat")[1] for thread in Path(f"{place}/task").iterdir())
    return cpu, waited


def _schedstat(path: str) -> tuple[float, float]:
    try:
        run, waited, *_ = Path(path).read_text().split()
        return int(run) / 1e9, int(waited) / 1e9
    except (OSError, ValueError):
        return 0.0, 0.0
