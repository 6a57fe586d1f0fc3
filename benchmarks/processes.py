"""The memory of a process and of all it has started, looked at while it runs (Linux)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

import psutil

Role = Callable[[list[str], list[str]], str]
"""What a process is, by its command and that of the process which started it; "" for one that does not matter."""

MB = 2**20


def most_mb(pid: int | str = "self") -> float:
    """The most memory that a process has had resident so far, in MB (VmHWM). Raises OSError where there is no such process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError(f"no VmHWM in /proc/{pid}/status")


class Watched:
    """Watches a process and its descendants, from `with` to its end.

    peaks: {role: the most that one process of that role had resident, MB}, each as the kernel has counted it until shortly
    before the process ended. together: the most that all of them had at one time, pages that several share counted once
    (PSS), as far as it was seen: every `every` seconds.
    """

    def __init__(self, pid: int, role: Role, every: float = 0.1) -> None:
        self.peaks: dict[str, float] = {}
        self.together = 0.0
        self._pid, self._role, self._every = pid, role, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        looks = 0
        while not self._over.wait(self._every):
            processes = list(self._processes())
            for process in processes:
                with contextlib.suppress(psutil.Error, OSError):
                    before = process.parent()
                    role = self._role(process.cmdline(), before.cmdline() if before else [])
                    if role:
                        self.peaks[role] = max(self.peaks.get(role, 0.0), most_mb(process.pid))
            if looks % 5 == 0:  # it takes some milliseconds for each process
                self.together = max(self.together, sum(map(_share_mb, processes)))
            looks += 1

    def _processes(self) -> Iterator[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            first = psutil.Process(self._pid)
            yield first
            yield from first.children(recursive=True)


def _share_mb(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error, OSError, AttributeError):
        return float(process.memory_full_info().pss) / MB
    return 0.0
