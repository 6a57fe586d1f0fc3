"""Hostile, damaged and merely noisy submissions, each with what it may earn: for `tests/hostile` and the trust benchmark.

All are submissions to week 1. A hostile one leaves `pool2d` unsolved and tries to get its points all the same; an oracle's
`pool2d` is right only where the attack got through, so that a point there shows that it did. One module for each class;
class 25, archives, is a matter of files: see `tests/hostile`.
"""

from __future__ import annotations

import importlib
import pkgutil

from benchmarks.attacks.case import HONEST, POINTS, SECRET, TITLES, WEEK, Attack

__all__ = ["HONEST", "POINTS", "SECRET", "TITLES", "WEEK", "Attack", "attacks"]


def attacks() -> list[Attack]:
    """Every case, in the order of the classes."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name.startswith("class"))
    return [case for name in names for case in importlib.import_module(f"{__name__}.{name}").attacks()]
