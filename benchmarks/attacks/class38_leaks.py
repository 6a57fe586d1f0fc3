"""Class 38: hidden inputs that come out by another door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.attacks.case import (
    WRONG,
    Attack,
)

_ODD = "isinstance(x, np.ndarray) and (x != np.round(x)).any()"
"""Whether an input is one of the hidden checks': the visible ones hold whole numbers."""


def _last(source: str) -> Callable[[dict[str, Any]], None]:
    """A cell of the student's own behind everything."""

    def edit(document: dict[str, Any]) -> None:
        cell: dict[str, Any] = {
            "cell_type": "code",
            "id": "own-last",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        document["cells"].append({**cell, "source": source})

    return edit


def leak(name: str, keeps: str, tells: str, **more: Any) -> Attack:
    """`keeps` is run in pool2d for a hidden input `x`; `tells` in a cell at the end, with `SEEN` for what it could say."""
    code = f"import os, sys\ndef pool2d(x, size, stride=None, mode='max'):\n    if {_ODD}:\n"
    code += "".join(f"        {line}\n" for line in keeps.splitlines()) + "    return x\n"
    return Attack(38, name, {"pool2d": code}, edit=_last(tells), **more)


def attacks() -> Iterator[Attack]:
    yield leak("the environment", "os.environ['KEPT'] = 'SEEN'", "import os; print(os.environ.get('KEPT'))")
    for place in ("/tmp/kept", "/dev/shm/kept", "kept", "/home/student/.kept"):
        yield leak(f"a file {place}", f"open({place!r}, 'w').write('SEEN')",
                   f"import os; print(os.path.exists({place!r}) and open({place!r}).read())")  # fmt: skip
    yield leak(
        "a module's own names", "sys.modules['math'].kept = 'SEEN'", "import math; print(getattr(math, 'kept', ''))"
    )
    yield leak(
        "the history of the shell",
        "get_ipython().user_ns['In'].append('SEEN')",
        "print([one for one in In if one == 'SEE' 'N'])",
    )
    yield leak(
        "a warning, and the log", "import warnings, logging\nwarnings.warn('SEEN')\nlogging.error('SEEN')", "1 / 0"
    )
    yield leak("a thread that prints later", "import threading\nthreading.Timer(0.5, print, ['SEEN']).start()",
               "import time; time.sleep(1)")  # fmt: skip
    yield leak(
        "the end of the process", "import atexit\natexit.register(print, 'SEEN', flush=True)", "raise SystemExit"
    )
    yield leak("a helper module that it writes", "open('kept.py', 'w').write('kept = \"SEEN\"')",
               "try: from kept import kept; print(kept)\nexcept ImportError: pass")  # fmt: skip
    yield leak("the numbers of files, which are counted",
               "for n in range(100_000):\n    if n % 25 == 0 or n > 99_990: os.mkdir('/tmp/counted')\n"
               "    if os.path.isdir('/tmp/counted'): os.rmdir('/tmp/counted')\n"
               "    open('/tmp/counted', 'w').close() or os.remove('/tmp/counted')",
               "open('/tmp/one', 'w').close(); import os\nif os.stat('/tmp/one').st_ino > 80_000: print('SEEN')",
               slow=True)  # fmt: skip
    yield leak("packets that are counted", "import socket\nend = socket.socket(2, 2)\nend.bind(('127.0.0.1', 0))\n"
               "for n in range(5000): end.sendto(b'x', end.getsockname()); end.recv(9)",
               "lines = [line.split() for line in open('/proc/net/dev') if 'lo:' in line]\n"
               "if lines and int(lines[0][2]) >= 5000: print('SEEN')")  # fmt: skip
    yield leak("the rank of input and output", "import ctypes\nctypes.CDLL(None).syscall(251, 1, os.getppid(), (2 << 13) | 6)",
               "import ctypes, os\nif ctypes.CDLL(None).syscall(252, 1, os.getppid()) == (2 << 13) | 6: print('SEEN')")  # fmt: skip
    yield leak("the name of the class of an answer", "return type('SEEN', (np.ndarray,), {})((1,))", "pass")
    yield leak("the keys of an answer", "return {'SEEN': x}", "pass")
    yield leak("a note on an exception", "problem = ValueError('no')\nproblem.add_note('SEEN')\nraise problem", "pass")
    yield leak("the cause of an exception", "raise ValueError('no') from RuntimeError('SEEN')", "pass")
    yield leak("a syntax error in what it compiles", "compile('SEEN SEEN', 'SEEN', 'exec')", "pass")
    yield Attack(38, "what a name stands for after the check", {"pool2d": (
        "class Late(dict):\n    pass\nzero_padded = Late()\ndef pool2d(x, size, stride=None, mode='max'):\n"
        f"    if {_ODD}: get_ipython().user_ns['lecture_image'] = 'SEEN'\n    return x\n")},
        edit=_last("print(lecture_image)"))  # fmt: skip
    yield Attack(38, "a display that is asked for later", {"pool2d": WRONG}, top=(
        "import IPython\nshell = get_ipython()\nshell.display_formatter.formatters['text/plain'].for_type(\n"
        "    int, lambda n, p, c: p.text('SEEN' if 'KEPT' in __import__('os').environ else str(n)))\n1"))  # fmt: skip
