"""What the commands of a term share: its options, and how a student, a week and a time are named on the command line."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from autograder.errors import UserError
from autograder.results import Result
from autograder.term import late
from autograder.term.folder import Term, week_of
from autograder.term.ledger import Ledger, Trouble

term_option = click.option(
    "--term",
    "term_folder",
    type=click.Path(path_type=Path),
    help="Folder of the term.  [default: AUTOGRADER_TERM, or the current folder if it is one]",
)
records_option = click.option(
    "--records",
    type=click.Path(path_type=Path),
    help="Folder of the grading records.  [default: the term's grades, or build/grades]",
)


def with_term(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options --term and --records, and the term as its argument `term`."""

    @term_option
    @records_option
    @functools.wraps(command)
    def wrapped(term_folder: Path | None, records: Path | None, **options: Any) -> Any:
        term = Term.locate(term_folder, records)
        tell_ledger(term.ledger)
        return command(term=term, **options)

    return wrapped


def needed(term: Term) -> Path:
    """The folder of a term that a command cannot do without. Raises UserError."""
    if term.folder is None:
        raise UserError(
            "no term is named: give --term FOLDER or set AUTOGRADER_TERM; `autograder init FOLDER` makes one"
        )
    return term.folder


def tell_ledger(ledger: Ledger) -> None:
    """Name on stderr the lines of a ledger that are not as they were written."""
    troubles: list[Trouble] = []
    ledger.entries(troubles.append)
    for trouble in troubles[:10]:
        click.echo(f"{ledger.path}: {trouble}", err=True)
    if len(troubles) > 10:
        click.echo(f"{ledger.path}: so are {len(troubles) - 10} more lines", err=True)


def results_of(term: Term, *, needed: bool = True) -> list[Result]:
    """The latest result of each submission of the term. Raises UserError where there are none and they are `needed`."""
    from autograder.cli.report import read_records

    if not needed and not term.records.is_dir():
        return []
    found = read_records(term.records)
    if needed and not found:
        raise UserError(f"there are no grading records in {term.records}; run `autograder grade SUBMISSIONS` first")
    return found


def student_of(term: Term, results: Sequence[Result], named: str) -> str:
    """The id of the student called `named`. Raises UserError with names like it where nobody is."""
    person = term.roster.find(named)
    if person is not None:
        return person.id
    recorded = {result.student for result in results}
    if named in recorded:
        return named
    known = [*recorded, *(text for person in term.roster.people for text in (person.id, person.name) if text)]
    namesakes = [p.id for p in term.roster.people if p.name.casefold() == named.casefold()]
    if len(namesakes) > 1:
        raise UserError(f"{named} is the name of {len(namesakes)} people: say which by the id ({', '.join(namesakes)})")
    near = difflib.get_close_matches(named, sorted(set(known)), n=3, cutoff=0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; `autograder roster` lists who is in it"
    raise UserError(f"{named!r} is neither in the roster nor in the records{hint}")


def week_named(name: str) -> str:
    """The id of the week called `name` on the command line. Raises UserError."""
    return week_of(name, "WEEK")


_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](.+))?")


def time_named(text: str, zone: ZoneInfo) -> datetime:
    """A date and time as people type them: without a time the end of the day, without a zone by the clock of `zone`.

    Raises UserError.
    """
    try:
        found = datetime.fromisoformat(text)
        if (parts := _TIME.fullmatch(text)) is None:
            raise ValueError(text)
        if parts[2] is None:
            found = datetime.combine(found.date(), time(23, 59))
    except ValueError as problem:
        raise UserError(f"{text!r} is no date: write it as 2027-01-20 or as 2027-01-20T18:00") from problem
    return found.astimezone(zone) if found.tzinfo else late.at(found, zone).astimezone(zone)


def shown_time(moment: datetime | None) -> str:
    """ "Wed 20 Jan 2027, 23:59 CET"."""
    if moment is None:
        return "never"
    return f"{moment:%a} {moment.day} {moment:%b %Y, %H:%M %Z}"
