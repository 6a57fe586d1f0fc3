"""`autograder new`: a week of one's own, with one worked exercise."""

from __future__ import annotations

import click

from autograder.paths import ROOT, SOLUTIONS
from course import syllabus


@click.command()
@click.argument("week_id", metavar="WEEK")
@click.option("--title", default="", help="The week's title (default: from WEEK).")
def command(week_id: str, title: str) -> None:
    """Make a folder for WEEK, such as week13_moving_average, that builds, audits and grades at once.

    It holds one worked exercise, to be replaced, and its entry in the syllabus is a draft: it may have fewer mistakes,
    alternatives and hints than a complete week, and is not released.
    """
    from autograder.authoring import new

    for path in new.new_week(week_id, title, syllabus.in_force(), SOLUTIONS):
        click.echo(f"wrote {str(path).replace(f'{ROOT}/', '')}")
    number = week_id.removeprefix("week")[:2].lstrip("0") or "0"
    click.echo(f"next: autograder build {number}; autograder audit {number}")
