"""`autograder roster`: who is in the course, who has handed in, and class lists of learning systems."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.cli.console import counted
from autograder.cli.in_term import needed, results_of, week_named, with_term
from autograder.term import class_list, roster
from autograder.term.folder import Term
from autograder.term.points import Standing, standings
from course import syllabus

_MARKS = {"complete": "✓", "waiting": "…", "not gradable": "!", "not handed in": "–"}


@click.group(name="roster", invoke_without_command=True)
@click.option("--week", "named", help="Name who has not handed in this week (number or id).")
@click.option("--section", help="People of this section alone.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_term
@click.pass_context
def command(context: click.Context, term: Term, named: str | None, section: str | None, as_json: bool) -> None:
    """Who is in the course, and what they have handed in.

    `autograder roster import FILE` takes people from a class list of Canvas, Moodle or Gradescope, or a plain CSV file.
    """
    context.obj = term
    if context.invoked_subcommand is not None:
        return
    needed(term)
    results = results_of(term, needed=False)
    week = week_named(named) if named else None
    found = [
        one
        for one in standings(results, term, weeks=[week] if week else ())
        if section is None or (one.person and section in one.person.section.split("; "))
    ]
    if as_json:
        click.echo(json.dumps(_as_json(term, found, section), indent=2, ensure_ascii=False))
    elif week:
        _missing(term, week, found)
    else:
        _everyone(term, found, section)


def _everyone(term: Term, found: list[Standing], section: str | None) -> None:
    weeks = list(dict.fromkeys(one.week for one in found))
    plans = syllabus.load()
    table = Table(header_style="bold")
    for name in ("id", "name", "section", "e-mail"):
        table.add_column(name, overflow="fold")
    for week in weeks:
        table.add_column(str(plans[week].number) if week in plans else week, justify="center")
    states = {(one.student, one.week): one.state for one in found}
    people = [p for p in term.roster.people if section is None or section in p.section.split("; ")]
    for person in people:
        cells = (person.id, person.name, person.section, person.email)
        table.add_row(
            *(Text(cell) for cell in cells), *(_MARKS.get(states.get((person.id, week), ""), "") for week in weeks)
        )
    console = Console()
    if people:
        console.print(table)
    console.print(f"{len(people):,} {'person' if len(people) == 1 else 'people'} in {term.folder}.")
    if weeks:
        console.print("✓ complete   … waits for marks   ! could not be graded   – not handed in")
    _strangers(found)


def _missing(term: Term, week: str, found: list[Standing]) -> None:
    missing = [one for one in found if one.state == "not handed in" and one.person]
    for one in missing:
        assert one.person is not None
        click.echo("\t".join(filter(None, (one.student, one.person.name, one.person.section, one.person.email))))
    people = sum(one.person is not None for one in found)
    click.echo(f"{len(missing)} of {people} {'has' if len(missing) == 1 else 'have'} not handed in {week}.", err=True)
    _strangers(found)


def _strangers(found: list[Standing]) -> None:
    strangers = sorted({one.student for one in found if one.person is None})
    if strangers:
        click.echo(f"Not in the roster, but handed in: {', '.join(strangers)}", err=True)


def _as_json(term: Term, found: list[Standing], section: str | None) -> dict[str, object]:
    people = [
        {name: getattr(person, name) for name in roster.COLUMNS} | {"lms": dict(person.lms)}
        for person in term.roster.people
        if section is None or section in person.section.split("; ")
    ]
    weeks: dict[str, dict[str, list[str]]] = {}
    for one in found:
        weeks.setdefault(one.week, {}).setdefault(one.state, []).append(one.student)
    return {
        "people": people,
        "weeks": weeks,
        "not in the roster": sorted({o.student for o in found if o.person is None}),
    }


@command.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--id", "id_column", default="", help="Column whose content is to be a person's id.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.pass_obj
def import_(term: Term, file: Path, id_column: str, dry_run: bool) -> None:
    """Take people from FILE: Canvas' gradebook, Moodle's participants, Gradescope's roster, or a CSV file with id and name.

    People who are in the roster already keep their ids and are brought up to date; nobody is taken out. The id is the name
    that a person's submissions have: Canvas' SIS Login ID, Moodle's username (else the e-mail address), Gradescope's SID.
    """
    folder = needed(term)
    new = class_list.read(file, id_column)
    path = folder / roster.FILE
    merged = class_list.merge(term.roster, new, str(path))
    for line in (*new.said, *merged.said):
        click.echo(line, err=True)
    if merged.kept and len(merged.kept) < len(term.roster):
        names = ", ".join(f"{person.shown} ({person.id})" for person in merged.kept[:10])
        more = f" and {len(merged.kept) - 10} more" if len(merged.kept) > 10 else ""
        click.echo(
            f"In the roster, but not in {file}: {names}{more}. They stay; take a line out of {path} to remove one.",
            err=True,
        )
    if not dry_run:
        roster.write(path, merged.people)
    done = "would be" if dry_run else "were"
    kind = "a plain CSV file" if new.kind == "plain" else f"a class list of {new.kind}"
    click.echo(
        f"{file} is {kind}: {counted(len(merged.added), 'person').replace('persons', 'people')} {done} added, "
        f"{len(merged.changed)} brought up to date, {len(new.people) - len(merged.added) - len(merged.changed)} as before."
    )
