"""Class 29: honest, with other types."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    NO_ARRAY,
    Attack,
    own,
    wrapped,
)


def attacks() -> Iterator[Attack]:
    yield own(
        29,
        "lists in place of arrays",
        answers={"pool2d": wrapped("", wrap="({}).tolist()")},
        low=NO_ARRAY,
        high=NO_ARRAY,
    )
    yield own(29, "NumPy's own arrays in Fortran order", answers={"pool2d": wrapped("", wrap="np.asfortranarray({})")})
    yield own(
        29,
        "a Keras tensor",
        answers={"pool2d": wrapped("", wrap="keras.ops.convert_to_tensor({})", before="import keras")},
    )
    yield own(
        29,
        "a method of a class",
        answers={
            "pool2d": wrapped(
                "", after="class _P:\n    def __call__(self, *a, **k): return _right(*a, **k)\npool2d = _P()"
            )
        },
    )
    yield own(
        29,
        "a partial function",
        answers={"pool2d": wrapped("", after="import functools\npool2d = functools.partial(_right)")},
    )
    yield own(29, "single precision", answers={"pool2d": wrapped("", wrap="np.asarray({}, dtype='float32')")})
    yield own(
        29,
        "a list of rows, one after the other",
        answers={"pool2d": wrapped("", wrap="map(list, {})")},
        low=NO_ARRAY,
        high=NO_ARRAY,
    )
    yield own(29, "a view backwards", answers={"pool2d": wrapped("", wrap="np.asarray({})[::-1].copy()[::-1]")})
    yield own(29, "another seed", "import numpy as np, random\nnp.random.seed(7); random.seed(7)")
    yield own(29, "arrays of objects", answers={"pool2d": wrapped("", wrap="np.array({}, dtype=object)")})
    yield own(29, "a buffer", answers={"pool2d": wrapped("", wrap="memoryview(np.ascontiguousarray({}))")})
    offers = "class Mine:\n    def __init__(self, a): self.a = a\n    def __array__(self, *a, **k): return np.asarray(self.a)"
    yield own(29, "a class that offers an array", answers={"pool2d": wrapped("", wrap="Mine({})", before=offers)})
