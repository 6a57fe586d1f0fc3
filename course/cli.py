"""The student's command: `course start | check | hint | submit | glossary`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from course import limits, score, syllabus
from course.decode import FileError
from course.files import whole, write_text
from course.profile import PROFILES
from course.score import Standing

if TYPE_CHECKING:
    from course.syllabus import WeekPlan

STUB = "raise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"
ARTEFACTS = ("artefacts/*.npz",)
"""What a trained week keeps beside its notebook, and hands in with it: the nets of `course.training.trained`."""

STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_PROFILE = re.compile(r"""^PROFILE *= *(["'])[a-z]*\1""", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class UsageError(click.ClickException):
    """Misuse: one sentence, exit status 2."""

    exit_code = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="COURSE_ASSIGNMENTS",
    help="The assignments folder (default: looked for here, above here, and beside the package).",
)
@click.pass_context
def cli(ctx: click.Context, folder: Path | None) -> None:
    """Work on the weekly notebooks: open one, see the points earned so far, make the zip to hand in.

    A WEEK is its number (1), its name (week01_convolution), or a path to a notebook.
    """
    ctx.obj = folder


def assignments_folder(given: Path | None = None, start: Path | None = None) -> Path:
    """The folder with the weeks' notebooks. Raises UsageError, with what to do, when there is none."""
    if given is not None:
        if not given.is_dir():
            raise UsageError(f"--folder {given}: there is no such folder.")
        return given
    here = (start or Path.cwd()).resolve()
    for place in (here, *here.parents):
        if place.name == "assignments" and any(place.glob("week*/week*.ipynb")):
            return place
        if any((place / "assignments").glob("week*/week*.ipynb")):
            return place / "assignments"
    beside = Path(__file__).resolve().parents[1] / "assignments"
    if any(beside.glob("week*/week*.ipynb")):
        return beside
    raise UsageError("no folder `assignments` here or above: go to the course's folder, or name it with --folder.")


def find_notebook(week: str, folder: Path | None) -> Path:
    """The notebook that `week` means. Raises UsageError naming what there is."""
    if week.endswith(".ipynb"):
        path = Path(week)
        if not path.is_file():
            raise UsageError(f"{path}: there is no such notebook.")
        return path
    home = assignments_folder(folder)
    found = {path.stem: path for path in sorted(home.glob("week*/week*.ipynb")) if path.parent.name == path.stem}
    wanted = f"week{int(week):02}" if week.isdecimal() else week.rstrip("/")
    for name, path in found.items():
        if wanted in (name, name.partition("_")[0]):
            return path
    raise UsageError(f"there is no week {week!r} in {home}; there are: {', '.join(found) or 'none'}.")


def plan_of(path: Path) -> WeekPlan | None:
    """The syllabus's plan of a notebook, or None for a notebook that the syllabus does not know."""
    return syllabus.load().get(path.stem)


def read_notebook(path: Path) -> Any:
    """The notebook at `path` (nbformat 4). Raises UsageError saying what is wrong with it."""
    import nbformat

    try:
        text = path.read_text(encoding="utf-8")
        if re.search(r"^<{7} |^>{7} ", text, re.MULTILINE):
            raise UsageError(f"{path} holds the marks of an unfinished merge (<<<<<<<): resolve them first.")
        notebook = nbformat.reads(text, as_version=4)
    except UsageError:
        raise
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}.") from problem
    except Exception as problem:
        raise UsageError(
            f"{path} is not a notebook any more ({type(problem).__name__}): take a fresh copy and paste your answers in."
        ) from problem
    if not any(_nbgrader(cell).get("grade") or _nbgrader(cell).get("solution") for cell in notebook.cells):
        raise UsageError(f"{path} holds no exercise of the course: take a fresh copy and paste your answers in.")
    return notebook


def _nbgrader(cell: Any) -> dict[str, Any]:
    return cell.metadata.get("nbgrader", {})


def unanswered(notebook: Any) -> list[str]:
    """Ids of the answers that are still as they were handed out."""
    left = []
    for cell in notebook.cells:
        if _nbgrader(cell).get("solution"):
            stub = STUB if cell.cell_type == "code" else TEXT_STUB
            if stub in cell.source or not cell.source.strip():
                left.append(str(_nbgrader(cell).get("grade_id", "?")))
    return left


@cli.command()
@click.argument("week", required=False)
@click.option("--lab/--no-lab", default=True, help="Open JupyterLab (default), or only say where the notebook is.")
@click.option(
    "--profile", type=click.Choice(PROFILES), help="Set PROFILE in your notebook: quick, or full (the real data)."
)
@click.pass_obj
def start(folder: Path | None, week: str | None, lab: bool, profile: str | None) -> None:
    """List the weeks, or open WEEK in JupyterLab."""
    if week is None:
        if profile:
            raise UsageError("--profile sets the profile of one week's notebook: name the week.")
        _list_weeks(assignments_folder(folder))
        return
    path = find_notebook(week, folder)
    plan = plan_of(path)
    if plan:
        click.echo(f"Week {plan.number} · {plan.title}: {plan.points} points, due {plan.due:%Y-%m-%d %H:%M} UTC")
    if profile:
        changed = set_profile(path, profile)
        click.echo(f'PROFILE {"is now" if changed else "was already"} "{profile}" in this notebook.')
    click.echo(str(path))
    if lab:
        order = [sys.executable, "-m", "jupyter", "lab", str(path)]
        try:
            sys.exit(subprocess.call(order))
        except KeyboardInterrupt:
            sys.exit(0)


def set_profile(path: Path, profile: str) -> bool:
    """Set PROFILE in the parameters cell of the notebook at `path`; whether it was another one before.

    The rest of the file keeps its text. Raises UsageError where there is no such cell, or the file cannot be written.
    """
    import nbformat

    notebook = read_notebook(path)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", ()) and _PROFILE.search(cell.source):
            source = _PROFILE.sub(f'PROFILE = "{profile}"', cell.source, count=1)
            if source == cell.source:
                return False
            cell.source = source
            _save(path, nbformat.writes(notebook) + "\n")
            return True
    raise UsageError(f"{path} has no cell that sets PROFILE: take a fresh copy and paste your answers in.")


def _save(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as problem:
        raise UsageError(f"{path} cannot be written: {problem.strerror}.") from problem


def _list_weeks(home: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Week", "", "Due", "To write", "Notebook", title="The course")
    table.columns[4].no_wrap = True
    for path in sorted(home.glob("week*/week*.ipynb")):
        plan = plan_of(path)
        try:
            left = len(unanswered(read_notebook(path)))
            state = str(left) if left else "nothing"
        except UsageError:
            state = "cannot be read"
        number, title, due = (str(plan.number), plan.title, f"{plan.due:%Y-%m-%d}") if plan else ("?", path.stem, "")
        table.add_row(number, title, due, state, path.stem)
    console = Console()
    console.print(table)
    console.print(f"Notebooks are in {home}", highlight=False, soft_wrap=True)


def run_checks(
    notebook: Any, where: Path, cell_seconds: float = 60, on_cell: Any = lambda done, total: None
) -> list[Standing]:
    """Run a notebook from a fresh start, past failing cells, and read its checks.

    where: folder in which it runs. cell_seconds: a cell that takes longer is interrupted, and counts as failed.
    The notebook's file is not touched.
    """
    import copy

    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError

    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    total, done = sum(cell.cell_type == "code" for cell in notebook.cells), 0

    def count(**_: Any) -> None:
        nonlocal done
        done += 1
        on_cell(done, total)

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        allow_errors=True,
        timeout=int(cell_seconds),
        interrupt_on_timeout=True,
        resources={"metadata": {"path": str(where)}},
        on_cell_executed=count,
    )
    died = ""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    try:
        client.execute(env=environment)
    except DeadKernelError:
        died = "the kernel died before this check: a cell above ended Python or used up the memory"
    found = []
    for cell in notebook.cells:
        data = _nbgrader(cell)
        if cell.cell_type == "code" and data.get("grade"):
            message = _message(cell, cell_seconds)
            if not message and cell.execution_count is None:
                message = died or "did not run"
            state = score.state(cell.source, passes=not message)
            found.append(Standing(str(data.get("grade_id")), float(data.get("points", 0)), state, message))
    return found


def _message(cell: Any, cell_seconds: float) -> str:
    """What a failed check says, in one line; empty where it passed."""
    for output in cell.outputs:
        if output.output_type == "error":
            first = next(iter(_COLOUR.sub("", output.evalue).splitlines()), "")
            if output.ename == "NotImplementedError" and not first:
                return "not written yet"
            if output.ename == "KeyboardInterrupt":
                return f"stopped after {cell_seconds:g} s"
            if output.ename in ("CheckFailed", "AssertionError"):
                return first or "does not hold"
            return f"{output.ename}: {first}".rstrip(": ")
    return ""


@cli.command()
@click.argument("week")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.option("--cell-seconds", type=click.FloatRange(min=1), default=120, show_default=True, help="Limit for a cell.")
@click.pass_obj
def check(folder: Path | None, week: str, as_json: bool, cell_seconds: float) -> None:
    """Run WEEK's notebook from a fresh start and show the points earned so far.

    Only the checks that you can see are run. Points that depend on parts which run only when your work is graded are not
    counted. Exit status: 0 when all pass, 1 when one fails.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress
    from rich.table import Table

    path = find_notebook(week, folder)
    notebook = read_notebook(path)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(path.stem, total=None)
        outcomes = run_checks(
            notebook, path.parent, cell_seconds, lambda done, total: progress.update(bar, completed=done, total=total)
        )
    points = score.total(outcomes)
    written = {
        str(_nbgrader(cell)["grade_id"]): float(_nbgrader(cell).get("points", 0))
        for cell in notebook.cells
        if cell.cell_type == "markdown" and _nbgrader(cell).get("grade")
    }
    good = all(not outcome.message for outcome in outcomes)
    if as_json:
        rows = [
            {
                "id": outcome.id,
                "points": outcome.points if outcome.state == "passes" else 0.0,
                "max_points": outcome.points,
                "state": outcome.state,
                "message": outcome.message,
            }
            for outcome in outcomes
        ]
        report = {
            "week": path.stem,
            "points": points.earned,
            "open_points": points.open,
            "max_points": points.most,
            "by_hand": written,
            "checks": rows,
        }
        click.echo(json.dumps(report))
    else:
        table = Table("Check", "Points", "", title=path.stem)
        table.columns[1].justify = "right"
        for outcome in outcomes:
            shown = "[green]passes[/]" if outcome.state == "passes" else outcome.state
            table.add_row(outcome.id, outcome.worth, escape(outcome.message) if outcome.message else shown)
        console = Console()
        console.print(table)
        console.print(str(points), highlight=False, soft_wrap=True)
        if written:
            left = [name for name in unanswered(notebook) if name in written]
            state = "not answered yet" if left else "answered"
            console.print(
                f"{sum(written.values()):g} more are for written answers, read by a person: {state}.", highlight=False
            )
    if not good:
        raise SystemExit(1)


def _config_path() -> Path:
    from platformdirs import user_config_path

    return Path(os.environ.get("COURSE_CONFIG") or user_config_path("convnet-course") / "student.toml")


def remembered_student() -> str | None:
    """The student's name from the last submission, None when there was none."""
    try:
        name = tomllib.loads(_config_path().read_text(encoding="utf-8")).get("student")
    except (OSError, tomllib.TOMLDecodeError):
        return None
    return name if isinstance(name, str) and STUDENT.fullmatch(name) else None


def remember(student: str) -> None:
    """Keep the name for the next week; a folder that cannot be written to is no reason to fail."""
    with contextlib.suppress(OSError):
        write_text(_config_path(), f"student = {json.dumps(student)}\n")


def pack(path: Path, student: str, to: Path) -> tuple[Path, list[str]]:
    """Write `<student>-<week>.zip` with the notebook, its nets and modules beside it into `to`; returns it and its names.

    The zip is written whole or not at all. Raises UsageError where the grader would not take all of it (`course.limits`).
    """
    if path.stat().st_size > limits.NOTEBOOK_BYTES:
        raise UsageError(
            f"{path} is {limits.megabytes(path.stat().st_size)}, at most {limits.megabytes(limits.NOTEBOOK_BYTES)} are taken: "
            "clear its outputs with Edit → Clear Outputs of All Cells."
        )
    nets: list[Path] = []
    room = limits.ARTEFACT_BYTES
    for net in sorted(other for pattern in ARTEFACTS for other in path.parent.glob(pattern) if other.is_file()):
        size = net.stat().st_size
        if reason := limits.why_no_artefact(net.name, size, len(nets), room):
            raise UsageError(
                f"the trained net {net} ({limits.megabytes(size)}) cannot be handed in: {reason}; move or delete the nets "
                "that are not part of your answer."
            )
        nets.append(net)
        room -= size
    modules: list[Path] = []
    room = limits.MODULE_BYTES
    for module in sorted(other for other in path.parent.glob("*.py") if other.is_file() and other.stem.isidentifier()):
        size = module.stat().st_size
        if reason := limits.why_no_module(module.name, size, len(modules), room):
            raise UsageError(
                f"the module {module} cannot be handed in: {reason}; move away what is not part of your answer."
            )
        modules.append(module)
        room -= size
    files = [path, *nets, *modules]
    target = to / f"{student}-{path.stem}.zip"
    try:
        with whole(target) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.relative_to(path.parent))
    except OSError as problem:
        raise UsageError(f"{target} cannot be written: {problem.strerror}.") from problem
    return target, [file.relative_to(path.parent).as_posix() for file in files]


@cli.command()
@click.argument("word", required=False)
def glossary(word: str | None) -> None:
    """Say what WORD means in this course, and which week introduces it; all words when none is given."""
    from course import glossary as words

    found = words.find(word) if word else words.entries()
    if not found:
        raise UsageError(f"the glossary has no {word!r}; `course glossary` lists all words.")
    for entry in found:
        click.echo(f"{click.style(entry.term, bold=True)} (week {entry.week}): {entry.meaning}")


@cli.command()
@click.argument("exercise")
@click.argument("number", type=click.IntRange(min=1), default=1)
@click.option("--week", help="The exercise's week, where two weeks have one of that name.")
@click.pass_obj
def hint(folder: Path | None, exercise: str, number: int, week: str | None) -> None:
    """Show a hint for EXERCISE: the first, or hint NUMBER. Hints that you use cost nothing."""
    from course import hints

    if week is not None:
        places = [find_notebook(week, folder).parent]
    else:
        places = sorted(path.parent for path in assignments_folder(folder).glob("week*/week*.ipynb"))
    try:
        found = hints.find(exercise, places)
        click.echo(hints.named(exercise, found, number))
    except hints.NoHint as problem:
        raise UsageError(str(problem)) from problem
    if number < len(found):
        click.echo(f"\nThe next one: course hint {exercise} {number + 1}")


@cli.command()
@click.argument("week")
@click.option("--student", envvar="COURSE_STUDENT", help="Your name or number as the course knows it; remembered.")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Folder for the zip (default: here).",
)
@click.pass_obj
def submit(folder: Path | None, week: str, student: str | None, to: Path) -> None:
    """Make the zip to hand in for WEEK: the notebook, and what you trained in it."""
    path = find_notebook(week, folder)
    notebook = read_notebook(path)
    student = student or remembered_student()
    if not student:
        raise UsageError("name yourself: course submit WEEK --student NAME (it is remembered).")
    if not STUDENT.fullmatch(student):
        raise UsageError(f"--student {student!r}: use letters, digits, . _ @ and -, without spaces.")
    target, names = pack(path, student, to)
    remember(student)
    click.echo(f"wrote {target} ({target.stat().st_size / 1e3:.0f} kB): {', '.join(names)}")
    if left := unanswered(notebook):
        click.echo(f"not answered yet: {', '.join(left)}")
    click.echo("Hand in this file.")


def main() -> None:
    """Entry point of the command `course`: a file of the course that cannot be read is one sentence, and status 2."""
    try:
        cli()
    except FileError as problem:
        click.echo(f"course: {problem}", err=True)
        raise SystemExit(2) from problem


if __name__ == "__main__":
    main()
