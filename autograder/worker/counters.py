"""Numbers that the kernel counts up for all submissions of one sandbox: what one has advanced, the next could read.

A function that is called with a hidden number could count that far, and the next worker, whose outputs are shown, could read
it off the numbers of its processes, of its files, or of packets. Small counts are levelled; after large ones the sandbox is
given up.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path

STEP = 64
"""A worker may advance a counter by less than this. Honest notebooks, nets trained and all, need three processes on one core,
and a few dozen files at most."""


class Counters:
    """The counters of this sandbox. folders: file systems of its own, which number their files."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = folders
        self._worker = 0
        self._at: list[int] = []

    def level(self) -> None:
        """Bring each counter to a multiple of STEP: its last digits say nothing of the worker before."""
        for _ in range(-_last_process() % STEP):
            thread = threading.Thread(target=int)
            thread.start()
            thread.join()
        for folder in self._folders:
            for _ in range(STEP):
                if (_number_of_a_file(folder) + 1) % STEP == 0:
                    break
        self._at = [*map(_number_of_a_file, self._folders), _packets()]

    def born(self, worker: int) -> None:
        """The process that this worker is: from it on its processes and threads are numbered."""
        self._worker = worker

    def readable(self) -> bool:
        """Whether the worker has advanced a counter so far that the next one could read it."""
        if not self._worker or not self._at:
            return False
        processes = _last_process() - self._worker
        files = [_number_of_a_file(folder) - before for folder, before in zip(self._folders, self._at, strict=False)]
        self._worker = 0
        return not all(0 <= count < STEP for count in (processes, *files)) or _packets() != self._at[-1]


def _last_process() -> int:
    """The last number that a process or thread of this namespace was given; 0 where that cannot be known."""
    try:
        return int(Path("/proc/loadavg").read_text().split()[-1])
    except (OSError, ValueError, IndexError):
        return 0


def _number_of_a_file(folder: str) -> int:
    """The number of a file that is made in `folder`, and removed; -1 where none can be made."""
    path = f"{folder}/.counted-{os.getpid()}"
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError:
        return -1
    try:
        return os.fstat(descriptor).st_ino
    finally:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            Path(path).unlink()


def _packets() -> int:
    """Packets that processes of this sandbox have sent each other; 0 where that cannot be known."""
    try:
        lines = [line.partition(":") for line in Path("/proc/net/dev").read_text().splitlines()]
        return sum(int(numbers.split()[1]) for name, colon, numbers in lines if colon)
    except (OSError, ValueError, IndexError):
        return 0
