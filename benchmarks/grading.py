"""`python -m benchmarks grading`: seconds a submission, by us and by stock nbgrader, on the same class and the same cores."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click
import nbformat
from rich.console import Console

from autograder import weeks
from autograder.authoring import solve
from autograder.authoring.notebooks import solution_notebook
from autograder.errors import UserError
from autograder.isolation import sandbox
from autograder.paths import ROOT
from autograder.weeks import Week
from benchmarks import load
from benchmarks import runs as measured
from benchmarks.grading_tables import LOADS, Run, markdown, rows, table

CLASSES = {
    "import_only": ("week01_convolution", 40, False),
    "building": ("week03_parameters", 12, False),
    "training": ("week06_cifar10", 20, True),
    "residual": ("week12_resnet", 6, True),
    "retraining": ("week05_under_ten_thousand", 6, False),
}
"""{what: (week, submissions, whether the trained nets are handed in)}.

Every submission has a cell of the student's that imports Keras. Week 1 does nothing with it; the checks of week 3 build
hundreds of layers, on both sides. Weeks 6 and 12 train, and what is handed in holds the trained nets, as the notebook asks
for: both graders find them; the checks of week 12 build dozens of residual nets beside them, on both sides again. In week 5
they are left out: both train all of them anew, and what is compared is the training."""

LADDER = {"import_only": (1, 6, 16, 40), "training": (1, 6, 20), "building": (12,), "residual": (6,)}
"""Sizes of the classes that --ladder grades: small ones are mostly start, large ones mostly grading."""


def _run(command: list[str], folder: Path) -> None:
    """Run to its end. Raises UserError with its last words when it fails; 1 says that some fell short of full points."""
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace")
    if done.returncode not in (0, 1):
        raise UserError(f"{' '.join(command[2:6])} ended with {done.returncode}: {done.stderr.strip()[-400:]}")


def hand_in(week: Week, submitted: Path, count: int, nets: Sequence[Path] = ()) -> None:
    """`count` right submissions, each with a cell of its own that imports Keras, so that none is known from another.

    nets: files of trained nets that all of them hand in.
    """
    for number in range(count):
        notebook = solution_notebook(week)
        notebook.cells.insert(0, nbformat.v4.new_code_cell(f"import keras  # student {number}", id="own"))
        path = submitted / f"student{number:03}" / week.id / f"{week.id}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
        for net in nets:
            (path.parent / "artefacts").mkdir(exist_ok=True)
            shutil.copy(net, path.parent / "artefacts")


def _trained(week: Week, folder: Path) -> list[Path]:
    """The nets that the solution of `week` trains in the quick profile. Raises UserError where it does not run."""
    (outcome,) = solve.solve([week], "quick", folder=folder, jobs=1, pages=False)
    if not outcome.good:
        raise UserError(f"the solution of {week.id} does not run: {outcome.problem or 'say `autograder solve`'}")
    return sorted((folder / week.id / "artefacts").glob("*.npz"))


def ours(week: Week, course: Path) -> tuple[float, int]:
    """Seconds to grade the class in the sandbox, with records, feedback pages and nbgrader's gradebook; how many were short."""
    shutil.rmtree(course / "ours", ignore_errors=True)
    (course / "ours").mkdir()
    me = [sys.executable, "-m", "autograder.cli"]
    records = ["--records", str(course / "ours/grades")]
    began = time.perf_counter()
    _run([*me, "grade", str(course / "submitted"), "--to", str(course / "ours/grades"), "--json"], course)
    _run([*me, "report", *records, "--to", str(course / "ours/report"), "--json"], course)
    _run([*me, "export", *records, "--format", "nbgrader", "--to", str(course / "ours/gradebook.db")], course)
    seconds = time.perf_counter() - began
    return seconds, _short(course / "ours/gradebook.db", week, "ours")


def stock(week: Week, course: Path) -> tuple[float, int]:
    """Seconds of `nbgrader autograde` and `nbgrader generate_feedback` with nbgrader's own configuration; how many were short."""
    me = [sys.executable, "-m", "nbgrader"]
    for made in ("autograded", "feedback"):
        shutil.rmtree(course / made, ignore_errors=True)
    began = time.perf_counter()
    _run([*me, "autograde", week.id, "--create", "--force", "--Execute.timeout=900"], course)
    _run([*me, "generate_feedback", week.id, "--force"], course)
    seconds = time.perf_counter() - began
    return seconds, _short(course / "gradebook.db", week, "stock nbgrader's")


def _short(gradebook: Path, week: Week, whose: str) -> int:
    """How many did not get full points. All are right: a ratio of wrong results would say nothing."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{gradebook}") as book:
        found = {
            submission.student.id: sum(grade.auto_score or 0.0 for n in submission.notebooks for grade in n.grades)
            for submission in book.assignment_submissions(week.id)
        }
    full = sum(check.points for check in week.checks)
    short = sorted(student for student, score in found.items() if score != full)
    if short or not found:
        Console(stderr=True).print(
            f"[yellow]{whose} grades: {len(short)} of {len(found)} right submissions short of {full:g}[/]"
        )
    return len(short)


Key = tuple[str, int, str, int]
"""Class, submissions, load, round: what a run is known by."""


def wanted(kinds: Sequence[str], sizes: Sequence[int], loads: Sequence[str], rounds: int, ladder: bool) -> list[Key]:
    """The runs asked for, in order; the two loads of a round are neighbours."""
    return [
        (kind, size, each, number)
        for kind in kinds
        for size in (sizes or (LADDER.get(kind, ()) if ladder else (CLASSES[kind][1],)))
        for number in range(1, rounds + 1)
        for each in loads
    ]


def measure(keys: Sequence[Key]) -> Iterator[Run]:
    """Make the classes and grade them, run by run; a class of one size is made once for the runs that follow each other."""
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        nets: dict[str, list[Path]] = {}
        made: tuple[str, int] | None = None
        course = Path(place) / "course"
        for kind, size, how, number in keys:
            week_id, _, handed_in = CLASSES[kind]
            week = weeks.load(week_id)
            if kind not in nets:
                nets[kind] = _trained(week, Path(place) / "solved" / kind) if handed_in else []
            if made != (kind, size):
                shutil.rmtree(course, ignore_errors=True)
                _course(week, course, size, nets[kind])
                made = kind, size
            yield _round(kind, week, course, size, how, number)


def _course(week: Week, course: Path, size: int, nets: Sequence[Path]) -> None:
    """A course of nbgrader's with `size` submissions to `week`."""
    hand_in(week, course / "submitted", size, nets)
    (course / "source" / week.id).mkdir(parents=True)
    nbformat.write(solution_notebook(week), course / "source" / week.id / f"{week.id}.ipynb")
    _run([sys.executable, "-m", "nbgrader", "generate_assignment", week.id, "--create"], course)


def _round(kind: str, week: Week, course: Path, size: int, how: str, number: int) -> Run:
    others = load.cores_in_use()
    with load.one_core_busy() if how == "busy" else contextlib.nullcontext():
        seconds_ours, short_ours = ours(week, course)
        seconds_stock, short_stock = stock(week, course)
    return Run(
        kind,
        week.id,
        size,
        how,
        number,
        round(seconds_ours, 2),
        round(seconds_stock, 2),
        short_ours,
        short_stock,
        others,
        when=time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        command=" ".join(["python -m benchmarks", *sys.argv[1:]]) if sys.argv[1:2] == ["grading"] else "",
    )


@click.command()
@click.option("--only", "kinds", multiple=True, type=click.Choice(list(CLASSES)), help="This class only; repeatable.")
@click.option(
    "--students",
    "sizes",
    multiple=True,
    type=click.IntRange(min=1),
    help="Submissions a class; repeatable.  [default: 40, 12, 20, 6 and 6]",
)
@click.option(
    "--load",
    "loads",
    multiple=True,
    type=click.Choice(LOADS),
    default=("idle",),
    help="busy: beside a program of the bench's own that keeps one core busy; repeatable.  [default: idle]",
)
@click.option(
    "--ladder",
    is_flag=True,
    help="Week 1 with 1, 6, 16 and 40 submissions, week 6 with 1, 6 and 20, weeks 3 and 12, each idle and busy.",
)
@click.option("--rounds", type=click.IntRange(min=1), default=1, show_default=True, help="Alternations of the two.")
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), help="Add the runs to this JSON; writes RESULTS.md too."
)
@click.option("--again", is_flag=True, help="With --save: repeat runs that the file has already.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
def command(
    kinds: tuple[str, ...],
    sizes: tuple[int, ...],
    loads: tuple[str, ...],
    ladder: bool,
    rounds: int,
    save: Path | None,
    again: bool,
    as_json: bool,
) -> None:
    """Grade the same class with us and with stock nbgrader, alternately, and compare.

    Ours: in the sandbox, records, feedback pages and nbgrader's gradebook written, everything from a cold start. Stock:
    `nbgrader autograde` and `generate_feedback` with its own configuration. Meaningful on an otherwise idle machine; with
    --save, a run that is stopped goes on where it was.

    Exit status: 0, or 1 when a ratio is below what is promised for its class.
    """
    sandbox.default_sandbox()
    console = Console(stderr=True)
    kept = measured.read(save, Run) if save else {"environment": {}, "runs": []}
    every = wanted(kinds or tuple(LADDER if ladder else CLASSES), sizes, LOADS if ladder else loads, rounds, ladder)
    found = {run.key: run for run in (Run(**run) for run in kept["runs"])}
    missing = [key for key in every if again or key not in found]
    for run in measure(missing):
        found[run.key] = run
        each = (f"{seconds / run.submissions:.2f} s a submission" for seconds in (run.ours, run.stock))
        console.print(
            f"{run.kind}, {run.submissions}, {run.load}, round {run.round}: ours {next(each)}, stock {next(each)}",
            style="dim",
        )
        if save:  # after each round: a bench that is stopped keeps what it has measured
            kept = {"environment": measured.environment(), "runs": [asdict(one) for one in _in_order(found.values())]}
            measured.write(save, kept, markdown(kept))
    summary = rows(_in_order(found[key] for key in every if key in found))
    if as_json:
        ratios = {f"ratio_{row.kind}_{row.submissions}_{row.load}": round(row.ratio, 2) for row in summary}
        click.echo(json.dumps(ratios | {"classes": [row.as_dict() for row in summary]}))
    else:
        Console().print(table(summary))
    if not all(row.holds for row in summary):
        raise SystemExit(1)


def _in_order(runs: Iterable[Run]) -> list[Run]:
    kinds, loads = list(CLASSES), list(LOADS)
    return sorted(runs, key=lambda r: (kinds.index(r.kind), r.submissions, loads.index(r.load), r.round))
