"""`autograder export`: points for spreadsheets, Moodle, Canvas, Gradescope and nbgrader."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.console import counted
from autograder.cli.in_term import results_of, week_named, with_term
from autograder.errors import UserError
from autograder.paths import BUILD, ROOT
from autograder.term.folder import Term
from autograder.term.points import Standing, standings
from course import syllabus
from course.files import write_bytes

if TYPE_CHECKING:
    from autograder.publish.export.lms import Handed

FORMATS = ("csv", "moodle", "canvas", "gradescope", "nbgrader", "by-hand")
DATABASE = "AUTOGRADER_GRADEBOOK"
"""Names nbgrader's gradebook by a URL, for `nbgrader_config.py` and for us."""


@click.command()
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option("--to", type=click.Path(path_type=Path), help="File or folder to write.  [default: build/export/…]")
@click.option("--week", "named", multiple=True, help="This week only (id or number; may be repeated).")
@click.option(
    "--unfinished", is_flag=True, help="canvas, moodle: hand on points of work that still waits for marks, too."
)
@click.option("--canvas-gradebook", type=click.Path(path_type=Path), help="A gradebook that Canvas exported.")
@click.option("--canvas-assignment", multiple=True, metavar="WEEK=ID", help="The assignment of a week in Canvas.")
@click.option("--moodle-participants", type=click.Path(path_type=Path), help="Moodle's list of participants, as CSV.")
@click.option("--db", help=f"nbgrader: the gradebook's URL, such as postgresql+psycopg://….  [default: {DATABASE}]")
@click.option("--by-hand", type=click.Path(path_type=Path), hidden=True)
@with_term
def command(
    term: Term,
    form: str,
    to: Path | None,
    named: tuple[str, ...],
    unfinished: bool,
    canvas_gradebook: Path | None,
    canvas_assignment: tuple[str, ...],
    moodle_participants: Path | None,
    db: str | None,
    by_hand: Path | None,
) -> None:
    """Export points, as the checks, the marks, the overrides and the late policy give them.

    \b
    csv         one row per student and week, for people and spreadsheets
    moodle      one column per week, for Moodle's import of grades
    canvas      one column per week, for Canvas' import of grades
    gradescope  a results.json for each submission, in folders by week and student
    nbgrader    nbgrader's gradebook and autograded notebooks, for the formgrader
    by-hand     the written answers that wait for marks; the same as `autograder marks export`

    Work that waits for marks is named, and not handed on to Moodle and Canvas. Names that a spreadsheet would take for a
    formula get an apostrophe in front.
    """
    if by_hand is not None:
        raise UserError(
            f"marks are in the ledger now: `autograder marks import {by_hand}` enters them for every export"
        )
    if form == "by-hand":
        from autograder.cli.marks import write_marks

        write_marks(term, to or BUILD / "export" / "by-hand.csv", named, everything=False)
        return
    given = standings(results_of(term), term, weeks=[week_named(name) for name in named])
    if form == "csv":
        _csv(given, to or BUILD / "export" / "grades.csv")
    elif form == "gradescope":
        _gradescope(given, to or BUILD / "export" / "gradescope")
    elif form == "nbgrader":
        _nbgrader(given, term, to, db or os.environ.get(DATABASE))
    elif form == "moodle":
        from autograder.publish.export import lms
        from autograder.term import class_list

        participants = class_list.read(moodle_participants) if moodle_participants else None
        handed = lms.moodle(given, participants, known=bool(term.roster), unfinished=unfinished)
        if not term.roster and participants is None:
            handed.said.append(
                "no roster and no --moodle-participants: Moodle refuses the whole file where it does not know one of the users"
            )
        _hand_on(handed, to or BUILD / "export" / "moodle.csv")
    else:
        from autograder.publish.export import lms

        if canvas_gradebook is None:
            handed = lms.canvas(given, unfinished=unfinished)
            handed.said.append(
                "without --canvas-gradebook Canvas finds assignments by title, and makes those that it lacks"
            )
        else:
            book = lms.CanvasGradebook.read(canvas_gradebook)
            handed = lms.canvas_with(book, given, _assignments(canvas_assignment), unfinished=unfinished)
        _hand_on(handed, to or BUILD / "export" / "canvas.csv")


def _assignments(named: Sequence[str]) -> dict[str, str]:
    """{week: assignment id}. Raises UserError."""
    found = {}
    for text in named:
        week, equals, number = text.partition("=")
        if not equals or not number.strip().isdigit():
            raise UserError(f"--canvas-assignment is WEEK=ID, such as 3=4711, not {text!r}")
        found[week_named(week.strip())] = number.strip()
    return found


def _csv(given: Sequence[Standing], path: Path) -> None:
    from autograder.publish.export import tables

    _write(path, tables.plain(given).encode("utf-8-sig"))
    waiting = sum(one.state == "waiting" for one in given)
    handed_in = sum(one.result is not None for one in given)
    note = f", {waiting} of them waiting for marks" if waiting else ""
    click.echo(f"{counted(handed_in, 'submission')}{note}: {path}")


def _hand_on(handed: Handed, path: Path) -> None:
    for line in handed.said:
        click.echo(line, err=True)
    places = {
        path.with_name(f"{path.stem}-{part}{path.suffix}") if part else path: text
        for part, text in handed.files.items()
    }
    stale = [path, *path.parent.glob(f"{path.stem}-week[0-9][0-9]{path.suffix}")]
    for place, text in places.items():
        _write(place, text.encode())
    for old in stale:
        if old not in places and old.is_file():
            old.unlink()  # of an earlier export: an import of it would bring old points back
    if len(places) > 1:
        click.echo(
            "One file for each week: not everyone has points in all of them, and an empty cell would clear a grade.",
            err=True,
        )
    if not places:
        click.echo("There is nothing to hand on.", err=True)
        raise SystemExit(1)
    click.echo(f"{counted(handed.count, 'grade')}: {', '.join(map(str, places))}")


def _write(path: Path, data: bytes) -> None:
    try:
        write_bytes(path, data)
    except OSError as problem:
        raise UserError(f"{path} cannot be written: {problem.strerror}") from problem


def _nbgrader(given: Sequence[Standing], term: Term, to: Path | None, db: str | None) -> None:
    from autograder.publish.export import gradebook

    known = syllabus.load()
    for one in given:
        if one.week not in known:
            click.echo(f"left out: {one.student}'s {one.week}, which is not a week of the course", err=True)
    given = [one for one in given if one.week in known]
    for one in given:
        if one.result is None and one.final is not None:
            click.echo(
                f"left out: {one.student}'s {one.week}, which has points and no submission to put into the gradebook",
                err=True,
            )
    root = to or ROOT
    place = db or str(root / "gradebook.db")
    if to is not None and to.suffix == ".db":  # the gradebook's own name
        root, place = to.parent, db or str(to)
    done = gradebook.write(place, given, term, root)
    shown = place.rpartition("@")[2] if "://" in place else place
    click.echo(f"{counted(done.submissions, 'submission')}: {shown}, and the notebooks in {root / 'autograded'}")
    if done.kept:
        click.echo(
            f"{counted(done.kept, 'entry').replace('entrys', 'entries')} of the formgrader "
            f"{'is' if done.kept == 1 else 'are'} not in the ledger yet, and stay: `autograder marks import --from-gradebook "
            f"{shown}` takes them",
            err=True,
        )


def _gradescope(given: Sequence[Standing], folder: Path) -> None:
    from autograder.publish.export import gradescope

    try:
        count = gradescope.write(folder, given)
    except OSError as problem:
        raise UserError(f"{folder} cannot be written: {problem.strerror}") from problem
    click.echo(f"{counted(count, 'submission')}: {folder}")
