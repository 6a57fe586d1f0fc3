"""`course progress`: all weeks at a glance."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from course.desk import given, notebooks, open_labs, packing, student
from course.desk import saved as saves
from course.desk.errors import UsageError
from course.desk.folders import assignments_folder, plan_of
from course.desk.folders import notebooks as notebooks_in

if TYPE_CHECKING:
    from course.syllabus import WeekPlan

_MOST_NAMES = 1


@click.command(name="progress")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.pass_obj
def command(folder: Path | None, as_json: bool) -> None:
    """Show all weeks: points so far, when each is due, and what is missing.

    Nothing is run: the points are those of the checks as you last ran and saved them, and "?" where the file does not
    show that they ran. `course check WEEK` runs them anew.
    """
    import json

    home = assignments_folder(folder)
    now = datetime.datetime.now(datetime.UTC)
    rows = [_row(path, now) for path in notebooks_in(home)]
    if as_json:
        click.echo(json.dumps({"weeks": rows}))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("Week", "Points", "Due", "Missing", "Zip", title="Progress")
    for column in table.columns[1:3]:
        column.no_wrap = True
    for row in rows:
        week = f"{row['number']} {row['title']}"
        table.add_row(*map(escape, (week, row["shown"], row["due_in"], row["missing"], row["zip"])))
    console = Console()
    console.print(table)
    console.print(
        'As you last ran and saved them; `course check WEEK` runs a week anew. "0 to 5": 5 depend on what runs when graded.',
        highlight=False,
        soft_wrap=True,
    )
    for note in _notes(rows):
        console.print(note, highlight=False, soft_wrap=True)


def _notes(rows: list[dict[str, Any]]) -> list[str]:
    """Why the table may show fewer points than there are."""
    found = []
    if weeks := [str(row["number"]) for row in rows if row["not_run"]]:
        found.append(
            f"Week {', '.join(weeks)}: the saved file does not show how every check came out, so its points are not known. Run "
            f"all cells and save the notebook, or say `course check {weeks[0]}`."
        )
    if weeks := [str(row["number"]) for row in rows if row["unsaved"]]:
        found.append(
            f"Week {', '.join(weeks)} is open in a lab that was at work after the file was saved: save it there (Ctrl+S) to see "
            "its newest points here."
        )
    return found


def _row(path: Path, now: datetime.datetime) -> dict[str, Any]:
    plan = plan_of(path)
    row: dict[str, Any] = {
        "week": path.stem,
        "number": plan.number if plan else "?",
        "title": plan.title if plan else path.stem,
        "points": 0.0,
        "open_points": 0.0,
        "max_points": float(plan.points) if plan else 0.0,
        "shown": "",
        "due": f"{plan.due:%Y-%m-%dT%H:%M:%SZ}" if plan else "",
        "due_in": _due(plan, now),
        "missing": "",
        "zip": _zip(path),
        "not_run": [],
        "unsaved": open_labs.at_work_since_saved(path),
    }
    try:
        notebook = notebooks.read(path)
    except UsageError as problem:
        return row | {"shown": "?", "missing": problem.format_message()}
    from course import score

    every = saves.standings(notebook)
    not_run = saves.not_run(notebook, every)
    points = score.total(every)
    by_hand = sum(notebooks.written(notebook).values())
    to = f" to {points.earned + points.open:g}" if points.open else ""
    known = f"{points.earned:g}{to}" if points.earned or points.open or not not_run else "?"
    return row | {
        "points": points.earned,
        "open_points": points.open,
        "max_points": points.most + by_hand,
        "shown": f"{known} of {points.most + by_hand:g}",
        "missing": _missing(notebook, plan, every, not_run),
        "not_run": not_run,
    }


def _missing(notebook: Any, plan: WeekPlan | None, every: list[Any], not_run: list[str]) -> str:
    gone = given.missing_checks(notebook, plan)
    if gone:
        return f"checks are gone ({_some(gone)}): take a fresh copy"
    left = notebooks.unanswered(notebook)
    stretch = {name for name, points in plan.exercises.items() if not points} if plan else set()
    parts = []
    if unwritten := [name for name in left if name not in stretch]:
        parts.append(f"to write: {_some(unwritten)}")
    elif failing := [name for name in saves.exercises_below(every) if name not in not_run]:
        parts.append(f"not passing: {_some(failing)}")
    if not_run:
        parts.append(f"to run and save: {_some(not_run)}")
    return "; ".join(parts) or "nothing"


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _due(plan: WeekPlan | None, now: datetime.datetime) -> str:
    if plan is None:
        return ""
    days = (plan.due - now).total_seconds() / 86400
    if days < 0:
        return f"{plan.due:%d %b}, over"
    return f"{plan.due:%d %b}, {days:.0f} days" if days >= 1 else f"{plan.due:%d %b}, {24 * days:.0f} hours"


def _zip(path: Path) -> str:
    receipt = student.receipts().get(path.stem)
    if receipt is None:
        return "not made"
    made = str(receipt.get("time", ""))[:10]
    return f"made {made}" if receipt.get("sha256") == packing.sha256_of(path) else f"made {made}, changed since"
