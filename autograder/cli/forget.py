"""`autograder forget`: withdraw the record of one student's week, with a reason."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches

import click

from autograder.cli.in_term import with_term
from autograder.errors import UserError
from autograder.intake.names import student as student_name
from autograder.results import Result
from autograder.term.folder import Term
from autograder.term.ledger import Change
from course import syllabus


@click.command(name="forget")
@click.argument("student")
@click.argument("week")
@click.option("--reason", required=True, help="Why; it is written beside the record, and into the ledger.")
@with_term
def command(term: Term, student: str, week: str, reason: str) -> None:
    """Withdraw the record of STUDENT's WEEK (its id or number): no page, table or export shows it any more.

    The line stays in the file, with a later one that withdraws it and says why and when. Where the work still lies in the folder
    of submissions, the next `autograder grade` grades it anew.
    """
    from autograder.results import records

    if not reason.strip():
        raise UserError("--reason is empty: say in a few words why, for whoever asks later")
    with contextlib.suppress(KeyError):  # work whose week could not be told has records too
        week = syllabus.week(week).id
    if not (term.records / records.FILE).is_file():
        raise UserError(f"there are no grading records in {term.records}: name their folder with --records")
    with records.Writer(term.records) as writer:
        results = records.read(term.records)
        mine = [one for one in results if one.student == student_name(student)] or _of_person(term, results, student)
        found = [one for one in mine if one.week == week]
        if not found:
            raise UserError(f"{term.records} has no record of {_nearest(student, week, mine, results)}")
        at = datetime.now(UTC).isoformat(timespec="seconds")
        for one in found:
            change = Change(
                student=one.student,
                week=week,
                before=one.score,
                after=0.0,
                checks={},
                reason=f"withdrawn: {reason.strip()}",
            )
            term.ledger.append(change)
            writer.withdraw(records.Withdrawal(one.student, week, reason.strip(), at))
            click.echo(
                f"withdrawn: {one.student}, {week} ({one.score:g} of {one.max_score:g} points). {reason.strip()}"
            )


def _of_person(term: Term, results: Sequence[Result], named: str) -> list[Result]:
    """The results of the person in the roster who is called `named`, under whatever names they were handed in."""
    person = term.roster.find(named)
    return [one for one in results if person is not None and term.roster.find(one.student, one.lms) == person]


def _nearest(student: str, week: str, mine: Sequence[Result], results: Sequence[Result]) -> str:
    if mine:
        return f"{student}'s {week}; of {student} it has {', '.join(one.week for one in mine)}"
    close = get_close_matches(student, sorted({one.student for one in results}), n=3)
    return student + (f": did you mean {' or '.join(close)}?" if close else "")
