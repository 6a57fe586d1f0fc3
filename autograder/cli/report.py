"""`autograder report`: HTML pages for the class and for each student, from the grading records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from autograder.cli.console import counted
from autograder.cli.in_term import with_term
from autograder.errors import UserError
from autograder.paths import BUILD
from autograder.results import Result
from autograder.term.folder import Term

if TYPE_CHECKING:
    from autograder.results.records import Trouble


def read_records(folder: Path) -> list[Result]:
    """The latest result of each submission; lines that are not as they were written are named on stderr.

    Raises UserError when there are no records in `folder`.
    """
    if not folder.is_dir():
        raise UserError(
            f"there are no grading records in {folder}; run `autograder grade SUBMISSIONS` or name --records"
        )
    from autograder.results import records

    troubles: list[records.Trouble] = []
    found = records.read(folder, troubles.append)
    tell(troubles, folder / records.FILE)
    return found


def tell(troubles: list[Trouble], file: Path) -> None:
    """Name on stderr the lines of the records `file` that are not as they were written."""
    for trouble in troubles[:10]:
        click.echo(f"{file}: {trouble}; `autograder grade` grades that work again", err=True)
    if len(troubles) > 10:
        click.echo(f"{file}: so are {len(troubles) - 10} more lines", err=True)


@click.command()
@with_term
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    default=BUILD / "report",
    show_default="build/report",
    help="Folder to write the pages into.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object that names the pages.")
def command(term: Term, to: Path, as_json: bool) -> None:
    """Write HTML pages: for the class, for its scores, and for each student.

    The pages are self-contained and run no scripts. Hidden checks appear by name and message only.
    """
    from autograder.publish import report

    written = report.write(read_records(term.records), to, term)
    view = written.view
    if as_json:
        summary = {
            "index": str(written.index),
            "scores": str(written.scores),
            "pages": {student: str(page) for student, page in written.pages.items()},
            "submissions": view.submissions,
            "verdicts": view.verdicts,
            "ungradable": [{"student": n.name, "week": n.week, "reason": n.text} for n in view.ungradable],
            "hardest": [
                {"week": e.week, "exercise": e.name, "wrong": e.wrong, "tried": e.tried, "advice": e.advice}
                for e in view.exercises
            ],
            "sandboxes": view.sandboxes,
        }
        click.echo(json.dumps(summary, ensure_ascii=False))
        return
    console = Console()
    if view.unsandboxed:
        console.print(
            f"[bold yellow]{counted(view.unsandboxed, 'submission')} graded without a sandbox; the report says so."
        )
    console.print(f"{counted(len(written.pages), 'student')}, {counted(view.submissions, 'submission')}")
    console.print(f"[bold]{written.index}[/]", soft_wrap=True)
