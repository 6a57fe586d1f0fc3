"""`autograder extend`: more time for one student."""

from __future__ import annotations

from datetime import timedelta

import click

from autograder.cli.in_term import needed, results_of, shown_time, student_of, time_named, week_named, with_term
from autograder.errors import UserError
from autograder.term import late
from autograder.term.folder import Term
from autograder.term.ledger import DueDate


@click.command(name="extend")
@click.argument("student")
@click.argument("week")
@click.option("--until", help="The new due date: 2027-01-20, or 2027-01-20T18:00, by the clock of the student's zone.")
@click.option("--days", type=click.IntRange(min=1), help="So many days after the due date of everyone.")
@click.option("--reason", default="", help="Kept in the ledger.")
@click.option("--withdraw", is_flag=True, help="Take an extension back.")
@with_term
def command(
    term: Term, student: str, week: str, until: str | None, days: int | None, reason: str, withdraw: bool
) -> None:
    """Give STUDENT (id, e-mail address or name) more time for WEEK (number or id)."""
    needed(term)
    if sum((until is not None, days is not None, withdraw)) != 1:
        raise click.UsageError("give one of --until, --days and --withdraw")
    week = week_named(week)
    who = student_of(term, results_of(term, needed=False), student)
    person = term.roster.by_id.get(who)
    zone = term.zone_of(person)
    before = term.due(week, person, who)
    shared = term.due(week)
    assert before is not None and shared is not None, "every week of the course has a due date"
    if withdraw:
        if (who, week) not in term.moved:
            raise UserError(f"{who} has no extension for {week}")
        new = ""
    elif days is not None:
        wall = shared.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
        new = late.at(wall, zone).astimezone(zone).isoformat()
    else:
        assert until is not None
        moment = time_named(until, zone)
        if moment <= shared:
            raise UserError(
                f"{shown_time(moment)} is no extension: {week} is due {shown_time(shared.astimezone(zone))}"
            )
        new = moment.isoformat()
    term.ledger.append(DueDate(student=who, week=week, until=new, reason=reason))
    now = Term.read(needed(term)).due(week, person, who)
    name = person.shown if person else who
    click.echo(f"{name} ({who}), {week}: due {shown_time(before)} → {shown_time(now)}")
