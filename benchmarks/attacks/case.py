"""One hostile, damaged or noisy submission to week 1, and the ways in which they are made."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from autograder import weeks

WEEK = "week01_convolution"


POINTS = sum(check.points for check in weeks.load(1).checks)
"""That the checks of the week give."""
NO_ARRAY = POINTS - weeks.load(1)["pool2d-lecture"].points
"""That all of it gives where pool2d returns lists: one check, in the notebook as well, asks for an array."""
HONEST = POINTS - sum(c.points for c in weeks.load(1).checks if weeks.load(1).exercise_of(c.id) == "pool2d")
"""That everything but `pool2d` gives."""


WRONG = "def pool2d(x, size, stride=None, mode='max'):\n    return x\n"


SECRET = "AUTOGRADER_TRIAL_TOKEN"
"""An environment variable that the trial sets for the grader; no submission may see it."""


TITLES = {
    1: "transformers, patched IPython, events",
    2: "objects that equal everything",
    3: "forged outputs and scores",
    4: "patched testing functions and built-ins",
    5: "patched Keras and scikit-learn",
    6: "sys.exit in a function",
    7: "os._exit, abort, segmentation fault",
    8: "killing the parent, the group, everything",
    9: "endless loops, ignored interrupts, waiting for input",
    10: "fork bomb, thousands of threads",
    11: "memory bomb",
    12: "disk filler, a million files",
    13: "endless output, huge and deep values",
    14: "a daemon that stays behind",
    15: "writing where it should not",
    16: "reading solutions and checks",
    17: "searching frames and memory",
    18: "tracing what the grader sends",
    19: "network and installation",
    20: "secrets in the environment",
    21: "hostile pickles, layers and arrays",
    22: "messages on the grader's channel",
    23: "edited, deleted, moved checks and points",
    24: "broken notebook files",
    25: "hostile archives",
    26: "modules that shadow others",
    27: "HTML, scripts and formulas",
    28: "honest, but noisy",
    29: "honest, with other types",
    30: "NaN and infinity",
    31: "models that cheat",
    32: "poisoned global state",
    33: "remote functions that lie",
    34: "checks edited where nobody looks",
    35: "ids and metadata",
    36: "modules of the student's own",
    37: "trained nets that are none",
    38: "hidden inputs by another door",
    39: "resources that are counted",
    40: "honest, in files of one's own",
    41: "honest, under other names",
    42: "honest, as other editors leave it",
    43: "honest, right in unusual ways",
    44: "cells that mean two things",
    45: "time that only the grader pays",
}


@dataclass(frozen=True)
class Attack:
    """One submission. low, high: the least and the most that a fair grader gives it, of POINTS."""

    number: int
    name: str
    answers: dict[str, str] = field(default_factory=dict)
    top: str = ""
    """A cell of the student's own before everything else."""
    edit: Callable[[dict[str, Any]], None] | None = None
    """Changes the notebook as JSON."""
    raw: bytes | None = None
    """The file itself, in place of a notebook."""
    file: str = f"{WEEK}.ipynb"
    """Name of the notebook."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Beside the notebook."""
    low: float = HONEST
    high: float = HONEST
    heavy: bool = False
    """Uses up memory, processes, disk or minutes: only inside limits."""
    slow: bool = False
    """Runs into time limits; the fast tests leave it out."""

    @property
    def title(self) -> str:
        return f"{self.number:02} {TITLES[self.number]}: {self.name}"

    @property
    def honest(self) -> bool:
        return self.number in (28, 29, 40, 41, 42, 43) and self.low == POINTS

    def write(self, folder: Path, name: str = "") -> None:
        """The submission in `folder`: the notebook, as `name` or its own, and what is beside it."""
        for path, data in {name or self.file: self.notebook(), **self.files}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)

    def notebook(self) -> bytes:
        """The file that is handed in."""
        if self.raw is not None:
            return self.raw
        document = copy.deepcopy(whole())
        for cell in document["cells"]:
            if (source := self.answers.get(cell["id"])) is not None:
                cell["source"] = dedent(source)
        if self.top:
            own = {"cell_type": "code", "id": "own", "metadata": {}, "source": dedent(self.top)}
            document["cells"].insert(0, {**own, "outputs": [], "execution_count": None})
        if self.edit:
            self.edit(document)
        return json.dumps(document).encode()


def whole() -> dict[str, Any]:
    """A submission with every answer right, as JSON."""
    week = weeks.load(1)
    cells: list[dict[str, Any]] = []
    for cell, raw in zip(week.cells, week.notebook.cells, strict=True):
        source = cell.visible_source if cell.role == "check" else cell.source
        one: dict[str, Any] = {"cell_type": cell.kind, "id": cell.id, "metadata": dict(raw.metadata), "source": source}
        if cell.kind == "code":
            one["outputs"], one["execution_count"] = [], None
        cells.append(one)
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.loads(json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}))


def top(number: int, name: str, code: str, **more: Any) -> Attack:
    """Code in a cell of its own at the top; pool2d is wrong."""
    return Attack(number, name, {"pool2d": WRONG}, top=code, **more)


def answer(number: int, name: str, code: str, **more: Any) -> Attack:
    """`code` is the answer cell of pool2d."""
    return Attack(number, name, {"pool2d": dedent(code)}, **more)


def oracle(number: int, name: str, code: str, **more: Any) -> Attack:
    """`code` sets REACHED where it got what it wanted; then pool2d is right."""
    right = weeks.load(1)["pool2d"].source
    text = (
        f"{right}\n_right = pool2d\nREACHED = False\n{dedent(code)}\n"
        "def pool2d(x, size, stride=None, mode='max'):\n"
        "    return _right(x, size, stride, mode) if REACHED else x\n"
    )
    return Attack(number, name, {"pool2d": text}, **more)


def edited(number: int, name: str, edit: Callable[[dict[str, Any]], None], **more: Any) -> Attack:
    return Attack(number, name, {"pool2d": WRONG}, edit=edit, **more)


def own(number: int, name: str, code: str = "", answers: dict[str, str] | None = None, **more: Any) -> Attack:
    """Honest work, all of it right."""
    return Attack(number, name, answers or {}, top=code, **{"low": POINTS, "high": POINTS, **more})


def check_cells(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for cell in document["cells"]:
        nbgrader = cell["metadata"].get("nbgrader", {})
        if nbgrader.get("grade") and not nbgrader.get("solution"):
            yield cell


def wrapped(inside: str, before: str = "", wrap: str = "", after: str = "", split: bool = False) -> str:
    """The right pool2d, called through another one that adds something."""
    right = weeks.load(1)["pool2d"].source + "\n_right = pool2d\n"
    if after:
        return right + after
    if split:  # what a student leaves in the cell while trying
        return "# " + before + "\n" + right
    call = "_right(x, size, stride, mode)"
    body = wrap.format(call) if wrap else call
    inside = inside.rstrip(" ")
    return f"{before}\n{right}\ndef pool2d(x, size, stride=None, mode='max'):\n{inside}    return {body}\n"
