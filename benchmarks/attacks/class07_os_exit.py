"""Class 7: os._exit, abort, segmentation fault."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    WRONG,
    Attack,
    answer,
)


def attacks() -> Iterator[Attack]:
    for name, code in {
        "os._exit(0)": "import os; os._exit(0)",
        "os.abort()": "import os; os.abort()",
        "a null pointer": "import ctypes; ctypes.string_at(0)",
        "closed descriptors": "import os; os.closerange(0, 4096)",
        "killed by itself": "import os; os.kill(os.getpid(), 9)",
        "a thread that ends it": "import os, threading; threading.Thread(target=os._exit, args=(0,)).start(); return x",
        "another program": "import os; os.execv('/bin/true', ['true'])",
    }.items():
        yield answer(7, name, f"def pool2d(x, size, stride=None, mode='max'):\n    {code}\n")
    yield answer(7, "os._exit in the cell", "import os; os._exit(0)\n" + WRONG)
    yield answer(7, "exhausted recursion in C", """
        import sys
        sys.setrecursionlimit(10**9)
        def pool2d(x, size, stride=None, mode='max'):
            return pool2d(x, size, stride, mode)
    """, slow=True)  # fmt: skip
