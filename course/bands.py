"""The accuracy bands of a trained net: the two halves of a check that asks for a share of the images.

Bounds are those of `syllabus.toml` for the profile of this run: the band itself; `slack`, by which validation images may
lie below it; `moved`, by which test images may that have been moved by a pixel.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
from typing import Any

import numpy as np

from course import checks, datasets, evaluation, profile
from course.datasets.splits import Split

__all__ = ["on_test", "on_validation"]

Move = tuple[int, int]
"""Rows down, columns to the right."""


def on_validation(net: Any, data: str, week: str, band: str, *, says: str = "") -> None:
    """Check that `net` is near the band on the validation images, which the student has as well.

    net: a model of images in [0, 1], (N, height, width, channels) -> (N, classes). data: "mnist" or "cifar10".
    says: what the band is, in a few words ("is the first band").
    """
    bound = profile.bound(week, band)
    checks.between(
        _accuracy(net, data, "validation"),
        bound - profile.bound(week, "slack"),
        1.0,
        hint=f"{_percent(bound)} of the test images {says or 'is this band'}; your validation accuracy is still well below it",
        what="validation accuracy",
    )


def on_test(net: Any, data: str, week: str, band: str, *, moves: tuple[Move, ...] = ((1, 0), (0, -1))) -> None:
    """Check that `net` reaches the band on the test images, and hardly less when they are moved by a pixel.

    Only the grader has the labels of the test. A net that looks images up by their pixels falls at the second part.
    """
    bound = profile.bound(week, band)
    checks.between(
        _accuracy(net, data, "test"),
        bound,
        1.0,
        hint=f"the test images ask for {_percent(bound)}, and your net is below: a net that is a little better reaches a bound "
        "safely",
        what="test accuracy",
    )
    for move in moves:
        checks.between(
            _accuracy(net, data, "test", move),
            bound - profile.bound(week, "moved"),
            1.0,
            hint="moved by a single pixel, the test images are no longer recognised: your net knows images, not what is on them",
            what="accuracy on moved images",
        )


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _accuracy(net: Any, data: str, part: str, move: Move = (0, 0)) -> float:
    """Accuracy of `net`, in [0, 1]. The bands of an exercise ask for the same number: it is remembered for the last net."""
    global _last
    print_of_net = _fingerprint(net)
    if _last[0] != print_of_net:
        _last = print_of_net, {}
    known = _last[1]
    key = (data, part, move, profile.current())
    if key not in known:
        split = evaluation.test_split(data) if part == "test" else _validation(data, profile.current())
        x = evaluation.shifted(split.x, *move) if move != (0, 0) else split.x
        known[key] = evaluation.accuracy(net, evaluation.scaled(x), split.y)
    return known[key]


_last: tuple[bytes, dict[tuple[str, str, Move, str], float]] = b"", {}


def _fingerprint(net: Any) -> bytes:
    """What decides a net's answers: its configuration and its weights."""
    digest = hashlib.sha256(net.to_json().encode())
    for weight in net.get_weights():
        digest.update(repr((weight.shape, weight.dtype)).encode())
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.digest()


@functools.lru_cache(maxsize=2)
def _validation(data: str, profile_name: str) -> Split:
    with contextlib.redirect_stdout(io.StringIO()):  # what it loads is reported once, in the cell that loads it
        return datasets.load(data, profile_name).validation  # type: ignore[union-attr]
