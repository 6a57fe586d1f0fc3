"""`autograder init-course`: a course of one's own."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="init-course")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", default="", help="What the course is called (default: the folder's name).")
def command(folder: Path, name: str) -> None:
    """Make a course of one's own in FOLDER: a syllabus, and a first week that builds, audits and grades.

    Commands that are run in FOLDER work on that course: `autograder new` adds a week, `autograder adopt` takes over an
    nbgrader assignment.
    """
    from autograder.authoring import new

    for path in new.new_course(folder.resolve(), name or folder.resolve().name):
        click.echo(f"wrote {path.relative_to(folder.resolve())}")
    click.echo(f"next: cd {folder}; autograder build; autograder audit")
