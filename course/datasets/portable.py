"""Random integers that are the same on every platform and in every NumPy release.

`numpy.random.Generator` may change its streams between releases (NEP 19); the raw 64-bit output of a bit generator and
its seeding may not. So the embedded sets and all splits draw raw words from PCG64 and use integer arithmetic only.
"""

from __future__ import annotations

import numpy as np


class Draw:
    """A stream of integers from PCG64's raw output, seeded."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def integers(self, low: int, high: int, shape: int | tuple[int, ...]) -> np.ndarray:
        """Draw int32 integers from low to high, both included; the bias is below (high - low) / 2^32."""
        count = int(np.prod(shape))
        words = self._bits.random_raw(count) >> np.uint64(32)
        drawn = (words * np.uint64(high - low + 1)) >> np.uint64(32)
        return (drawn.astype(np.int64) + low).astype(np.int32).reshape(shape)

    def octets(self, shape: tuple[int, ...]) -> np.ndarray:
        """Draw uint8 values from 0 to 255; the byte order of the machine does not matter."""
        count = int(np.prod(shape))
        words = self._bits.random_raw(-(-count // 8)).astype("<u8")
        return words.view(np.uint8)[:count].reshape(shape)

    def permutation(self, count: int) -> np.ndarray:
        """Return a random order of 0 … count - 1 as int64 (count,)."""
        return np.argsort(self._bits.random_raw(count), kind="stable")
