"""`python -m benchmarks training`: what nets under a budget reach on MNIST, seed by seed, and how long the lecture's net needs.

The recipe is week 5's own reference: `train_tiny` is taken from the authored notebook, and so is `build_tiny`, the net for
10,000 weights. The smaller nets of the frontier stand here. Protocol: architecture, rates and epochs were chosen on the
validation images; each run is measured at its last epoch, whatever it was before; a mean is over all seeds that were run.
The accuracy on the test images after each epoch is recorded, for the curve and for the time to 99.2 %, and chooses nothing.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from autograder import weeks
from autograder.errors import UserError
from course.files import write_text

WEEK = "week05_under_ten_thousand"
GOAL = 0.992
LECTURE = "lecture"
BETWEEN_SHARED_AND_IDLE = 0.25
"""Other processes' share of the processor above which a run's seconds are marked as measured on a shared machine."""


@dataclass(frozen=True)
class Design:
    """A net of the table: how it is built, how long it is trained, and what is promised of it."""

    budget: str
    epochs: int
    seeds: int
    promise: float | None
    """Mean accuracy that must be reached, where one is promised."""
    says: str


DESIGNS = {
    "10000": Design(
        "10000", 10, 5, 0.9940, "5×5 to 10 channels, 3×3 to 16 and 18, then separable to 44 and 56: week 5's reference"
    ),
    "5000": Design("5000", 9, 3, 0.9930, "3×3 to 8 and 12 channels, then separable to 22, 24, 32, 32"),
    "2500": Design("2500", 12, 3, None, "3×3 to 6 and 8 channels, then separable to 16, 16, 20, 18"),
    "1000": Design(
        "1000",
        20,
        3,
        None,
        "3×3 to 9 channels, separable to 16, then four times over one separable layer of 16 channels",
    ),
    LECTURE: Design(LECTURE, 10, 1, None, "the lecture's net and recipe: RMSprop, batches of 64, no augmentation"),
    "head": Design(
        "head", 10, 1, None, "the lecture's convolutions, a global average and one dense layer for its head"
    ),
    "width": Design("width", 10, 1, None, "the same with 16 and 32 channels for 32 and 64"),
    "depth": Design("depth", 10, 1, None, "five 3×3 layers of 16 channels, a pooling after the first and the third"),
    "norm": Design("norm", 10, 1, None, "the same, each bias replaced by a batch norm"),
    "recipe": Design(
        "recipe", 10, 1, None, "the same, trained as week 5's reference is: schedule, moved images, soft labels"
    ),
}

LADDER = {
    "head": "C32 M C64 M",
    "width": "C16 M C32 M",
    "depth": "C16 M C16 C16 M C16 C16",
    "norm": "C16 M C16 C16 M C16 C16",
    "recipe": "C16 M C16 C16 M C16 C16",
}
"""Week 5's way from the lecture's net to fewer than 10,000 weights, one change a rung; all but the last are trained with the
lecture's recipe. 3×3 convolutions with same padding and their channels (C), 2×2 max poolings (M), then a global average and a
dense layer."""


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


def reference() -> dict[str, Any]:
    """`build_tiny` and `train_tiny` as week 5's authored notebook has them."""
    import keras
    import numpy as np

    from course import evaluation, training

    week = weeks.load(WEEK)
    names: dict[str, Any] = {"keras": keras, "np": np, "training": training, "evaluation": evaluation}
    for answer in ("build_tiny", "train_tiny"):
        exec(compile(week[answer].source, f"<{WEEK}: {answer}>", "exec"), names)
    return names


def small_net(first: int, second: int, *separable: int) -> Any:
    """Under 5,000 weights and under 2,500: 3×3 to `first` and `second` channels, pooling, then four separable 3×3 layers with a
    pooling behind the second of them."""
    import keras

    layers = keras.layers

    def close(x: Any, pooled: bool) -> Any:
        return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(layers.MaxPooling2D(2)(x) if pooled else x))

    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(first, 3, activation="relu")(inputs)
    x = close(layers.Conv2D(second, 3, use_bias=False)(x), pooled=True)
    for number, channels in enumerate(separable):
        x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
        x = close(layers.Conv2D(channels, 1, use_bias=False)(x), pooled=number == 1)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


def tied_net(first: int, channels: int, times: int) -> Any:
    """Under 1,000 weights: 3×3 to `first` channels, pooling, a separable 3×3 layer to `channels`, and then one more, the same
    one `times` over. Weights that are used again exist once and count once; each time has its own batch norm.
    """
    import keras

    layers = keras.layers

    def close(x: Any) -> Any:
        return layers.LeakyReLU(negative_slope=0.2)(layers.BatchNormalization(momentum=0.9, scale=False)(x))

    def separable() -> Callable[[Any], Any]:
        depthwise = layers.DepthwiseConv2D(3, use_bias=False)
        pointwise = layers.Conv2D(channels, 1, use_bias=False)
        return lambda x: pointwise(depthwise(x))

    inputs = keras.Input((28, 28, 1))
    x = close(layers.MaxPooling2D(2)(layers.Conv2D(first, 3, use_bias=False)(inputs)))
    x = close(separable()(x))
    again = separable()
    for _ in range(times):
        x = close(again(x))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


def lecture_net() -> Any:
    """The lecture's MNIST net, 220,234 weights."""
    import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def ladder_net(rung: str) -> Any:
    """The net of one rung of `LADDER`; "norm" and "recipe" have a batch norm before each ReLU, and no biases there."""
    import keras

    layers = keras.layers
    normed = rung in ("norm", "recipe")
    inputs = x = keras.Input((28, 28, 1))
    for part in LADDER[rung].split():
        if part == "M":
            x = layers.MaxPooling2D(2)(x)
            continue
        x = layers.Conv2D(int(part[1:]), 3, padding="same", use_bias=not normed)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x) if normed else x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


def builders(names: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    return {
        "10000": names["build_tiny"],
        "5000": lambda: small_net(8, 12, 22, 24, 32, 32),
        "2500": lambda: small_net(6, 8, 16, 16, 20, 18),
        "1000": lambda: tied_net(9, 16, 4),
        LECTURE: lecture_net,
        **{rung: partial(ladder_net, rung) for rung in LADDER},
    }


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
    busy, began = _busy(), time.monotonic()
    with contextlib.redirect_stdout(io.StringIO() if quiet else sys.stderr):
        model, history = train(model, x, y, unseen, labels, epochs=epochs, seed=seed)
    wall, after = time.monotonic() - began, _busy()
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
        others=round(_others(busy, after, wall), 2),
        profile=profile,
        when=time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        command=command,
    )


def _busy() -> tuple[float, float]:
    """(processor seconds of all processes, of this one); zeros where the system does not say."""
    try:
        with Path("/proc/stat").open() as file:
            fields = [float(value) for value in file.readline().split()[1:9]]
        ticks = os.sysconf("SC_CLK_TCK")
        own = os.times()
        return (sum(fields) - fields[3] - fields[4]) / ticks, own.user + own.system
    except (OSError, ValueError, AttributeError):
        return 0.0, 0.0


def _others(before: tuple[float, float], after: tuple[float, float], seconds: float) -> float:
    return max(0.0, (after[0] - before[0]) - (after[1] - before[1])) / max(seconds, 1e-9)


def environment() -> dict[str, str]:
    """Where the numbers come from."""
    import keras
    import numpy

    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    backend = keras.backend.backend()
    module = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}.get(backend, backend)
    version = getattr(sys.modules.get(module), "__version__", "")
    return {
        "processor": f"{processor}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "keras": f"{keras.__version__} on {backend} {version}".strip(),
        "numpy": numpy.__version__,
        "system": f"{platform.system()} {platform.machine()}",
    }


# --- what was measured, as a file and as tables -------------------------------------------------------------------


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
    """The results as JSON, and as a table in RESULTS.md beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    results["runs"].sort(key=lambda run: (list(DESIGNS).index(run["budget"]), run["seed"]))
    for target, text in (
        (path, json.dumps(results, indent=1) + "\n"),
        (path.with_name("RESULTS.md"), markdown(results)),
    ):
        write_text(target, text)


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
    kept = read(save) if save else {"environment": {}, "runs": []}
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
                kept["environment"] = environment()
                kept["runs"] = [r for r in kept["runs"] if (r["budget"], r["seed"]) != (budget, seed)] + [asdict(run)]
                write(save, kept)
    runs = [Run(**run) for run in kept["runs"]] if save else done
    summary = rows(runs)
    if as_json:
        public = [{**asdict(row), "mean": row.mean, "short": row.short} for row in summary]
        click.echo(
            json.dumps({"environment": environment(), "rows": public, "runs": [asdict(r) for r in runs]}, indent=1)
        )
    else:
        console.print(table(summary, profile))
        if said := comparison(runs):
            console.print(said)
        for key, value in environment().items():
            console.print(f"{key}: {value}")
    if profile == "full" and any(row.short for row in summary):
        raise SystemExit(1)
