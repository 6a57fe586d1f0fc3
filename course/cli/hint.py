"""`course hint`: a hint for an exercise."""

from __future__ import annotations

from pathlib import Path

import click

from course.desk.errors import UsageError
from course.desk.folders import assignments_folder, find_notebook


@click.command(name="hint")
@click.argument("exercise")
@click.argument("number", type=click.IntRange(min=1), default=1)
@click.option("--week", help="The exercise's week, where two weeks have one of that name.")
@click.pass_obj
def command(folder: Path | None, exercise: str, number: int, week: str | None) -> None:
    """Show a hint for EXERCISE: the first, or hint NUMBER. Hints that you use cost nothing."""
    from course import hints

    if week is not None:
        places = [find_notebook(week, folder).parent]
    else:
        places = sorted({path.parent for path in assignments_folder(folder).glob("week*/*.ipynb")})
    try:
        found = hints.find(exercise, places)
        click.echo(hints.named(exercise, found, number))
    except hints.NoHint as problem:
        raise UsageError(str(problem)) from problem
    if number < len(found):
        click.echo(f"\nThe next one: course hint {exercise} {number + 1}")
