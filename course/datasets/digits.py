"""Scikit-learn's 1,797 digits of 8×8, brought to MNIST's format of 28×28 with integers only."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from course.datasets.errors import DatasetError
from course.datasets.scikit import path_in_scikit_learn


def enlarge(images: np.ndarray) -> np.ndarray:
    """Bring digits of (N, 8, 8), values 0 … 16, to uint8 (N, 28, 28), values 0 … 255.

    As in MNIST the digit fills 20×20 in the middle of the frame. Bilinear: the middle of output pixel i lies at
    (i + 1/2) · 8/20 - 1/2 = (4i - 3) / 10 in the small image, so all weights are tenths and the sum is exact.
    """
    tenths = np.clip(4 * np.arange(20) - 3, 0, 70)
    low = tenths // 10
    high = np.minimum(low + 1, 7)
    weight = (tenths % 10).astype(np.int64)
    small = images.astype(np.int64)
    rows = small[:, low] * (10 - weight)[None, :, None] + small[:, high] * weight[None, :, None]
    both = rows[:, :, low] * (10 - weight) + rows[:, :, high] * weight
    large = (both * 255 + 800) // 1600  # 16 (white) times 100 (the weights) becomes 255, rounded
    return np.pad(large, ((0, 0), (4, 4), (4, 4))).astype(np.uint8)


@lru_cache(maxsize=1)
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (1797, 28, 28) and labels int64 (1797,), shared between calls and read-only.

    Raises:
        DatasetError: when scikit-learn is missing.
    """
    try:
        table = np.loadtxt(path_in_scikit_learn("data", "digits.csv.gz"), delimiter=",", dtype=np.int64)
        small, labels = table[:, :64].reshape(-1, 8, 8), table[:, 64].copy()
    except (ImportError, OSError, ValueError, IndexError) as error:
        raise DatasetError(
            f"The embedded digits could not be read from scikit-learn ({error}); install scikit-learn again."
        ) from error
    images = enlarge(small)
    images.flags.writeable = labels.flags.writeable = False
    return images, labels
