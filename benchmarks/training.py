"""`python -m benchmarks training`: what nets under a budget reach on MNIST, seed by seed, and how long the lecture's net needs.

The recipe is week 5's own reference: `train_tiny` is taken from the authored notebook, and so is `build_tiny`, the net for
10,000 weights. The smaller nets are those of `mnist_nets`. Protocol: architecture, rates and epochs were chosen on the
validation images; each run is measured at its last epoch, whatever it was before; a mean is over all seeds that were run.
The accuracy on the test images after each epoch is recorded, for the curve and for the time to 99.2 %, and chooses nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from autograder.errors import UserError
from benchmarks import runs as measured
from benchmarks.mnist_nets import DESIGNS, LADDER, LECTURE, builders, reference
from benchmarks.mnist_tables import Run, comparison, markdown, rows, table


def train_lecture(model: Any, x: Any, y: Any, x_val: Any, y_val: Any, epochs: int, seed: int) -> tuple[Any, Any]:
    """The lecture's compile and fit, sparse labels for one-hot ones."""
    from course import training

    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, training.fit(
        model, x, y, validation=(x_val, y_val), epochs=epochs, batch_size=64, title=f"seed {seed}"
    )


def run_one(budget: str, seed: int, epochs: int, profile: str, command: str, quiet: bool) -> Run:
    """Train the net of `budget` with `seed` and measure it on the test images."""
    import contextlib
    import io

    import keras

    from course import datasets, evaluation
    from course import profile as profiles
    from course.datasets.errors import DatasetError

    profiles.use(profile)
    names = reference()
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            data = datasets.load("mnist", profile, require_real=profile == "full")
        except DatasetError as problem:
            raise UserError(str(problem)) from problem
    x, y = evaluation.scaled(data.train.x), data.train.y
    unseen, labels = evaluation.scaled(data.test.x), data.test.y
    keras.utils.set_random_seed(seed)
    model = builders(names)[budget]()
    train = train_lecture if budget == LECTURE or (budget in LADDER and budget != "recipe") else names["train_tiny"]
    evaluate, evaluating, evaluating_cpu = model.evaluate, 0.0, 0.0

    def timed(*arguments: Any, **named: Any) -> Any:
        nonlocal evaluating, evaluating_cpu
        began, busy = time.monotonic(), time.process_time()
        found = evaluate(*arguments, **named)
        evaluating += time.monotonic() - began
        evaluating_cpu += time.process_time() - busy
        return found

    model.evaluate = timed  # `fit` calls it after each epoch
    busy, began = measured.busy(), time.monotonic()
    with contextlib.redirect_stdout(io.StringIO() if quiet else sys.stderr):
        model, history = train(model, x, y, unseen, labels, epochs=epochs, seed=seed)
    wall, after = time.monotonic() - began, measured.busy()
    seconds = wall - evaluating
    shares = [float(value) for value in history["seconds"]]
    clock = [sum(shares[: n + 1]) * seconds / sum(shares) for n in range(len(shares))]
    return Run(
        budget=budget,
        weights=evaluation.budget(model),
        seed=seed,
        epochs=epochs,
        accuracy=round(evaluation.accuracy(model, unseen, labels), 6),
        seconds=round(seconds, 1),
        curve=[round(float(value), 4) for value in history["val_accuracy"]],
        clock=[round(value, 1) for value in clock],
        cpu=round(after[1] - busy[1] - evaluating_cpu, 1),
        others=round(measured.others(busy, after, wall), 2),
        profile=profile,
        when=time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        command=command,
    )


@click.command(name="training")
@click.option("--budget", "budgets", multiple=True, type=click.Choice(list(DESIGNS)), help="Only this net; repeatable.")
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    help="Seeds 0, 1, … per net (default: 5, 3, 3, 3, and 1 of the lecture's net and of each rung).",
)
@click.option("--first-seed", type=click.IntRange(min=0), default=0, show_default=True, help="Begin with this seed.")
@click.option("--epochs", type=click.IntRange(min=1), help="Epochs of every net instead of its own number.")
@click.option(
    "--profile", type=click.Choice(["full", "quick"]), default="full", show_default=True, help="quick: small digits."
)
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), help="Add the runs to this JSON; writes RESULTS.md too."
)
@click.option("--again", is_flag=True, help="With --save: repeat runs that the file has already.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def command(
    budgets: tuple[str, ...],
    seeds: int | None,
    first_seed: int,
    epochs: int | None,
    profile: str,
    save: Path | None,
    again: bool,
    as_json: bool,
) -> None:
    """Train week 5's reference nets for each budget, and the lecture's net, and measure them on MNIST's test images.

    Needs the real MNIST (COURSE_DATA, Keras's cache, or a network). A run takes about a minute and a half on two idle cores,
    all of them about half an hour; --budget and --first-seed do it in parts.

    Exit status: 0, or 1 when a mean over enough seeds falls below what is promised: 99.40 % under 10,000 weights, 99.30 %
    under 5,000.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    console = Console(stderr=as_json)
    said = " ".join(["python -m benchmarks", *sys.argv[1:]]) if sys.argv[1:2] == ["training"] else ""
    kept = measured.read(save, Run) if save else {"environment": {}, "runs": []}
    known = {(run["budget"], run["seed"]) for run in kept["runs"] if not again}
    done: list[Run] = []
    for budget in budgets or tuple(DESIGNS):
        design = DESIGNS[budget]
        for seed in range(first_seed, first_seed + (seeds or design.seeds)):
            if (budget, seed) in known:
                continue
            run = run_one(budget, seed, epochs or design.epochs, profile, said, quiet=as_json)
            done.append(run)
            if not as_json:
                console.print(
                    f"{budget}, seed {seed}: {run.weights:,} weights, {100 * run.accuracy:.2f} % in {run.seconds:.0f} s "
                    f"(other processes: {run.others:.1f} cores)"
                )
            if save:  # after each run: a killed bench keeps what it has measured
                kept["environment"] = measured.environment()
                others = [r for r in kept["runs"] if (r["budget"], r["seed"]) != (budget, seed)]
                kept["runs"] = measured.ordered([*others, asdict(run)], "budget", list(DESIGNS))
                measured.write(save, kept, markdown(kept))
    runs = [Run(**run) for run in kept["runs"]] if save else done
    summary = rows(runs)
    if as_json:
        public = [{**asdict(row), "mean": row.mean, "short": row.short} for row in summary]
        click.echo(
            json.dumps(
                {"environment": measured.environment(), "rows": public, "runs": [asdict(r) for r in runs]}, indent=1
            )
        )
    else:
        console.print(table(summary, profile))
        if said := comparison(runs):
            console.print(said)
        for key, value in measured.environment().items():
            console.print(f"{key}: {value}")
    if profile == "full" and any(row.short for row in summary):
        raise SystemExit(1)
