"""Ten coloured shapes at 32×32: a generated set that trains as CIFAR-10 does, without a download.

Every number is an integer from the seed to the last pixel (no sine, no square root, no float), so that the arrays are
byte-identical on every platform; a test holds their SHA-256. Geometry: a shape is a set of inequalities in local
coordinates (u, v), where 1024 is its radius. Rotation uses rational points of the circle, (q² - p², 2pq) / (q² + p²),
which are exact.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from course.datasets.portable import Draw

SHAPES = ("circle", "ring", "crescent", "half-disc", "triangle", "square", "bar", "cross", "star", "heart")
SIZE = 32
SUBSAMPLES = 2  # a pixel is the mean of 2×2 points: soft edges, as a camera gives
UNIT = 2 * SUBSAMPLES  # lengths are counted in quarters of a pixel, so that the middle of a sample is an integer
RADIUS = 1024

# The five outward normals of a regular pentagon, times 1024, rounded.
_PENTAGON = ((0, -1024), (974, -316), (602, 828), (-602, 828), (-974, -316))


def _inside(name: str, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Tell which points lie in a shape; u to the right and v downwards, int32 of one shape, 1024 is the radius."""
    if name == "circle":
        return u * u + v * v <= 900 * 900
    if name == "ring":
        square = u * u + v * v
        return (square <= 1000 * 1000) & (square >= 560 * 560)
    if name == "crescent":
        return (u * u + v * v <= 1000 * 1000) & ((u - 450) ** 2 + v * v >= 820 * 820)
    if name == "half-disc":
        low = v + 420
        return (low >= 0) & (u * u + low * low <= 1000 * 1000)
    if name == "triangle":
        side = 1774 * np.abs(u) // 1024  # tan 60° = 1.732 = 1774/1024
        return (v <= 512) & (side - v <= 1024)
    if name == "square":
        return (np.abs(u) <= 740) & (np.abs(v) <= 740)
    if name == "bar":
        return (np.abs(u) <= 1000) & (np.abs(v) <= 330)
    if name == "cross":
        wide, high = np.abs(u), np.abs(v)
        return np.maximum(wide, high) <= 980 * (np.minimum(wide, high) <= 290)
    if name == "star":
        # A five-pointed star is where at most one of the five half-planes of its inner pentagon is left.
        outside = sum(((u * a + v * b) > 380 * 1024).astype(np.int8) for a, b in _PENTAGON)
        return outside <= 1
    if name == "heart":
        # A square on its corner, and half a disc on each of its two upper sides.
        a, b = (u + v - 250) * 724 // 1024, (v - u - 250) * 724 // 1024
        half = 500
        box = (np.abs(a) <= half) & (np.abs(b) <= half)
        return box | ((a + half) ** 2 + b * b <= half * half) | (a * a + (b + half) ** 2 <= half * half)
    raise ValueError(f"no shape is called {name!r}")


def _coverage(name: str, draw: Draw, count: int) -> np.ndarray:
    """Draw `count` masks of one shape: int16 (count, 32, 32), how many of a pixel's 4 points lie inside."""
    q = 24
    p = draw.integers(-q // 4, q // 4, count)  # up to 28° to either side: 2 · arctan(1/4)
    radius = draw.integers(8 * UNIT, 13 * UNIT, count)  # 8 to 13 pixels
    room = 15 * UNIT - radius
    middle = SIZE * UNIT // 2
    column = middle + draw.integers(-1024, 1024, count) * room // 1024
    row = middle + draw.integers(-1024, 1024, count) * room // 1024
    norm = (q * q + p * p) * radius
    cosine = ((q * q - p * p) * (RADIUS * 1024) // norm)[:, None, None]
    sine = (2 * p * q * (RADIUS * 1024) // norm)[:, None, None]
    points = np.arange(SIZE * SUBSAMPLES, dtype=np.int32) * 2 + 1
    dx = points[None, None, :] - column[:, None, None]
    dy = points[None, :, None] - row[:, None, None]
    u = (dx * cosine + dy * sine) >> 10
    v = (dy * cosine - dx * sine) >> 10
    inside = _inside(name, u, v).astype(np.int16)
    each = range(SUBSAMPLES)
    return np.add.reduce([inside[:, row::SUBSAMPLES, column::SUBSAMPLES] for row in each for column in each])


def draw_shapes(name: str, count: int, seed: int) -> np.ndarray:
    """Draw `count` pictures of one shape: uint8 (count, 32, 32, 3), R, G, B.

    Size, place, direction, colours, the slope of the background, a stray line of a third colour and the noise all vary.

    Raises:
        ValueError: for a name that is not in `SHAPES`.
    """
    draw = Draw(seed)
    images = np.empty((count, SIZE, SIZE, 3), np.uint8)
    # Each line of the grid is a row of memory: the colours come before the pixels, and go behind them at the end. 16 bits hold
    # every number.
    grid = np.arange(SIZE, dtype=np.int16) - SIZE // 2
    across, down = grid[None, None, None, :], grid[None, None, :, None]
    for start in range(0, count, 100):  # pieces that stay in the processor's cache
        part = min(100, count - start)

        def colours(low: int, high: int, *more: int, part: int = part) -> np.ndarray:
            return draw.integers(low, high, (*more, part, 3, 1, 1)).astype(np.int16)

        cover = _coverage(name, draw, part)[:, None]
        ground = colours(0, 112)
        ink = colours(80, 255)
        # One channel at least must be brighter by 90 or more, else no one could see the shape.
        channel = draw.integers(0, 2, part)
        shift = draw.integers(100, 140, part)
        every = np.arange(part)
        ink[every, channel, 0, 0] = ground[every, channel, 0, 0] + shift
        slope = colours(-32, 32, 2)
        picture = np.clip(ground + ((slope[0] * down + slope[1] * across) >> 4), 0, 255)
        # A stray line behind the shape: colour alone, or a straight edge alone, gives nothing away.
        place, thick = draw.integers(-12, 12, (part, 1, 1, 1)), draw.integers(0, 1, (part, 1, 1, 1))
        way = draw.integers(-2, 2, (2, part, 1, 1, 1))
        reach = np.abs(way).sum(axis=0)
        line = np.abs(way[0] * across + way[1] * down - place * reach) <= thick * reach
        picture = np.where(line & (reach > 0), colours(0, 160), picture)
        whole = SUBSAMPLES * SUBSAMPLES
        picture = (picture * (whole - cover) + ink * cover) // whole
        loudness = draw.integers(4, 32, (part, 1, 1, 1)).astype(np.int16)
        noise = ((draw.octets((part, SIZE, SIZE, 3)).astype(np.int16) - 128) * loudness) >> 7
        images[start : start + part] = np.clip(picture.transpose(0, 2, 3, 1) + noise, 0, 255)
    return images


@lru_cache(maxsize=1)
def shapes(count: int = 6000, seed: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Generate the whole set, classes equally often and in random order.

    Returns:
        images uint8 (count, 32, 32, 3) and labels int64 (count,), indices into `SHAPES`. The arrays are shared between
        calls and read-only.
    """
    each = count // len(SHAPES)
    images = np.concatenate([draw_shapes(name, each, 1000 * seed + label) for label, name in enumerate(SHAPES)])
    labels = np.repeat(np.arange(len(SHAPES), dtype=np.int64), each)
    order = Draw(seed).permutation(len(labels))
    images, labels = images[order], labels[order]
    images.flags.writeable = labels.flags.writeable = False
    return images, labels
