"""A notebook that git could not merge: two texts in one, of which everything that both sides share can be read."""

from __future__ import annotations

import json
from typing import Any


def merged(text: str) -> Any | None:
    """The notebook in `text`, in which a cell that the two sides have differently holds both, between git's marks.

    None where there are no marks, or where one side alone is not a notebook.
    """
    sides = _sides(text)
    if sides is None:
        return None
    try:
        ours, theirs = (json.loads(side) for side in sides)
    except (ValueError, RecursionError):
        return None
    if not (isinstance(ours, dict) and isinstance(theirs, dict)):
        return None
    first, second = ours.get("cells"), theirs.get("cells")
    if not (isinstance(first, list) and isinstance(second, list)):
        return None
    return {**ours, "cells": _of_both(first, second)}


def _sides(text: str) -> tuple[str, str] | None:
    """`text` with our side of each conflict, and with theirs; None where the marks do not stand as git sets them."""
    kept: tuple[list[str], list[str]] = ([], [])
    where, seen = "both", False
    for line in text.splitlines(keepends=True):
        mark = line[:7] if len(line.rstrip("\r\n")) == 7 or line[7:8] == " " else ""
        follows = {"<<<<<<<": ("both", "ours"), "|||||||": ("ours", "before"), ">>>>>>>": ("theirs", "both")}
        if mark == "=======" and where in ("ours", "before"):
            where = "theirs"
        elif mark in follows:
            here, then = follows[mark]
            if where != here:
                return None
            where, seen = then, True
        else:
            if where in ("both", "ours"):
                kept[0].append(line)
            if where in ("both", "theirs"):
                kept[1].append(line)
    return ("".join(kept[0]), "".join(kept[1])) if seen and where == "both" else None


def _of_both(ours: list[Any], theirs: list[Any]) -> list[Any]:
    """Our cells; of one that they have with another source, both sources; and behind them the cells that only they have."""
    by_name = {name: cell for cell in theirs if (name := _name(cell)) is not None}
    shared = {_name(cell) for cell in ours}
    cells = []
    for number, cell in enumerate(ours):
        name = _name(cell)
        other = by_name.get(name) if name is not None else theirs[number] if len(ours) == len(theirs) else None
        cells.append(_conflicting(cell, other) if isinstance(cell, dict) and isinstance(other, dict) else cell)
    return cells + [cell for name, cell in by_name.items() if name not in shared]


def _name(cell: Any) -> str | None:
    """By what a cell is known: its grade_id, else its id."""
    if not isinstance(cell, dict):
        return None
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    for name in (nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None, cell.get("id")):
        if isinstance(name, str):
            return name
    return None


def _conflicting(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    one, other = _source(ours), _source(theirs)
    if one == other:
        return ours
    return {**ours, "source": f"<<<<<<<\n{one}\n=======\n{other}\n>>>>>>>"}


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)
