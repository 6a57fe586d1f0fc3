"""Grades into nbgrader's gradebook, and the notebooks that its formgrader shows beside it.

The gradebook is a database: SQLite's file, or any that SQLAlchemy reaches by a URL, such as PostgreSQL. What a person
entered in the formgrader is never overwritten: `gradebook_marks.py` takes it into the ledger.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from alembic.script import ScriptDirectory
from nbgrader import utils
from nbgrader.api import (
    Assignment,
    Base,
    BaseCell,
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
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder import weeks
from autograder.authoring.notebooks import release_notebook
from autograder.errors import UserError
from autograder.publish.export.gradebook_base import Base as Written
from autograder.publish.export.gradebook_base import Entered
from autograder.publish.nbgrader import notebook_of
from autograder.publish.report import safe
from autograder.term.folder import Term, utc
from autograder.term.ledger import answer_hash
from autograder.term.points import Standing
from course.files import write_text


def url_of(place: str | Path) -> str:
    """The URL of a gradebook that is named by its file or by its URL."""
    return str(place) if "://" in str(place) else f"sqlite:///{Path(place).resolve()}"


@dataclass
class Done:
    """submissions: how many are in the gradebook now. kept: what was entered in the formgrader and is not in the ledger."""

    submissions: int = 0
    kept: int = 0


def write(
    place: str | Path,
    standings: Sequence[Standing],
    term: Term,
    root: Path | None = None,
    on_done: Callable[[], object] = lambda: None,
) -> Done:
    """Put the submissions among `standings` into the gradebook at `place` (a file or a URL), made where it is missing.

    root: nbgrader's course folder, into which the autograded notebooks go; None: none are written. All or nothing is
    written to the gradebook. Raises UserError where it is not a gradebook, cannot be reached, or may not be written.
    """
    url = url_of(place)
    done = Done()
    given = [one for one in standings if one.result is not None]
    written = Written.read(term.ledger.folder, url)
    try:
        if url.startswith("sqlite:"):
            _may_be_written(Path(make_url(url).database or ""))
        _make(url)
        with Gradebook(url) as book:
            assignments = {week: _assignment(book, week, term) for week in sorted({one.week for one in given})}
            students = {student.id: student for student in book.students}
            for one in given:
                student = _student(book, students, one)
                submission = _submission(book, assignments[one.week], student, one, term, root)
                done.kept += _grades(book, submission, one, written)
                done.submissions += 1
                on_done()
            book.db.commit()
    except (SQLAlchemyError, ImportError) as problem:  # no driver for that database
        said = str(problem.args[0] if problem.args else problem).strip().splitlines()[0]
        shown = make_url(url).render_as_string(hide_password=True) if "@" in url else place
        raise UserError(f"{shown} cannot be used as nbgrader's gradebook: {said}") from problem
    written.save()
    if root is not None:
        for one in given:
            _notebook(root, one)
    return done


def _may_be_written(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        place = path if path.exists() else path.parent
        refused = not os.access(place, os.W_OK)
    except OSError:
        place, refused = path.parent, True
    if refused:
        raise UserError(f"{place} may not be written: name another place for the gradebook with --to or --db")


def _make(url: str) -> None:
    """An empty gradebook of the present version, as nbgrader makes it: but that starts another interpreter to ask for the
    version's name.
    """
    engine = create_engine(url)
    try:
        if inspect(engine).get_table_names():
            return
        head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
        Base.metadata.create_all(engine)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
    finally:
        engine.dispose()


def _naive(moment: datetime | None) -> datetime | None:
    """As nbgrader keeps times: in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def _assignment(book: Gradebook, week: str, term: Term) -> Assignment:
    """The assignment with its notebook and cells, as `nbgrader generate_assignment` enters them, brought up to date."""
    found = book.db.query(Assignment).filter(Assignment.name == week).one_or_none()
    if found is None:
        found = Assignment(name=week)
        book.db.add(found)
    found.duedate = _naive(term.due(week))
    notebook = next((one for one in found.notebooks if one.name == week), None)
    if notebook is None:
        notebook = Notebook(name=week, assignment=found)
        book.db.add(notebook)
    known: dict[tuple[type, str], BaseCell] = {
        (type(cell), cell.name): cell
        for cell in (*notebook.grade_cells, *notebook.solution_cells, *notebook.source_cells)
    }
    for cell in release_notebook(weeks.load(week)).cells:
        about = cell.metadata.get("nbgrader")
        if not about:
            continue
        name, kind = about["grade_id"], cell.cell_type
        if about["grade"]:
            if (GradeCell, name) not in known:
                known[GradeCell, name] = GradeCell(name=name, cell_type=kind, notebook=notebook)
                book.db.add(known[GradeCell, name])
            known[GradeCell, name].max_score = float(about["points"])
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


def _student(book: Gradebook, students: dict[str, Student], one: Standing) -> Student:
    """The student's row, with the names of the roster."""
    found = students.get(one.student)
    if found is None:
        found = students[one.student] = Student(id=one.student)
        book.db.add(found)
    if one.person is not None:
        last, _, first = one.person.sort_name.partition(", ")
        found.last_name, found.first_name = (last, first) if first else (one.person.name or None, None)
        found.email = one.person.email or None
    return found


def _submission(
    book: Gradebook, week: Assignment, student: Student, one: Standing, term: Term, root: Path | None
) -> SubmittedNotebook:
    assert one.result is not None
    found = (
        book.db.query(SubmittedAssignment)
        .filter(SubmittedAssignment.assignment_id == week.id, SubmittedAssignment.student_id == student.id)
        .one_or_none()
    )
    if found is None:
        found = SubmittedAssignment(assignment=week, student=student)
        book.db.add(found)
    found.timestamp = _timestamp(one, root)
    due, shared = term.due(one.week, one.person, one.student), term.due(one.week)
    found.extension = due - shared if due and shared and due != shared else None
    ours = week.notebooks[0]
    notebook = next((each for each in found.notebooks if each.notebook_id == ours.id), None)
    if notebook is None:
        notebook = SubmittedNotebook(notebook=ours, assignment=found)
        book.db.add(notebook)
    notebook.late_submission_penalty = one.penalty or None
    return notebook


def _timestamp(one: Standing, root: Path | None) -> datetime | None:
    """When it was handed in. The formgrader takes a submission for graded where this is what `timestamp.txt` in its own
    folder of submissions says; where there is such a folder, that counts.
    """
    assert one.result is not None
    if root is not None and safe.is_folder_name(one.result.student):
        folder = root / "submitted" / one.result.student / one.week
        if folder.is_dir():
            try:
                return utils.parse_utc((folder / "timestamp.txt").read_text(encoding="utf-8").strip())
            except (OSError, ValueError):
                return None
    return _naive(utc(one.result.handed_in))


def _grades(book: Gradebook, notebook: SubmittedNotebook, one: Standing, written: Written) -> int:
    """The points of every cell. Returns how many cells hold what a person entered there and the ledger does not have."""
    result = one.result
    assert result is not None
    grades = {grade.cell_id: grade for grade in notebook.grades}
    comments = {comment.cell_id: comment for comment in notebook.comments}
    cells = notebook.notebook
    for cell in cells.solution_cells:
        if cell.id not in comments:
            comments[cell.id] = Comment(cell_id=cell.id, notebook=notebook)
            book.db.add(comments[cell.id])
    by_name = {cell.name: comments[cell.id] for cell in cells.solution_cells}
    kept = 0
    targets = targets_of(one, [cell.name for cell in cells.grade_cells])
    scores = {check.id: check.points for check in result.checks}
    for cell in cells.grade_cells:
        grade = grades.get(cell.id)
        if grade is None:
            grade = Grade(cell_id=cell.id, notebook=notebook)
            book.db.add(grade)
        key = (one.student, one.week, cell.name)
        before = entered(grade, by_name.get(cell.name))
        target = targets[cell.name]
        base = written.get(key)
        if before.edited(base) and not before.same(target):
            kept += 1
            grade.needs_manual_grade = False
        else:
            grade.manual_score, grade.extra_credit = target.points, target.extra or None
            if (comment := by_name.get(cell.name)) is not None:
                comment.manual_comment = target.comment or None
            written.put(key, target)
            waits = cell.name in one.waiting or (result.verdict == "invalid" and one.state == "not gradable")
            grade.needs_manual_grade = waits and target.points is None
        if cell.name not in result.by_hand:
            grade.auto_score = scores.get(cell.name, 0.0)
        elif not one.written[cell.name].waiting and result.verdict != "invalid":
            grade.auto_score = 0.0  # left as it was released: nobody needs to read it
    return kept


def entered(grade: Grade, comment: Comment | None) -> Entered:
    """What a gradebook holds for a cell."""
    said = comment.manual_comment if comment is not None else None
    return Entered(grade.manual_score, grade.extra_credit or 0.0, said or "")


def targets_of(one: Standing, cells: Sequence[str]) -> dict[str, Entered]:
    """{cell: what the gradebook is to hold}: marks and overrides; an override of the whole week as extra credit of the first.

    The sum of a submission's cells is then its raw points.
    """
    assert one.result is not None
    overrides = {override.check: override for override in one.overrides}
    found: dict[str, Entered] = {}
    for name in cells:
        answer = one.written.get(name)
        if answer is not None:
            version = answer_hash(one.result.answers.get(name, ""))[:12]
            found[name] = Entered(answer.points if answer.mark else None, 0.0, answer.comment, version)
        else:
            override = overrides.get(name)
            found[name] = Entered(override.points if override else None, 0.0, "")
    if None in overrides and cells:
        automatic = {check.id: check.points for check in one.result.checks}
        total = math.fsum(
            automatic.get(name, 0.0) if entry.points is None else entry.points for name, entry in found.items()
        )
        first = found[cells[0]]
        found[cells[0]] = Entered(first.points, round((one.raw or 0.0) - total, 6), first.comment, first.version)
    return found


def _notebook(root: Path, one: Standing) -> None:
    """The autograded notebook and its timestamp where nbgrader looks for them. Raises UserError."""
    assert one.result is not None
    if not safe.is_folder_name(one.student):  # "..", as a platform or a zip may call somebody
        return
    folder = root / "autograded" / one.student / one.week
    moment = utc(one.result.handed_in)
    try:
        write_text(folder / f"{one.week}.ipynb", nbformat.writes(notebook_of(one.result)) + "\n")
        if moment is not None:
            write_text(folder / "timestamp.txt", f"{moment:%Y-%m-%d %H:%M:%S} UTC\n")
    except OSError as problem:
        raise UserError(f"{folder} cannot be written: {problem.strerror}") from problem
