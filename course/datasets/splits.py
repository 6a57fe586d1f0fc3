"""Splits that do not leak: stratified, disjoint, and with identical images on one side only."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np

from course.datasets.errors import DatasetError
from course.datasets.portable import Draw


class Split:
    """Images and labels of one part of a data set.

    Attributes:
        x: images, uint8 (N, height, width) or (N, height, width, 3).
        labelled: whether `y` may be read. It is False for the test split in the grading sandbox.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray | None, name: str) -> None:
        self.x = x
        self.name = name
        self._y = y

    @property
    def labelled(self) -> bool:
        return self._y is not None

    @property
    def y(self) -> np.ndarray:
        """Labels, int64 (N,).

        Raises:
            DatasetError: for the test split in the grading sandbox, where its labels are withheld.
        """
        if self._y is None:
            raise DatasetError(
                f"The labels of the {self.name} split are withheld while your work is graded: choose and tune on the "
                "validation split, and ask `split.labelled` before you use test labels."
            )
        return self._y

    def __len__(self) -> int:
        return len(self.x)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Let `x, y = data.train` unpack a split."""
        return iter((self.x, self.y))

    def __repr__(self) -> str:
        labels = "int64 labels" if self.labelled else "labels withheld"
        return f"<{self.name}: {len(self)} images {self.x.shape[1:]} {self.x.dtype}, {labels}>"


def _has_twin(images: np.ndarray) -> np.ndarray:
    """Tell for each image whether another one equals it to the last pixel: bool (N,)."""
    digests = [blake2b(image.tobytes(), digest_size=16).digest() for image in images]
    _, inverse, counts = np.unique(np.array(digests, dtype="S16"), return_inverse=True, return_counts=True)
    return counts[inverse.reshape(-1)] > 1


def hold_out(images: np.ndarray, labels: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Choose `count` examples to hold out, each class in the proportion that it has in the whole.

    An image that occurs more than once is never held out, so that no copy of a held-out image is left among the rest.

    Args:
        images: uint8 (N, …).
        labels: integers (N,), 0 … C - 1.
        count: how many to hold out, 0 ≤ count < N.
        seed: the same seed gives the same choice on every platform.

    Returns:
        Sorted indices of the rest and of the held-out part, int64.

    Raises:
        DatasetError: when so many cannot be held out.
    """
    if not 0 <= count < len(labels):
        raise DatasetError(f"{count} examples cannot be held out of {len(labels)}; ask for fewer.")
    sizes = np.bincount(labels)
    # Largest remainders: the shares are whole numbers and sum to count exactly.
    shares, remainders = np.divmod(count * sizes.astype(np.int64), len(labels))
    shares[np.argsort(-remainders, kind="stable")[: count - shares.sum()]] += 1
    order = Draw(seed).permutation(len(labels))
    order = order[~_has_twin(images)[order]]
    held = []
    for label, share in enumerate(shares):
        members = order[labels[order] == label]
        if len(members) < share:
            raise DatasetError(
                f"Class {label} has only {len(members)} images that occur once, and {share} must be held out; "
                "remove the copies or ask for fewer."
            )
        held.append(members[:share])
    chosen = np.sort(np.concatenate(held))
    rest = np.setdiff1d(np.arange(len(labels)), chosen)
    return rest, chosen
