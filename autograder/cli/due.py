"""`autograder due`: when weeks are due, and moving a due date for everyone."""

from __future__ import annotations

from collections import Counter

import click

from autograder.cli.in_term import needed, shown_time, time_named, week_named, with_term
from autograder.errors import UserError
from autograder.term.folder import Term
from autograder.term.ledger import DueDate
from course import syllabus


@click.command(name="due")
@click.argument("week", required=False)
@click.option("--until", help="The new due date: 2027-01-20, or 2027-01-20T18:00, by the clock of the term's zone.")
@click.option("--reason", default="", help="Kept in the ledger.")
@click.option("--withdraw", is_flag=True, help="Back to the date of the term's settings or of the syllabus.")
@with_term
def command(term: Term, week: str | None, until: str | None, reason: str, withdraw: bool) -> None:
    """Say when weeks are due; with WEEK and --until, move the due date for everyone. An extension that is longer stays."""
    folder = needed(term)
    if (until is not None and withdraw) or (week is None and (until is not None or withdraw)):
        raise click.UsageError("give WEEK and one of --until and --withdraw to move a date")
    if week is None or (until is None and not withdraw):
        _show(term, [week_named(week)] if week else list(syllabus.load()))
        return
    week = week_named(week)
    before = term.due(week)
    if withdraw and ("", week) not in term.moved:
        raise UserError(f"the due date of {week} was not moved")
    new = "" if until is None else time_named(until, term.timezone).isoformat()
    term.ledger.append(DueDate(student="", week=week, until=new, reason=reason))
    click.echo(f"{week}: due {shown_time(before)} → {shown_time(Term.read(folder).due(week))}")


def _show(term: Term, weeks: list[str]) -> None:
    extensions = Counter(week for student, week in term.moved if student)
    for week in weeks:
        policy = term.policy_of(week)
        parts = [f"{policy.percent_per_day:g} % a day" if policy.percent_per_day else "no penalty"]
        if policy.cutoff_days is not None:
            parts.append(f"nothing after {policy.cutoff_days} days")
        if extensions[week]:
            parts.append(f"{extensions[week]} extended")
        click.echo(f"{week:32} {shown_time(term.due(week))}   {', '.join(parts)}")
