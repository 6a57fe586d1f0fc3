"""A class of small submissions to week 1 for tests of the batch, and its records without their timings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograder import weeks
from autograder.results import records

WEEK = "week01_convolution"

KINDS: dict[str, dict[str, str]] = {
    "right": {},
    "unwritten": {"sobel_edges": "raise NotImplementedError()"},
    "wrong": {"zero_pad": "def zero_pad(image, padding):\n    return image"},
    "ends": {"pool2d": "import os\nos._exit(1)"},
    "prints": {"im2col": "print('noise\\n' * 1000)"},
}


def notebook(**sources: str) -> bytes:
    """A submission to week 1: the given answers, the reference for the rest."""
    cells: list[dict[str, Any]] = []
    for cell, raw in zip(weeks.load(1).cells, weeks.load(1).notebook.cells, strict=True):
        source = sources.get(cell.id, cell.visible_source if cell.role == "check" else cell.source)
        cells.append({"cell_type": cell.kind, "id": cell.id, "metadata": dict(raw.metadata), "source": source})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def put(folder: Path, student: str, data: bytes, week: str = WEEK, name: str = "") -> None:
    path = folder / student / week / (name or f"{week}.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def fill(folder: Path, count: int) -> Path:
    """`count` submissions of all kinds, one in ten of them damaged; returns `folder`."""
    whole = {kind: notebook(**sources) for kind, sources in KINDS.items()}
    names = list(whole)
    for number in range(count):
        data = whole[names[number % len(names)]]
        put(folder, f"student{number:04}", data[:1000] if number % 10 == 7 else data)
    return folder


def lines(to: Path) -> list[dict[str, Any]]:
    """The records in `to` as they are in the file, without their timings and links."""
    found = []
    for line in (to / records.FILE).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        del record["timing"], record["link"]
        found.append(record)
    return found
