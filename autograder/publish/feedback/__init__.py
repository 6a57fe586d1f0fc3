"""Feedback: each student's page, standing alone, in the layouts in which it is handed out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from autograder.errors import UserError
from autograder.paths import ROOT
from autograder.publish import report
from autograder.publish.feedback import layouts
from autograder.publish.feedback.layouts import LeftOut
from autograder.publish.report import common, safe, student_page
from autograder.results import Result
from autograder.term import decisions as decided
from autograder.term.folder import Term
from autograder.term.points import Standing, standings

Form = Literal["pages", "moodle", "zips", "nbgrader"]
FORMS: tuple[Form, ...] = get_args(Form)


@dataclass(frozen=True)
class Delivery:
    """What was written. waiting: written answers that have no mark yet; their students' pages say so."""

    files: list[Path] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    waiting: int = 0


def write(
    results: Iterable[Result],
    form: Form,
    to: Path,
    term: Term,
    *,
    weeks: Collection[str] = (),
    students: Collection[str] = (),
    submitted: Path = ROOT / "submitted",
) -> Delivery:
    """Write feedback on `results` into the folder `to`. The same results and ledger give the same bytes.

    results: all of the term. weeks, students (ids in the roster, or names in the records): those wanted; everything when
    empty. submitted: nbgrader's folder of submissions. Raises UserError where there is nothing to write, or the folder
    cannot be written.
    """
    given = common.latest(results)
    decisions = decided.of(term.ledger.entries(), term.roster)
    wanted = {person.id if (person := term.roster.find(name)) else name for name in students}
    own: dict[str, list[Standing]] = {}
    for standing in standings(given, term, weeks=weeks, decisions=decisions):
        if not wanted or standing.student in wanted:
            own.setdefault(standing.student, []).append(standing)
    if unknown := sorted(wanted - own.keys()):
        raise UserError(f"--student {safe.name(unknown[0])}: nobody of that name is in the records")
    own = {student: theirs for student, theirs in own.items() if any(one.result for one in theirs)}
    if not own:
        raise UserError("there are no graded submissions to give feedback on; run `autograder grade SUBMISSIONS` first")
    called = safe.name(term.name) if term.name else ""

    def page(theirs: list[Standing]) -> bytes:
        view = student_page.student_view(theirs, decisions)
        return report.render("student.html.j2", student=view, home="", term=called).encode("utf-8")

    waiting = sum(len(one.waiting) for theirs in own.values() for one in theirs)
    try:
        match form:
            case "pages":
                files = layouts.pages(own, page, to)
                if not weeks and not wanted:
                    _remove_others(to, files)
                return Delivery(files, [], waiting)
            case "zips":
                return Delivery(layouts.zips(own, page, to), [], waiting)
            case "moodle":
                files, left_out = layouts.moodle(own, page, to)
                if not files:
                    raise UserError(
                        "no submission came from a download of Moodle's, whose folders are named with the numbers that it "
                        "asks for: grade such a download, or choose another --format"
                    )
                return Delivery(files, left_out, waiting)
            case "nbgrader":
                return Delivery(*layouts.nbgrader(own, page, to, submitted), waiting)
    except OSError as problem:
        raise UserError(f"feedback cannot be written to {to}: {problem.strerror}; choose another --to") from problem


def _remove_others(folder: Path, written: Collection[Path]) -> None:
    """Pages of an earlier run that do not belong any more would be handed out with the others."""
    for old in folder.glob("*.html"):
        if old not in written and report.is_ours(old):
            old.unlink()
