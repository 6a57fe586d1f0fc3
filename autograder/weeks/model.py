"""A week as typed cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from autograder.paths import ASSIGNMENTS
from autograder.weeks import examples, marks
from course import syllabus

Role = Literal["text", "given", "answer", "check", "written"]
"""text: markdown of ours. given: code of ours. answer: code the student writes. check: graded code of ours.
written: an answer in words, graded by hand."""


@dataclass(frozen=True)
class Cell:
    id: str
    role: Role
    kind: Literal["markdown", "code"]
    source: str
    points: float = 0.0
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    line: int = 0
    """Line of the authored file on which the cell's text begins."""

    @property
    def hidden(self) -> bool:
        """Whether a part of this check is kept from the student."""
        return marks.has_hidden(self.source)

    @property
    def visible_source(self) -> str:
        return marks.without_hidden(self.source)


@dataclass(frozen=True, eq=False)
class Week:
    id: str
    path: Path
    cells: tuple[Cell, ...]
    notebook: Any
    """The solution notebook (nbformat 4.5) as jupytext reads it, before clean-up."""

    @property
    def plan(self) -> syllabus.WeekPlan:
        return syllabus.week(self.id)

    def without_notebook(self) -> Week:
        """The week as grading needs it, small enough to be sent along with a submission."""
        return replace(self, notebook=None)

    def of_role(self, *roles: Role) -> list[Cell]:
        return [cell for cell in self.cells if cell.role in roles]

    @property
    def checks(self) -> list[Cell]:
        return self.of_role("check")

    @property
    def answers(self) -> list[Cell]:
        return self.of_role("answer")

    @property
    def written(self) -> list[Cell]:
        return self.of_role("written")

    def __getitem__(self, cell_id: str) -> Cell:
        for cell in self.cells:
            if cell.id == cell_id:
                return cell
        raise KeyError(f"{self.id} has no cell {cell_id!r}")

    def exercise_of(self, check_id: str) -> str | None:
        """The answer cell that a check belongs to: the longest answer id that the check's id begins with."""
        owners = [a.id for a in self.answers if check_id == a.id or check_id.startswith(a.id + "-")]
        return max(owners, key=len, default=None)

    @property
    def solution_path(self) -> Path:
        return self.path.with_suffix(".ipynb")

    @property
    def release_path(self) -> Path:
        return ASSIGNMENTS / self.id / f"{self.id}.ipynb"

    def mistakes(self) -> dict[str, dict[str, dict[str, Any]]]:
        """{answer id: {name: {"caught_by": [check ids], "says": [words], "code": str}}} from `mistakes.py`."""
        return examples.read(self.path.with_name("mistakes.py"), "MISTAKES")

    def alternatives(self) -> dict[str, dict[str, str]]:
        """{answer id: {name: code}} from `alternatives.py`."""
        return examples.read(self.path.with_name("alternatives.py"), "ALTERNATIVES")

    def equivalent_mutants(self) -> dict[str, set[str]]:
        """{answer id: {"before → after"}}: changes of the reference without effect, listed in `mistakes.py` if any."""
        return examples.read(self.path.with_name("mistakes.py"), "EQUIVALENT_MUTANTS", optional=True)


def role_of(cell_type: str, nbgrader: dict[str, Any]) -> Role:
    """The role that nbgrader's metadata (schema 3) gives a cell."""
    grade, solution = bool(nbgrader.get("grade")), bool(nbgrader.get("solution"))
    if nbgrader.get("task") or (grade and solution):
        return "written"
    if solution:
        return "answer"
    if grade:
        return "check"
    return "text" if cell_type == "markdown" else "given"
