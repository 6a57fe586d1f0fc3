"""Our engine in nbgrader's own pipeline: `nbgrader autograde` and the formgrader's button, switched on by nbgrader_config.py.

nbgrader converts each submission twice: it makes a clean notebook of it, then executes that one and reads the scores off
its outputs. Here the first step grades the submission (all submissions of the week at once when nbgrader is asked for all
of them) and makes the notebook of what the grader trusts; the second only takes the scores to the gradebook.
"""

from __future__ import annotations

import copy
import functools
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader import utils
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import SaveAutoGrades

from autograder import weeks
from autograder.authoring.notebooks import release_notebook
from autograder.errors import UserError
from autograder.grading import batch
from autograder.intake.names import student as student_name
from autograder.results import Result
from autograder.term.folder import Term
from course import syllabus
from course.plots.showing import FIGURE


class TrustedExporter(NotebookExporter):
    """Grades a submitted notebook and makes the one that nbgrader keeps; passes on what it made itself."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.results: dict[tuple[str, str], Result] = {}

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> Any:
        """One step of nbgrader's conversion. Raises UserError where the assignment or the gradebook is not ours."""
        about = (resources or {}).get("nbgrader", {})
        student, assignment = about.get("student", ""), about.get("assignment", "")
        converter: Any = self.parent
        if not converter._sanitizing:
            return super().from_filename(filename, resources=resources, **options)
        if assignment not in syllabus.load():
            raise UserError(
                f"{assignment} is no week of the course, and nbgrader_config.py is made for its weeks alone"
            )
        result = self._result(student, assignment)
        if result.verdict == "invalid":
            self.log.warning("%s, %s cannot be graded: %s", student, assignment, "; ".join(result.warnings))
        else:
            self.log.info("%s, %s: %g of %g points", student, assignment, result.score, result.max_score)
        return super().from_notebook_node(notebook_of(result), resources=resources, **options)

    def _result(self, student: str, assignment: str) -> Result:
        if (student_name(student), assignment) not in self.results:
            coursedir = self.parent.coursedir  # type: ignore[union-attr]
            folder = Path(coursedir.format_path(coursedir.submitted_directory, ".", ".")).resolve()
            everyone = coursedir.student_id == "*"
            term = Term.locate()
            build = Path(coursedir.root) / "build" / "grades"
            batch.grade(
                folder,
                to=term.records if term.folder else build,  # that of `autograder grade`: neither repeats the other
                only=[assignment],
                layout="nbgrader",
                students=() if everyone else [student],
                on_result=lambda result: self.results.__setitem__((result.student, result.week), result),
            )
        try:
            return self.results[(student_name(student), assignment)]
        except KeyError:
            raise UserError(f"{student} has no submission of {assignment} that the grader finds") from None


class SaveGrades(SaveAutoGrades):
    """Takes scores from the grader, not from outputs. What a person has to grade is left to nbgrader's rules."""

    def _result(self, resources: Any) -> Result:
        return self.parent.results[(student_name(self.student_id), self.assignment_id)]

    def _add_score(self, cell: Any, resources: Any) -> None:
        grade_id = cell.metadata["nbgrader"]["grade_id"]
        try:
            grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
            result = self._result(resources)
            if utils.is_solution(cell):
                super()._add_score(cell, resources)
            else:
                grade.auto_score = {check.id: check.points for check in result.checks}.get(grade_id, 0.0)
                grade.needs_manual_grade = grade.manual_score is not None
        except MissingEntry:
            raise UserError(
                f"the gradebook does not know {grade_id} of {self.assignment_id}: say `nbgrader generate_assignment "
                f"{self.assignment_id} --create --force` and grade again"
            ) from None
        if result.verdict == "invalid":
            grade.needs_manual_grade = True  # 0 points for a file that could not be read: a person should know
        self.gradebook.db.commit()

    def _add_comment(self, cell: Any, resources: Any) -> None:
        if utils.is_grade(cell):
            super()._add_comment(cell, resources)


def notebook_of(result: Result) -> Any:
    """The notebook that nbgrader keeps: our cells, the student's answers, and what came of them; nothing hidden."""
    notebook = nbformat.from_dict(copy.deepcopy(_release(result.week)))
    checks = {check.id: check for check in result.checks}
    cells: list[Any] = _own_cells(result, "top")
    for cell in notebook.cells:
        cell.source = result.answers.get(cell.id, cell.source)
        if (check := checks.get(cell.id)) is not None:
            cell.outputs = [_said(check.verdict, check.message)]
        elif cell.cell_type == "code":
            cell.outputs = [described(output) for output in result.outputs.get(cell.id, ())]
        cells += [cell, *_own_cells(result, cell.id)]
    if notes := _notes(result):
        cells.insert(0, new_markdown_cell("\n\n".join(notes), id="autograder-notes"))
    notebook.cells = cells
    return notebook


@functools.cache
def _release(week: str) -> Any:
    return release_notebook(weeks.load(week))


def _own_cells(result: Result, place: str) -> list[Any]:
    """The student's own cells behind the cell `place` of ours."""
    return [
        new_code_cell(source, id=f"own-{name}"[:64], outputs=list(map(described, result.outputs.get(name, ()))))
        for name, source in result.answers.items()
        if name.rpartition("-")[0] == f"extra-{place}"
    ]


def described(output: Any) -> Any:
    """An output of a student's cell as nbformat has it; a figure with its text where nbgrader's pages look for it."""
    made = nbformat.from_dict(output)
    text = made.get("data", {}).get("text/plain", "")
    if text.startswith(FIGURE):
        for kind in made.data:
            if kind.startswith("image/"):
                made.metadata[kind] = {"alt": text.removeprefix(FIGURE)}
    return made


def _notes(result: Result) -> list[str]:
    refused = result.verdict == "invalid"
    notes = [f"**Could not be graded:** {_as_text(result.warnings[0])}"] if refused else []
    return notes + [f"**Noticed:** {_as_text(warning)}" for warning in result.warnings[len(notes) :]]


def _as_text(warning: str) -> str:
    """A warning in Markdown that is neither markup nor a link: names of files that students chose stand in it."""
    return "".join(f"&#{ord(c)};" if c in _MARKUP else c for c in " ".join(warning.split()))


_MARKUP = frozenset("&:/<>`*_[]()!\\$~|#\"'")


def _said(verdict: str, message: str) -> Any:
    if verdict == "pass":
        return new_output("stream", name="stdout", text="pass\n")
    return new_output("error", ename=verdict, evalue=message, traceback=[f"{verdict}: {message}"])
