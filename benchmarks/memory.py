"""`python -m benchmarks memory`: how much memory a week's quick notebook takes, and the processes that grade it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from autograder import weeks as weeks_module
from autograder.errors import UserError
from autograder.isolation import sandbox
from autograder.paths import ROOT
from autograder.weeks import Week
from benchmarks.grading import hand_in
from benchmarks.processes import Role, Watched, most_mb
from course.desk import lab

ROLES = ("driver", "referee", "parent", "worker")
_LAB_SECONDS = 120


@dataclass
class Measured:
    """One week. All numbers in MB. within: what the notebook was given, 0 for no limit; good: whether it earned every point so.

    kernel: the notebook's kernel. graded: {role: the largest process}; together: all that grade, shared pages counted once;
    points: what grading gave.
    """

    week: str
    within: int = 0
    kernel: float = 0.0
    good: bool = False
    graded: dict[str, float] = field(default_factory=dict)
    together: float = 0.0
    points: str = ""


def kernel_role(command: list[str], started_by: list[str]) -> str:
    """ "kernel" for a notebook's kernel."""
    return "kernel" if any("ipykernel" in word for word in command) else ""


def grading_role(command: list[str], started_by: list[str]) -> str:
    """Which of ROLES a process of `autograder grade` is."""
    if "autograder.worker.main" in command and "--die-with-parent" not in command:
        # bubblewrap's own command holds that of the parent; a worker is a fork of the parent, with its command.
        forked = "autograder.worker.main" in started_by and "--die-with-parent" not in started_by
        return "worker" if forked else "parent"
    if any("multiprocessing" in word and "spawn" in word for word in command):
        return "referee"
    return "driver" if "autograder.cli" in command and "grade" in command else ""


def _run(order: Sequence[str], role: Role, within: int = 0) -> tuple[Watched, str]:
    """Run a command of the autograder's to its end. within: MB of private writable memory for each process, 0 for no limit.

    Returns what was seen of its memory, and what it wrote. Raises UserError when it could not do its work.
    """

    def limit() -> None:
        if within:
            resource.setrlimit(resource.RLIMIT_DATA, (within * 2**20,) * 2)

    environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "autograder.cli", *order],
            env=environment,
            stdout=said,
            stderr=errors,
            preexec_fn=limit,  # this process has one thread here
        )
        with Watched(process.pid, role) as watched:
            status = process.wait()
        said.seek(0)
        errors.seek(0)
        if status not in (0, 1):  # 1: points are missing, which is a result
            raise UserError(f"autograder {order[0]} ended with {status}: {errors.read().strip()[-400:]}")
        return watched, said.read()


def notebook(week: Week, folder: Path, found: Measured) -> None:
    """Run the solution in the quick profile, as one student does, and note its kernel's memory."""
    order = ["solve", week.id, "--jobs", "1", "--to", str(folder), "--json"]
    watched, said = _run(order, kernel_role, found.within)
    found.kernel = watched.peaks.get("kernel", 0.0)
    found.good = bool(json.loads(said)["good"])


def graded(week: Week, folder: Path, found: Measured) -> None:
    """Grade two submissions of the solution, one after the other, with the nets that `notebook` has trained in `folder`."""
    nets = sorted((folder / week.id / "artefacts").glob("*.npz"))
    with tempfile.TemporaryDirectory(prefix="memory-") as place:
        hand_in(week, Path(place) / "submitted", 2, nets)
        to = str(Path(place) / "grades")
        watched, said = _run(
            ["grade", str(Path(place) / "submitted"), "--to", to, "--jobs", "1", "--json"], grading_role
        )
    found.graded = {role: watched.peaks.get(role, 0.0) for role in ROLES}
    found.together = watched.together
    found.points = points(said)


def points(said: str) -> str:
    """ "90 of 90" from what `grade --json` writes; all of them, where submissions differ."""
    return ", ".join(sorted({f"{one['score']:g} of {one['max_score']:g}" for one in json.loads(said)["results"]}))


@contextmanager
def _lab() -> Iterator[subprocess.Popen[bytes]]:
    """A JupyterLab as `course start` opens it, without a browser."""
    with tempfile.TemporaryDirectory(prefix="lab-") as place:
        runtime = Path(place) / "runtime"
        path = next((ROOT / "assignments").glob("week*/*.ipynb"))
        environment = lab.environment() | {"JUPYTER_RUNTIME_DIR": str(runtime), "JUPYTER_CONFIG_DIR": place}
        order = [*lab.order(path), "--no-browser", "--ServerApp.port=0", "--allow-root"]
        process = subprocess.Popen(order, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(lambda: any(runtime.glob("jpserver-*.json")))
            about = json.loads(next(runtime.glob("jpserver-*.json")).read_text())
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            opener.open(f"{about['url']}lab?token={about['token']}", timeout=_LAB_SECONDS).read()
            yield process
        finally:
            process.terminate()
            process.wait()


def _wait_for(there: Callable[[], bool]) -> None:
    import time

    until = time.monotonic() + _LAB_SECONDS
    while not there():
        if time.monotonic() > until:
            raise UserError(f"JupyterLab did not start within {_LAB_SECONDS} s")
        time.sleep(0.2)


def lab_mb() -> float:
    """The most memory that JupyterLab's server has taken when its page has been fetched, in MB."""
    with _lab() as process:
        return most_mb(process.pid)


@click.command()
@click.argument("weeks", nargs=-1)
@click.option(
    "--within", type=click.IntRange(min=0), default=2048, show_default=True, help="MB for the notebook; 0: no limit."
)
@click.option("--grading/--no-grading", default=True, help="Grade the solution, too (default).")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each week instead of the table.")
def command(weeks: tuple[str, ...], within: int, grading: bool, as_json: bool) -> None:
    """Measure the memory of the quick notebooks of WEEKS (default: all), and of what grades them.

    The notebook: the solution, run from its first to its last cell with at most so much private writable memory, and the
    most its kernel had resident. Grading: two submissions with trained nets, one after the other, the largest process of
    each kind. Exit status 1 when a notebook falls short of its points within that memory, or its kernel took more.
    """
    sandbox.default_sandbox()
    server = lab_mb()
    every: list[Measured] = []
    for week in weeks_module.select(weeks):
        found = Measured(week.id, within)
        with tempfile.TemporaryDirectory(prefix="memory-") as place:
            notebook(week, Path(place), found)
            if grading:
                graded(week, Path(place), found)
        every.append(found)
        if as_json:
            click.echo(json.dumps(_rounded(asdict(found)) | {"lab": round(server)}))
    if not as_json:
        _show(every, server, grading)
    if any(not one.good or (within and one.kernel > within) for one in every):
        raise SystemExit(1)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value) if isinstance(value, float) else value


def _show(every: list[Measured], server: float, grading: bool) -> None:
    within = every[0].within if every else 0
    table = Table(title="Memory in MB (largest process of each kind)", title_justify="left")
    headings = ["week", "kernel", f"full points within {within} MB" if within else "full points"]
    for heading in [*headings, *((*ROLES, "all that grade", "graded") if grading else ())]:
        table.add_column(heading, justify="left" if heading == "week" else "right")
    for one in every:
        row = [one.week, f"{one.kernel:.0f}", "yes" if one.good else "no"]
        if grading:
            row += [*(f"{one.graded[role]:.0f}" for role in ROLES), f"{one.together:.0f}", one.points]
        table.add_row(*row)
    Console().print(table)
    click.echo(f"JupyterLab's server, with its page fetched: {server:.0f} MB")
