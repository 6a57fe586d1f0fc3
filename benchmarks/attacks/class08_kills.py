"""Class 8: killing the parent, the group, everything."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    answer,
    top,
)


def attacks() -> Iterator[Attack]:
    for name, code in {
        "the parent": "os.kill(os.getppid(), 9)",
        "the group": "os.killpg(0, 9)",
        "everything": "os.kill(-1, 9)",
        "process 1": "os.kill(1, 9)",
        "the parent, stopped": "os.kill(os.getppid(), 19)",
    }.items():
        yield answer(8, name, f"""
        import os
        def pool2d(x, size, stride=None, mode='max'):
            {code}
            return x
    """, slow=name in ("the parent", "everything", "the parent, stopped"))  # fmt: skip
    yield top(8, "the standing of the parent, which the next inherits", """
        import os, resource
        above = os.getppid()
        for kind in (resource.RLIMIT_DATA, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
            try: resource.prlimit(above, kind, (4096, 4096))
            except OSError: pass
        for act in (lambda: os.setpriority(0, above, 19), lambda: os.setpriority(2, 0, 19),
                    lambda: os.sched_setscheduler(above, os.SCHED_IDLE, os.sched_param(0)),
                    lambda: os.sched_setaffinity(above, {min(os.sched_getaffinity(0))})):
            try: act()
            except OSError: pass
    """, heavy=True)  # fmt: skip
