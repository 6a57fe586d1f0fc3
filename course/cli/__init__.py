"""The student's command: `course start | check | submit | hint | glossary | progress | doctor`, a module for each."""

from __future__ import annotations

from pathlib import Path

import click

from course import helped, needs
from course.cli import check, doctor, glossary, hint, progress, start, submit
from course.cli.console import forgiving
from course.decode import FileError


class _InOrder(helped.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="COURSE_ASSIGNMENTS",
    help="The assignments folder (default: looked for here, above here, and beside the package).",
)
@click.pass_context
def cli(ctx: click.Context, folder: Path | None) -> None:
    """Work on the weekly notebooks: open one, see the points earned so far, make the zip to hand in.

    A WEEK is its number (1), its name (week01_convolution), or a path to a notebook.
    """
    ctx.obj = folder


for module in (start, check, submit, hint, glossary, progress, doctor):
    cli.add_command(module.command)


def main() -> None:
    """Entry point of the command `course`: what goes wrong is one sentence, and a status other than 0.

    2 for a file of the course that cannot be read, a package that is missing, and for misuse, 130 after Ctrl-C.
    """
    forgiving()
    try:
        raise SystemExit(cli.main(standalone_mode=False) or 0)
    except click.ClickException as problem:
        problem.show()
        raise SystemExit(problem.exit_code) from problem
    except FileError as problem:
        click.echo(f"course: {problem}", err=True)
        raise SystemExit(2) from problem
    except ModuleNotFoundError as problem:  # half an environment: a package that only this command needs
        name = (problem.name or "").partition(".")[0]
        if name in ("", "course"):
            raise
        click.echo(f"course: {needs.absent(name)}", err=True)
        raise SystemExit(2) from problem
    except (click.Abort, KeyboardInterrupt):
        click.echo("course: stopped", err=True)
        raise SystemExit(130) from None
