"""`course check`: the points that a notebook has earned so far."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from course.desk.errors import UsageError
from course.desk.folders import find_notebook, plan_of, week_of

_LEAST_SECONDS = 60.0
"""For a cell, where the syllabus has less: a laptop may be slower than the machine that grades."""


@click.command(name="check")
@click.argument("week")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.option("--cell-seconds", type=click.FloatRange(min=1), help="Limit for a cell (default: the week's own).")
@click.pass_obj
def command(folder: Path | None, week: str, as_json: bool, cell_seconds: float | None) -> None:
    """Run WEEK's notebook from a fresh start and show the points earned so far.

    It runs with what `course submit` would hand in and nothing else beside it. Only the checks that you can see are run.
    Points that depend on parts which run only when your work is graded are not counted. Exit status: 0 when all pass, 1
    when one fails or is missing.
    """
    from rich.console import Console
    from rich.progress import Progress

    from course import score
    from course.desk import given, notebooks, pitfalls, running

    path = find_notebook(week, folder)
    notebook = notebooks.read(path)
    plan = plan_of(path)
    if cell_seconds is None:
        seconds = plan.cell_seconds[notebooks.profile_of(notebook)] if plan else 0.0
        cell_seconds = max(seconds, _LEAST_SECONDS)
    missing = given.missing_checks(notebook, plan)
    notes = pitfalls.find(notebook, path)
    try:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task(week_of(path), total=None)
            standings = running.run_checks(
                notebook, path, cell_seconds, lambda done, total: progress.update(bar, completed=done, total=total)
            )
    except OSError as problem:
        raise UsageError(
            f"{path} cannot be run in a copy ({problem.strerror or problem}); it is as it was. Is the disk full?"
        ) from problem
    points = score.total(standings)
    texts = notebooks.written(notebook)
    if as_json:
        report = {
            "week": week_of(path),
            "points": points.earned,
            "open_points": points.open,
            "max_points": points.most,
            "by_hand": texts,
            "checks": [
                {
                    "id": one.id,
                    "points": one.points if one.state == "passes" else 0.0,
                    "max_points": one.points,
                    "state": one.state,
                    "message": one.message,
                }
                for one in standings
            ],
            "missing": missing,
            "notes": notes,
        }
        click.echo(json.dumps(report))
    else:
        _show(week_of(path), standings, points, texts, notebooks.unanswered(notebook))
        for what in missing:
            click.echo(
                f"Missing from this notebook: {what}. Take them from a fresh copy; your work is graded with all."
            )
        for note in notes:
            click.echo(f"Note: {note}")
    if missing or any(one.message for one in standings):
        raise SystemExit(1)


def _show(name: str, standings: list[Any], points: Any, texts: dict[str, float], left: list[str]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("Check", "Points", "", title=name)
    table.columns[1].justify = "right"
    for one in standings:
        shown = "[green]passes[/]" if one.state == "passes" else one.state
        table.add_row(one.id, one.worth, escape(one.message) if one.message else shown)
    console = Console()
    if standings:
        console.print(table)
        console.print(str(points), highlight=False, soft_wrap=True)
    else:
        console.print("No check is left in this notebook, so there are no points to show.", soft_wrap=True)
    if texts:
        state = "not answered yet" if any(one in texts for one in left) else "answered"
        console.print(
            f"{sum(texts.values()):g} more are for written answers, read by a person: {state}.", highlight=False
        )
