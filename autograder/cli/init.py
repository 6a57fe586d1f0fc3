"""`autograder init`: the folder of a term."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.errors import UserError
from autograder.paths import ROOT
from autograder.term import roster
from autograder.term.folder import FILE
from course import syllabus
from course.files import write_text

_TEXT = """\
# A term. Every `autograder` command uses it with --term FOLDER, with AUTOGRADER_TERM=FOLDER, or from inside the folder.
name = {name}
timezone = {zone}  # that of due dates without a zone, and of everyone whose own zone the roster does not give
due_in = "term"  # or "student": 23:59 is then each student's own 23:59

[late]
percent_per_day = 0  # of the points, for each day begun after the due date
of = "earned"  # or "possible": per cent of all points of the week
free_days = 0  # days that cost nothing, for each student, over the whole term
grace_minutes = 0  # so late is still in time
# cutoff_days = 7  # work that comes later than that many days after its due date does not count
# trust_file_times = true  # count a file's own time, too, where no system says when work came in

# [late.weeks.5]  # one week's own rule
# percent_per_day = 20

[due]  # take away the # of a week to give it another date than the syllabus
{dues}
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", default="", help="What the term is called.  [default: the folder's name]")
@click.option("--timezone", "zone", help="Where the course is, such as Europe/Berlin.  [default: that of this machine]")
def command(folder: Path, name: str, zone: str | None) -> None:
    """Make FOLDER the folder of a term: its settings, its roster, its ledger and the records of what was graded.

    It holds what is private about students, so it lies outside the repository.
    """
    if folder.resolve() == ROOT or ROOT in folder.resolve().parents:
        raise UserError(f"{folder} lies in the repository: a term is about people, and belongs outside of it")
    path = folder / FILE
    if path.exists():
        raise UserError(f"{folder} is the folder of a term already")
    zone = zone or _zone_here()
    here = roster.zone(zone, "--timezone")
    dues = "\n".join(
        f"# {plan.number} = {plan.due.astimezone(here):%Y-%m-%dT%H:%M:%S}  # {plan.title}"
        for plan in syllabus.load().values()
    )
    text = _TEXT.format(name=_quoted(name or folder.resolve().name), zone=_quoted(zone), dues=dues)
    try:
        (folder / "grades").mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    except OSError as problem:
        raise UserError(f"{folder} cannot be written: {problem.strerror}") from problem
    if not (folder / roster.FILE).exists():
        roster.write(folder / roster.FILE, [])
    click.echo(f"{path}: due dates, late policy, time zone ({zone}).")
    click.echo(f"Next: `export AUTOGRADER_TERM={folder.resolve()}` and `autograder roster import FILE`.")


def _quoted(text: str) -> str:
    """`text` as a string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else " " for c in escaped) + '"'


def _zone_here() -> str:
    """The name of this machine's time zone, where it says one."""
    place = Path("/etc/localtime").resolve().as_posix()
    return place.partition("/zoneinfo/")[2] or "UTC"
