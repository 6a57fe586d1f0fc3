"""`course start`: the weeks, or one of them opened in JupyterLab."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from course.desk import notebooks
from course.desk.errors import UsageError
from course.desk.folders import assignments_folder, find_notebook, plan_of
from course.desk.folders import notebooks as notebooks_in
from course.profile import PROFILES


@click.command(name="start")
@click.argument("week", required=False)
@click.option("--lab/--no-lab", default=True, help="Open JupyterLab (default), or only say where the notebook is.")
@click.option(
    "--profile", type=click.Choice(PROFILES), help="Set PROFILE in your notebook: quick, or full (the real data)."
)
@click.pass_obj
def command(folder: Path | None, week: str | None, lab: bool, profile: str | None) -> None:
    """List the weeks, or open WEEK in JupyterLab."""
    if week is None:
        if profile:
            raise UsageError("--profile sets the profile of one week's notebook: name the week.")
        _list_weeks(assignments_folder(folder))
        return
    path = find_notebook(week, folder)
    plan = plan_of(path)
    if plan:
        click.echo(f"Week {plan.number} · {plan.title}: {plan.points} points, due {plan.due:%Y-%m-%d %H:%M} UTC")
    if profile:
        changed = notebooks.set_profile(path, profile)
        click.echo(f'PROFILE {"is now" if changed else "was already"} "{profile}" in this notebook.')
    click.echo(str(path))
    if lab:
        import importlib.util

        from course.desk import lab as jupyter

        if importlib.util.find_spec("jupyterlab") is None:
            raise UsageError(
                f"JupyterLab is not installed in this Python ({sys.executable}): open the notebook in another editor, or look "
                "with `course doctor`."
            )
        try:
            raise SystemExit(subprocess.call(jupyter.order(path), env=jupyter.environment()))
        except KeyboardInterrupt:
            raise SystemExit(0) from None


def _list_weeks(home: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Week", "", "Due", "To write", "Notebook", title="The course")
    table.columns[4].no_wrap = True
    for path in notebooks_in(home):
        plan = plan_of(path)
        try:
            left = len(notebooks.unanswered(notebooks.read(path)))
            state = str(left) if left else "nothing"
        except UsageError:
            state = "cannot be read"
        number, title, due = (str(plan.number), plan.title, f"{plan.due:%Y-%m-%d}") if plan else ("?", path.stem, "")
        table.add_row(number, title, due, state, path.stem)
    console = Console()
    console.print(table)
    console.print(f"Notebooks are in {home}", highlight=False, soft_wrap=True)
