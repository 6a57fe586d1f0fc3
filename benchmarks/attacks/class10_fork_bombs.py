"""Class 10: fork bomb, thousands of threads."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    answer,
)


def attacks() -> Iterator[Attack]:
    yield answer(10, "fork bomb", """
        import os
        def pool2d(x, size, stride=None, mode='max'):
            while True:
                try: os.fork()
                except OSError: pass
    """, heavy=True)  # fmt: skip
    yield answer(10, "ten thousand threads", """
        import threading, time
        def pool2d(x, size, stride=None, mode='max'):
            for _ in range(10_000):
                threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            return x
    """, heavy=True)  # fmt: skip
