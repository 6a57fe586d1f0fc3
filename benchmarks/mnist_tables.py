"""Runs of `python -m benchmarks training`, summed up: rows, tables and the page RESULTS.md."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from benchmarks.mnist_nets import DESIGNS, LADDER, LECTURE
from benchmarks.runs import BETWEEN_SHARED_AND_IDLE

GOAL = 0.992


@dataclass(frozen=True)
class Run:
    """One training. Accuracies are shares of the test images."""

    budget: str
    weights: int
    seed: int
    epochs: int
    accuracy: float
    seconds: float
    """Wall clock of the training, without the evaluations on the test images after each epoch: nobody needs those to train."""
    curve: list[float]
    """Accuracy after each epoch."""
    clock: list[float]
    """Seconds since the beginning, after each epoch."""
    cpu: float
    """Processor seconds of the same, all threads: what the training costs whoever else is there."""
    others: float
    """Processors that other processes used meanwhile, on average."""
    profile: str
    when: str
    command: str

    @property
    def seconds_to_goal(self) -> float | None:
        """Seconds until the first epoch with 99.2 % or more; None where no epoch had it."""
        return next((t for t, a in zip(self.clock, self.curve, strict=True) if a >= GOAL), None)


@dataclass(frozen=True)
class Row:
    """The runs of one net, summed up."""

    budget: str
    weights: int
    epochs: int
    accuracies: dict[int, float]
    cpu: float
    """Processor seconds, the median of the runs."""
    seconds: float
    """Wall clock of the run that other processes disturbed least."""
    to_goal: float | None
    """Seconds of that run to 99.2 %; None where a run of any seed never had it."""
    shared: bool
    """Whether even that run shared the machine."""

    @property
    def mean(self) -> float:
        return statistics.fmean(self.accuracies.values())

    @property
    def short(self) -> bool:
        """Whether enough seeds were run, and their mean is below what is promised."""
        design = DESIGNS[self.budget]
        enough = len(self.accuracies) >= design.seeds
        return design.promise is not None and enough and self.mean < design.promise - 1e-9


def rows(runs: Iterable[Run]) -> list[Row]:
    by_budget: dict[str, list[Run]] = {}
    for run in runs:
        by_budget.setdefault(run.budget, []).append(run)
    found = []
    for budget in DESIGNS:
        if same := by_budget.get(budget):
            calm = min(same, key=lambda run: run.others)
            found.append(
                Row(
                    budget=budget,
                    weights=same[0].weights,
                    epochs=same[0].epochs,
                    accuracies={run.seed: run.accuracy for run in same},
                    cpu=statistics.median(run.cpu for run in same),
                    seconds=calm.seconds,
                    to_goal=None if any(run.seconds_to_goal is None for run in same) else calm.seconds_to_goal,
                    shared=calm.others > BETWEEN_SHARED_AND_IDLE,
                )
            )
    return found


def _name(budget: str) -> str:
    if budget in LADDER:
        return f"ladder: {budget}"
    return "the lecture's net" if budget == LECTURE else f"under {int(budget):,}"


def _cells(row: Row) -> list[str]:
    spread = statistics.stdev(row.accuracies.values()) if len(row.accuracies) > 1 else 0.0
    mean = f"{100 * row.mean:.3f}" + (f" ± {100 * spread:.3f}" if spread else "")
    each = ", ".join(f"{100 * accuracy:.2f}" for _, accuracy in sorted(row.accuracies.items()))
    goal = "–" if row.to_goal is None else f"{row.to_goal:.0f}"
    return [
        _name(row.budget),
        f"{row.weights:,}",
        str(row.epochs),
        mean,
        each,
        f"{row.cpu:.0f}",
        f"{row.seconds:.0f}{'*' if row.shared else ''}",
        goal,
    ]


HEAD = ["budget", "weights", "epochs", "mean, % (± sd)", "each seed, %", "processor seconds", "seconds", "to 99.2 %"]


def table(results: list[Row], profile: str) -> Table:
    title = (
        "MNIST, test images, last epoch" if profile == "full" else "Small digits (NOT MNIST), test images, last epoch"
    )
    found = Table(title=title, title_justify="left", header_style="bold")
    for number, name in enumerate(HEAD):
        found.add_column(name, justify="left" if number in (0, 4) else "right")
    for row in results:
        found.add_row(*_cells(row))
    return found


def comparison(runs: list[Run]) -> str:
    """Tiny net against the lecture's, from runs of one and the same command."""
    lines = []
    for run in runs:
        if run.budget != LECTURE:
            continue
        for other in runs:
            if other.budget == "10000" and other.command == run.command:
                mine, theirs = other.seconds_to_goal, run.seconds_to_goal
                ratio = f", {mine / theirs:.1f} times as long" if mine and theirs else ""
                lines.append(
                    f"In one run, seed {other.seed} and {run.seed}: {other.weights:,} weights reach 99.2 % after "
                    f"{_seconds(mine)}, the lecture's {run.weights:,} after {_seconds(theirs)}{ratio}; at the end of its "
                    f"{run.epochs} epochs the lecture's net has {100 * run.accuracy:.2f} %, at best {100 * max(run.curve):.2f} %."
                )
    return "\n".join(dict.fromkeys(lines))


def _seconds(value: float | None) -> str:
    return "no epoch" if value is None else f"{value:.0f} s"


def markdown(results: dict[str, Any]) -> str:
    """RESULTS.md: the table, every seed, the commands and the environment. Generated; nobody edits it."""
    runs = [Run(**run) for run in results["runs"]]
    lines = [
        "# What nets under a budget reach on MNIST",
        "",
        "Generated by `python -m benchmarks training --save …`; the same numbers for programs are in `results.json`.",
        "",
        "Protocol: 55,000 training images; architectures, rates and epochs chosen on the other 5,000, the validation images; each",
        "run measured once, on the 10,000 test images, at its last epoch; every seed that was run is in the mean. One standard",
        "error of a single accuracy near 99.4 % is 0.08 points. Weights: all but batch norm's moving statistics.",
        "",
        "| " + " | ".join(HEAD) + " |",
        "|---|--:|--:|--:|---|--:|--:|--:|",
        *("| " + " | ".join(_cells(row)) + " |" for row in rows(runs)),
        "",
        "Processor seconds are those of all threads together, the median of the runs. Seconds are the wall clock on all cores, of",
        "the run that other processes disturbed least. The evaluations on the test images after each epoch are in neither.",
    ]
    if any(row.shared for row in rows(runs)):
        lines.append(
            "\\* Other processes used the machine at the same time, so these seconds are upper bounds; only ratios within one "
            "command compare."
        )
    if said := comparison(runs):
        lines += ["", said]
    if notes := results.get("notes"):  # written by hand into the JSON: what a reader has to know to believe the table
        lines += ["", *(f"- {note}" for note in notes)]
    lines += ["", "## Designs", ""]
    for budget, design in DESIGNS.items():
        promise = f" Promised: a mean of at least {100 * design.promise:.2f} %." if design.promise else ""
        lines.append(f"- {_name(budget)}: {design.says}.{promise}")
    lines += [
        "",
        "## Every run",
        "",
        "| budget | seed | accuracy, % | seconds | processor seconds | other processes, cores | when (UTC) |",
    ]
    lines.append("|---|--:|--:|--:|--:|--:|---|")
    for run in runs:
        measured = f"{100 * run.accuracy:.2f} | {run.seconds:.0f} | {run.cpu:.0f} | {run.others:.1f}"
        lines.append(f"| {run.budget} | {run.seed} | {measured} | {run.when} |")
    lines += ["", "Commands:", "", *(f"    {command}" for command in dict.fromkeys(run.command for run in runs))]
    lines += ["", "Environment:", "", *(f"- {key}: {value}" for key, value in results["environment"].items()), ""]
    return "\n".join(lines)
