"""The command `autograder`. Each subcommand is a module of this package, imported only when it is used."""

from __future__ import annotations

import importlib
import sys

import click

from autograder.errors import UserError
from course import helped
from course.decode import FileError

COMMANDS = (
    "build",
    "solve",
    "audit",
    "release",
    "site",
    "new",
    "adopt",
    "init-course",
    "init",
    "roster",
    "due",
    "extend",
    "grade",
    "forget",
    "mark",
    "marks",
    "regrade",
    "gradescope",
    "override",
    "report",
    "feedback",
    "similar",
    "export",
    "demo",
)


class LazyGroup(helped.Group):
    """Subcommands by name from this package: `--help` stays fast, and grading does not load notebook servers."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(f"autograder.cli.{cmd_name.replace('-', '_')}").command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli() -> None:
    """Build, audit, grade and report the course's weekly notebooks.

    Exit status: 0 when all is well, 1 when something graded or audited falls short, 2 on misuse.
    """


def main() -> None:
    """Entry point: a user's mistake ends in one sentence and status 2."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except (UserError, FileError) as problem:
        click.echo(f"autograder: {problem}", err=True)
        sys.exit(2)
    except click.ClickException as problem:
        problem.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("autograder: stopped", err=True)
        sys.exit(130)
