"""Class 6: sys.exit in a function."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    HONEST,
    Attack,
    answer,
    top,
)


def attacks() -> Iterator[Attack]:
    for name, code in {
        "sys.exit(0)": "import sys\n            sys.exit(0)",
        "raise SystemExit": "raise SystemExit",
        "raise KeyboardInterrupt": "raise KeyboardInterrupt",
        "raise GeneratorExit": "raise GeneratorExit",
        "quit()": "quit()",
        "raise StopIteration": "raise StopIteration",
    }.items():
        yield answer(6, name, f"""
        def pool2d(x, size, stride=None, mode='max'):
            {code}
    """)  # fmt: skip
    yield top(6, "sys.exit in a cell", "import sys\nsys.exit(0)")
    yield answer(6, "an exception whose text exits", """
        import sys
        class Last(ValueError):
            def __str__(self): sys.exit(0)
        def pool2d(x, size, stride=None, mode='max'): raise Last
    """, high=HONEST + 2)  # fmt: skip
    yield answer(6, "an exception of many parts", """
        def pool2d(x, size, stride=None, mode='max'):
            raise UnicodeDecodeError('utf-8', b'x', 0, 1, 'no') if size == 2 else ExceptionGroup('all', [ValueError()])
    """)  # fmt: skip
    yield top(6, "at exit, and in a destructor", """
        import atexit, os
        atexit.register(os._exit, 0)
        class Last:
            def __del__(self): os._exit(0)
        last = Last()
    """)  # fmt: skip
