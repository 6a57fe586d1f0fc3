"""`autograder site`: the lessons, cheat sheets and guides as pages."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from autograder import weeks as weeks_module
from autograder.site.build import FOLDER, build


@click.command()
@click.argument("weeks", nargs=-1)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=FOLDER,
    help="Folder of the site; its pages are in html/ there (default: build/site).",
)
@click.option("--figures/--no-figures", default=True, help="Execute the solutions for their figures (default), or not.")
@click.option(
    "--jobs", type=click.IntRange(1), default=None, help="Notebooks side by side (default: what memory allows)."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(weeks: tuple[str, ...], folder: Path, figures: bool, jobs: int | None, as_json: bool) -> None:
    """Make the site: the lessons of WEEKS (default: all) with executed figures and without answers, and the guides.

    Executed solutions are kept in the folder, and run again only when they, `course` or the lock change. Pages need neither a
    network nor JavaScript: open html/index.html, or put the folder html on any web server. Nothing is written over the
    site that is there when a page would show an answer, or when a link leads nowhere.
    """
    chosen = weeks_module.select(weeks)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} of {task.total} cells"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True, disable=not figures) as progress:
        tasks: dict[str, TaskID] = {}

        def on_cell(week: str, done: int, total: int) -> None:
            if week not in tasks:
                tasks[week] = progress.add_task(f"executing {week}", total=total)
            progress.update(tasks[week], completed=done)

        built = build(chosen, folder, figures=figures, jobs=jobs, on_cell=on_cell)
    index = built.folder / "index.html"
    if as_json:
        click.echo(json.dumps({"index": str(index), "pages": built.pages, "weeks": [week.id for week in chosen]}))
    else:
        click.echo(f"wrote {index}: {built.pages} pages")
