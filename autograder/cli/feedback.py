"""`autograder feedback`: each student's page, in the layouts in which it is handed out."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder import weeks
from autograder.cli.console import counted
from autograder.cli.in_term import results_of, with_term
from autograder.paths import BUILD, ROOT
from autograder.term.folder import Term

WHERE = {
    "pages": BUILD / "feedback",
    "zips": BUILD / "feedback-zips",
    "moodle": BUILD / "feedback-moodle",
    "nbgrader": ROOT / "feedback",
}


@click.command()
@click.option("--format", "form", type=click.Choice(list(WHERE)), default="pages", show_default=True)
@click.option("--week", "names", multiple=True, help="Feedback on this week only (id or number; may be repeated).")
@click.option("--student", "students", multiple=True, help="Feedback for this student only (may be repeated).")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    help="Folder to write into.  [default: build/feedback…; for nbgrader feedback/]",
)
@click.option(
    "--submitted",
    type=click.Path(path_type=Path),
    default=ROOT / "submitted",
    show_default="submitted",
    help="nbgrader's folder of submissions, for --format nbgrader.",
)
@with_term
def command(
    term: Term,
    form: str,
    names: tuple[str, ...],
    students: tuple[str, ...],
    to: Path | None,
    submitted: Path,
) -> None:
    """Write feedback to hand out: pages that stand alone, with points, messages, marks and comments.

    \b
    pages     <student>.html, all weeks in it
    zips      <student>.zip, a page for each week in it
    moodle    <week>.zip, for "Upload multiple feedback files in a zip" of Moodle's assignment
    nbgrader  feedback/<student>/<week>/<week>.html, for `nbgrader release_feedback`

    Exit status: 0, 1 when a submission has no place in the form, 2 on misuse.
    """
    from autograder.publish import feedback

    chosen = [week.id for week in weeks.select(names)] if names else []
    place = to or WHERE[form]
    done = feedback.write(
        results_of(term),
        form,  # type: ignore[arg-type]
        place,
        term,
        weeks=chosen,
        students=students,
        submitted=submitted,
    )
    click.echo(f"{counted(len(done.files), 'file')}: {place}")
    if done.waiting:
        click.echo(
            f"{counted(done.waiting, 'written answer')} not marked yet: the pages say so (`autograder mark`)", err=True
        )
    for one in done.left_out[:20]:
        click.echo(f"left out: {_plain(one.student)}, {_plain(one.week)}: {_plain(one.reason)}", err=True)
    if len(done.left_out) > 20:
        click.echo(f"left out: {len(done.left_out) - 20} more", err=True)
    sys.exit(1 if done.left_out else 0)


def _plain(text: str) -> str:
    """A student's words without what a terminal would take for a command."""
    return "".join(c if c.isprintable() else "·" for c in text)
