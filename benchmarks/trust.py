"""`python -m benchmarks trust`: the suite of hostile, damaged and noisy submissions through us, stock nbgrader and otter-grader."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import click
import nbformat
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder import weeks
from autograder.errors import UserError
from autograder.grading import batch
from autograder.isolation import sandbox
from autograder.paths import ROOT
from autograder.results import Result, engine
from autograder.worker.folders import remove
from benchmarks.attacks import HONEST, POINTS, SECRET, TITLES, WEEK, Attack, attacks
from benchmarks.trust_rows import Outcome, Rows

OUTCOMES = ("forged", "falsely zeroed", "lost", "batch aborted")
STOCK_LIMIT = 240
"""Seconds after which one submission is held to have stopped stock nbgrader's batch; nbgrader gives a cell 30."""


OnDone = Callable[[Attack, Outcome], object]
"""Told of each submission as soon as it is graded."""


def ours(todo: Sequence[Attack], on_done: OnDone, jobs: int | None = None) -> list[Outcome]:
    """All in one batch, an honest neighbour behind every fifth. Raises UserError when a neighbour loses a point."""
    with _folder() as place, mock.patch.dict(os.environ, {SECRET: "x"}):
        folder = place / "submitted"
        for number, attack in enumerate(todo):
            attack.write(folder / f"{number:04}" / WEEK)
            if number % 5 == 4:
                Attack(0, "neighbour").write(folder / f"{number:04}-neighbour" / WEEK)
        scores: dict[str, float | None] = {}

        def keep(result: Result) -> None:
            scores[result.student] = None if result.verdict == "invalid" else result.score
            if not result.student.endswith("neighbour"):
                on_done(todo[int(result.student)], Outcome(scores[result.student]))

        stopped = False
        try:
            batch.grade(folder, to=place / "grades", kind="bwrap", jobs=jobs, on_result=keep)
        except Exception as problem:
            Console(stderr=True).print(f"[red]the batch stopped: {problem}[/]", markup=True)
            stopped = True
    harmed = [name for name, score in scores.items() if name.endswith("neighbour") and score != POINTS]
    if harmed:
        raise UserError(f"honest submissions graded after an attack lost points: {', '.join(harmed)}")
    names = [f"{number:04}" for number in range(len(todo))]
    return [Outcome(scores.get(name), stopped and name not in scores) for name in names]


def stock(todo: Sequence[Attack], on_done: OnDone, jobs: int | None = None) -> list[Outcome]:
    """Each by itself through `nbgrader autograde` with its own defaults, in a box of its own that protects this machine."""
    return _each_by_itself(_stock_course, _stock_one, todo, on_done, jobs)


def otter(
    todo: Sequence[Attack], on_done: OnDone, jobs: int | None = None, *, python: str = sys.executable
) -> list[Outcome]:
    """Each by itself through `otter run`, in the same box. python: the interpreter of an environment with otter-grader."""

    def one(root: Path, attack: Attack) -> Outcome:
        return _otter_one(root, attack, python)

    return _each_by_itself(_otter_course, one, todo, on_done, jobs)


def _each_by_itself(
    prepare: Callable[[Path], Path],
    grade: Callable[[Path, Attack], Outcome],
    todo: Sequence[Attack],
    on_done: OnDone,
    jobs: int | None,
) -> list[Outcome]:
    """`grade` for each, in a copy of its own of what `prepare` makes."""
    with _folder() as place:
        course = prepare(place / "course")

        def one(numbered: tuple[int, Attack]) -> Outcome:
            number, attack = numbered
            root = place / f"{number:04}"
            shutil.copytree(course, root)
            try:
                outcome = grade(root, attack)
            finally:
                remove(root)
            on_done(attack, outcome)
            return outcome

        with ThreadPoolExecutor(jobs or batch.jobs_here()) as pool:
            return list(pool.map(one, enumerate(todo)))


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="trust-"))
    try:
        yield place
    finally:
        remove(place)


def _stock_course(root: Path) -> Path:
    """A course in nbgrader's own layout, its gradebook filled by `generate_assignment`."""
    notebook = weeks.load(1).notebook
    (root / "source" / WEEK).mkdir(parents=True)
    nbformat.write(notebook, root / "source" / WEEK / f"{WEEK}.ipynb")
    done = _nbgrader(root, "generate_assignment", WEEK, "--create")
    if done is None or done.returncode:
        raise UserError(f"stock nbgrader does not make the assignment: {done.stderr[-300:] if done else 'no answer'}")
    return root


def _nbgrader(root: Path, *arguments: str, limit: float = STOCK_LIMIT) -> subprocess.CompletedProcess[str] | None:
    """None when it did not end in time."""
    return _run(root, [sys.executable, "-P", "-m", "nbgrader", *arguments, f"--course={root}"], limit)


def _run(root: Path, command: list[str], limit: float = STOCK_LIMIT) -> subprocess.CompletedProcess[str] | None:
    """`command`, which begins with a Python, in its box. None when it did not end in time."""
    boxed = [*_boxed(root, command[0]), *command]
    try:
        return subprocess.run(boxed, cwd=root, capture_output=True, text=True, errors="replace", timeout=limit)
    except subprocess.TimeoutExpired:
        return None


def _boxed(root: Path, python: str) -> list[str]:
    """A box for a whole grader: everything read-only but the course, no network, a little memory for files.

    The grader and the submission share it, as they share a machine in use; what they cannot do is to harm this one.
    """
    binary = f"{Path(python).parent}:{os.environ.get('PATH', os.defpath)}"
    settings = {
        "HOME": str(root / "home"),
        "PATH": binary,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONPATH": str(ROOT),
    }
    (root / "home").mkdir(exist_ok=True)
    command = ["bwrap", "--die-with-parent", "--unshare-all", "--new-session", "--ro-bind", "/", "/", "--dev", "/dev"]
    command += ["--proc", "/proc", "--size", str(2**29), "--tmpfs", "/tmp"]
    for folder in {sys.prefix, sys.base_prefix, str(Path(python).absolute().parents[1]), str(ROOT)}:
        command += ["--ro-bind", folder, folder]
    command += ["--bind", str(root), str(root), "--clearenv"]
    for name, value in settings.items():
        command += ["--setenv", name, value]
    return [*command, "--setenv", SECRET, "x", "--"]


def _stock_one(root: Path, attack: Attack) -> Outcome:
    attack.write(root / "submitted" / "student" / WEEK)
    done = _nbgrader(root, "autograde", WEEK, "--student=student", "--create", "--force")
    if done is None or done.returncode < 0 or done.returncode > 125:
        return Outcome(None, stopped=True)
    from nbgrader.api import Gradebook, MissingEntry

    if not (root / "autograded" / "student" / WEEK / f"{WEEK}.ipynb").is_file():
        return Outcome(None)
    try:
        with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
            grades = book.find_submission(WEEK, "student").notebooks[0].grades
            return Outcome(sum(grade.auto_score or 0.0 for grade in grades))
    except (MissingEntry, IndexError):
        return Outcome(None)
    except Exception as problem:  # a gradebook that the submission damaged: nothing after it can be graded
        Console(stderr=True).print(f"{attack.title}: {type(problem).__name__} from the gradebook", markup=False)
        return Outcome(None, stopped=True)


def _otter_course(root: Path) -> Path:
    """otter's `autograder.zip`: every check of the week as a test that runs in the student's environment, as in nbgrader."""
    root.mkdir()
    with zipfile.ZipFile(root / "autograder.zip", "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"lang": "python", "points_possible": POINTS}))
        for check in weeks.load(1).checks:
            if check.points:
                archive.writestr(f"tests/{check.id.replace('-', '_')}.py", _otter_test(check))
    return root


def _otter_test(check: weeks.Cell) -> str:
    return (
        f"from otter.test_files import test_case\n\nOK_FORMAT = False\nname = {check.id!r}\npoints = {check.points!r}\n"
        f"SOURCE = {check.source!r}\n\n\n@test_case(points={check.points!r}, hidden={check.hidden!r})\n"
        "def test(env):\n    exec(compile(SOURCE, name, 'exec'), env)\n"
    )


def _otter_one(root: Path, attack: Attack, python: str) -> Outcome:
    attack.write(root / "submitted")
    command = [python, "-P", "-m", "otter", "run", "--no-logo", "-a", str(root / "autograder.zip"), "-o", str(root)]
    done = _run(root, [*command, str(root / "submitted" / f"{WEEK}.ipynb")])
    if done is None or done.returncode < 0 or done.returncode > 125:
        return Outcome(None, stopped=True)
    try:
        tests = json.loads((root / "results.json").read_text())["tests"]
        return Outcome(sum(float(test.get("score") or 0) for test in tests))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Outcome(None)


def _has_otter(python: str) -> bool:
    """Whether otter-grader can be imported there. Raises UserError where there is no such Python."""
    if python == sys.executable:
        return importlib.util.find_spec("otter") is not None
    try:
        command = [python, "-c", "import otter.run"]
        return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode == 0
    except OSError as problem:
        raise UserError(f"{python} cannot be run: name the Python of an environment with otter-grader") from problem


def _graders(ours_only: bool, python: str | None) -> dict[str, Callable[..., list[Outcome]]]:
    """Those that there are here, by name. Raises UserError where otter-grader is asked for and not there."""
    found: dict[str, Callable[..., list[Outcome]]] = {"autograder": ours}
    if ours_only:
        return found
    found["stock nbgrader"] = stock
    if _has_otter(python or sys.executable):
        found["otter-grader"] = functools.partial(otter, python=python or sys.executable)
    elif python:
        raise UserError(
            f"there is no otter-grader in the environment of {python}: install it with pip, with this course"
        )
    return found


def _resumed(
    name: str, grade: Callable[..., list[Outcome]], cases: Sequence[Attack], rows: Rows, on_done: Callable[[], object]
) -> list[Outcome]:
    """What a grader does with `cases`: those that have a row are not graded again, and each that is graded gets one."""
    version = f"{name} {VERSIONS[name]()}"
    outcomes = {case.title: rows.get(version, case) for case in cases}
    todo = [case for case in cases if outcomes[case.title] is None]
    for _ in range(len(cases) - len(todo)):
        on_done()

    def keep(case: Attack, outcome: Outcome) -> None:
        rows.put(version, case, outcome)
        on_done()

    graded = dict(zip((case.title for case in todo), grade(todo, keep) if todo else (), strict=True))
    return [outcomes[case.title] or graded[case.title] for case in cases]


VERSIONS: dict[str, Callable[[], str]] = {
    "autograder": engine.version,
    "stock nbgrader": lambda: importlib.metadata.version("nbgrader"),
    "otter-grader": lambda: "",  # in an environment of its own: who upgrades it names another file of rows
}


def _selected(classes: str, each: int | None) -> list[Attack]:
    chosen = attacks()
    if classes:
        wanted = {int(n) for n in classes.split(",")} if re.fullmatch(r"\d+(,\d+)*", classes) else {0}
        if not wanted <= set(TITLES):
            raise UserError(
                f"--classes takes numbers from 1 to {max(TITLES)} with commas between them, not {classes!r}"
            )
        chosen = [attack for attack in chosen if attack.number in wanted]
    seen: Counter[int] = Counter()
    kept = []
    for attack in chosen:
        seen[attack.number] += 1
        if each is None or seen[attack.number] <= each:
            kept.append(attack)
    return kept


@click.command()
@click.option("--classes", default="", metavar="N,N…", help="Only these classes of attacks.")
@click.option("--each", type=click.IntRange(min=1), help="Only the first so many of each class (all).")
@click.option("--ours-only", is_flag=True, help="Leave the other graders out.")
@click.option(
    "--otter", "python", metavar="PYTHON", help="Python of an environment with otter-grader, if not this one."
)
@click.option(
    "--rows",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File that keeps a row for each submission as it is graded; the same command goes on from there.",
)
@click.option("--verbose", is_flag=True, help="Name every submission that a grader got wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
def command(
    classes: str,
    each: int | None,
    ours_only: bool,
    python: str | None,
    file: Path | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Grade hostile, damaged and noisy submissions with this grader, stock nbgrader and, where it is installed, otter-grader.

    forged: more points than earned; falsely zeroed: fewer; lost: no score for work that earned points; batch aborted:
    the grader itself stopped, hung, or lost its records. What fills memory, disk or process table is not run through
    the others, which have no bounds for it.
    """
    sandbox.default_sandbox()
    todo = _selected(classes, each)
    graders = _graders(ours_only, python)
    rows = Rows.read(file)
    report: dict[str, dict[str, object]] = {}
    details: list[str] = []
    for name, grade in graders.items():
        cases = [one for one in todo if name == "autograder" or not one.heavy]
        columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        with Progress(*columns, console=console) if console.is_terminal else contextlib.nullcontext() as progress:
            bar = progress.add_task(name, total=len(cases)) if progress else None
            advance = (lambda p=progress, b=bar: p.advance(b)) if progress else lambda: None
            outcomes = _resumed(name, grade, cases, rows, advance)
        judged = [(case, outcome, outcome.judge(case)) for case, outcome in zip(cases, outcomes, strict=True)]
        report[name] = _counts(word for _, _, word in judged) | {"run": len(cases), "not run": len(todo) - len(cases)}
        details += [
            f"{name}: {case.title}: {word}, {outcome.score} of at most {case.high:g}, at least {case.low:g}"
            for case, outcome, word in judged
            if word != "right"
        ]
    if as_json:
        click.echo(json.dumps({"attacks": len(todo), "graders": report, "wrong": details if verbose else []}))
    else:
        _show(report, details if verbose else [])
    if any(report["autograder"][word] for word in OUTCOMES):
        raise SystemExit(1)


def _counts(words: Iterable[str]) -> dict[str, object]:
    found = Counter(words)
    return {word: found[word] for word in OUTCOMES}


def _show(report: dict[str, dict[str, object]], details: list[str]) -> None:
    table = Table(title=f"Hostile, damaged and noisy submissions (honest work: {POINTS} points, theirs: {HONEST})")
    table.add_column("grader")
    for word in (*OUTCOMES, "run", "not run"):
        table.add_column(word, justify="right")
    for name, counts in report.items():
        table.add_row(name, *(str(counts[word]) for word in (*OUTCOMES, "run", "not run")))
    console = Console()
    console.print(table)
    for line in details:
        console.print(line, markup=False, highlight=False)
