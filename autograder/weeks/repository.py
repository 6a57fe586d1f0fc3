"""The weeks of this repository: read from `solutions/<week>/<week>.py` (jupytext percent format)."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from autograder.errors import UserError
from autograder.lean import without
from autograder.paths import SOLUTIONS
from autograder.weeks.model import Cell, Week, role_of
from course import syllabus

_NEEDLESS = (
    *("jupyter_server", "tornado.web"),  # for jupytext's contents manager
    "markdown_it",  # for its MyST
    # For checks of jsonschema's that no notebook has: addresses, hosts, durations, pointers, colours.
    *("fqdn", "isoduration", "jsonpointer", "rfc3339_validator", "rfc3986_validator", "rfc3987", "rfc3987_syntax"),
    *("uri_template", "webcolors"),
)


def _jupytext() -> ModuleType:
    """Imported when a week is read: a grading process gets its weeks from the driver, and does not need it."""
    with without(*_NEEDLESS):
        return importlib.import_module("jupytext")


def parse(path: Path, week_id: str | None = None) -> Week:
    """Read an authored week. Raises UserError naming the file where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        notebook = _jupytext().reads(text, fmt="py:percent")
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
