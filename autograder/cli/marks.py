"""`autograder marks`: marks of written answers as CSV, and from nbgrader's gradebook, into the ledger."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.console import counted
from autograder.cli.in_term import results_of, week_named, with_term
from autograder.errors import UserError
from autograder.paths import BUILD
from autograder.term.folder import Term
from autograder.term.ledger import whoami
from autograder.term.points import standings
from course.files import write_bytes


@click.group(name="marks")
def command() -> None:
    """Marks of written answers: to and from spreadsheets, and from nbgrader's formgrader."""


@command.command()
@click.option("--to", type=click.Path(path_type=Path), help="File to write.  [default: build/export/marks.csv]")
@click.option("--week", "named", multiple=True, help="This week only (id or number; may be repeated).")
@click.option("--all", "everything", is_flag=True, help="Answers that have marks, too.")
@with_term
def export(term: Term, to: Path | None, named: tuple[str, ...], everything: bool) -> None:
    """Write the answers that wait for marks as CSV, with empty columns for points and comment."""
    write_marks(term, to or BUILD / "export" / "marks.csv", named, everything)


def write_marks(term: Term, path: Path, named: tuple[str, ...], everything: bool) -> None:
    """The CSV file of `autograder marks export`."""
    from autograder.publish.export import marks

    found = standings(results_of(term), term, weeks=[week_named(name) for name in named])
    text = marks.table(found, everything=everything)
    try:
        write_bytes(path, text.encode("utf-8-sig"))
    except OSError as problem:
        raise UserError(f"{path} cannot be written: {problem.strerror}") from problem
    waiting = sum(len(one.waiting) for one in found)
    click.echo(f"{counted(waiting, 'answer')} {'waits' if waiting == 1 else 'wait'} for marks: {path}")


@command.command(name="import")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--from-gradebook", "gradebook", metavar="FILE|URL", help="nbgrader's gradebook: what the formgrader holds."
)
@click.option("--grader", help="Who marked.  [default: AUTOGRADER_GRADER, or your login]")
@click.option("--replace", is_flag=True, help="Also take points where somebody gave others meanwhile.")
@click.option("--dry-run", is_flag=True, help="Say what would be entered, and enter nothing.")
@with_term
def import_(
    term: Term, files: tuple[Path, ...], gradebook: str | None, grader: str | None, replace: bool, dry_run: bool
) -> None:
    """Enter the marks of CSV FILES, as `autograder marks export` writes them, or those of nbgrader's gradebook.

    Needed columns: student, week, question, points. All files count; where two differ, nothing is entered. An answer that
    somebody marked otherwise since the file was written is named and left (status 1), unless --replace is given.
    """
    if bool(files) == (gradebook is not None):
        raise click.UsageError("give FILES or --from-gradebook")
    found = standings(results_of(term), term)
    if gradebook is not None:
        from autograder.publish.export import gradebook_marks

        taken = gradebook_marks.read(gradebook, found, term, replace=replace)
        entries, conflicts, said, same = taken.entries, taken.conflicts, taken.said, 0
    else:
        from autograder.publish.export import marks

        read = marks.read(files, found, term, grader or whoami(), replace=replace)
        entries, conflicts, said, same = [*read.marks], read.conflicts, read.said, read.same
    for line in said:
        click.echo(line, err=True)
    for line in conflicts:
        click.echo(f"left as it is: {line}", err=True)
    if not dry_run:
        term.ledger.append(*entries)
    done = "would be entered" if dry_run else "entered"
    rest = f", {same} there already" if same else ""
    left = f", {len(conflicts)} left as they are (--replace takes them)" if conflicts else ""
    click.echo(f"{counted(len(entries), 'mark')} {done} in {term.ledger.path}{rest}{left}")
    if conflicts:
        raise SystemExit(1)
