"""Class 45: text at which the grader itself, outside every box, would look for minutes or hours."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from benchmarks.attacks.case import WRONG, Attack, answer, check_cells, edited

_LONG = 400_000


def _copies(document: dict[str, Any]) -> None:
    """More than a thousand edited copies of a check."""
    check = next(check_cells(document))
    for number in range(1200):
        copied = copy.deepcopy(check)
        copied["source"] = f"x = {number}\n" + "y = 1\n" * 100 + check["source"]
        document["cells"].append(copied)


def attacks() -> Iterator[Attack]:
    for name, source in {
        "blanks before a command": " " * _LONG + "x\n!ls",
        "lines of blanks": "\n " * 5_000 + "\n!ls",
        "equal signs": "a= " * (_LONG // 3) + "\n!ls",
        "marks of conflicts": "<<<<<<< \n" * (_LONG // 9),
        "open brackets": "(" * _LONG,
        "a sum of everything": "a" + " + a" * (_LONG // 4),
        "definitions": "def f(): pass\n" * (_LONG // 14) + "def pool2d(*a): return 0\n",
    }.items():
        yield answer(45, name, source)
    yield edited(45, "a thousand copies of a check", _copies)
    yield Attack(45, "lines of blanks that a page shows", {"pool2d": WRONG + "\n \t" * 15_000})
