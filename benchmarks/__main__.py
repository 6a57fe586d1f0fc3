"""`python -m benchmarks`: measurements that anyone can repeat. Each is a module of this package with a click `command`."""

from __future__ import annotations

import importlib
import sys

import click

from autograder.errors import UserError
from course.decode import FileError

BENCHMARKS = (
    "training",
    "cifar",
    "bounds",
    "grading",
    "cold",
    "scale",
    "fork",
    "trust",
    "similar",
    "memory",
    "backends",
    "start",
)


class LazyBenchmarks(click.Group):
    """Benchmarks by name, imported only when called: `--help` loads neither Keras nor the grader."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(BENCHMARKS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in BENCHMARKS:
            return None
        return importlib.import_module(f"benchmarks.{cmd_name}").command


@click.group(cls=LazyBenchmarks, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def command() -> None:
    """Measure what the reference nets reach, what grading costs, and what it withstands.

    Exit status: 0 when what a benchmark promises holds, 1 when it falls short, 2 on misuse.
    """


def main() -> None:
    """Entry point: a user's mistake ends in one sentence and status 2."""
    try:
        sys.exit(command.main(prog_name="python -m benchmarks", standalone_mode=False) or 0)
    except (UserError, FileError) as problem:
        click.echo(f"benchmarks: {problem}", err=True)
        sys.exit(2)
    except click.ClickException as problem:
        problem.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("benchmarks: stopped", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
