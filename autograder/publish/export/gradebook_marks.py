"""What people entered in nbgrader's formgrader, as entries of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook, SubmittedNotebook
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.errors import UserError
from autograder.publish.export.gradebook import entered, targets_of, url_of
from autograder.publish.export.gradebook_base import Base, Entered
from autograder.term.folder import Term
from autograder.term.ledger import Entry, Mark, Override, answer_hash
from autograder.term.points import Standing, exercise_of
from course import syllabus

GRADER = "formgrader"
"""nbgrader does not keep who entered something."""
REASON = "entered in nbgrader's formgrader"


@dataclass
class Taken:
    """entries: for the ledger. conflicts: cells that have other points in the ledger, given since; they are left as they are.
    said: what else was noticed.
    """

    entries: list[Entry] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def read(place: str | Path, standings: Sequence[Standing], term: Term, *, replace: bool = False) -> Taken:
    """What the gradebook at `place` (a file or a URL) holds that people entered there since it was last written from here.

    replace: where the ledger has got other points meanwhile, the gradebook's count. Raises UserError where it is not
    a gradebook.
    """
    url = url_of(place)
    if url.startswith("sqlite:") and not Path(make_url(url).database or "").is_file():
        raise UserError(f"there is no gradebook at {place}; `autograder export --format nbgrader` makes one")
    base = Base.read(term.ledger.folder, url)
    known = {(one.student, one.week): one for one in standings if one.result is not None}
    taken = Taken()
    try:
        with Gradebook(url) as book:
            for assignment in book.assignments:
                for submission in assignment.submissions:
                    student = submission.student.id
                    person = term.roster.find(student)
                    one = known.get((person.id if person else student, assignment.name))
                    for notebook in submission.notebooks:
                        _notebook(notebook, one, student, base, taken, replace)
    except (SQLAlchemyError, ImportError) as problem:
        said = str(problem.args[0] if problem.args else problem).strip().splitlines()[0]
        raise UserError(f"{place} cannot be read as nbgrader's gradebook: {said}") from problem
    return taken


def _notebook(
    notebook: SubmittedNotebook, one: Standing | None, student: str, base: Base, taken: Taken, replace: bool
) -> None:
    week = notebook.notebook.name
    comments = {comment.cell.name: comment for comment in notebook.comments}
    grades = {grade.cell.name: grade for grade in notebook.grades}
    targets = targets_of(one, sorted(grades)) if one is not None else {}
    on_code = [name for name, comment in comments.items() if name not in grades and comment.manual_comment]
    if on_code:
        taken.said.append(
            f"{student}, {week}: the comments on {', '.join(sorted(on_code))} stay in the gradebook; the ledger keeps those on "
            "written answers"
        )
    for name, grade in grades.items():
        now = entered(grade, comments.get(name))
        key = (one.student if one else student, week, name)
        before = base.get(key)
        if not now.edited(before):
            continue
        if one is None:
            taken.said.append(
                f"{student}, {week}: {name} has marks in the gradebook, but no record; they are left there"
            )
            continue
        ours = targets[name]
        if now.same(ours) or (now.points is None and not now.extra and not now.comment):
            continue
        if (reason := _conflict(one, name, ours, before)) and not replace:
            taken.conflicts.append(f"{one.student}, {week}, {name}: {reason}")
            continue
        entry = _entry(one, name, now, grade.auto_score, taken)
        if entry is not None:
            taken.entries.append(entry)


def _conflict(one: Standing, name: str, ours: Entered, before: Entered | None) -> str:
    """Why what was entered cannot simply be taken; "" where it can."""
    if ours.edited(before) and ours.edited(None):
        return f"the ledger has {_points(ours)} since the gradebook was written"
    if name in one.written and before is not None and before.version and before.version != ours.version:
        return "the answer has changed since the gradebook was written; export it and mark the answer again"
    return ""


def _points(entry: Entered) -> str:
    return "no points" if entry.points is None else f"{entry.points:g} points"


def _entry(one: Standing, name: str, now: Entered, automatic: float | None, taken: Taken) -> Entry | None:
    assert one.result is not None
    if name in one.written:
        text = one.result.answers.get(name, "")
        if now.points is None and not now.extra:
            taken.said.append(
                f"{one.student}, {one.week}: {name} has a comment without points, which is left in the gradebook"
            )
            return None
        points, most = (now.points or 0.0) + now.extra, one.written[name].most
        if points > most:
            taken.said.append(f"{one.student}, {one.week}: {name} has {points:g} points; {most:g} of them count")
        return Mark(
            student=one.student,
            week=one.week,
            question=name,
            points=min(points, most),
            comment=now.comment,
            answer=answer_hash(text),
            grader=GRADER,
        )
    scores = {check.id: check.points for check in one.result.checks}
    if name not in scores:
        taken.said.append(f"{one.student}, {one.week}: {name} is no check of the week now; its points are left out")
        return None
    points = (scores[name] if now.points is None else now.points) + now.extra
    if points == one.check_points(name):
        return None
    owner = exercise_of(name, syllabus.week(one.week).exercises)
    code = answer_hash(one.result.answers.get(owner, "")) if owner else ""
    return Override(
        student=one.student, week=one.week, check=name, points=points, reason=REASON, answer=code, grader=GRADER
    )
