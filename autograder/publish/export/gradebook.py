"""Grades into nbgrader's gradebook, the SQLite file that its formgrader and `nbgrader export` read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from alembic.script import ScriptDirectory
from nbgrader import utils
from nbgrader.api import (
    Assignment,
    Base,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from autograder import weeks
from autograder.authoring.notebooks import release_notebook
from autograder.errors import UserError
from autograder.publish.export.hand import Points
from autograder.results import Result
from course import syllabus


def write(path: Path, results: Sequence[Result], by_hand: Points, on_done: Callable[[], object] = lambda: None) -> int:
    """Put `results` into the gradebook at `path`, made where it is missing. Returns the number of submissions.

    What a person entered in nbgrader stays, unless `by_hand` has points for the same question. All or nothing is written.
    Raises UserError where the file is no gradebook, or may not be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    place = path if path.exists() else path.parent
    if not os.access(place, os.W_OK):
        raise UserError(f"{place} may not be written: name another place for the gradebook with --to")
    try:
        if not path.exists():
            _make(path)
        with Gradebook(f"sqlite:///{path.resolve()}") as book:
            session = book.db
            assignments = {week: _assignment(book, week) for week in sorted({result.week for result in results})}
            students = {student.id: student for student in book.students}
            for result in results:
                if result.student not in students:
                    students[result.student] = Student(id=result.student)
                    session.add(students[result.student])
                given = by_hand.get((result.student, result.week), {})
                _submission(book, assignments[result.week], students[result.student], result, given)
                on_done()
            session.commit()
    except SQLAlchemyError as problem:
        raise UserError(f"{path} cannot be used as nbgrader's gradebook: {problem.args[0]}") from problem
    return len(results)


def _make(path: Path) -> None:
    """An empty gradebook of the present version, as nbgrader makes it: but that starts another interpreter to ask for the
    version's name.
    """
    head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    engine = create_engine(f"sqlite:///{path.resolve()}")
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
    engine.dispose()


def _assignment(book: Gradebook, week: str) -> Assignment:
    """The assignment with its notebook and cells, as `nbgrader generate_assignment` enters them, brought up to date."""
    found = book.db.query(Assignment).filter(Assignment.name == week).one_or_none()
    if found is None:
        found = Assignment(name=week, duedate=syllabus.week(week).due.replace(tzinfo=None))
        book.db.add(found)
    notebook = next((one for one in found.notebooks if one.name == week), None)
    if notebook is None:
        notebook = Notebook(name=week, assignment=found)
        book.db.add(notebook)
    known = {
        (type(cell), cell.name) for cell in (*notebook.grade_cells, *notebook.solution_cells, *notebook.source_cells)
    }
    for cell in release_notebook(weeks.load(week)).cells:
        about = cell.metadata.get("nbgrader")
        if not about:
            continue
        name, kind = about["grade_id"], cell.cell_type
        if about["grade"] and (GradeCell, name) not in known:
            book.db.add(GradeCell(name=name, max_score=float(about["points"]), cell_type=kind, notebook=notebook))
        if about["solution"] and (SolutionCell, name) not in known:
            book.db.add(SolutionCell(name=name, notebook=notebook))
        if (SourceCell, name) not in known:
            checksum = utils.compute_checksum(cell)
            source = SourceCell(
                name=name,
                cell_type=kind,
                source=cell.source,
                checksum=checksum,
                locked=bool(about.get("locked")),
                notebook=notebook,
            )
            book.db.add(source)
    book.db.flush()
    return found


def _submission(book: Gradebook, week: Assignment, student: Student, result: Result, given: dict[str, float]) -> None:
    found = (
        book.db.query(SubmittedAssignment)
        .filter(SubmittedAssignment.assignment_id == week.id, SubmittedAssignment.student_id == student.id)
        .one_or_none()
    )
    if found is None:
        found = SubmittedAssignment(assignment=week, student=student)
        book.db.add(found)
    ours = week.notebooks[0]
    notebook = next((one for one in found.notebooks if one.notebook_id == ours.id), None)
    if notebook is None:
        notebook = SubmittedNotebook(notebook=ours, assignment=found)
        book.db.add(notebook)
    grades = {grade.cell_id: grade for grade in notebook.grades}
    comments = {comment.cell_id for comment in notebook.comments}
    for cell in ours.solution_cells:
        if cell.id not in comments:
            book.db.add(Comment(cell_id=cell.id, notebook=notebook))
    scores = {check.id: check.points for check in result.checks}
    for cell in ours.grade_cells:
        grade = grades.get(cell.id) or Grade(cell_id=cell.id, notebook=notebook)
        book.db.add(grade)
        if cell.name in result.by_hand:
            if cell.name in given:
                grade.manual_score, grade.needs_manual_grade = given[cell.name], False
            else:
                grade.needs_manual_grade = grade.manual_score is None
        else:
            grade.auto_score = scores.get(cell.name, 0.0)
            grade.needs_manual_grade = result.verdict == "invalid" and grade.manual_score is None
