"""`python -m benchmarks grading`: seconds a submission, by us and by stock nbgrader, on the same class and the same cores."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import click
import nbformat
from rich.console import Console
from rich.table import Table

from autograder import weeks
from autograder.authoring import solve
from autograder.authoring.notebooks import solution_notebook
from autograder.errors import UserError
from autograder.isolation import sandbox
from autograder.paths import ROOT
from autograder.weeks import Week

CLASSES = {
    "import_only": ("week01_convolution", 40, 30.0, False),
    "building": ("week03_parameters", 12, 0.0, False),
    "training": ("week06_cifar10", 20, 5.0, True),
    "residual": ("week12_resnet", 6, 0.0, True),
    "retraining": ("week05_under_ten_thousand", 6, 0.0, False),
}
"""{what: (week, submissions, least ratio that we promise; 0: none, whether the trained nets are handed in)}.

Every submission has a cell of the student's that imports Keras. Week 1 does nothing with it; the checks of week 3 build
hundreds of layers, on both sides. Weeks 6 and 12 train, and what is handed in holds the trained nets, as the notebook asks
for: both graders find them; the checks of week 12 build dozens of residual nets beside them, on both sides again. In week 5
they are left out: both train all of them anew, and what is compared is the training."""


@dataclass
class Measured:
    week: str
    submissions: int
    bar: float
    ours: list[float] = field(default_factory=list)
    """Wall-clock seconds of each round."""
    stock: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """How many times longer stock nbgrader takes: the median over rounds, each round's two runs being neighbours."""
        return median(theirs / own for own, theirs in zip(self.ours, self.stock, strict=True))

    def as_dict(self) -> dict[str, Any]:
        return {
            "week": self.week,
            "submissions": self.submissions,
            "seconds_ours": [round(s / self.submissions, 3) for s in self.ours],
            "seconds_stock": [round(s / self.submissions, 3) for s in self.stock],
            "ratio": round(self.ratio, 2),
            "bar": self.bar,
        }


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


def ours(week: Week, course: Path) -> float:
    """Seconds to grade the class in the sandbox, with records, feedback pages and nbgrader's gradebook."""
    shutil.rmtree(course / "ours", ignore_errors=True)
    (course / "ours").mkdir()
    me = [sys.executable, "-m", "autograder.cli"]
    records = ["--records", str(course / "ours/grades")]
    began = time.perf_counter()
    _run([*me, "grade", str(course / "submitted"), "--to", str(course / "ours/grades"), "--json"], course)
    _run([*me, "report", *records, "--to", str(course / "ours/report"), "--json"], course)
    _run([*me, "export", *records, "--format", "nbgrader", "--to", str(course / "ours/gradebook.db")], course)
    seconds = time.perf_counter() - began
    _same_scores(course / "ours/gradebook.db", week, "ours")
    return seconds


def stock(week: Week, course: Path) -> float:
    """Seconds of `nbgrader autograde` and `nbgrader generate_feedback` with nbgrader's own configuration."""
    me = [sys.executable, "-m", "nbgrader"]
    for made in ("autograded", "feedback"):
        shutil.rmtree(course / made, ignore_errors=True)
    began = time.perf_counter()
    _run([*me, "autograde", week.id, "--create", "--force", "--Execute.timeout=900"], course)
    _run([*me, "generate_feedback", week.id, "--force"], course)
    seconds = time.perf_counter() - began
    _same_scores(course / "gradebook.db", week, "stock nbgrader's")
    return seconds


def _same_scores(gradebook: Path, week: Week, whose: str) -> None:
    """Both must have done the work: everybody has full points. A ratio of wrong results says nothing."""
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


def measure(name: str, count: int | None, rounds: int, say: Callable[[str], None]) -> Measured:
    week_id, default, bar, handed_in = CLASSES[name]
    week = weeks.load(week_id)
    result = Measured(week_id, count or default, bar)
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        course = Path(place) / "course"
        nets = _trained(week, Path(place) / "solved") if handed_in else []
        hand_in(week, course / "submitted", result.submissions, nets)
        (course / "source" / week_id).mkdir(parents=True)
        nbformat.write(solution_notebook(week), course / "source" / week_id / f"{week_id}.ipynb")
        _run([sys.executable, "-m", "nbgrader", "generate_assignment", week_id, "--create"], course)
        for number in range(rounds):
            for grader, seconds in ((ours, result.ours), (stock, result.stock)):
                seconds.append(grader(week, course))
                each = seconds[-1] / result.submissions
                say(f"{name}, round {number + 1}: {grader.__name__} {each:.2f} s a submission")
    return result


@click.command()
@click.option("--only", type=click.Choice(list(CLASSES)), help="One of the classes.")
@click.option("--students", type=click.IntRange(min=1), help="Submissions a class.  [default: 40, 12, 20, 6 and 6]")
@click.option("--rounds", type=click.IntRange(min=1), default=1, show_default=True, help="Alternations of the two.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
def command(only: str | None, students: int | None, rounds: int, as_json: bool) -> None:
    """Grade the same class with us and with stock nbgrader, alternately, and compare.

    Ours: in the sandbox, records, feedback pages and nbgrader's gradebook written, everything from a cold start. Stock:
    `nbgrader autograde` and `generate_feedback` with its own configuration. Meaningful on an otherwise idle machine.
    """
    sandbox.default_sandbox()
    console = Console(stderr=True)
    names = [only] if only else list(CLASSES)
    found = {name: measure(name, students, rounds, lambda text: console.print(text, style="dim")) for name in names}
    ratios = {f"ratio_{name}": round(one.ratio, 2) for name, one in found.items()}
    if as_json:
        click.echo(json.dumps(ratios | {"classes": {name: one.as_dict() for name, one in found.items()}}))
    else:
        table = Table(title="Seconds a submission (median of rounds)", title_justify="left")
        for heading in ("class", "week", "submissions", "ours", "stock nbgrader", "ratio", "promised"):
            table.add_column(heading, justify="left" if heading in ("class", "week") else "right")
        for name, one in found.items():
            seconds = (f"{median(side) / one.submissions:.2f}" for side in (one.ours, one.stock))
            table.add_row(
                name, one.week, str(one.submissions), *seconds, f"{one.ratio:.1f}", f"{one.bar:g}" if one.bar else ""
            )
        Console().print(table)
        click.echo(json.dumps(ratios))
    if any(one.ratio < one.bar for one in found.values()):
        raise SystemExit(1)
