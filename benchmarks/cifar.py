"""`python -m benchmarks cifar`: what week 6's nets reach on CIFAR-10, and how long the lecture's net needs, measured in one run.

The small net and its training are week 6's own reference, `build_better` and `train_better` of the authored notebook; the
larger net and the ablations are trained by the same recipe, whose parts are options in `cifar_nets`. Protocol: designs,
rates and epochs were chosen on the validation images; a run is measured at its last epoch. The accuracy after each epoch is
recorded for the curves, and chooses nothing. Ablations are measured on the validation images, all else on the test images.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from autograder.errors import UserError
from benchmarks import runs as measured
from benchmarks.cifar_nets import (
    ABLATIONS,
    DESIGNS,
    LECTURE,
    PROMISED,
    SMALL,
    Recipe,
    fit_lecture,
    fit_recipe,
    large_net,
    reference,
    variant,
)
from benchmarks.cifar_tables import Run, comparison, markdown, shortfalls, table


def run_one(net: str, seed: int, profile: str, epochs: int | None, command: str, quiet: bool) -> Run:
    """Train `net` with `seed` and measure it."""
    import keras
    import numpy as np

    from course import datasets, evaluation, training
    from course import profile as profiles
    from course.datasets.errors import DatasetError

    design = DESIGNS[net]
    profiles.use(profile)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            data = datasets.load("cifar10", profile, require_real=profile == "full")
        except DatasetError as problem:
            raise UserError(str(problem)) from problem
    images = data.test if design.on == "test" else data.validation
    names: dict[str, Any] = {
        "keras": keras,
        "np": np,
        "training": training,
        "evaluation": evaluation,
        "PROFILE": profile,
        "SEED": seed,
        "x_train": evaluation.scaled(data.train.x),
        "y_train": data.train.y,
        "x_val": evaluation.scaled(images.x),
        "y_val": images.y,
    }
    reference(names)
    keras.utils.set_random_seed(seed)
    builders: dict[str, Callable[[], Any]] = {"large": large_net, "variant": lambda: variant(design)}
    model = (builders.get(design.build) or names[design.build])()
    recipe = design.recipe if epochs is None else Recipe(**{**asdict(design.recipe), "epochs": epochs})
    busy, began = measured.busy(), time.monotonic()
    with contextlib.redirect_stdout(io.StringIO() if quiet else sys.stderr):
        if net == LECTURE:
            history = fit_lecture(model, recipe, names, net)
        elif net == SMALL and epochs is None:
            history = names["train_better"](model)
        else:
            history = fit_recipe(model, recipe, names, seed, net)
    seconds, after = time.monotonic() - began, measured.busy()
    shares = [float(value) for value in history["seconds"]]
    clock = [sum(shares[: n + 1]) * seconds / sum(shares) for n in range(len(shares))]
    return Run(
        net=net,
        weights=evaluation.budget(model),
        seed=seed,
        epochs=len(shares),
        on=design.on,
        accuracy=round(evaluation.accuracy(model, names["x_val"], names["y_val"]), 6),
        seconds=round(seconds, 1),
        curve=[round(float(value), 4) for value in history["val_accuracy"]],
        clock=[round(value, 1) for value in clock],
        cpu=round(after[1] - busy[1], 1),
        others=round(measured.others(busy, after, seconds), 2),
        profile=profile,
        when=time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        command=command,
        training=[round(float(value), 4) for value in history["accuracy"]],
    )


@click.command(name="cifar")
@click.option("--net", "nets", multiple=True, type=click.Choice(list(DESIGNS)), help="Only this net; repeatable.")
@click.option("--ablations", is_flag=True, help="The small net with one part taken away each time, instead.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of every run.")
@click.option("--epochs", type=click.IntRange(min=1), help="Epochs of every net instead of its own number.")
@click.option(
    "--profile", type=click.Choice(["full", "quick"]), default="full", show_default=True, help="quick: coloured shapes."
)
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), help="Add the runs to this JSON; writes RESULTS.md too."
)
@click.option("--again", is_flag=True, help="With --save: repeat runs that the file has already.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def command(
    nets: tuple[str, ...],
    ablations: bool,
    seed: int,
    epochs: int | None,
    profile: str,
    save: Path | None,
    again: bool,
    as_json: bool,
) -> None:
    """Train the lecture's CIFAR net, week 6's small reference and a larger net, one after the other, and measure them.

    Needs the real CIFAR-10 (COURSE_DATA, Keras's cache, or a network). About a quarter of an hour on two idle cores.

    Exit status: 0, or 1 when something promised is not reached: 75 % with fewer than 100,000 weights, 80 % by the larger
    net, in less time than the lecture's net takes for its 25 epochs in the same run.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    console = Console(stderr=as_json)
    said = " ".join(["python -m benchmarks", *sys.argv[1:]]) if sys.argv[1:2] == ["cifar"] else ""
    kept = measured.read(save, Run) if save else {"environment": {}, "runs": []}
    known = {(run["net"], run["seed"]) for run in kept["runs"] if not again}
    done: list[Run] = []
    for net in nets or (ABLATIONS if ablations else PROMISED):
        if (net, seed) in known:
            continue
        run = run_one(net, seed, profile, epochs, said, quiet=as_json)
        done.append(run)
        if not as_json:
            console.print(f"{net}: {run.weights:,} weights, {100 * run.accuracy:.2f} % in {run.seconds:.0f} s")
        if save:  # after each run: a killed bench keeps what it has measured
            kept["environment"] = measured.environment()
            others = [r for r in kept["runs"] if (r["net"], r["seed"]) != (net, seed)]
            kept["runs"] = measured.ordered([*others, asdict(run)], "net", list(DESIGNS))
            measured.write(save, kept, markdown(kept))
    runs = [Run(**run) for run in kept["runs"]] if save else done
    short = shortfalls(runs)
    if as_json:
        document = {"environment": measured.environment(), "runs": [asdict(run) for run in runs], "shortfalls": short}
        click.echo(json.dumps(document, indent=1))
    else:
        console.print(table(runs, profile))
        for line in (comparison(runs), *(f"falls short: {line}" for line in short)):
            if line:
                console.print(line)
        for key, value in measured.environment().items():
            console.print(f"{key}: {value}")
    if short:
        raise SystemExit(1)
