"""`autograder solve`: do the solutions run, and do they earn their points?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from autograder import weeks as weeks_module
from autograder.authoring.solve import Outcome, jobs_for
from autograder.authoring.solve import solve as solve_weeks
from autograder.paths import BUILD


@click.command()
@click.argument("weeks", nargs=-1)
@click.option(
    "--profile",
    type=click.Choice(["quick", "full"]),
    default="quick",
    show_default=True,
    help="quick: embedded data, seconds. full: the real data and the published bounds.",
)
@click.option(
    "--jobs", type=click.IntRange(1), default=None, help="Notebooks side by side (default: what memory allows)."
)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=BUILD / "solve",
    help="Folder for executed notebooks, HTML pages and junit.xml (default: build/solve).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(weeks: tuple[str, ...], profile: str, jobs: int | None, folder: Path, as_json: bool) -> None:
    """Execute the solution notebooks of WEEKS (default: all) and count the points they earn."""
    chosen = weeks_module.select(weeks)
    outcomes = run(chosen, profile, folder, jobs)
    if as_json:
        good = all(outcome.good for outcome in outcomes)
        click.echo(json.dumps({"good": good, "weeks": [outcome.public() for outcome in outcomes]}))
    else:
        show(outcomes, folder)
    if not all(outcome.good for outcome in outcomes):
        raise SystemExit(1)


def run(chosen: list[weeks_module.Week], profile: str, folder: Path, jobs: int | None = None) -> list[Outcome]:
    """Solve with a bar for each week on stderr."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f} cells"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    ) as progress:
        bars: dict[str, TaskID] = {week.id: progress.add_task(week.id, total=len(week.cells)) for week in chosen}

        def on_cell(week: str, done: int, total: int) -> None:
            progress.update(bars[week], completed=done, total=total)

        return solve_weeks(chosen, profile, folder=folder, jobs=jobs or jobs_for(), on_cell=on_cell)


def show(outcomes: list[Outcome], folder: Path) -> None:
    """The table, then each failure with its week, cell and message."""
    console = Console(width=max(100, shutil.get_terminal_size().columns))
    table = Table("Week", "Seconds", "Points earned", "By hand", "", title="Solutions")
    for column in table.columns[1:4]:
        column.justify = "right"
    for outcome in outcomes:
        table.add_row(
            outcome.week,
            f"{outcome.seconds:.1f}",
            f"{outcome.points:g} of {outcome.max_points:g}",
            f"{outcome.by_hand:g}",
            "[green]ok[/]" if outcome.good else "[red]falls short[/]",
        )
    console.print(table)
    for outcome in outcomes:
        if outcome.problem:
            console.print(f"[red]{outcome.week}[/]: {escape(outcome.problem)}")
        for cell in outcome.failures:
            console.print(f"[red]{outcome.week}[/], cell [bold]{cell.id}[/]: {escape(cell.message)}", highlight=False)
    console.print(f"Executed notebooks, HTML pages and junit.xml: {folder}", highlight=False, soft_wrap=True)
