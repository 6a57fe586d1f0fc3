"""Three real photographs of surfaces, brick, grass and gravel, cut into small images of three classes.

The photographs (512×512, grey, CC0) come inside scikit-image's package, so nothing is downloaded. Each is divided into 4×4 tiles
of 128 pixels; an image is a patch of 64×64 pixels *within one tile*, brought to 32×32 by averaging 2×2 pixels, with a brightness
and a contrast of its own. Patches of one tile overlap; patches of different tiles share no pixel. The parts are made of whole
tiles, so that nothing leaks from one to another:

    train        the left half of each photograph,   8 tiles · 16 places · 2 shots = 256 images per class
    validation   its third quarter,                  4 tiles · 25 places           = 100 images per class
    test         its last quarter,                   4 tiles · 50 places           = 200 images per class

The two shots of a place are moved by a pixel at most, and lit differently, as two photographs of a burst are.
Integers only, and raw words of a bit generator: the arrays are the same on every platform.
"""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np

from course.datasets.errors import DatasetError
from course.datasets.portable import Draw
from course.datasets.scikit import path_in_scikit_image

TEXTURES = ("brick", "grass", "gravel")
SIDE = 512
TILE = 128
PATCH = 64
COLUMNS = {"train": (0, 1), "validation": (2,), "test": (3,)}
"""The columns of tiles that make each part."""
PLACES = {"train": 16, "validation": 25, "test": 50}
"""Places per tile."""
SHOTS = {"train": 2, "validation": 1, "test": 1}
"""Images per place."""


def photographs() -> dict[str, np.ndarray]:
    """The three photographs: ``"brick"``, ``"grass"``, ``"gravel"`` → uint8 (512, 512).

    Raises:
        DatasetError: when scikit-image or Pillow is missing or cannot read its own files.
    """
    return {name: photo.copy() for name, photo in _read().items()}


@lru_cache(maxsize=1)
def _read() -> dict[str, np.ndarray]:
    try:
        from PIL import Image

        found = {}
        for name in TEXTURES:
            with Image.open(path_in_scikit_image("data", f"{name}.png")) as image:
                found[name] = np.array(image.convert("L"), dtype=np.uint8)
    except (ImportError, OSError) as error:
        raise DatasetError(
            f"The photographs of brick, grass and gravel could not be read from scikit-image ({error}); install "
            "scikit-image and pillow again."
        ) from error
    for name, photo in found.items():
        if photo.shape != (SIDE, SIDE):
            raise DatasetError(
                f"scikit-image's photograph {name} has the shape {photo.shape} instead of {(SIDE, SIDE)}; install the "
                "version of scikit-image that the course names."
            )
    return found


def textures(part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The images of one part.

    Args:
        part: ``"train"``, ``"validation"`` or ``"test"``.

    Returns:
        Images uint8 (N, 32, 32, 3), grey as three equal channels; labels int64 (N,) in the order of `TEXTURES`; and the tile
        of each image, int64 (N,), 0 … 15 counted by rows.

    Raises:
        DatasetError: as `photographs` does.
    """
    x, y, tiles = _textures(part)
    return x.copy(), y.copy(), tiles.copy()


@lru_cache(maxsize=3)
def _textures(part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    images, labels, tiles = [], [], []
    for label, photo in enumerate(_read().values()):
        draw = Draw(100 * list(COLUMNS).index(part) + label)
        for tile in range((SIDE // TILE) ** 2):
            row, column = divmod(tile, SIDE // TILE)
            if column not in COLUMNS[part]:
                continue
            places = draw.integers(0, TILE - PATCH, (PLACES[part], 1, 2))
            moves = draw.integers(-1, 1, (PLACES[part], SHOTS[part], 2))
            moves[:, 0] = 0
            corners = np.clip(places + moves, 0, TILE - PATCH).reshape(-1, 2) + np.array([row, column]) * TILE
            lights, contrasts = draw.integers(-40, 40, len(corners)), draw.integers(154, 358, len(corners))
            for (top, left), light, contrast in zip(corners.tolist(), lights, contrasts, strict=True):
                patch = photo[top : top + PATCH, left : left + PATCH].astype(np.int32)
                small = (patch[::2, ::2] + patch[1::2, ::2] + patch[::2, 1::2] + patch[1::2, 1::2] + 2) // 4
                images.append(np.clip((small - 128) * contrast // 256 + 128 + light, 0, 255).astype(np.uint8))
                labels.append(label)
                tiles.append(tile)
    x = np.repeat(np.stack(images)[..., None], 3, axis=-1)
    return x, np.array(labels, np.int64), np.array(tiles, np.int64)


def texture_files() -> dict[str, bytes]:
    """The training images as the files of an image folder, as `read_files` gives them: 3 · 256 PNGs.

    The names are ``"brick/tile01-07.png"``: the class, the tile of the photograph, and a number within the tile; shots 06 and
    07 show the same place.
    """
    from PIL import Image

    x, y, tiles = _textures("train")
    files: dict[str, bytes] = {}
    seen: dict[tuple[int, int], int] = {}
    for image, label, tile in zip(x, y.tolist(), tiles.tolist(), strict=True):
        number = seen[label, tile] = seen.get((label, tile), -1) + 1
        file = io.BytesIO()
        Image.fromarray(image[..., 0]).save(file, "PNG", compress_level=1)
        files[f"{TEXTURES[label]}/tile{tile:02}-{number:02}.png"] = file.getvalue()
    return files
