"""What to do with one submission, in order: which cells run in the worker, and where the checks stand between them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from autograder.weeks import Cell, Week, marks, names


@dataclass(frozen=True)
class Step:
    """One thing to do in order: run a cell in the worker, or a check in the referee."""

    cell: Cell
    source: str

    @property
    def is_check(self) -> bool:
        return self.cell.role == "check"


_SETS_UP = re.compile(
    r"^\s*(import|from)\s|\bPROFILE = |STUDENT = |seed\(|\.start\(|\.set_|environ|\bconfig\b", re.MULTILINE
)


def steps_of(
    week: Week,
    sources: Mapping[str, str],
    extras: Mapping[str, Sequence[str]],
    only: Collection[str] | None,
    left_out: Collection[str],
    profile: str,
    student: str = "",
) -> list[Step]:
    """Cells and checks in the order of the notebook. A check of ours keeps its place in the release.

    student: whose numbers the notebook draws, where the week has variants.
    """
    chosen = f"\nPROFILE = {profile!r}" + (f"\nSTUDENT = {student!r}" if week.plan.variants else "")
    steps: list[Step] = []

    def add_extras(place: str) -> None:
        for number, source in enumerate(extras.get(place, ()), start=1):
            steps.append(Step(Cell(extra_id(place, number), "answer", "code", source), source))

    add_extras("")
    for cell in week.cells:
        if cell.role == "given" and cell.kind == "code":
            if cell.id not in left_out:
                steps.append(Step(cell, cell.source + (chosen if "parameters" in cell.tags else "")))
        elif cell.role == "answer":
            steps.append(Step(cell, sources.get(cell.id, marks.stub(cell.source))))
        elif cell.role == "check" and (only is None or cell.id in only):
            steps.append(Step(cell, cell.source))
        add_extras(cell.id)
    return steps if only is None else _needed(steps)


def _needed(steps: list[Step]) -> list[Step]:
    """The steps that the checks among `steps` depend on by the names they read, in order.

    A cell of ours that reads nothing of the student's stays as well where it imports, or sets a seed or a backend.
    """
    theirs = {name for step in steps if step.cell.role == "answer" for name in names.of_student(step.source)[0]}
    wanted: set[str] = set()
    kept: list[Step] = []
    for step in reversed(steps):
        defined, read = names.of_student(step.source)
        ours = step.cell.role == "given" and not read & theirs and bool(_SETS_UP.search(step.source))
        if step.is_check or (kept and (ours or defined & wanted)):
            wanted |= read
            kept.append(step)
    return kept[::-1]


def extra_id(place: str, number: int) -> str:
    """Id of the student's own cell number `number` after the cell `place` of ours."""
    return f"extra-{place or 'top'}-{number}"


def module_id(name: str) -> str:
    """The name under which a module that was handed in beside the notebook stands among the answers."""
    return f"module-{name}"
