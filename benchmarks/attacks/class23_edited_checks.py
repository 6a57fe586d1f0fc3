"""Class 23: edited, deleted, moved checks and points."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from benchmarks.attacks.case import (
    Attack,
    check_cells,
    edited,
)


def _pool_checks(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (cell for cell in check_cells(document) if cell["id"].startswith("pool2d"))


def _assert_true(document: dict[str, Any]) -> None:
    for cell in _pool_checks(document):
        cell["source"] = "assert True"


def _delete_checks(document: dict[str, Any]) -> None:
    gone = {cell["id"] for cell in _pool_checks(document)}
    document["cells"] = [cell for cell in document["cells"] if cell["id"] not in gone]


def _double_checks(document: dict[str, Any]) -> None:
    document["cells"] += [copy.deepcopy(cell) for cell in check_cells(document)]


def _reverse(document: dict[str, Any]) -> None:
    document["cells"].reverse()


def _more_points(document: dict[str, Any]) -> None:
    for cell in check_cells(document):
        cell["metadata"]["nbgrader"]["points"] = 1000 if cell["id"].startswith("conv2d") else 0


def _unlock(document: dict[str, Any]) -> None:
    for cell in _pool_checks(document):
        cell["metadata"]["nbgrader"].update(grade=False, locked=False)
        cell["source"] = "pass"


def _as_text(document: dict[str, Any]) -> None:
    for cell in _pool_checks(document):
        cell["cell_type"] = "markdown"


def _rename(document: dict[str, Any]) -> None:
    for number, cell in enumerate(_pool_checks(document)):
        cell["metadata"]["nbgrader"]["grade_id"] = cell["id"] = f"bonus-{number}"


def _as_manual(document: dict[str, Any]) -> None:
    for cell in _pool_checks(document):
        cell["metadata"]["nbgrader"].update(solution=True, locked=False)


def _numbers_as_ids(document: dict[str, Any]) -> None:
    for number, cell in enumerate(document["cells"]):
        cell["id"] = number


def _answers_with_points(document: dict[str, Any]) -> None:
    for cell in document["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code":
            cell["metadata"]["nbgrader"].update(grade=True, points=100)


def _odd_points(document: dict[str, Any]) -> None:
    for number, cell in enumerate(check_cells(document)):
        cell["metadata"]["nbgrader"]["points"] = (float("inf"), "90", [1], None, -5, True)[number % 6]


def _one_id(document: dict[str, Any]) -> None:
    for cell in document["cells"]:
        cell["id"] = "same"


def _own_check(document: dict[str, Any]) -> None:
    for cell in list(_pool_checks(document)):
        own = {**copy.deepcopy(cell), "source": "def pool2d(*a, **k): return True", "id": f"own-{cell['id']}"}
        document["cells"].insert(0, own)


def attacks() -> Iterator[Attack]:
    yield edited(23, "checks that assert True", _assert_true)
    yield edited(23, "checks deleted", _delete_checks)
    yield edited(23, "checks doubled", _double_checks)
    yield edited(23, "everything in reverse", _reverse, low=0)
    yield edited(23, "points changed", _more_points)
    yield edited(23, "checks that are none any more", _unlock)
    yield edited(23, "checks as text", _as_text)
    yield edited(23, "checks with other names", _rename)
    yield edited(23, "checks for a person", _as_manual)
    yield edited(23, "ids that are numbers", _numbers_as_ids)
    yield edited(23, "answers that are worth a hundred points", _answers_with_points)
    yield edited(23, "points that are no numbers", _odd_points)
    yield edited(23, "one id for all cells", _one_id)
    yield edited(23, "a check's name on a cell of one's own", _own_check)
