"""`python -m benchmarks fork`: what the sandbox, the channel and the checks add to the bare cost of forking and running cells."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import time
from statistics import median

import click
from rich.console import Console
from rich.table import Table

from autograder import weeks
from autograder.grading import plan
from autograder.grading.grader import Grader
from autograder.intake import sanitize
from autograder.isolation import sandbox
from autograder.weeks import Week
from autograder.weeks.pictures import pictures_of
from benchmarks.attacks import Attack

BAR = 3.0
"""Times the bare cost that we promise to stay below."""


def bare(sources: list[str]) -> float:
    """Seconds to fork this process, run `sources` in the child, one after the other, and wait for its end."""
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                namespace: dict[str, object] = {"__name__": "__main__"}
                for source in sources:
                    exec(compile(source, "<cell>", "exec"), namespace)
            status = 0
        finally:
            os._exit(status)
    if os.waitpid(child, 0)[1] != 0:
        raise RuntimeError("a cell of the solution failed outside the sandbox")
    return time.perf_counter() - began


def cells_of(week: Week) -> tuple[list[str], list[str]]:
    """What the grader runs of a right submission: its cells (those that only draw left out); these and the checks."""
    sources = {answer.id: answer.source for answer in week.answers}
    drawing = pictures_of(week, list(sources.values()))
    steps = plan.steps_of(week, sources, {}, None, drawing, "quick")
    return [step.source for step in steps if not step.is_check], [step.source for step in steps]


@click.command()
@click.option("--rounds", type=click.IntRange(min=3), default=30, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
def command(rounds: int, as_json: bool) -> None:
    """Compare grading a right submission to week 1 with only forking a warm process and running its cells in it.

    Graded: a fresh worker in the sandbox, the cells, all checks on the trusted side, and the cleaning up. Bare: the same
    cells in a fork, once without and once with the checks. Exit status 1 when grading takes more than three times as long
    as a fork that runs cells and checks (medians of alternating runs).
    """
    sandbox.default_sandbox()
    week = weeks.load(1)
    work = sanitize.sanitize(Attack(0, "").notebook(), week)
    for name in sandbox.WARM_MODULES:
        importlib.import_module(name)
    cells, everything = cells_of(week)
    seconds: dict[str, list[float]] = {"graded": [], "cells": [], "cells and checks": []}
    with Grader("bwrap") as grader:
        for _ in range(2):  # the first ones warm up
            grader.grade(week, work)
        for _ in range(rounds):
            began = time.perf_counter()
            grader.grade(week, work)
            seconds["graded"].append(time.perf_counter() - began)
            seconds["cells"].append(bare(cells))
            seconds["cells and checks"].append(bare(everything))
    graded, alone, whole = (median(each) for each in seconds.values())
    if as_json:
        report = {"seconds_graded": graded, "seconds_cells": alone, "seconds_cells_and_checks": whole}
        click.echo(json.dumps(report | {"ratio": round(graded / whole, 2), "ratio_cells": round(graded / alone, 2)}))
    else:
        table = Table(title=f"One submission to week 1, medians of {rounds} alternating runs", title_justify="left")
        for heading in ("", "seconds", "grading takes"):
            table.add_column(heading, justify="right" if heading else "left")
        table.add_row("graded", f"{graded:.3f}", "")
        table.add_row("forked, cells and checks run", f"{whole:.3f}", f"{graded / whole:.1f} times as long")
        table.add_row("forked, cells run", f"{alone:.3f}", f"{graded / alone:.1f} times as long")
        Console().print(table)
    if graded / whole > BAR:
        raise SystemExit(1)
