"""`course submit`: the zip to hand in, with a receipt."""

from __future__ import annotations

from pathlib import Path

import click

from course import variant
from course.desk import given, notebooks, open_labs, packing, student
from course.desk.errors import UsageError
from course.desk.folders import find_notebook, plan_of


@click.command(name="submit")
@click.argument("week")
@click.option(
    "--student", "name", envvar="COURSE_STUDENT", help="Your name or number as the course knows it; remembered."
)
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Folder for the zip (default: here).",
)
@click.pass_obj
def command(folder: Path | None, week: str, name: str | None, to: Path) -> None:
    """Make the zip to hand in for WEEK: the notebook, and what you trained in it.

    The receipt names the SHA-256 of your notebook: the record of its grade has the same.
    """
    path = find_notebook(week, folder)
    notebook = notebooks.read(path)
    name = name or student.remembered_name()
    if not name:
        raise UsageError("name yourself: course submit WEEK --student NAME (it is remembered).")
    if not student.NAME.fullmatch(name):
        raise UsageError(f"--student {name!r}: use letters, digits, . _ @ and -, without spaces.")
    if (signed := notebooks.signed_by(notebook)) is not None and not variant.same(signed, name):
        click.echo(f"careful: {_other_numbers(signed, name)}", err=True)
    target, names, receipt = packing.pack(path, name, to)
    student.remember(name, receipt)
    click.echo(f"wrote {target} ({target.stat().st_size / 1e3:.0f} kB): {', '.join(names)}")
    for sentence in open_labs.unsaved(path):
        click.echo(f"careful: {sentence}", err=True)
    if path.stem != receipt.week:
        click.echo(f"{path.name} is handed in as {receipt.week}.ipynb, the name that it was handed out with.")
    plan = plan_of(path)
    stretch = {exercise for exercise, points in plan.exercises.items() if not points} if plan else set()
    left = notebooks.unanswered(notebook)
    if asked := [answer for answer in left if answer not in stretch]:
        click.echo(f"not answered yet: {', '.join(asked)}")
    if extra := [answer for answer in left if answer in stretch]:
        click.echo(f"stretch, not answered, costs no points: {', '.join(extra)}")
    for what in given.missing_checks(notebook, plan):
        click.echo(f"missing from this notebook: {what}; your work is graded with all of them.")
    click.echo(f"Hand in this file. {receipt}")


def _other_numbers(signed: str, name: str) -> str:
    """What it means that STUDENT in the notebook is not who hands it in."""
    where = "in the first cell of code"
    if not signed.strip():
        return f"STUDENT is empty {where}: your work is graded with the numbers of {name}. Type it, and run the notebook again."
    return f"STUDENT is {signed} {where}, and you hand in as {name}: your work is graded with the numbers of {name}."
