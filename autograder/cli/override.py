"""`autograder override`: a person's points in place of a check's, or of a whole week's."""

from __future__ import annotations

import click

from autograder.cli.in_term import results_of, student_of, week_named, with_term
from autograder.errors import UserError
from autograder.term.folder import Term
from autograder.term.ledger import Override, answer_hash
from autograder.term.points import Standing, exercise_of, standings
from course import syllabus


@click.command(name="override")
@click.argument("student")
@click.argument("week")
@click.option("--check", help="The check whose points are replaced; without it, those of the whole week.")
@click.option("--points", type=float, help="The points that count.")
@click.option("--reason", required=True, help="Why; kept in the ledger.")
@click.option("--withdraw", is_flag=True, help="Take an override back.")
@with_term
def command(
    term: Term, student: str, week: str, check: str | None, points: float | None, reason: str, withdraw: bool
) -> None:
    """Replace the points of a check of STUDENT's WEEK, or of the whole week. It stays when work is graded again.

    The late policy still applies: `autograder extend` is for time. Points of a written answer are a mark
    (`autograder marks`, `autograder mark`).
    """
    if (points is None) == (not withdraw):
        raise click.UsageError("give one of --points and --withdraw")
    if not reason.strip():
        raise UserError("--reason is empty: say in a few words why, for whoever asks later")
    results = results_of(term, needed=False)
    week = week_named(week)
    who = student_of(term, results, student)
    before = _standing(term, who, week)
    if withdraw:
        if not any(one.check == check for one in before.overrides):
            raise UserError(f"{who}, {week}: there is no override {f'of {check}' if check else 'of the whole week'}")
    else:
        assert points is not None
        _see(before, check, points)
    term.ledger.append(
        Override(student=who, week=week, check=check, points=points, reason=reason, answer=_code(before, check))
    )
    after = _standing(term, who, week)
    click.echo(f"{after.shown} ({who}), {week}: {_points(before)} → {_points(after)}")


def _standing(term: Term, student: str, week: str) -> Standing:
    """Where a student stands, whether or not anything was handed in."""
    found = standings(results_of(term, needed=False), term, weeks=[week])
    for one in found:
        if one.student == student:
            return one
    raise UserError(f"{student} has handed nothing in for {week}, and is not in the roster")


def _see(before: Standing, check: str | None, points: float) -> None:
    """Raises UserError where the points cannot be meant."""
    if check is None:
        most = before.most
    elif before.result is None:
        raise UserError(
            f"{before.student} has handed nothing in for {before.week}: leave --check out to give points for the week"
        )
    else:
        most_of = {one.id: one.max_points for one in before.result.checks}
        if check in before.written:
            raise UserError(f"{check} is a written answer: mark it with `autograder marks import` or `autograder mark`")
        if check not in most_of:
            raise UserError(
                f"{before.week} has no check {check!r} for {before.student}; it has: {', '.join(most_of) or 'none'}"
            )
        most = most_of[check]
    if not 0 <= points <= most:
        raise UserError(f"--points is a number from 0 to {most:g}, not {points:g}")


def _code(standing: Standing, check: str | None) -> str:
    """What an override remembers of the code it was given for."""
    plan = syllabus.load().get(standing.week)
    owner = exercise_of(check, plan.exercises) if check and plan else None
    return answer_hash(standing.result.answers.get(owner, "")) if owner and standing.result else ""


def _points(standing: Standing) -> str:
    return "nothing" if standing.final is None else f"{standing.final:g} of {standing.most:g}"
