"""`autograder audit`: test the checks themselves."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from autograder import weeks
from autograder.errors import UserError

if TYPE_CHECKING:
    from autograder.audit.run import Audit
    from autograder.isolation.sandbox import Sandbox


def table(audit: Audit) -> Table:
    """One row per exercise."""
    rows = Table(title="Audit of the checks", title_justify="left", header_style="bold")
    rows.add_column("week")
    rows.add_column("exercise")
    for name in ("points", "reference", "empty", "mistakes caught", "alternatives pass", "mutants killed"):
        rows.add_column(name, justify="right")

    def pair(counts: tuple[int, int], must: bool = True) -> str:
        good, every = counts
        style = "" if good == every else "[red]" if must else "[yellow]"
        return f"{style}{good} of {every}" if every else "–"

    for row in audit.rows:
        ok = {True: "ok", False: "[red]no"}
        rows.add_row(
            row.week,
            row.exercise,
            f"{row.points:g}",
            ok[row.reference],
            ok[row.empty],
            pair(row.mistakes),
            pair(row.alternatives),
            pair(row.mutants, must=False),
        )
    return rows


@click.command(name="audit")
@click.argument("names", nargs=-1, metavar="[WEEK]...")
@click.option(
    "--exercise", "exercises", multiple=True, help="Only this exercise (id of its answer cell; may be repeated)."
)
@click.option("--mutants/--no-mutants", default=True, show_default=True, help="Also mutate the reference answers.")
@click.option(
    "--max-mutants", type=click.IntRange(min=1), help="At most this many mutants per exercise (a fixed sample)."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Answers at a time (default: cores).")
@click.option("--sandbox", type=click.Choice(["bwrap", "none"]), help="Default: bwrap. The answers are our own.")
@click.option("--messages", is_flag=True, help="Print every message of the checks, and try nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
def command(
    names: tuple[str, ...],
    exercises: tuple[str, ...],
    mutants: bool,
    max_mutants: int | None,
    jobs: int | None,
    sandbox: str | None,
    messages: bool,
    as_json: bool,
) -> None:
    """Try the checks of WEEKS (default: all) on right and wrong answers.

    The reference must earn every point and the empty release none; every mistake must fail the checks that it names, and
    be caught in the words that it names; every alternative must earn every point. Mutants that survive are listed.
    Exit status: 0 when all that holds, 1 when something falls short, 2 on misuse.
    """
    from autograder.audit import run as auditing
    from autograder.isolation.sandbox import default_sandbox

    chosen = weeks.select(names)
    if messages:
        _show_messages(chosen, as_json)
        return
    ids = {answer.id for week in chosen for answer in week.answers}
    if unknown := set(exercises) - ids:
        raise UserError(f"--exercise {min(unknown)}: no such answer cell; there are {', '.join(sorted(ids))}")
    todo = [
        case
        for week in chosen
        for case in auditing.cases(
            week,
            exercises=[e for e in exercises if e in {a.id for a in week.answers}] if exercises else (),
            with_mutants=mutants,
            most=max_mutants,
        )
        if not exercises or case.exercise in exercises
    ]
    console = Console(stderr=as_json)
    columns = (TextColumn("auditing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("auditing", total=len(todo))
        kind: Sandbox = sandbox or default_sandbox()  # type: ignore[assignment]
        audit = auditing.run(
            todo,
            kind,
            jobs or os.cpu_count() or 1,
            on_result=lambda case: progress.advance(bar),
        )
    if as_json:
        click.echo(json.dumps(audit.as_dict(), indent=2))
    else:
        console.print(table(audit))
        for line in audit.survivors:
            console.print(f"[yellow]survivor[/] {escape(line)}", soft_wrap=True)
        for line in audit.shortfalls:
            console.print(f"[red]falls short[/] {escape(line)}", soft_wrap=True)
        console.print(summary(audit.rows, len(audit.shortfalls)))
    if audit.shortfalls:
        raise SystemExit(1)


def summary(rows: list[Any], shortfalls: int) -> str:
    """One line for the log."""

    def total(name: str) -> str:
        pairs = [getattr(row, name) for row in rows]
        return f"{sum(a for a, _ in pairs)} of {sum(b for _, b in pairs)}"

    return (
        f"{len(rows)} exercises: {total('mistakes')} mistakes caught, {total('alternatives')} alternatives pass, "
        f"{total('mutants')} mutants killed, {shortfalls} shortfalls."
    )


def _show_messages(chosen: list[weeks.Week], as_json: bool) -> None:
    from autograder.authoring.messages import messages

    found = [message for week in chosen for message in messages(week)]
    if as_json:
        click.echo(json.dumps([asdict(message) for message in found], indent=2, ensure_ascii=False))
        return
    table = Table("Week", "Check", "Line", "", "Kind", "Text", title="Messages of the checks", header_style="bold")
    for one in found:
        seen = "hidden" if one.hidden else ""
        table.add_row(one.week.partition("_")[0], one.check, str(one.line), seen, one.kind, escape(one.text))
    Console().print(table)
