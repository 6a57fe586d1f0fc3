"""Class 16: reading solutions and checks."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    oracle,
)


def attacks() -> Iterator[Attack]:
    yield oracle(16, "files called like the solution", """
        import os
        for root in ('/', os.path.expanduser('~'), '..', '../..', '../../..'):
            for folder, folders, names in os.walk(root):
                folders[:] = [f for f in folders if f not in ('proc', 'sys', 'usr', 'lib')]
                for name in names:
                    if name in ('mistakes.py', 'alternatives.py', 'week01_convolution.py', 'records.jsonl', 'gradebook.db'):
                        REACHED = True
    """)  # fmt: skip
    yield oracle(16, "the grader's memory and environment", """
        import os
        for number in [p for p in os.listdir('/proc') if p.isdigit() and int(p) != os.getpid()]:
            for name in ('environ', 'mem', 'maps'):
                try:
                    with open(f'/proc/{number}/{name}', 'rb') as file:
                        data = file.read(10**6)
                    REACHED |= b'BEGIN HIDDEN' in data or b'solutions/week' in data
                except (OSError, ValueError, OverflowError): pass
    """)  # fmt: skip
    yield oracle(16, "history of the repository, open files, roots of others", """
        import glob, os
        seen = []
        for path in glob.glob('/proc/[0-9]*/fd/*') + glob.glob('/proc/[0-9]*/cwd') + glob.glob('/proc/[0-9]*/root'):
            try: seen.append(os.readlink(path))
            except OSError: pass
        for start in [os.getcwd(), '/opt/course', *seen]:
            while start.startswith('/') and start != '/':
                REACHED |= os.path.isdir(start + '/.git') or os.path.isdir(start + '/solutions')
                start = os.path.dirname(start)
        REACHED |= any(name in path for path in seen for name in ('records', 'gradebook', 'solutions', 'submitted'))
    """)  # fmt: skip
    yield oracle(16, "imports of the staff's side", """
        import importlib
        for name in ('autograder.weeks', 'autograder.grading.grader', 'solutions', 'tests'):
            try:
                importlib.import_module(name)
                REACHED = True
            except BaseException: pass
    """)  # fmt: skip
