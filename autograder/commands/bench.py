"""`autograder bench`: measurements that anyone can repeat. Each is a module of `autograder.bench` with a click `command`."""

from __future__ import annotations

import importlib
import importlib.util

import click

BENCHES = ("training", "cifar", "grading", "scale", "fork", "trust")


class LazyBenches(click.Group):
    """Benches by name from `autograder.bench`, imported only when called: `--help` loads neither Keras nor the grader."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in BENCHES if importlib.util.find_spec(f"autograder.bench.{name}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        return importlib.import_module(f"autograder.bench.{cmd_name}").command


@click.group(name="bench", cls=LazyBenches)
def command() -> None:
    """Measure: what the reference nets reach, what grading costs, what it withstands.

    Exit status: 0 when what a bench promises holds, 1 when it falls short, 2 on misuse.
    """
