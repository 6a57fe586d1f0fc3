"""What is generated for a week: the solution notebook, the release that nbgrader's own preprocessors make from it, hints.

The notebooks are byte-stable: a cell's id is its grade_id, there are no outputs, counts or times, and the metadata hold
what nbgrader, papermill, a kernel and a folded cell need and nothing else.
"""

from __future__ import annotations

import copy
import logging
from pathlib import Path
from typing import Any

import nbformat

from autograder.errors import UserError
from autograder.paths import ASSIGNMENTS
from autograder.weeks import Cell, Week, names
from course import hints
from course.files import write_bytes

DRAW = "draw"
"""The tag of a given cell that only draws."""
GOES_ON = "raises-exception"
"""The tag of a cell after which a run of all cells goes on, whatever it raises: JupyterLab's and nbclient's. Answers and
checks have it, and what waits for answers to show them, so that one exercise that is not written yet, or a stretch exercise
that never will be, leaves no later cell unrun: the table of points says what does not pass, and the last cells, where
JupyterLab scrolls to, say it too.
"""
KEPT_METADATA = ("nbgrader", "tags", "topics")


def solution_notebook(week: Week) -> Any:
    """The solution notebook (nbformat 4.5) of an authored week."""
    cells, going_on = [], _going_on(week)
    for number, cell in enumerate(week.notebook.cells):
        metadata = {key: copy.deepcopy(cell.metadata[key]) for key in KEPT_METADATA if key in cell.metadata}
        make = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        if is_folded(week.cells[number]):
            metadata["jupyter"] = {"source_hidden": True}
            metadata["cellView"] = "form"  # the same for Colab, which does not read JupyterLab's; VS Code reads neither
        if "parameters" in week.cells[number].tags and "nbgrader" in metadata:
            metadata["nbgrader"]["locked"] = False  # a student may choose the profile; the grader has its own
        if week.cells[number].id in going_on and GOES_ON not in metadata.get("tags", ()):
            metadata["tags"] = [*metadata.get("tags", ()), GOES_ON]
        cell_id = metadata.get("nbgrader", {}).get("grade_id") or f"cell-{number}"
        cells.append(make(source=cell.source, metadata=metadata, id=cell_id))
    return as_notebook(cells)


def _going_on(week: Week) -> set[str]:
    """Ids of the code cells after which a run of all cells goes on: answers, checks, and given cells that use an answer."""
    code = [cell for cell in week.cells if cell.kind == "code"]
    answers = set().union(*(names.of_student(cell.source)[0] for cell in code if cell.role == "answer"))
    uses = {cell.id for cell in code if cell.role == "given" and names.of_student(cell.source)[1] & answers}
    return uses | {cell.id for cell in code if cell.role in ("answer", "check") or "waiting_for(" in cell.source}


def is_folded(cell: Cell) -> bool:
    """Whether a notebook shows only the first line of a cell until a reader opens it: checks, and what only draws."""
    return cell.kind == "code" and (cell.role == "check" or (cell.role == "given" and DRAW in cell.tags))


def release_notebook(week: Week) -> Any:
    """What the student receives: the steps of nbgrader's generate_assignment, without its database.

    SaveCells is left out: it only writes to the gradebook. Raises UserError naming the file where nbgrader refuses.
    """
    from nbgrader.preprocessors import (
        CheckCellMetadata,
        ClearHiddenTests,
        ClearMarkScheme,
        ClearOutput,
        ClearSolutions,
        ComputeChecksums,
        LockCells,
    )

    steps = (
        LockCells,
        ClearSolutions,
        ClearOutput,
        CheckCellMetadata,
        ComputeChecksums,
        ClearHiddenTests,
        ClearMarkScheme,
        ComputeChecksums,
        CheckCellMetadata,
    )
    notebook = copy.deepcopy(solution_notebook(week))
    resources: dict[str, Any] = {}
    log = logging.getLogger(
        "autograder.authoring.quiet"
    )  # nbgrader logs whole cells before it raises; the message is enough
    log.disabled = True
    for step in steps:
        try:
            notebook, resources = step(log=log).preprocess(notebook, resources)
        except Exception as problem:
            raise UserError(f"{week.path}: nbgrader's {step.__name__} refuses: {problem}") from problem
    return notebook


def text_of(notebook: Any) -> str:
    """A notebook as the text of its file, ending with a newline. Raises UserError where it is no valid notebook."""
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as problem:
        raise UserError(f"the generated notebook is not valid: {problem}") from problem
    text: str = nbformat.writes(notebook, version=4)
    return text if text.endswith("\n") else text + "\n"


def release_path(week: Week, assignments: Path = ASSIGNMENTS) -> Path:
    return assignments / week.id / f"{week.id}.ipynb"


def hints_path(week: Week) -> Path:
    """The authored hints of a week."""
    return week.path.with_name(hints.FILE)


def cheatsheet_path(week: Week) -> Path:
    """The authored cheat sheet of a week: one printed page."""
    return week.path.with_name("cheatsheet.md")


def _generated(week: Week, assignments: Path) -> dict[Path, str]:
    released = release_path(week, assignments)
    files = {
        week.solution_path: text_of(solution_notebook(week)),
        released: text_of(release_notebook(week)),
    }
    if hints_path(week).is_file():
        files[released.with_name(hints.FILE)] = hints_path(week).read_text(encoding="utf-8")
    return files


def outdated(week: Week, assignments: Path = ASSIGNMENTS) -> list[Path]:
    """The generated files of a week that are missing or differ from what a build would write."""
    return [
        path
        for path, text in _generated(week, assignments).items()
        if not path.is_file() or path.read_bytes() != text.encode("utf-8")
    ]


def write(week: Week, assignments: Path = ASSIGNMENTS) -> list[Path]:
    """Write the notebooks and the hints, each whole or not at all; returns those that changed."""
    changed = []
    for path, text in _generated(week, assignments).items():
        data = text.encode("utf-8")
        if path.is_file() and path.read_bytes() == data:
            continue
        write_bytes(path, data)
        changed.append(path)
    return changed


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
