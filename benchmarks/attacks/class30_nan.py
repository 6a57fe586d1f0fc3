"""Class 30: NaN and infinity."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    answer,
)


def attacks() -> Iterator[Attack]:
    for name, value in {
        "NaN": "np.nan",
        "infinity": "np.inf",
        "an array of NaN": "np.full(((x.shape[0] - size) // (stride or size) + 1,) * 2, np.nan)",
        "an array of infinity": "np.full_like(x, np.inf, dtype=float)",
        "not a time": "np.datetime64('NaT')",
        "complex NaN": "complex('nan')",
    }.items():
        yield answer(30, name, f"def pool2d(x, size, stride=None, mode='max'):\n    return {value}\n")
