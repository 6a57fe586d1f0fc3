"""The two photographs of week 1, which come inside scikit-learn and so need no network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course.datasets.errors import DatasetError
from course.datasets.scikit import path_in_scikit_learn


@dataclass(frozen=True)
class Photos:
    """Two colour photographs.

    Attributes:
        images: ``"china"`` and ``"flower"`` → uint8 array of shape (height, width, 3), channels in the order R, G, B.
        source: which source gave the images.
        real: always True; these are photographs, not generated pictures.
    """

    images: dict[str, np.ndarray]
    name: str = "photos"
    source: str = "scikit-learn's sample images"
    real: bool = True


def load_photos() -> Photos:
    """Return scikit-learn's ``china.jpg`` and ``flower.jpg``, each uint8 (427, 640, 3), as arrays of one's own.

    Raises:
        DatasetError: when scikit-learn or Pillow is missing or cannot read its own files.
    """
    try:
        from PIL import Image

        paths = {name: path_in_scikit_learn("images", f"{name}.jpg") for name in ("china", "flower")}
        images = {name: np.array(Image.open(path), dtype=np.uint8) for name, path in paths.items()}
    except (ImportError, OSError) as error:
        raise DatasetError(
            f"The photographs could not be read from scikit-learn ({error}); install scikit-learn and pillow again."
        ) from error
    return Photos(images=images)
