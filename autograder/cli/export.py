"""`autograder export`: grades for spreadsheets, Moodle, Canvas and nbgrader."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.console import counted
from autograder.cli.report import read_records
from autograder.errors import UserError
from autograder.paths import BUILD
from course import syllabus
from course.files import write_bytes

FORMATS = {
    "csv": "grades.csv",
    "moodle": "moodle.csv",
    "canvas": "canvas.csv",
    "nbgrader": "gradebook.db",
    "by-hand": "by-hand.csv",
}


@click.command()
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="csv", show_default=True)
@click.option(
    "--records",
    type=click.Path(path_type=Path),
    default=BUILD / "grades",
    show_default="build/grades",
    help="Folder of the grading records.",
)
@click.option("--to", type=click.Path(path_type=Path), help="File to write.  [default: build/export/…]")
@click.option(
    "--by-hand",
    type=click.Path(path_type=Path),
    help="CSV file with the points that a person gave for written questions; `--format by-hand` writes it, to be filled in.",
)
def command(form: str, records: Path, to: Path | None, by_hand: Path | None) -> None:
    """Export grades.

    \b
    csv       one row per submission, for people and spreadsheets
    moodle    one column per week, for Moodle's import of grades
    canvas    one column per week, for Canvas' import of grades
    nbgrader  nbgrader's gradebook: the formgrader shows it, what was entered there by hand stays
    by-hand   the written answers that wait for a person, with an empty column for their points

    Names that a spreadsheet would take for a formula get an apostrophe in front.
    """
    from autograder.publish.export import hand, tables

    results = read_records(records)
    if not results:
        raise UserError(f"there are no grading records in {records}; run `autograder grade SUBMISSIONS` first")
    given = hand.read(by_hand, results) if by_hand else {}
    path = to or BUILD / "export" / FORMATS[form]
    if form == "nbgrader":
        from autograder.publish.export import gradebook

        known = syllabus.load()
        for result in results:
            if result.week not in known:
                click.echo(f"left out: {result.student}'s {result.week}, which is not a week of the course", err=True)
        results = [result for result in results if result.week in known]
        gradebook.write(path, results, given)
    else:
        text = {
            "csv": lambda: tables.plain(results, given),
            "moodle": lambda: tables.moodle(results, given),
            "canvas": lambda: tables.canvas(results, given),
            "by-hand": lambda: tables.template(results),
        }[form]()
        try:
            write_bytes(path, text.encode("utf-8-sig" if form in ("csv", "by-hand") else "utf-8"))
        except OSError as problem:
            raise UserError(f"{path} cannot be written: {problem.strerror}") from problem
    click.echo(f"{counted(len(results), 'submission')}: {path}")
