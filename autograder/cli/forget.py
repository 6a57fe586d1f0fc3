"""`autograder forget`: withdraw the record of one student's week, with a reason."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import click

from autograder.cli.in_term import with_term
from autograder.errors import UserError
from autograder.intake.names import student as student_name
from autograder.term.folder import Term
from autograder.term.ledger import Change
from course import syllabus


@click.command(name="forget")
@click.argument("student")
@click.argument("week")
@click.option("--reason", required=True, help="Why; it is written beside the record.")
@with_term
def command(term: Term, student: str, week: str, reason: str) -> None:
    """Withdraw the record of STUDENT's WEEK (its id or number): no page, table or export shows it any more.

    The line stays in the file, with a later one that withdraws it and says why and when. Where the work still lies in the folder
    of submissions, the next `autograder grade` grades it anew.
    """
    from autograder.results import records

    if not reason.strip():
        raise click.UsageError("--reason is empty: say why the record is withdrawn")
    folder = term.records
    person = term.roster.find(student)
    who = person.id if person else student_name(student)
    try:
        name = syllabus.week(week).id
    except KeyError:
        name = week  # work whose week could not be told has records too
    if not (folder / records.FILE).is_file():
        raise UserError(f"there are no grading records in {folder}: name their folder with --records")
    with records.Writer(folder) as writer:
        known = records.known(folder)
        where = known.get((who, name))
        if where is None:
            raise UserError(_nothing(who, name, sorted(known), folder))
        result = records.fetch(folder, where)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        writer.withdraw(records.Withdrawal(who, name, reason.strip(), at))
    if term.folder is not None:
        term.ledger.append(
            Change(
                student=who,
                week=name,
                before=result.score if result else 0.0,
                after=0.0,
                checks={},
                reason=reason.strip(),
            )
        )
    points = f" ({result.score:g} of {result.max_score:g} points)" if result else ""
    click.echo(f"withdrawn: {who}, {name}{points}. {reason.strip()}")


def _nothing(student: str, week: str, known: list[tuple[str, str]], folder: Path) -> str:
    weeks = [of for who, of in known if who == student]
    if weeks:
        return f"{folder} has no record of {student}'s {week}; of {student} it has {', '.join(weeks)}"
    close = get_close_matches(student, sorted({who for who, _ in known}), n=3)
    return f"{folder} has no record of {student}" + (f": did you mean {' or '.join(close)}?" if close else "")
