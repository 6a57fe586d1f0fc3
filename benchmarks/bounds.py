"""`python -m benchmarks bounds`: how far below honest recipes the bounds on accuracies lie, over seeds and numbers of threads.

For every week that asks for an accuracy: the reference, each alternative that trains, and two plain recipes (`bounds_recipes`).
Each is trained by the notebook's own cells with five seeds on one and on two threads, and the week's own checks measure it. A
bound is fair where it lies three standard deviations below the mean.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from autograder import weeks
from autograder.errors import UserError
from autograder.paths import CHECKOUT
from autograder.weeks import Week
from benchmarks import bounds_runs
from benchmarks.bounds_plan import plan
from benchmarks.bounds_recipes import WEEKS, recipes
from benchmarks.bounds_runs import ENOUGH, SAFE, Line, Run

PAGE = CHECKOUT / "docs/measurements/bounds.md"
HEAD = [
    "recipe",
    "threads",
    "seeds",
    "what",
    "mean ± sd, %",
    "from images alone",
    "bounds, and how many sd below the mean",
]


def runs_file(week: Week) -> Path:
    return week.path.with_name("bounds.json")


@click.command(name="bounds")
@click.argument("wanted", metavar="[WEEK]...", nargs=-1)
@click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
@click.option(
    "--seeds", type=click.IntRange(min=1), default=ENOUGH, show_default=True, help="Seeds 0, 1, … per recipe."
)
@click.option("--threads", multiple=True, type=click.IntRange(min=1), default=(1, 2), show_default=True)
@click.option("--recipe", "only", multiple=True, help="Only recipes whose name holds this; repeatable.")
@click.option("--minutes", type=click.FloatRange(min=0), help="Begin no training after so many; 0 trains nothing.")
@click.option("--again", is_flag=True, help="Repeat runs that are there already.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def command(
    wanted: tuple[str, ...],
    profile: str,
    seeds: int,
    threads: tuple[int, ...],
    only: tuple[str, ...],
    minutes: float | None,
    again: bool,
    as_json: bool,
) -> None:
    """Train each honest recipe of each WEEK (all that ask for an accuracy) over seeds, and see how far below it the bounds lie.

    Runs are kept in `bounds.json` beside the week, each as soon as it ends: what is there is not trained again while its
    code is the same, so that the work can be done in parts. docs/measurements/bounds.md is written of all weeks' runs.

    Exit status: 0, or 1 when a bound is less than three standard deviations below the mean of a recipe, or a check refuses one.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    console = Console(stderr=as_json)
    chosen = _weeks(wanted)
    until = time.time() + 60 * minutes if minutes is not None else math.inf
    lines: dict[str, list[Line]] = {}
    missing: dict[str, int] = {}
    for week in chosen:
        order = list(recipes(week))
        codes = {recipe: plan(week, recipe).code for recipe in order}
        kept = {run.key: run for run in bounds_runs.read(runs_file(week)) if run.code == codes.get(run.recipe)}
        picked = [recipe for recipe in order if not only or any(word in recipe for word in only)]
        left = 0
        for recipe in picked:
            for count in threads:
                todo = [s for s in range(seeds) if again or (recipe, count, s, profile) not in kept]
                for run in _trained(week, recipe, count, todo, profile, until):
                    kept[run.key] = run
                    todo.remove(run.seed)
                    bounds_runs.write(runs_file(week), kept.values(), order)
                    console.print(
                        f"{week.id}, {recipe}, threads {count}, seed {run.seed}: {_short(run)}", highlight=False
                    )
                left += len(todo)
        missing[week.id] = left
        runs = [run for run in kept.values() if run.profile == profile and run.recipe in picked]
        lines[week.id] = bounds_runs.lines(runs, week.plan.bounds[profile], order)
    PAGE.write_text(page(), encoding="utf-8")
    if as_json:
        click.echo(
            json.dumps({"missing": missing, "lines": {w: [_fields(one) for one in of] for w, of in lines.items()}})
        )
    else:
        for week in chosen:
            console.print(table(week, profile, lines[week.id]))
            if missing[week.id]:
                console.print(f"{week.id}: {missing[week.id]} runs are missing; the same command goes on with them")
    if any(line.short for of in lines.values() for line in of):
        raise SystemExit(1)


def _weeks(wanted: tuple[str, ...]) -> list[Week]:
    found = weeks.select(wanted) if wanted else [weeks.load(week) for week in WEEKS]
    for week in found:
        if week.id not in WEEKS:
            raise UserError(f"{week.id} asks for no accuracy; those that do are {', '.join(w[:6] for w in WEEKS)}")
    return list(found)


def _trained(week: Week, recipe: str, threads: int, seeds: list[int], profile: str, until: float) -> Iterator[Run]:
    """The runs of a recipe with these seeds, in a process that has so many threads."""
    if not seeds or time.time() >= until:
        return
    job = {"week": week.id, "recipe": recipe, "threads": threads, "seeds": seeds, "profile": profile}
    job["until"] = min(until, time.time() + 1e6)
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": str(threads),
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": str(threads),
    }
    order = [sys.executable, "-m", "benchmarks.bounds_child", json.dumps(job)]
    with subprocess.Popen(order, stdout=subprocess.PIPE, text=True, env=environment, cwd=CHECKOUT) as child:
        assert child.stdout is not None
        for text in child.stdout:
            yield bounds_runs.run_of(json.loads(text))
    if child.returncode:
        raise UserError(f"{week.id}, {recipe}: the process that trains it ended with status {child.returncode}")


def _short(run: Run) -> str:
    least: dict[str, float] = {}
    for one in run.measures:
        least[one.what] = min(one.value, least.get(one.what, 1.0))
    return (
        run.refused
        or ", ".join(f"{what} {_percent(value)}" for what, value in least.items()) + f" in {run.seconds:.0f} s"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _cells(line: Line) -> list[str]:
    if line.refused:
        return [line.recipe, str(line.threads), "", "refused", "", "", line.refused]
    spread = f" ± {100 * line.deviation:.2f}" if len(line.values) > 1 else ""
    error = "" if math.isnan(line.standard_error) else f"± {100 * line.standard_error:.2f} of {line.images:,}"
    against = []
    for name, bound in line.bounds.items():
        far = line.distance(bound)
        says = f"{far:.1f}" if math.isfinite(far) else "no spread, " + ("above" if far > 0 else "below")
        against.append(f"{name} {100 * bound:.4g} %: {says}{' !' if far < SAFE else ''}")
    mean = f"{100 * line.mean:.2f}{spread}"
    return [line.recipe, str(line.threads), str(len(line.values)), line.what, mean, error, "; ".join(against)]


def _fields(line: Line) -> dict[str, object]:
    far = {name: line.distance(bound) for name, bound in line.bounds.items()}
    return {
        "recipe": line.recipe,
        "threads": line.threads,
        "what": line.what,
        "values": line.values,
        "bounds": line.bounds,
        "distances": {name: value if math.isfinite(value) else None for name, value in far.items()},
        "short": line.short,
        "refused": line.refused,
    }


def table(week: Week, profile: str, lines: list[Line]) -> Table:
    found = Table(title=f"{week.id}, {profile}", title_justify="left", header_style="bold")
    for name in HEAD:
        found.add_column(name, justify="right" if name in ("threads", "seeds") else "left")
    for line in lines:
        found.add_row(*_cells(line))
    return found


def page() -> str:
    """docs/measurements/bounds.md, of all runs whose code is that of the week today."""
    rows = [
        "# Bounds over seeds",
        "",
        "Generated by `python -m benchmarks bounds`; the runs are in `bounds.json` beside each week. For every check of an",
        "accuracy, the reference, each alternative that trains, and two plain recipes are trained by the notebook's own cells and",
        f"measured by its own checks. A bound is fair where it lies {SAFE:g} standard deviations (sd) below the mean; `!` marks",
        "where it does not. Of images moved by a pixel the worst direction counts. *From images alone*: the standard error of one",
        "measurement on so many images.",
    ]
    for week_id in WEEKS:
        week = weeks.load(week_id)
        order = list(recipes(week))
        codes = {recipe: plan(week, recipe).code for recipe in order}
        runs = [run for run in bounds_runs.read(runs_file(week)) if run.code == codes.get(run.recipe)]
        for profile in ("quick", "full"):
            if same := [run for run in runs if run.profile == profile]:
                rows += ["", f"## Week {week.plan.number}, {profile}", ""]
                rows += ["| " + " | ".join(HEAD) + " |", "|---|--:|--:|---|--:|--:|---|"]
                for line in bounds_runs.lines(same, week.plan.bounds[profile], order):
                    rows.append("| " + " | ".join(cell.replace("|", "¦") for cell in _cells(line)) + " |")
    return "\n".join([*rows, ""])
