"""`python -m benchmarks backends`: what the quick notebooks earn with each library below Keras, and their nets when graded."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from autograder import weeks as weeks_module
from autograder.errors import UserError
from autograder.isolation import sandbox
from autograder.paths import ROOT
from autograder.results import records
from autograder.weeks import Week
from benchmarks.grading import hand_in
from benchmarks.memory import points

BACKENDS = ("tensorflow", "jax", "torch")


@dataclass(frozen=True)
class Run:
    """One week on one backend. points: what the executed solution earned; nets: how many it trained and kept.

    read: how many of them the grader read, and trained: how many it trained instead (it trains none for cells that only draw);
    graded: what grading on TensorFlow gave the notebook with them, "" where it was not
    tried. failures: cell: message.
    """

    week: str
    backend: str
    points: float
    most: float
    seconds: float
    nets: int
    read: int
    graded: str
    failures: tuple[str, ...]
    trained: int = 0

    @property
    def good(self) -> bool:
        """All points, in the notebook and in the grader, with the nets as they were handed in."""
        full = f"{self.most:g} of {self.most:g}"
        as_handed_in = not self.graded or (self.graded == full and not self.trained and self.read >= min(self.nets, 1))
        return self.points == self.most and not self.failures and as_handed_in


def _autograder(backend: str, *order: str) -> str:
    """What a command of the autograder's writes. Raises UserError when it could not do its work."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": backend}
    command = [sys.executable, "-m", "autograder.cli", *order, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode not in (0, 1):  # 1: points are missing, which is a result
        raise UserError(f"autograder {order[0]} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    return done.stdout


def nets_in(outputs: dict[str, list[dict[str, Any]]]) -> tuple[int, int]:
    """How many nets the cells of a graded notebook say that they have (loaded, trained)."""
    text = "\n".join(str(one.get("text", "")) for each in outputs.values() for one in each)
    said = set(re.findall(r"^\s*([a-z0-9][a-z0-9_-]*): (loaded from|trained)", text, re.MULTILINE))
    loaded = sum(what == "loaded from" for _, what in said)
    return loaded, len(said) - loaded


def measure(week: Week, backend: str, grading: bool) -> Run:
    """Run the solution of `week` on `backend`; then grade it, with the nets it has trained, on TensorFlow."""
    with tempfile.TemporaryDirectory(prefix="backends-") as place:
        folder = Path(place)
        said = _autograder(backend, "solve", week.id, "--jobs", "1", "--to", str(folder / "solved"))
        (found,) = json.loads(said)["weeks"]
        nets = sorted((folder / "solved" / week.id / "artefacts").glob("*.npz"))
        graded, read, trained = "", 0, 0
        if grading:
            hand_in(week, folder / "submitted", 1, nets)
            submitted, to = str(folder / "submitted"), str(folder / "grades")
            graded = points(_autograder("tensorflow", "grade", submitted, "--to", to, "--jobs", "1"))
            read, trained = nets_in(records.read(Path(to))[0].outputs)
    failures = tuple(f"{one['id']}: {one['message']}" for one in found["failures"])
    if found["problem"]:
        failures = (found["problem"], *failures)
    seconds, most = found["seconds"], found["max_points"]
    return Run(week.id, backend, found["points"], most, seconds, len(nets), read, graded, failures, trained)


@click.command()
@click.argument("weeks", nargs=-1)
@click.option(
    "--on", "chosen", type=click.Choice(BACKENDS), multiple=True, help="A library (may be repeated; default: all)."
)
@click.option("--grading/--no-grading", default=True, help="Grade the nets, too (default).")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each run instead of the table.")
def command(weeks: tuple[str, ...], chosen: tuple[str, ...], grading: bool, as_json: bool) -> None:
    """Run the quick notebooks of WEEKS (default: all) with KERAS_BACKEND set to each library, and grade what they train.

    Exit status 1 when a run earns fewer points than there are, or its nets do.
    """
    if grading:
        sandbox.default_sandbox()
    backends = chosen or BACKENDS
    if absent := [name for name in backends if importlib.util.find_spec(name) is None]:
        raise UserError(
            f"{absent[0]} is not installed in {sys.executable}: `python -m pip install {absent[0]}` installs it"
        )
    every: list[Run] = []
    for week in weeks_module.select(weeks):
        for backend in backends:
            run = measure(week, backend, grading)
            every.append(run)
            if as_json:
                click.echo(json.dumps(asdict(run)))
            else:
                for failure in run.failures:
                    click.echo(f"{run.week} on {backend}, {failure}", err=True)
    if not as_json:
        _show(every)
    if not all(run.good for run in every):
        raise SystemExit(1)


def _show(every: list[Run]) -> None:
    table = Table(title="Quick notebooks", title_justify="left")
    for heading in ("week", "on", "points", "seconds", "nets", "read", "graded on TensorFlow"):
        table.add_column(heading, justify="left" if heading in ("week", "on") else "right")
    for run in every:
        earned = f"{run.points:g} of {run.most:g}"
        table.add_row(run.week, run.backend, earned, f"{run.seconds:.0f}", str(run.nets), str(run.read), run.graded)
    Console().print(table)
    for name in dict.fromkeys(run.backend for run in every):
        package = "tensorflow-cpu" if name == "tensorflow" and sys.platform == "linux" else name
        click.echo(f"{name} {importlib.metadata.version(package)}, keras {importlib.metadata.version('keras')}")
