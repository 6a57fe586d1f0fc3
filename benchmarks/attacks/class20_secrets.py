"""Class 20: secrets in the environment."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    SECRET,
    Attack,
    oracle,
)


def attacks() -> Iterator[Attack]:
    yield oracle(20, "the grader's environment", f"import os\nREACHED = {SECRET!r} in os.environ")
    yield oracle(20, "of any process", f"""
        import glob
        for path in glob.glob('/proc/*/environ'):
            try: REACHED |= {SECRET!r}.encode() in open(path, 'rb').read()
            except OSError: pass
    """)  # fmt: skip
    yield oracle(20, "files of the grader's own", """
        import os
        for path in ('/etc/shadow', '/root/.ssh', '/root/.netrc', '/root/.bashrc', '/root/.profile', '/var/run/docker.sock'):
            try:
                os.listdir(path) if os.path.isdir(path) else open(path, 'rb').read(1)
                REACHED = True
            except OSError: pass
    """)  # fmt: skip
