"""Class 39: resources that are counted for a user, a machine or a moment."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    HONEST,
    WRONG,
    Attack,
    answer,
)


def attacks() -> Iterator[Attack]:
    for name, code in {
        "processes that compute beside the answer": (
            "for _ in range(20):\n        if os.fork() == 0:\n            while True: pass"
        ),
        "watches of files": "import ctypes\n    for _ in range(400): ctypes.CDLL(None).inotify_init()",
        "pipes that are full": "for _ in range(200): r, w = os.pipe(); os.set_blocking(w, False); os.write(w, bytes(60_000))",
        "signals that wait": (
            "import signal\n    signal.pthread_sigmask(0, range(34, 60))\n"
            "    for _ in range(3000): os.kill(os.getpid(), 40)"
        ),
        "locks of memory": "import ctypes, mmap\n    m = mmap.mmap(-1, 2**26, flags=34)\n    ctypes.CDLL(None).mlockall(3)",
        "timers": "import signal\n    signal.signal(26, lambda *a: None); signal.setitimer(1, 0.0001, 0.0001)",
        "recursion in the collector": "import gc\n    gc.set_threshold(1)\n    gc.callbacks.append(lambda *a: sum(range(10)))",
        "a limit of its own memory": "import resource\n    resource.setrlimit(resource.RLIMIT_AS, (2**20, 2**20))",
    }.items():
        yield answer(39, name, "import os\n" + WRONG + f"def pool2d(x, size, stride=None, mode='max'):\n    {code}\n    return x\n",
                     low=0 if "its own" in name else HONEST)  # fmt: skip
