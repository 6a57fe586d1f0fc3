"""Run the solution notebooks with papermill, each in a process of its own, and count the points they earn.

The child (`python -m autograder.authoring.solve`) executes one notebook and prints a line of JSON after each cell, so that the
parent can show progress; it runs on past a failing cell, so that one run reports everything. The parent turns the
executed notebook into an `Outcome`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring.notebooks import solution_notebook, text_of
from autograder.paths import BUILD, CHECKOUT, ROOT
from autograder.weeks import Week
from course.files import write_bytes, write_text

GB_PER_JOB = 3.0
"""A notebook that trains with Keras stays well below this."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

OnCell = Callable[[str, int, int], None]
"""Called with week id, cells done, cells in all."""

ON_A_BUSY_MACHINE = 5
"""Our own notebooks end; their limit is there for one that hangs, and must not hit one that waits for a processor."""


@dataclass(frozen=True)
class CellOutcome:
    """One cell that is a check or that failed. `message` is empty where the cell ran."""

    id: str
    points: float
    max_points: float
    seconds: float
    message: str = ""
    traceback: str = ""


@dataclass(frozen=True)
class Outcome:
    """One executed week. `problem` says why there is no executed notebook, where there is none."""

    week: str
    profile: str
    seconds: float
    points: float
    max_points: float
    by_hand: float
    checks: tuple[CellOutcome, ...]
    failures: tuple[CellOutcome, ...]
    problem: str = ""

    @property
    def good(self) -> bool:
        return not self.problem and not self.failures and self.points == self.max_points

    def public(self) -> dict[str, Any]:
        return {**asdict(self), "good": self.good}


def jobs_for(memory_gb: float | None = None, cores: int | None = None) -> int:
    """How many notebooks may run side by side: the cores we have, or fewer where free memory allows fewer."""
    if cores is None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if memory_gb is None:
        memory_gb = _free_gb()
    return max(1, min(cores, int(memory_gb / GB_PER_JOB)))


def _free_gb() -> float:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable"):
                return int(line.split()[1]) / 1e6
    except OSError:
        pass
    import psutil  # comes with ipykernel

    return psutil.virtual_memory().available / 1e9


def solve(
    weeks: list[Week],
    profile: str = "quick",
    *,
    folder: Path = BUILD / "solve",
    jobs: int | None = None,
    limits: dict[str, float] | None = None,
    threads: int | None = None,
    pages: bool = True,
    on_cell: OnCell = lambda week, done, total: None,
) -> list[Outcome]:
    """Execute the solutions of `weeks`; executed notebooks, HTML pages and `junit.xml` are written to `folder`.

    limits: {week id: wall-clock seconds for a single cell}; default: ON_A_BUSY_MACHINE times the syllabus's limit for
    the whole notebook.
    threads: cores that a notebook may use; default: all cores, shared among the jobs. pages: False leaves out the HTML,
    which takes about two seconds per notebook.
    The outcomes come in the order of `weeks`. A week that cannot run at all has its `problem` said in its outcome.
    """
    folder.mkdir(parents=True, exist_ok=True)
    jobs = min(jobs or jobs_for(), len(weeks)) or 1
    threads = threads or max(1, (os.cpu_count() or 1) // jobs)

    def one(week: Week) -> Outcome:
        limit = limits[week.id] if limits else ON_A_BUSY_MACHINE * week.plan.seconds[profile]
        return _solve_one(week, profile, folder, limit, threads, pages, on_cell)

    with ThreadPoolExecutor(jobs) as pool:
        outcomes = list(pool.map(one, weeks))
    write_bytes(folder / "junit.xml", junit(outcomes))
    return outcomes


def _solve_one(
    week: Week, profile: str, folder: Path, limit: float, threads: int, pages: bool, on_cell: OnCell
) -> Outcome:
    work = folder / week.id
    # Nets of an earlier run prove nothing about the training of this one.
    shutil.rmtree(work / "artefacts", ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    source, executed = work / f"{week.id}.source.ipynb", folder / f"{week.id}.ipynb"
    executed.unlink(missing_ok=True)
    source.write_text(text_of(solution_notebook(week)), encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(CHECKOUT), str(ROOT), os.environ.get("PYTHONPATH")])),
        "OMP_NUM_THREADS": str(threads),
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": str(threads),
        "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    order = [str(source), str(executed), str(work), profile, str(limit), *(["pages"] if pages else [])]
    child = subprocess.Popen(
        [sys.executable, "-m", "autograder.authoring.solve", *order],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with ThreadPoolExecutor(1) as reader:
        assert child.stdout is not None and child.stderr is not None
        errors = reader.submit(child.stderr.read)
        try:
            for line in child.stdout:
                if line.startswith("{"):
                    progress = json.loads(line)
                    on_cell(week.id, progress["done"], progress["of"])
            child.wait()
        except BaseException:
            child.kill()
            raise
        noise = errors.result()
    source.unlink(missing_ok=True)
    if child.returncode or not executed.exists():
        last = noise.strip().splitlines()[-1] if noise.strip() else f"exit status {child.returncode}"
        points = sum(cell.points for cell in week.checks)
        return Outcome(week.id, profile, 0.0, 0.0, points, 0.0, (), (), f"the notebook could not be run: {last}")
    return read_outcome(week, profile, nbformat.read(executed, as_version=4))


def read_outcome(week: Week, profile: str, notebook: Any) -> Outcome:
    """Points and failures of an executed solution notebook. A check that never ran earns nothing."""
    ran = {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}
    checks, failures = [], []
    for cell in week.cells:
        if cell.kind != "code":
            continue
        message, traceback = _failure(ran.get(cell.id))
        outcome = CellOutcome(
            id=cell.id,
            points=cell.points if cell.role == "check" and not message else 0.0,
            max_points=cell.points if cell.role == "check" else 0.0,
            seconds=_seconds(ran.get(cell.id)),
            message=message,
            traceback=traceback,
        )
        if cell.role == "check":
            checks.append(outcome)
        if message:
            failures.append(outcome)
    return Outcome(
        week=week.id,
        profile=profile,
        seconds=float(notebook.metadata.get("papermill", {}).get("duration") or 0.0),
        points=sum(check.points for check in checks),
        max_points=sum(check.max_points for check in checks),
        by_hand=sum(cell.points for cell in week.written),
        checks=tuple(checks),
        failures=tuple(failures),
    )


def _failure(cell: Any) -> tuple[str, str]:
    """(message, traceback) of an executed cell, two empty strings when it ran well."""
    if cell is None or cell.execution_count is None:
        return "did not run", ""
    for output in cell.outputs:
        if output.output_type == "error":
            traceback = _COLOUR.sub("", "\n".join(output.traceback))
            return f"{output.ename}: {output.evalue}".strip(), traceback
    return "", ""


def _seconds(cell: Any) -> float:
    data = cell.metadata.get("papermill", {}) if cell is not None else {}
    return float(data.get("duration") or 0.0)


def junit(outcomes: list[Outcome]) -> bytes:
    """JUnit XML: a suite for each week, a case for each check and for each other cell that failed."""
    from junitparser import Failure, JUnitXml, TestCase, TestSuite

    report = JUnitXml()
    for outcome in outcomes:
        suite = TestSuite(outcome.week)
        for one in _cases(outcome):
            case = TestCase(one.id, classname=outcome.week, time=round(one.seconds, 3))
            if one.message:
                failure = Failure(_xml(one.message.splitlines()[0]))
                failure.text = _xml(one.traceback or one.message)
                case.result = [failure]
            suite.add_testcase(case)
        report.add_testsuite(suite)
        suite.time = round(outcome.seconds, 3)
    text: bytes = report.tostring()
    return text + b"\n"


def _cases(outcome: Outcome) -> Iterator[CellOutcome]:
    if outcome.problem:
        yield CellOutcome("notebook", 0.0, outcome.max_points, outcome.seconds, outcome.problem)
    yield from outcome.checks
    ids = {check.id for check in outcome.checks}
    yield from (cell for cell in outcome.failures if cell.id not in ids)


def _xml(text: str) -> str:
    """Without the control characters that XML 1.0 forbids."""
    return re.sub(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", "", text)


def _child(source: str, executed: str, work: str, profile: str, limit: str, pages: str = "") -> None:
    """Execute one notebook (in the child process): progress as JSON lines, then the notebook and, if asked for, its HTML."""
    import logging

    import papermill
    from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import remove_error_markers

    logging.getLogger("papermill").setLevel(logging.ERROR)

    class Reporting(NBClientEngine):
        """Papermill's own engine, telling after each cell how far it is."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, *args: Any, **options: Any) -> Any:
            complete, total, done = nb_man.cell_complete, len(nb_man.nb.cells), 0

            def report(*positional: Any, **named: Any) -> Any:
                nonlocal done
                done += 1
                print(json.dumps({"done": done, "of": total}), flush=True)
                return complete(*positional, **named)

            nb_man.cell_complete = report
            # Not the default, which stops at the first error: one run should report every cell that falls short. And a
            # kernel with TensorFlow takes two seconds to leave by itself; it has nothing left to do.
            return super().execute_managed_notebook(
                nb_man, *args, **options, allow_errors=True, interrupt_on_timeout=True, shutdown_kernel="immediate"
            )

    papermill_engines.register("reporting", Reporting)
    # Papermill reports an error by raising after it has saved the notebook; the parent reads the errors from there.
    with contextlib.suppress(PapermillExecutionError):
        papermill.execute_notebook(
            source,
            executed,
            parameters={"PROFILE": profile},
            engine_name="reporting",
            kernel_name="python3",
            cwd=work,
            execution_timeout=int(float(limit)),
            progress_bar=False,
            request_save_on_cell_execute=False,  # that would write the whole notebook twice a cell
        )
    notebook = remove_error_markers(nbformat.read(executed, as_version=4))
    nbformat.write(notebook, executed)
    if not pages:
        return
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(embed_images=True)
    html, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": Path(executed).stem}})
    write_text(Path(executed).with_suffix(".html"), html)


if __name__ == "__main__":
    _child(*sys.argv[1:])
