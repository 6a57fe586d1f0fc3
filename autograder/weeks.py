"""A week as typed cells, read from its authored file `solutions/<week>/<week>.py` (jupytext percent format)."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder import marks
from autograder.errors import UserError
from autograder.lean import without
from autograder.paths import ASSIGNMENTS, SOLUTIONS
from course import syllabus

# A notebook server, for jupytext's contents manager; a grammar of internationalised addresses, for a check of jsonschema's.
with without("jupyter_server", "tornado.web", "rfc3987_syntax", "rfc3986_validator"):
    import jupytext
    import nbformat

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
        return _module_value(self.path.with_name("mistakes.py"), "MISTAKES")

    def alternatives(self) -> dict[str, dict[str, str]]:
        """{answer id: {name: code}} from `alternatives.py`."""
        return _module_value(self.path.with_name("alternatives.py"), "ALTERNATIVES")

    def equivalent_mutants(self) -> dict[str, set[str]]:
        """{answer id: {"before → after"}}: changes of the reference without effect, listed in `mistakes.py` if any."""
        return _module_value(self.path.with_name("mistakes.py"), "EQUIVALENT_MUTANTS", optional=True)


def _module_value(path: Path, name: str, optional: bool = False) -> Any:
    if not path.exists():
        return {}
    spec = importlib.util.spec_from_file_location(f"_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UserError(f"{path} cannot be loaded as a Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, name):
        if optional:
            return {}
        raise UserError(f"{path} should define {name}")
    return getattr(module, name)


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


def parse(path: Path, week_id: str | None = None) -> Week:
    """Read an authored week. Raises UserError naming the file where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        notebook = jupytext.reads(text, fmt="py:percent")
    except (OSError, ValueError) as problem:
        raise UserError(f"{path} cannot be read: {problem}") from problem
    starts = [n for n, line in enumerate(text.splitlines(), start=1) if line.startswith("# %%")]
    cells = []
    for number, cell in enumerate(notebook.cells):
        metadata = cell.metadata
        nbgrader = metadata.get("nbgrader", {})
        cells.append(
            Cell(
                id=nbgrader.get("grade_id", ""),
                role=role_of(cell.cell_type, nbgrader),
                kind=cell.cell_type,
                source=cell.source,
                points=float(nbgrader.get("points", 0) or 0),
                topics=tuple(metadata.get("topics", ())),
                tags=tuple(metadata.get("tags", ())),
                line=starts[number] + 1 if number < len(starts) else 0,
            )
        )
    return Week(week_id or path.stem, path, tuple(cells), notebook)


@functools.cache
def load(name: str | int) -> Week:
    """The week called `name` (id, number or start of the id). Raises UserError when there is none."""
    try:
        plan = syllabus.week(name)
    except KeyError as problem:
        raise UserError(str(problem.args[0])) from problem
    return parse(SOLUTIONS / plan.id / f"{plan.id}.py", plan.id)


def all_weeks() -> Iterator[Week]:
    """Every week of the syllabus, in order."""
    for week_id in syllabus.load():
        yield load(week_id)


def select(names: tuple[str, ...]) -> list[Week]:
    """The named weeks, or all of them when no name is given."""
    return [load(name) for name in names] if names else list(all_weeks())


def as_notebook(cells: list[Any]) -> Any:
    """A bare nbformat 4.5 notebook around `cells`, with the metadata all our notebooks carry and nothing else."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    notebook.cells = cells
    return notebook
