"""`python -m benchmarks cifar`: what week 6's nets reach on CIFAR-10, and how long the lecture's net needs, measured in one run.

The small net and its training are week 6's own reference, `build_better` and `train_better` of the authored notebook; the
larger net and the ablations are trained by the same recipe, which stands here with its parts as options. Protocol: designs,
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
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from autograder import weeks
from autograder.errors import UserError
from benchmarks.training import BETWEEN_SHARED_AND_IDLE, _busy, _others, environment

WEEK = "week06_cifar10"
GIVEN = ("helpers",)
ANSWERS = ("build_lecture_cifar", "lr_schedule", "build_better", "better_net")
SMALL, LARGE, LECTURE, WHOLE = "small", "large", "lecture", "ablation: nothing"


@dataclass(frozen=True)
class Recipe:
    """How a net is trained: SGD with momentum, one cycle, moved images, soft labels, each of which may be left out."""

    epochs: int
    batch: int = 128
    peak: float = 0.1
    momentum: float = 0.9
    decay: float = 0.0
    smoothing: float = 0.1
    moved: bool = True
    cycle: bool = True
    """False: one rate, half the peak, from the first step to the last."""


@dataclass(frozen=True)
class Design:
    """A net of the table: how it is built and trained, and what is promised of it."""

    says: str
    recipe: Recipe
    build: str = "build_better"
    """A name of the notebook or of `BUILDERS`."""
    promise: float | None = None
    on: str = "test"
    head: str = "max"
    norm: bool = True
    dropout: float = 0.0


_SIX = Recipe(epochs=6)

DESIGNS: dict[str, Design] = {
    LECTURE: Design(
        "the lecture's net and recipe: RMSprop, batches of 32, 25 epochs of it",
        Recipe(epochs=25, batch=32),
        build="build_lecture_cifar",
    ),
    SMALL: Design("week 6's reference, `build_better` and `train_better`", Recipe(epochs=12), promise=0.75),
    LARGE: Design(
        "a 4×4 convolution with stride 2 to 28 channels, 3×3 to 56 and 112, each with a pooling and a residual pair",
        Recipe(epochs=8, decay=5e-4),
        build="large",
        promise=0.80,
    ),
    WHOLE: Design("the small net, 6 epochs of its recipe", _SIX, build="variant", on="validation"),
    "ablation: batch norm": Design("biases instead", _SIX, build="variant", norm=False, on="validation"),
    "ablation: one cycle": Design(
        "one rate, 0.05, throughout", Recipe(epochs=6, cycle=False), build="variant", on="validation"
    ),
    "ablation: momentum": Design("plain SGD", Recipe(epochs=6, momentum=0.0), build="variant", on="validation"),
    "ablation: moved images": Design(
        "the images as they are", Recipe(epochs=6, moved=False), build="variant", on="validation"
    ),
    "ablation: soft labels": Design("hard labels", Recipe(epochs=6, smoothing=0.0), build="variant", on="validation"),
    "ablation: global maximum": Design("a global average", _SIX, build="variant", head="average", on="validation"),
    "ablation: no dropout": Design(
        "dropout 0.3 before the last layer", _SIX, build="variant", dropout=0.3, on="validation"
    ),
}
PROMISED = (LECTURE, SMALL, LARGE)
ABLATIONS = tuple(name for name in DESIGNS if name.startswith("ablation"))


@dataclass(frozen=True)
class Run:
    """One training. Accuracies are shares of the images that it was measured on."""

    net: str
    weights: int
    seed: int
    epochs: int
    on: str
    accuracy: float
    seconds: float
    """Wall clock of the training with its evaluations."""
    curve: list[float]
    clock: list[float]
    """Accuracy, and seconds since the beginning, after each epoch."""
    cpu: float
    """Processor seconds of this process, all threads."""
    others: float
    """Processors that other processes used meanwhile, on average."""
    profile: str
    when: str
    command: str
    training: list[float] = field(default_factory=list)
    """Accuracy on the training images, as they were shown, in each epoch."""


# --- nets -------------------------------------------------------------------------------------------------------------


def convolution(
    x: Any, channels: int, size: int = 3, strides: int = 1, *, pool: bool = False, norm: bool = True
) -> Any:
    """Convolution, pooling where asked for, batch norm, ReLU."""
    import keras

    layers = keras.layers
    x = layers.Conv2D(channels, size, strides=strides, padding="same", use_bias=not norm)(x)
    if pool:
        x = layers.MaxPooling2D(2)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x) if norm else x)


def ended(inputs: Any, x: Any, head: str = "max", dropout: float = 0.0) -> Any:
    """The model from `inputs` to ten probabilities, through a global maximum or average of `x`."""
    import keras

    layers = keras.layers
    x = (layers.GlobalMaxPooling2D() if head == "max" else layers.GlobalAveragePooling2D())(x)
    if dropout:
        x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def large_net() -> Any:
    """The larger net: 356,338 weights, fewer than the lecture's."""
    import keras

    inputs = keras.Input((32, 32, 3))
    x = convolution(inputs, 28, 4, 2)
    for channels in (56, 112):
        x = convolution(x, channels, pool=True)
        x = keras.layers.Add()([x, convolution(convolution(x, channels), channels)])
    return ended(inputs, x)


def variant(design: Design) -> Any:
    """The small net with a part taken away, as `build_better` of the authored notebook otherwise."""
    import keras

    inputs = keras.Input((32, 32, 3))
    x = convolution(inputs, 24, 4, 2, norm=design.norm)
    x = convolution(x, 32, pool=True, norm=design.norm)
    x = convolution(x, 56, norm=design.norm)
    x = convolution(x, 56, pool=True, norm=design.norm)
    x = convolution(x, 80, norm=design.norm)
    return ended(inputs, x, design.head, design.dropout)


# --- training ---------------------------------------------------------------------------------------------------------


def reference(names: dict[str, Any]) -> dict[str, Any]:
    """`names` with what week 6's authored notebook defines on top of them: helpers, schedule, nets, training."""
    week = weeks.load(WEEK)
    cells = {cell.id: cell for cell in week.cells}
    for name in (*GIVEN, *ANSWERS):
        source = cells[name].source
        if name == "better_net":  # the function, not the training that follows it
            source = source.split("### END SOLUTION")[0]
        exec(compile(source, f"<{WEEK}: {name}>", "exec"), names)
    return names


def fit_recipe(model: Any, recipe: Recipe, names: dict[str, Any], seed: int, title: str) -> dict[str, list[float]]:
    """Train `model` on the notebook's x_train by `recipe`; returns the history, validation on its x_val."""
    import keras
    import numpy as np

    from course import training

    x, y = names["x_train"], np.eye(10, dtype="float32")[names["y_train"]]
    held = names["x_val"], np.eye(10, dtype="float32")[names["y_val"]]
    rng = np.random.default_rng(seed)
    steps = recipe.epochs * -(-len(x) // recipe.batch)

    def rate(step: int) -> float:
        return float(names["one_cycle"](step, steps, recipe.peak)) if recipe.cycle else recipe.peak / 2

    callback = names["EveryStep"](rate)
    optimizer = keras.optimizers.SGD(
        recipe.peak, momentum=recipe.momentum, nesterov=recipe.momentum > 0, weight_decay=recipe.decay or None
    )
    if recipe.decay:
        optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smoothing)
    model.compile(optimizer, loss, metrics=["accuracy"])
    history: dict[str, list[float]] = {}
    for epoch in range(1, recipe.epochs + 1):
        images = names["moved"](x, rng) if recipe.moved else x
        one = training.fit(
            model,
            images,
            y,
            validation=held,
            epochs=1,
            batch_size=recipe.batch,
            callbacks=[callback],
            title=f"{title}, {epoch} of {recipe.epochs}",
        )
        for name, values in one.items():
            history.setdefault(name, []).extend(values)
    return history


def fit_lecture(model: Any, recipe: Recipe, names: dict[str, Any], title: str) -> dict[str, list[float]]:
    """The lecture's compile and fit, sparse labels for one-hot ones."""
    from course import training

    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(
        model,
        names["x_train"],
        names["y_train"],
        validation=(names["x_val"], names["y_val"]),
        epochs=recipe.epochs,
        batch_size=recipe.batch,
        title=title,
    )


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
    measured = data.test if design.on == "test" else data.validation
    names: dict[str, Any] = {
        "keras": keras,
        "np": np,
        "training": training,
        "evaluation": evaluation,
        "PROFILE": profile,
        "SEED": seed,
        "x_train": evaluation.scaled(data.train.x),
        "y_train": data.train.y,
        "x_val": evaluation.scaled(measured.x),
        "y_val": measured.y,
    }
    reference(names)
    keras.utils.set_random_seed(seed)
    builders: dict[str, Callable[[], Any]] = {"large": large_net, "variant": lambda: variant(design)}
    model = (builders.get(design.build) or names[design.build])()
    recipe = design.recipe if epochs is None else Recipe(**{**asdict(design.recipe), "epochs": epochs})
    busy, began = _busy(), time.monotonic()
    with contextlib.redirect_stdout(io.StringIO() if quiet else sys.stderr):
        if net == LECTURE:
            history = fit_lecture(model, recipe, names, net)
        elif net == SMALL and epochs is None:
            history = names["train_better"](model)
        else:
            history = fit_recipe(model, recipe, names, seed, net)
    seconds, after = time.monotonic() - began, _busy()
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
        others=round(_others(busy, after, seconds), 2),
        profile=profile,
        when=time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        command=command,
        training=[round(float(value), 4) for value in history["accuracy"]],
    )


# --- what was measured, as a file and as tables -----------------------------------------------------------------------


def read(path: Path) -> dict[str, Any]:
    """The file of results, or an empty one. Raises UserError when it is something else."""
    if not path.exists():
        return {"environment": {}, "runs": []}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        [Run(**run) for run in found["runs"]]
        return dict(found)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UserError(f"--save {path}: this is no file of results ({problem}); name another one") from problem


def write(path: Path, results: dict[str, Any]) -> None:
    """The results as JSON, and as tables in RESULTS.md beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    results["runs"].sort(key=lambda run: (list(DESIGNS).index(run["net"]), run["seed"]))
    for target, text in (
        (path, json.dumps(results, indent=1) + "\n"),
        (path.with_name("RESULTS.md"), markdown(results)),
    ):
        part = target.with_name(f".{target.name}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(target)


HEAD = ["net", "weights", "epochs", "seed", "accuracy, %", "seconds", "processor seconds", "other processes, cores"]


def cells(run: Run) -> list[str]:
    """A row of the tables; a star marks seconds that other processes have lengthened."""
    star = "*" if run.others > BETWEEN_SHARED_AND_IDLE else ""
    numbers = [f"{run.weights:,}", str(run.epochs), str(run.seed), f"{100 * run.accuracy:.2f}"]
    return [run.net, *numbers, f"{run.seconds:.0f}{star}", f"{run.cpu:.0f}", f"{run.others:.1f}"]


def table(runs: Iterable[Run], profile: str) -> Table:
    where = "CIFAR-10 (JPEG re-encoded)" if profile == "full" else "Coloured shapes (NOT CIFAR-10)"
    found = Table(title=f"{where}, last epoch", title_justify="left", header_style="bold")
    for number, name in enumerate([*HEAD, "measured on"]):
        found.add_column(name, justify="left" if number in (0, len(HEAD)) else "right")
    for run in runs:
        found.add_row(*cells(run), run.on)
    return found


def pairs(runs: Iterable[Run]) -> list[tuple[Run, Run]]:
    """(larger net, lecture's net) of one and the same command, whole trainings both."""
    known = list(runs)
    return [
        (mine, theirs)
        for mine in known
        for theirs in known
        if mine.net == LARGE and theirs.net == LECTURE and mine.command == theirs.command and mine.seed == theirs.seed
    ]


def comparison(runs: Iterable[Run]) -> str:
    """The larger net against the lecture's, from runs of one command, in a sentence each."""
    lines = []
    for mine, theirs in pairs(runs):
        lines.append(
            f"In one run, seed {mine.seed}: the larger net, {mine.weights:,} weights, has {100 * mine.accuracy:.2f} % after "
            f"{mine.epochs} epochs and {mine.seconds:.0f} s; the lecture's, {theirs.weights:,} weights, has "
            f"{100 * theirs.accuracy:.2f} % after {theirs.epochs} epochs and {theirs.seconds:.0f} s. "
            f"Processor seconds: {mine.cpu:.0f} and {theirs.cpu:.0f}."
        )
    return "\n".join(lines)


def shortfalls(runs: Iterable[Run]) -> list[str]:
    """What is promised and was not reached, a sentence each; only whole trainings on the real data are judged."""
    known = [run for run in runs if run.profile == "full" and run.epochs >= DESIGNS[run.net].recipe.epochs]
    found = []
    for run in known:
        promise = DESIGNS[run.net].promise
        if promise is not None and run.accuracy < promise:
            found.append(
                f"{run.net}, seed {run.seed}: {100 * run.accuracy:.2f} %, and {100 * promise:.0f} % is promised"
            )
        if run.net == SMALL and run.weights >= 100_000:
            found.append(f"{run.net} has {run.weights:,} weights: the budget is fewer than 100,000")
    for mine, theirs in pairs(known):
        if mine.seconds >= theirs.seconds:
            found.append(
                f"{mine.net}, seed {mine.seed}: {mine.seconds:.0f} s, and the lecture's {theirs.epochs} epochs took "
                f"{theirs.seconds:.0f} s"
            )
    return found


def markdown(results: dict[str, Any]) -> str:
    """RESULTS.md: every run, the commands and the environment. Generated; nobody edits it."""
    runs = [Run(**run) for run in results["runs"]]
    rule = "|---|--:|--:|--:|--:|--:|--:|--:|"
    lines = [
        "# What week 6's nets reach on CIFAR-10",
        "",
        "Generated by `python -m benchmarks cifar --save …`; the same numbers for programs are in `results.json`.",
        "",
        "The images are CIFAR-10's, **re-encoded as JPEG** by the copy that was at hand: numbers on the original pixels may differ",
        "by some tenths of a point. Protocol: 45,000 training images; designs, rates and epochs chosen on the other 5,000, the",
        "validation images; quoted is the last epoch, measured on the 10,000 test images. `results.json` also has the test",
        "accuracy after each epoch before: nothing was chosen by these numbers, none is quoted. One standard error near 80 % is",
        "0.4 points. Weights: all but batch norm's moving statistics.",
        "",
        "| " + " | ".join(HEAD) + " |",
        rule,
        *("| " + " | ".join(cells(run)) + " |" for run in runs if run.on == "test"),
    ]
    if said := comparison(runs):
        lines += ["", said]
    if taken := [run for run in runs if run.on == "validation"]:
        lines += [
            "",
            "## Ablations",
            "",
            "The small net, 6 epochs of its recipe, one part taken away each time; accuracy on the 5,000 *validation* images, last",
            "epoch. One standard error is 0.6 points.",
            "",
            "| " + " | ".join(HEAD) + " |",
            rule,
            *("| " + " | ".join(cells(run)) + " |" for run in taken),
        ]
    if any(run.others > BETWEEN_SHARED_AND_IDLE for run in runs):
        lines += [
            "",
            "\\* Other processes used the machine at the same time, so these seconds are upper bounds; only ratios within one "
            "command compare, and processor seconds.",
        ]
    lines += ["", "## Designs", ""]
    measured = {run.net for run in runs}
    for net, design in DESIGNS.items():
        if net not in measured:
            continue
        promise = f" Promised: at least {100 * design.promise:.0f} %." if design.promise else ""
        lines.append(f"- {net}: {design.says}.{promise}")
    lines += ["", "Commands:", "", *(f"    {command}" for command in dict.fromkeys(run.command for run in runs))]
    lines += ["", "Environment:", "", *(f"- {key}: {value}" for key, value in results["environment"].items()), ""]
    return "\n".join(lines)


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
    said = "autograder " + " ".join(["bench", "cifar", *sys.argv[3:]]) if sys.argv[1:3] == ["bench", "cifar"] else ""
    kept = read(save) if save else {"environment": {}, "runs": []}
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
            kept["environment"] = environment()
            kept["runs"] = [r for r in kept["runs"] if (r["net"], r["seed"]) != (net, seed)] + [asdict(run)]
            write(save, kept)
    runs = [Run(**run) for run in kept["runs"]] if save else done
    short = shortfalls(runs)
    if as_json:
        document = {"environment": environment(), "runs": [asdict(run) for run in runs], "shortfalls": short}
        click.echo(json.dumps(document, indent=1))
    else:
        console.print(table(runs, profile))
        for line in (comparison(runs), *(f"falls short: {line}" for line in short)):
            if line:
                console.print(line)
        for key, value in environment().items():
            console.print(f"{key}: {value}")
    if short:
        raise SystemExit(1)
