"""Class 35: ids, names and metadata that mean something else to somebody else."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.attacks.case import (
    HONEST,
    WRONG,
    Attack,
    check_cells,
    edited,
    whole,
)


def _own(**about: Any) -> Callable[[dict[str, Any]], None]:
    """A cell of the student's own that defines another pool2d, and bears such an id or metadata."""

    def edit(document: dict[str, Any]) -> None:
        cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        source = "class _Any(float):\n    __eq__ = lambda s, o: True\ndef pool2d(*a, **k): return _Any()"
        document["cells"].append({**cell, "source": source, **about})

    return edit


def _many(document: dict[str, Any]) -> None:
    for number in range(300):
        _own(id=f"n{number}")(document)


def _ids_of_checks_on_answers(document: dict[str, Any]) -> None:
    checks = [cell["id"] for cell in check_cells(document)]
    for cell, other in zip((c for c in document["cells"] if c["id"] == "pool2d"), checks, strict=False):
        cell["metadata"]["nbgrader"]["grade_id"] = other


def _odd_ids(document: dict[str, Any]) -> None:
    odd: list[Any] = [{"a": 1}, ["pool2d"], None, 1.5, True, "pool2d ", "POOL2D", "pool2d\u200b", "../pool2d", ""]
    for number, cell in enumerate(document["cells"]):
        if cell["cell_type"] == "markdown":
            cell["id"] = cell["metadata"]["nbgrader"] = odd[number % len(odd)]


def _claims(document: dict[str, Any]) -> None:
    document["metadata"] = {
        "nbgrader": {"score": 1000, "max_score": 1, "verdict": "pass"},
        "kernelspec": {"name": "bash", "language": "R"},
        "language_info": {"name": "brainfuck", "version": "rm -rf /"},
        "autograder": {"verdict": "pass", "points": 90},
    }
    document["nbformat_minor"] = 10**300
    for cell in document["cells"]:
        cell["metadata"]["autograder"] = {"verdict": "pass", "points": 90, "hidden": False}


def _twice(key: str) -> bytes:
    """The JSON object with a key that stands in it twice, the right work first."""
    wrong = whole()
    for cell in wrong["cells"]:
        if cell["id"] == "pool2d":
            cell["source"] = WRONG
    right = json.dumps(whole())
    return (right[:-1] + f', "{key}": ' + json.dumps(wrong[key]) + "}").encode()


def _answer_as_given(document: dict[str, Any]) -> None:
    """The answer under the name of the given cell before it, and marked as one."""
    at = next(n for n, cell in enumerate(document["cells"]) if cell["id"] == "pool2d")
    before = next(
        c for c in reversed(document["cells"][:at]) if c["cell_type"] == "code" and c not in check_cells(document)
    )
    document["cells"][at]["id"] = before["id"]
    document["cells"][at]["metadata"] = copy.deepcopy(before["metadata"])


def attacks() -> Iterator[Attack]:
    bearing: dict[str, dict[str, Any]] = {
        "of a cell that the grader makes": {"id": "extra-top-1"},
        "of a module": {"id": "module-pool2d.py", "metadata": {"nbgrader": {"grade_id": "module-x.py"}}},
        "of everything that objects have": {"id": "__class__", "metadata": {"__proto__": {"points": 90}}},
        "of sixty thousand letters": {"id": "pool2d" * 10_000},
        "of an answer, in another kind of cell": {"id": "pool2d", "cell_type": "raw"},
    }
    for name, about in bearing.items():
        yield edited(35, f"an id {name}", _own(**about), low=0)
    yield edited(35, "ids of checks on answers", _ids_of_checks_on_answers, low=0)
    yield edited(35, "ids that are no names, on text", _odd_ids)
    yield edited(35, "claims in the metadata", _claims)
    yield edited(35, "an answer that says it was given", _answer_as_given, low=0)
    yield Attack(35, "cells that stand in the file twice", raw=_twice("cells"))
    yield edited(35, "three hundred cells of one's own", _many)
    yield Attack(35, "numbers that are written like points", {"pool2d": WRONG}, edit=_claims, low=HONEST)
