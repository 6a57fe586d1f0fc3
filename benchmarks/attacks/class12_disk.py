"""Class 12: disk filler, a million files."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    answer,
)


def attacks() -> Iterator[Attack]:
    yield answer(12, "a large file", """
        def pool2d(x, size, stride=None, mode='max'):
            for place in ('/tmp/a', '/dev/shm/b', 'c'):
                try:
                    with open(place, 'wb') as file:
                        while True: file.write(bytes(10**7))
                except OSError: pass
            return x
    """, heavy=True)  # fmt: skip
    yield answer(12, "many files", """
        import time
        def pool2d(x, size, stride=None, mode='max'):
            end = time.monotonic() + 3
            number = 0
            while time.monotonic() < end:
                number += 1
                try: open(f'/tmp/{number}', 'w').close()
                except OSError: break
            return x
    """, heavy=True)  # fmt: skip
    yield answer(12, "folders in folders", """
        import os
        def pool2d(x, size, stride=None, mode='max'):
            here = os.getcwd()
            for _ in range(1500 if len(x) == 4 else 0):
                try: os.mkdir('d'); os.chdir('d')
                except OSError: break
            os.chdir(here)
            return x
    """)  # fmt: skip
