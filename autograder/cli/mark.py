"""`autograder mark`: mark written answers in a browser, on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import webbrowser
from typing import TYPE_CHECKING

import click

from autograder import weeks
from autograder.cli.console import counted
from autograder.cli.in_term import with_term
from autograder.cli.report import tell
from autograder.errors import UserError
from autograder.term.folder import Term

if TYPE_CHECKING:
    from autograder.results.records import Trouble


@click.command()
@click.option("--week", "only", multiple=True, help="Mark this week only (id or number; may be repeated).")
@click.option("--grader", "graders", multiple=True, help="Who marks; may be repeated.  [default: your login]")
@click.option("--names", is_flag=True, help="Show whose answer it is.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0: any that is free.")
@click.option("--open", "opens", is_flag=True, help="Open the page in this machine's browser.")
@with_term
def command(
    term: Term,
    only: tuple[str, ...],
    graders: tuple[str, ...],
    names: bool,
    port: int,
    opens: bool,
) -> None:
    """Mark written answers on a page that this machine serves to itself, until Ctrl+C.

    Question, model answer and answer stand side by side; marks, comments and the rubric go to the ledger of the term, from
    which report, exports and feedback read them. Each grader gets an address of their own.
    """
    from autograder.marking import server
    from autograder.marking.access import Access
    from autograder.marking.answers import Answers
    from autograder.marking.desk import Desk
    from autograder.results.records import FILE
    from autograder.term.ledger import whoami

    chosen = tuple(week.id for week in weeks.select(only)) if only else ()
    troubles: list[Trouble] = []
    answers = Answers(term, chosen, troubles.append)
    tell(troubles, term.records / FILE)
    found = answers.current()
    if not found:
        where = f"{term.records} of {', '.join(chosen)}" if chosen else f"{term.records}"
        raise UserError(f"there are no written answers in {where}: run `autograder grade SUBMISSIONS` first")
    who = tuple(dict.fromkeys(name.strip() for name in graders if name.strip())) or (whoami() or "grader",)
    listening = server.socket_on(port)
    access = Access(who, listening.getsockname()[1])
    waiting = sum(answer.written.waiting for answer in found.values())

    async def serve() -> None:
        server.listen(Desk(term, answers, names), access, listening)
        await asyncio.Event().wait()

    with contextlib.suppress(KeyboardInterrupt):  # from the first address on
        click.echo(f"{counted(len(found), 'written answer')}, {waiting} to be marked; marks go to {term.ledger.path}")
        for name in who:
            click.echo(f"{name}: {access.address(name)}")
        click.echo("Ctrl+C ends it; everything that was saved is kept.")
        if opens:
            webbrowser.open(access.address(who[0]))
        asyncio.run(serve())
