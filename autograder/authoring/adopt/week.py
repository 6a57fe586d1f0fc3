"""From an nbgrader source notebook to the files of a week: cells, points, ids and texts stay what they are."""

from __future__ import annotations

import ast
import datetime
import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupytext
import nbformat

from autograder.authoring.adopt import check as checks
from autograder.authoring.adopt.inside import Students, findings, iterated, unnamed_classes
from autograder.authoring.new import place_for
from autograder.errors import UserError
from autograder.weeks import marks, names, role_of
from course.files import write_text

_SCHEMA = 3
_MARK = re.compile(r"^([ \t]*)#[# \t]*((?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS)).*$", re.MULTILINE)
"""nbgrader looks for the words, however many # stand before them."""


@dataclass(frozen=True)
class Check:
    """What became of one check. outcome: "unchanged", "changed" (how is in `notes`) or "not adopted" (why is in `notes`)."""

    id: str
    points: float
    outcome: str
    notes: tuple[str, ...] = ()


@dataclass
class Adopted:
    """A week that was taken over: its files, and what became of each check and of what a person grades."""

    id: str
    written: list[Path] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def adopt(notebook: Path, week_id: str, title: str, syllabus_file: Path, solutions: Path) -> Adopted:
    """Write the week `week_id` from an nbgrader source notebook, and its entry in the syllabus, a draft.

    A check that looks into the student's process is left out of the week and named with what to do; its points are then
    missing from the week. The id of a check begins with its exercise's afterwards, as ours do.

    Raises UserError where the notebook is not an nbgrader source notebook, or the week exists.
    """
    number, due = place_for(week_id, syllabus_file, solutions)
    cells = _upgraded(notebook)
    adopted = Adopted(week_id)
    made = _cells(cells, adopted)
    exercises, written = _points(made)
    if not exercises and not written:
        raise UserError(f"{notebook}: holds no answer cell of nbgrader's: adopt the source version of an assignment")
    title = title or _first_heading(cells) or week_id
    folder = solutions / week_id
    document = nbformat.v4.new_notebook(cells=[_opening(number), *made])
    document.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    text = jupytext.writes(document, fmt="py:percent")
    files = {
        folder / f"{week_id}.py": text,
        folder / "mistakes.py": '"""Wrong answers that students give: see the authors\' guide."""\n\nMISTAKES = {}\n',
        folder / "alternatives.py": '"""Other right answers: see the authors\' guide."""\n\nALTERNATIVES = {}\n',
    }
    entry = _entry(number, week_id, title, due, exercises, written)
    folder.mkdir(parents=True)
    for path, content in files.items():
        write_text(path, content)
    write_text(syllabus_file, syllabus_file.read_text(encoding="utf-8").rstrip("\n") + "\n" + entry)
    adopted.written = [*files, syllabus_file]
    return adopted


def _upgraded(path: Path) -> list[Any]:
    """The cells of the notebook, with nbgrader's metadata in its third schema. Raises UserError."""
    from nbgrader.nbgraderformat.v3 import MetadataValidatorV3

    logging.getLogger("traitlets").setLevel(logging.ERROR)
    try:
        notebook = nbformat.read(path, as_version=4)
        notebook = MetadataValidatorV3().upgrade_notebook_metadata(notebook)
    except (OSError, ValueError, nbformat.ValidationError, nbformat.reader.NotJSONError) as problem:
        raise UserError(f"{path} cannot be read as a notebook: {problem}") from problem
    except Exception as problem:  # nbgrader's own errors share no class
        raise UserError(f"{path}: nbgrader cannot read its metadata: {problem}") from problem
    for cell in notebook.cells:
        cell.source = _MARK.sub(r"\1### \2", cell.source)
    return list(notebook.cells)


def _opening(number: int) -> Any:
    source = 'PROFILE = "quick"\nSEED = 0'
    cell = nbformat.v4.new_code_cell(source)
    cell.metadata = nbformat.from_dict({"tags": ["parameters"], "nbgrader": _meta("parameters", locked=True)})
    return cell


def _meta(
    cell_id: str, *, locked: bool = False, grade: bool = False, solution: bool = False, points: float = 0
) -> dict[str, Any]:
    found: dict[str, Any] = {"grade": grade, "grade_id": cell_id, "locked": locked, "schema_version": _SCHEMA}
    found |= {"solution": solution, "task": False}
    if grade or not solution:
        found["points"] = int(points) if float(points).is_integer() else points
    return found


def _cells(cells: list[Any], adopted: Adopted) -> list[Any]:
    """The cells of the week, without the checks that cannot be adopted."""
    roles = [role_of(cell.cell_type, cell.metadata.get("nbgrader", {})) for cell in cells]
    code = [
        (role, names.plain(cell.source)) for role, cell in zip(roles, cells, strict=True) if cell.cell_type == "code"
    ]
    students = _of_students(code)
    before: list[checks.Statement] = []
    taken = {cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in cells}
    made: list[Any] = []
    exercise = ""
    number = 0
    for role, cell in zip(roles, cells, strict=True):
        data = cell.metadata.get("nbgrader", {})
        earlier = list(before)
        before += checks.statements(_shown(role, cell.source)) if cell.cell_type == "code" else []
        cell_id = data.get("grade_id", "")
        points = float(data.get("points") or 0)
        if not cell_id or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", cell_id):
            number += 1
            while f"{role}-{number}" in taken:
                number += 1
            cell_id = f"{role}-{number}"
        if role == "answer":
            exercise = cell_id
            made.append(_made(cell, _marked(cell.source, cell_id, adopted), _meta(cell_id, solution=True)))
        elif role == "written" and cell.cell_type == "code":
            adopted.by_hand.append(
                f"{cell_id} ({points:g} points): a person grades this program; its text is what they see"
            )
            made.append(_as_text(cell, cell_id, points))
        elif role == "written":
            adopted.by_hand.append(f"{cell_id} ({points:g} points)")
            text = cell.source if marks.BEGIN_SOLUTION in cell.source else _in_marks(cell.source)
            made.append(_made(cell, text, _meta(cell_id, grade=True, solution=True, points=points)))
        elif role == "check":
            source = _check(cell.source, cell_id, points, exercise, students, earlier, adopted)
            if source is not None:
                own = cell_id if cell_id.startswith(f"{exercise}-") else f"{exercise}-{cell_id}"[:64]
                made.append(_made(cell, source, _meta(own, locked=True, grade=True, points=points)))
        else:
            made.append(_made(cell, cell.source, _meta(cell_id, locked=True)))
    return made


def _check(
    source: str,
    cell_id: str,
    points: float,
    exercise: str,
    students: Students,
    before: Sequence[checks.Statement],
    adopted: Adopted,
) -> str | None:
    """The source of an adopted check, None for one that cannot be; what became of it is noted."""
    try:
        inside = findings(names.plain(source), students)
        text = iterated(names.plain(source), students)
        alone = checks.self_contained(text, before, students.names)
    except SyntaxError as problem:
        adopted.checks.append(Check(cell_id, points, "not adopted", (f"is not valid Python: {problem.msg}",)))
        return None
    reasons = [str(finding) for finding in inside]
    if not exercise:
        reasons.append("no answer cell stands before it; move it after the one it checks")
    reasons += [f"the name {name} is defined by no cell; define it in the check" for name in alone.missing]
    if reasons:
        adopted.checks.append(Check(cell_id, points, "not adopted", tuple(reasons)))
        return None
    notes = list(alone.changed)
    if text != names.plain(source):
        notes.append("a generator arrives as a list of its first 10,000 items: iter(…) makes it what next() takes")
    text = alone.source
    if classes := unnamed_classes(text, students):
        notes.append(
            f"it names the classes whose objects it uses, so that they arrive as objects: {', '.join(classes)}"
        )
        text = f"{', '.join(classes)}  # their objects are used below\n{text}"
    if alone.brought:
        notes.append(f"what it uses of given cells stands in it now: {', '.join(alone.brought)}")
    adopted.checks.append(Check(cell_id, points, "changed" if notes else "unchanged", tuple(notes)))
    return checks.finished(text, cell_id, points)


def _made(cell: Any, source: str, metadata: dict[str, Any]) -> Any:
    make = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
    made = make(source)
    made.metadata = nbformat.from_dict({"nbgrader": metadata})
    return made


def _as_text(cell: Any, cell_id: str, points: float) -> Any:
    """A program that a person grades, as a written answer: its text in a code block."""
    made = nbformat.v4.new_markdown_cell(_in_marks(f"```python\n{cell.source}\n```"))
    made.metadata = nbformat.from_dict({"nbgrader": _meta(cell_id, grade=True, solution=True, points=points)})
    return made


def _in_marks(source: str) -> str:
    return f"{marks.BEGIN_SOLUTION}\n{source}\n{marks.END_SOLUTION}"


def _marked(source: str, cell_id: str, adopted: Adopted) -> str:
    """An answer with marks; one without, which nbgrader would empty as a whole, keeps the head of its functions."""
    if marks.BEGIN_SOLUTION in source:
        return source
    try:
        tree = ast.parse(names.plain(source))
    except SyntaxError:
        return _in_marks(source)
    lines = source.splitlines()
    heads = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if len(heads) != 1 or len(tree.body) != 1:
        adopted.notes.append(f"{cell_id} has no marks of a solution: all of it is one")
        return _in_marks(source)
    body = heads[0].body
    documented = ast.get_docstring(heads[0]) is not None
    first = body[1] if documented and len(body) > 1 else body[0]
    start = first.lineno - 1
    indent = " " * first.col_offset
    adopted.notes.append(f"{cell_id} has no marks of a solution: the body of {heads[0].name} is one")
    return "\n".join([*lines[:start], indent + marks.BEGIN_SOLUTION, *lines[start:], indent + marks.END_SOLUTION])


def _shown(role: str, source: str) -> str:
    """What of a cell a later check may use as its own: of a check what is shown, of an answer its imports."""
    if role == "check":
        return marks.without_hidden(source)
    return source if role == "given" else checks.imports(source)


def _of_students(code: Sequence[tuple[str, str]]) -> Students:
    """What the answers among the cells `code` define, and what given cells make of it."""
    functions: set[str] = set()
    generators: set[str] = set()
    classes: set[str] = set()
    defined: set[str] = set()
    for role, source in code:
        try:
            if role == "given":
                defined |= _dependent(source, defined)
            elif role == "answer":
                defined |= names.defined(source) - names.defined(checks.imports(source))
                for name, node in names.definitions(source).items():
                    (classes if isinstance(node, ast.ClassDef) else functions).add(name)
                    if any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in ast.walk(node)):
                        generators.add(name)
        except SyntaxError:
            continue
    return Students(frozenset(defined), frozenset(functions), frozenset(generators - classes), frozenset(classes))


def _dependent(source: str, students: set[str]) -> set[str]:
    """Names that a given cell makes of the student's: they are theirs, too."""
    found: set[str] = set()
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return found
    for node in tree.body:
        text = ast.get_source_segment(source, node) or ""
        if not isinstance(node, (ast.Import, ast.ImportFrom)) and set(names.free(text)) & (students | found):
            found |= names.defined(text)
    return found


def _points(made: list[Any]) -> tuple[dict[str, float], dict[str, float]]:
    """({exercise: points of its checks}, {written question: points})."""
    exercises: dict[str, float] = {}
    written: dict[str, float] = {}
    for cell in made:
        data = cell.metadata["nbgrader"]
        role = role_of(cell.cell_type, data)
        if role == "answer":
            exercises[data["grade_id"]] = 0
        elif role == "written":
            written[data["grade_id"]] = data["points"]
        elif role == "check":
            owner = max((name for name in exercises if data["grade_id"].startswith(f"{name}-")), key=len)
            exercises[owner] += data["points"]
    return exercises, written


def _entry(
    number: int,
    week_id: str,
    title: str,
    due: datetime.datetime,
    exercises: dict[str, float],
    written: dict[str, float],
) -> str:
    def table(points: dict[str, float]) -> str:
        return "".join(f"{json.dumps(name)} = {value:g}\n" for name, value in points.items())

    quoted = json.dumps(title, ensure_ascii=False)
    return (
        f'\n[[week]]\nnumber = {number}\nid = "{week_id}"\ntitle = {quoted}\nbuild = {quoted}\ndue = {due.isoformat()}\n'
        "draft = true # taken out when the week is complete: mistakes, alternatives, hints\n"
        f"\n[week.exercises]\n{table(exercises)}\n[week.written]\n{table(written)}"
    )


def _first_heading(cells: list[Any]) -> str:
    for cell in cells:
        if cell.cell_type == "markdown" and (found := re.search(r"^#+\s+(.+)$", cell.source, re.MULTILINE)):
            return str(found[1]).strip()
    return ""
