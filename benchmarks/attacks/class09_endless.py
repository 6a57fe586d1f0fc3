"""Class 9: endless loops, ignored interrupts, waiting for input."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    answer,
    top,
)


def attacks() -> Iterator[Attack]:
    for name, code in {
        "while True": "while True: pass",
        "ignored interrupts": (
            "import signal; signal.signal(2, signal.SIG_IGN); signal.signal(14, signal.SIG_IGN)\n"
            "            while True:\n                try:\n                    while True: pass\n"
            "                except BaseException: pass"
        ),
        "sleep": "import time; time.sleep(10**6)",
        "input()": "return input()",
        "a regular expression": "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
        "a lock": "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    }.items():
        yield answer(9, name, f"""
        def pool2d(x, size, stride=None, mode='max'):
            {code}
    """, slow=name not in ("while True", "input()"))  # fmt: skip
    yield answer(9, "a generator without end", """
        def pool2d(x, size, stride=None, mode='max'):
            while True: yield x
    """)  # fmt: skip
    yield top(9, "awaited for ever, in a cell", "import asyncio\nawait asyncio.sleep(10**6)", slow=True)
