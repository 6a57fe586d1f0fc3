"""`autograder adopt`: take over an nbgrader assignment as a week."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import click

from autograder.paths import ROOT, SOLUTIONS
from course import syllabus


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--week", "week_id", help="The week's id, such as week05_squares (default: the next number, the file's name)."
)
@click.option("--title", default="", help="The week's title (default: the notebook's first heading).")
def command(notebook: Path, week_id: str | None, title: str) -> None:
    """Make a week of NOTEBOOK, the source version of an nbgrader assignment (schema 1 to 3).

    Its checks run apart from the student's process, where they cannot be forged. Those that only call the student's
    functions and read plain data are adopted; those that look into the process are named, one by one, with what to do.
    Points and texts stay. Exit status 1 when a check was not adopted.
    """
    from autograder.authoring.adopt import adopt

    plans = syllabus.load().values()
    number = max((plan.number for plan in plans), default=0) + 1
    name = re.sub(r"[^a-z0-9]+", "_", notebook.stem.lower()).strip("_") or "adopted"
    adopted = adopt(notebook, week_id or f"week{number:02}_{name}", title, syllabus.in_force(), SOLUTIONS)
    for path in adopted.written:
        click.echo(f"wrote {str(path).replace(f'{ROOT}/', '')}")
    for check in adopted.checks:
        click.echo(f"{check.id} ({check.points:g} points): {check.outcome}")
        for note in check.notes:
            click.echo(f"    {note}")
    for question in adopted.by_hand:
        click.echo(f"{question}: graded by a person")
    for note in adopted.notes:
        click.echo(note)
    counts = Counter(check.outcome for check in adopted.checks)
    lost = sum(check.points for check in adopted.checks if check.outcome == "not adopted")
    parts = [f"{counts[outcome]} {outcome}" for outcome in ("unchanged", "changed", "not adopted")]
    click.echo(f"{len(adopted.checks)} checks: {', '.join(parts)}" + (f" ({lost:g} points to replace)" if lost else ""))
    number = int(adopted.id[4:6])
    click.echo(f"next: autograder build {number}; autograder audit {number}")
    if counts["not adopted"]:
        raise SystemExit(1)
