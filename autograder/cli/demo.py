"""`autograder demo`: the whole path on three weeks and an invented class, with a check that all came out as it must."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from autograder import weeks as weeks_module
from autograder.paths import BUILD

if TYPE_CHECKING:
    from autograder.authoring.solve import Outcome
    from autograder.demo.run import ClassOutcome

WEEKS = ("1", "2", "3")
MARKS = {"pass": "[green]✓[/]", "invalid": "[bold]⊘[/]", "tampered": "[blue]⚑[/]", "missing": "[dim]–[/]"}


@click.command()
@click.option(
    "--sandbox",
    type=click.Choice(["bwrap", "none"]),
    help="bwrap: all samples. none: only the harmless ones. Default: bwrap where it works.",
)
@click.option(
    "--to", type=click.Path(path_type=Path), default=BUILD / "report", help="Folder of the report (build/report)."
)
@click.option("--jobs", type=click.IntRange(1), help="Notebooks at a time (default: what cores and memory allow).")
@click.option("--solve/--no-solve", "solving", default=True, help="Whether to execute the solution notebooks first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def command(sandbox: str | None, to: Path, jobs: int | None, solving: bool, as_json: bool) -> None:
    """Run weeks 1 to 3 from end to end: execute the solutions, grade an invented class, write its report.

    Every sample submission states what grading must make of it. Exit status 1 when one comes out otherwise, or when a
    solution does not earn its points.
    """
    from autograder.authoring.solve import jobs_for
    from autograder.cli import solve as solve_command
    from autograder.demo import run as demo
    from autograder.isolation.sandbox import INSTALL_HINT, bwrap_works

    began = time.monotonic()
    console = Console(width=max(110, min(140, shutil.get_terminal_size().columns)), stderr=as_json)
    kind = sandbox or ("bwrap" if bwrap_works() else "none")
    if kind == "bwrap" and not bwrap_works():
        raise click.UsageError(f"bubblewrap does not work here: {INSTALL_HINT}, or use --sandbox none")
    jobs = jobs or jobs_for()
    weeks = weeks_module.select(WEEKS)

    solved: list[Outcome] = []
    if solving:
        console.rule("[bold]1 · The solutions, executed", align="left")
        solved = solve_command.run(weeks, "quick", BUILD / "solve", jobs)
        if not as_json:
            solve_command.show(solved, BUILD / "solve")

    console.rule("[bold]2 · A class hands in, and is graded", align="left")
    if kind == "none":
        console.print(
            "[bold yellow]No sandbox here.[/] Only the demo's own harmless samples are graded, with --sandbox none; the "
            f"hostile three are left out. For all of it, {INSTALL_HINT}.",
            highlight=False,
        )
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        stderr_to(BUILD / "demo" / "grading.log") as terminal,
        Progress(*columns, console=Console(file=terminal), transient=True) as progress,
    ):
        bar = progress.add_task("grading", total=None)
        outcome = demo.grade_class(
            weeks,
            folder=BUILD / "demo",
            to=to,
            kind=kind,  # type: ignore[arg-type]
            jobs=jobs,
            on_found=lambda count: progress.update(bar, total=count),
            on_result=lambda result: progress.advance(bar),
        )
    seconds = time.monotonic() - began
    good = outcome.good and all(week.good for week in solved)
    if as_json:
        click.echo(json.dumps(as_object(outcome, solved, kind, seconds, good), ensure_ascii=False))
    else:
        show(console, outcome, solved, seconds)
    if not good:
        raise SystemExit(1)


@contextlib.contextmanager
def stderr_to(log: Path) -> Iterator[TextIO]:
    """Send what this process and its children write to stderr to `log`; yields the stderr that was.

    TensorFlow greets with a few lines from every process that loads it, and no setting silences them all.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stderr.flush()
    terminal = os.fdopen(os.dup(2), "w", encoding="utf-8")
    with log.open("w", encoding="utf-8") as file, terminal:
        os.dup2(file.fileno(), 2)
        try:
            yield terminal
        finally:
            os.dup2(terminal.fileno(), 2)


def show(console: Console, outcome: ClassOutcome, solved: list[Outcome], seconds: float) -> None:
    table = Table("Student", "Week", "What was handed in", "Verdict", "Points", "As it must be", header_style="bold")
    table.columns[4].justify = "right"
    last = ""
    for one in outcome.graded:
        result = one.result
        verdict = result.verdict if result else "–"
        table.add_row(
            one.sample.student if one.sample.student != last else "",
            str(one.sample.week.plan.number),
            ("[bold red]hostile:[/] " if one.sample.hostile else "") + escape(one.sample.story),
            f"{MARKS.get(verdict, '[red]✗[/]')} {verdict}",
            f"{result.score:g} / {result.max_score:g}" if result and verdict != "invalid" else "–",
            "[red]no[/]" if one.mismatches else "[green]yes[/]",
        )
        last = one.sample.student
    console.print(table)
    for one in outcome.graded:
        for problem in one.mismatches:
            name = f"{one.sample.student}, week {one.sample.week.plan.number}"
            console.print(f"[red]{name}[/]: {escape(problem)}", highlight=False)

    hostile = [one for one in outcome.graded if one.sample.hostile]
    if hostile:
        console.rule("[bold]3 · Who tried to cheat", align="left")
        for one in hostile:
            score = one.result.score if one.result else 0
            console.print(
                f"{one.sample.student}: {escape(one.sample.story)}. Earned honestly {one.sample.expect.high:g}, "
                f"given {score:g}, forged [bold]{one.forged:g}[/]."
            )
        style = "green" if outcome.forged == 0 else "red"
        console.print(f"[bold {style}]Forged points: {outcome.forged:g}[/]")

    console.rule(f"[bold]{4 if hostile else 3} · The report", align="left")
    for exercise in outcome.report.view.exercises[:3]:
        said = f", most often “{exercise.top.text}”" if exercise.top else ""
        console.print(
            f"To teach again: [bold]{escape(exercise.name)}[/] ({exercise.week_title.lower()}), "
            f"{exercise.wrong} of {exercise.tried} wrong{escape(said)}",
            highlight=False,
        )
    mismatches = sum(bool(one.mismatches) for one in outcome.graded)
    short = [week.week for week in solved if not week.good]
    if short:
        console.print(f"[red]Solutions that fall short: {', '.join(short)}[/]")
    if mismatches:
        console.print(
            f"[bold red]{mismatches} of {len(outcome.graded)} submissions came out otherwise than they must.[/]"
        )
    else:
        console.print(f"[bold green]All {len(outcome.graded)} submissions came out as they must.[/]")
    console.print(f"{seconds:.0f} s in all. Open [bold]{outcome.report.index}[/]", soft_wrap=True, highlight=False)


def as_object(outcome: ClassOutcome, solved: list[Outcome], kind: str, seconds: float, good: bool) -> dict[str, object]:
    return {
        "good": good,
        "sandbox": kind,
        "seconds": round(seconds, 1),
        "report": str(outcome.report.index),
        "forged_points": outcome.forged,
        "left_out": [member.student for member in outcome.left_out],
        "solutions": [{"week": week.week, "good": week.good} for week in solved],
        "submissions": [
            {
                "student": one.sample.student,
                "week": one.sample.week.id,
                "story": one.sample.story,
                "hostile": one.sample.hostile,
                "verdict": one.result.verdict if one.result else None,
                "score": one.result.score if one.result else None,
                "mismatches": one.mismatches,
            }
            for one in outcome.graded
        ],
    }
