"""`autograder grade`: grade a folder of submissions."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from autograder import weeks
from autograder.errors import UserError
from autograder.paths import BUILD
from autograder.results import Result

_STYLE = {"pass": "green", "invalid": "bold red", "tampered": "magenta"}


def table(results: list[Result]) -> Table:
    """A row a submission: verdict, points, what did not pass, what was noticed."""
    rows = Table(title="Graded submissions", title_justify="left", header_style="bold")
    for name in ("student", "week", "verdict"):
        rows.add_column(name, overflow="fold")
    rows.add_column("points", justify="right")
    rows.add_column("not passed", overflow="fold")
    rows.add_column("noticed", overflow="fold")
    for result in results:
        wrong = [f"{check.id} ({check.verdict})" for check in result.checks if check.verdict != "pass"]
        shown = ", ".join(wrong[:4]) + (f" and {len(wrong) - 4} more" if len(wrong) > 4 else "")
        noticed = "; ".join(result.warnings[:2]) + (
            f"; {len(result.warnings) - 2} more" if len(result.warnings) > 2 else ""
        )
        points = f"{result.score:g} / {result.max_score:g}"
        style = _STYLE.get(result.verdict, "yellow")
        cells = (result.student, result.week, f"[{style}]{result.verdict}[/]", points)
        rows.add_row(_plain(cells[0]), _plain(cells[1]), cells[2], cells[3], _plain(shown), _plain(noticed))
    return rows


def _plain(text: str) -> str:
    """Text from a student, without what a terminal or rich would take for markup."""
    printable = "".join(c if c.isprintable() else "·" for c in text)
    return printable.replace("[", r"\[")


@click.command(name="grade")
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option("--week", "names", multiple=True, help="Grade this week only (id or number; may be repeated).")
@click.option("--to", type=click.Path(path_type=Path), default=BUILD / "grades", help="Folder of the records.")
@click.option("--sandbox", type=click.Choice(["bwrap", "none"]), help="How workers are confined (default: bwrap).")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Submissions at a time.")
@click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
@click.option("--pictures", is_flag=True, help="Run the cells that only draw, too, so that the report can show them.")
@click.option("--force", is_flag=True, help="Grade unchanged work again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
def command(
    submissions: Path,
    names: tuple[str, ...],
    to: Path,
    sandbox: str | None,
    jobs: int,
    profile: str,
    pictures: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Grade SUBMISSIONS: a folder <student>/<week>/<week>.ipynb (nbgrader's layout), or a folder of zips.

    Every submission gets a record; damaged ones are named with the reason. Unchanged work is not graded again.
    Exit status: 0 when every submission got every point, 1 when one fell short, 2 on misuse.
    """
    from autograder.grading import batch, records

    console = Console(stderr=as_json)
    only = [week.id for week in weeks.select(names)] if names else []
    if sandbox == "none":
        console.print("[bold yellow]No sandbox:[/] the submitted code runs with your rights. Every record says so.")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("grading", total=None)
        try:
            results = batch.grade_folder(
                submissions,
                to=to,
                kind=sandbox,  # type: ignore[arg-type]
                jobs=jobs,
                profile=profile,
                pictures=pictures,
                force=force,
                only=only,
                on_found=lambda count: progress.update(bar, total=count),
                on_result=lambda result: progress.advance(bar),
            )
        except OSError as problem:
            raise UserError(f"{submissions} cannot be read: {problem.strerror}") from problem
    if as_json:
        click.echo(json.dumps(records.as_json(results), indent=2))
    else:
        console.print(table(results))
        full = sum(result.verdict == "pass" for result in results)
        broken = sum(result.verdict == "invalid" for result in results)
        console.print(
            f"{len(results)} submissions: {full} with every point, {broken} that could not be graded. Records: {to}"
        )
    if any(result.score < result.max_score or result.verdict == "invalid" for result in results):
        raise SystemExit(1)
