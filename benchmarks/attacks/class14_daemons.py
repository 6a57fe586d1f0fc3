"""Class 14: a daemon that stays behind."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    WRONG,
    Attack,
    answer,
)


def attacks() -> Iterator[Attack]:
    yield answer(14, "a daemon that writes later", WRONG + """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for _ in range(600):
            for place in ('/tmp', '/dev/shm', os.path.expanduser('~'), '.'):
                try: open(place + '/daemon.py', 'w').write('left')
                except OSError: pass
            time.sleep(0.05)
    os._exit(0)
""")  # fmt: skip
    yield answer(14, "a thread that answers in the worker's place", WRONG + """
import gc, threading, time
def answer():
    from autograder.worker import wire
    channel = next(thing for thing in gc.get_objects() if type(thing).__name__ == 'Channel')
    for number in range(10**6):
        try: channel.send(wire.encode({'id': number % 60, 'value': np.ones((2, 2)), 'raised': None, 'passed': True}))
        except BaseException: return
        time.sleep(0.01)
threading.Thread(target=answer, daemon=True).start()
""", low=0)  # fmt: skip
    yield answer(14, "a process that keeps the channel", WRONG + """
import os, time
if os.fork() == 0:
    time.sleep(1)
    for fd in range(3, 64):
        try: os.write(fd, b'\\x01' + bytes(7) + b'\\xc0')
        except OSError: pass
    time.sleep(600)
    os._exit(0)
""", low=0)  # fmt: skip
