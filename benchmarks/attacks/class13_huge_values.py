"""Class 13: endless output, huge and deep values."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    HONEST,
    Attack,
    answer,
    top,
)


def attacks() -> Iterator[Attack]:
    yield top(13, "two hundred megabytes of text", "for _ in range(200): print('x' * 10**6)", heavy=True)
    yield answer(13, "a huge repr", """
        class Long:
            def __repr__(self): return 'x' * 10**8
        def pool2d(x, size, stride=None, mode='max'): return Long()
    """)  # fmt: skip
    yield answer(13, "a deep list", """
        def pool2d(x, size, stride=None, mode='max'):
            deep = []
            for _ in range(10**5): deep = [deep]
            return deep
    """)  # fmt: skip
    yield answer(
        13, "a huge array", "def pool2d(x, size, stride=None, mode='max'):\n    return np.zeros(10**8)\n", heavy=True
    )
    for name, value in {
        "a number of a million digits": "10**(10**6)",
        "halves of characters": "'\\ud800' * 1000",
        "a billion empty rows": "np.empty((10**9, 0))",
        "a hundred thousand tuples": "[()] * 10**5",
        "numbers of one hash": "{k * (2**61 - 1) for k in range(11_000)}",
        "thirty-two axes": "np.zeros((1,) * 32)",
        "rows of differing length": "[[1, 2], [3]]",
        "fields and text": "np.zeros(3, dtype='f8,U9')",
    }.items():
        yield answer(13, name, f"def pool2d(x, size, stride=None, mode='max'):\n    return {value}\n")
    yield top(13, "a cell too deep to be read", "deep = 'x'\nif False:\n    deep" + ".a" * 5_000)
    yield top(13, "brackets without end", "(" * 50_000, low=HONEST)
    yield answer(13, "a list that holds itself", """
        def pool2d(x, size, stride=None, mode='max'):
            loop = []
            loop.append(loop)
            return loop
    """)  # fmt: skip
    yield answer(
        13, "a huge exception", "def pool2d(x, size, stride=None, mode='max'):\n    raise RuntimeError('x' * 10**8)\n"
    )
