"""A week of one answer and some checks, made of their text, with the plan of a real one."""

from __future__ import annotations

import textwrap
from pathlib import Path

from autograder.weeks import Cell, Week

ID = "week01_convolution"


def small_week(answer: str, /, **checks: str) -> Week:
    """answer: the reference. checks: {name: source}; each is worth a point, and its id begins with the answer's."""
    cells = [Cell("parameters", "given", "code", "PROFILE = 'quick'\nSEED = 0", tags=("parameters",))]
    cells.append(Cell("work", "answer", "code", textwrap.dedent(answer)))
    cells += [Cell(f"work-{name}", "check", "code", textwrap.dedent(source), 1) for name, source in checks.items()]
    return Week(ID, Path("small.py"), tuple(cells), None)
