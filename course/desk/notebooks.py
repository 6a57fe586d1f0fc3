"""A student's notebook: read, and what is still to be written in it."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

from course.desk.errors import UsageError
from course.files import write_text
from course.profile import PROFILES

STUB = "raise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"
NOT_WRITTEN = "not written yet"
"""Shown also for a check that is hidden as a whole: without an answer, none of its points are open."""
_PROFILE = re.compile(r"""^PROFILE *= *(["'])([a-z]*)\1""", re.MULTILINE)
_STUDENT = re.compile(r"""^STUDENT *= *(?:(["'])((?:(?!\1)[^\n\\])*)\1|(\d+)) *(?:#.*)?$""", re.MULTILINE)


def read(path: Path) -> Any:
    """The notebook at `path` (nbformat 4). Raises UsageError saying what is wrong with it.

    What other tools than JupyterLab write is read too: an older format, cells without ids, outputs or metadata, a byte order
    mark.
    """
    import nbformat

    try:
        text = path.read_text(encoding="utf-8-sig")
        if re.search(r"^<{7} |^>{7} ", text, re.MULTILINE):
            raise UsageError(f"{path} holds the marks of an unfinished merge (<<<<<<<): resolve them first.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cells without ids get some
            notebook = nbformat.reads(_completed(text), as_version=4)
    except UsageError:
        raise
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}.") from problem
    except Exception as problem:
        raise UsageError(
            f"{path} is not a notebook any more ({type(problem).__name__}): take a fresh copy and paste your answers in."
        ) from problem
    for number, cell in enumerate(notebook.cells, start=1):
        if not _is_whole(cell):
            raise UsageError(f"{path}: cell {number} is damaged: take a fresh copy and paste your answers in.")
    if not any(about(cell).get("grade") or about(cell).get("solution") for cell in notebook.cells):
        raise UsageError(f"{path} holds no exercise of the course: take a fresh copy and paste your answers in.")
    return notebook


def _completed(text: str) -> str:
    """A notebook's text, with what some tools leave out of a cell or write as null: its outputs, its metadata."""
    raw = json.loads(text)
    cells = raw.get("cells") if isinstance(raw, dict) else None
    changed = False
    for cell in cells if isinstance(cells, list) else []:
        if not isinstance(cell, dict):
            continue
        wanted: dict[str, Any] = {"metadata": {}}
        if cell.get("cell_type") == "code":
            wanted["outputs"] = []
            if "execution_count" not in cell:
                cell["execution_count"], changed = None, True
        for key, empty in wanted.items():
            if cell.get(key) is None:
                cell[key], changed = empty, True
        if isinstance(cell["metadata"], dict) and cell["metadata"].get("nbgrader", 0) is None:
            del cell["metadata"]["nbgrader"]
            changed = True
    return json.dumps(raw) if changed else text


def _is_whole(cell: Any) -> bool:
    """Whether a cell holds what is read of it, in the types that the format says."""
    given = cell.metadata.get("nbgrader", {}) if isinstance(cell.metadata, dict) else None
    if not isinstance(cell.source, str) or not isinstance(given, dict):
        return False
    if not isinstance(given.get("points", 0), (int, float)):
        return False
    return cell.cell_type != "code" or isinstance(cell.outputs, list)


def about(cell: Any) -> dict[str, Any]:
    """What nbgrader's metadata say of a cell; empty for a cell of the student's own."""
    return cell.metadata.get("nbgrader", {})


def name_of(cell: Any) -> str:
    return str(about(cell).get("grade_id", "?"))


def is_check(cell: Any) -> bool:
    return cell.cell_type == "code" and bool(about(cell).get("grade"))


def written(notebook: Any) -> dict[str, float]:
    """The points of the answers in words, which a person reads, by their ids."""
    return {
        name_of(cell): float(about(cell).get("points", 0))
        for cell in notebook.cells
        if cell.cell_type == "markdown" and about(cell).get("grade")
    }


def unanswered(notebook: Any) -> list[str]:
    """Ids of the answers that are still as they were handed out."""
    left = []
    for cell in notebook.cells:
        if about(cell).get("solution"):
            stub = STUB if cell.cell_type == "code" else TEXT_STUB
            if stub in cell.source or not cell.source.strip():
                left.append(name_of(cell))
    return left


def checks_of_unanswered(notebook: Any) -> set[str]:
    """Ids of the checks of a code answer which is still as it was handed out: of that which their id begins with, else of the
    one before them."""
    left, found = set(unanswered(notebook)), set()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    answers = [name_of(cell) for cell in code if about(cell).get("solution")]
    latest = ""
    for cell in code:
        name = name_of(cell)
        if is_check(cell):
            named = [answer for answer in answers if name == answer or name.startswith(f"{answer}-")]
            if max(named, key=len, default=latest) in left:
                found.add(name)
        elif about(cell).get("solution"):
            latest = name
    return found


def profile_of(notebook: Any) -> str:
    """The profile that the notebook's parameters choose; "quick" where they choose none."""
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", ()) and (found := _PROFILE.search(cell.source)):
            return found[2] if found[2] in PROFILES else "quick"
    return "quick"


def signed_by(notebook: Any) -> str | None:
    """What STUDENT is set to in the notebook's parameters; None where the week asks nobody who they are."""
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", ()) and (found := _STUDENT.search(cell.source)):
            return str(found[2] or found[3] or "")
    return None


def set_profile(path: Path, profile: str) -> bool:
    """Set PROFILE in the parameters cell of the notebook at `path`; whether it was another one before.

    The rest of the file keeps its text. Raises UsageError where there is no such cell, or the file cannot be written.
    """
    import nbformat

    notebook = read(path)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", ()) and _PROFILE.search(cell.source):
            source = _PROFILE.sub(f'PROFILE = "{profile}"', cell.source, count=1)
            if source == cell.source:
                return False
            cell.source = source
            save(path, nbformat.writes(notebook) + "\n")
            return True
    raise UsageError(f"{path} has no cell that sets PROFILE: take a fresh copy and paste your answers in.")


def save(path: Path, text: str) -> None:
    """Write a notebook's text. Raises UsageError where that is not possible; the file is then as it was."""
    try:
        write_text(path, text)
    except OSError as problem:
        raise UsageError(f"{path} cannot be written: {problem.strerror}; it is as it was.") from problem
