"""`autograder gradescope`: the zip by which Gradescope runs this grader."""

from __future__ import annotations

from pathlib import Path

import click

from autograder import weeks
from autograder.errors import UserError
from autograder.paths import BUILD


@click.command()
@click.argument("week")
@click.option(
    "--to", type=click.Path(path_type=Path), help="The zip to write.  [default: build/export/gradescope-….zip]"
)
@click.option(
    "--sandbox",
    type=click.Choice(["bwrap", "none"]),
    default="bwrap",
    show_default=True,
    help="none: where Gradescope's containers allow no sandbox inside; a submission can then read the hidden checks.",
)
def command(week: str, to: Path | None, sandbox: str) -> None:
    """Write the zip that Gradescope takes as the autograder of WEEK: setup.sh, run_autograder, the grader and the week.

    Each submission then gets its points as it is handed in. Written answers are read in Gradescope, or here.
    """
    from autograder.publish.export import gradescope

    plan = weeks.load(week)
    path = to or BUILD / "export" / f"gradescope-week{plan.plan.number:02}.zip"
    if path.suffix != ".zip":
        raise UserError(f"--to {path}: name a file that ends in .zip")
    names = gradescope.harness(plan, path, sandbox)
    click.echo(
        f"{path}: {len(names)} files, {path.stat().st_size / 1e6:.1f} MB. It holds hidden checks: it is for Gradescope alone."
    )
    if sandbox == "none":
        click.echo("Without a sandbox a submission can read the hidden checks and write its own results.", err=True)
