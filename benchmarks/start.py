"""`python -m benchmarks start`: how long a student waits for `import course`, and for the first figure of a week."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import psutil
from rich.console import Console
from rich.table import Table

from autograder import weeks as weeks_module
from autograder.authoring.notebooks import solution_notebook
from autograder.errors import UserError
from autograder.paths import ROOT
from autograder.weeks import Week
from course.plots import showing

IMPORT_SECONDS = 0.3
FIGURE_SECONDS = 5.0
"""What we promise, on two idle cores."""

_CELL_SECONDS = 300


def seconds_to_import(rounds: int) -> tuple[float, float]:
    """Seconds that `import course` takes in a Python that has just started, by the clock and of a processor: the least of
    `rounds` each."""
    timed = (
        "import time; began, used = time.perf_counter(), time.process_time(); import course; "
        "print(time.perf_counter() - began, time.process_time() - used)"
    )
    each = []
    for _ in range(rounds):
        done = subprocess.run([sys.executable, "-c", timed], cwd=ROOT, capture_output=True, text=True, check=True)
        each.append(tuple(map(float, done.stdout.split())))
    return min(wall for wall, _ in each), min(used for _, used in each)


def seconds_to_figure(week: Week, folder: Path) -> tuple[float, float]:
    """Seconds from the start of a kernel until the first figure of the week is there, by the clock and of a processor.

    Cells are run from the first on, as the reader of the complete notebook does. Raises UserError where none shows a figure.
    """
    from jupyter_client.manager import KernelManager

    environment = os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    began = time.perf_counter()
    manager = KernelManager(kernel_name="python3", transport="ipc", ip=str(folder / "k"))
    manager.start_kernel(cwd=str(folder), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=_CELL_SECONDS)
        provisioner: Any = manager.provisioner
        process = psutil.Process(provisioner.pid)
        for cell in solution_notebook(week).cells:
            if cell.cell_type != "code":
                continue
            figures: list[str] = []

            def take(message: dict[str, object], figures: list[str] = figures) -> None:
                content = message["content"]
                data = content.get("data", {}) if isinstance(content, dict) else {}
                if "image/png" in data or showing.shown(data.get("text/html", "")):
                    figures.append("one")

            reply = client.execute_interactive(cell.source, output_hook=take, timeout=_CELL_SECONDS)
            if figures:
                used = process.cpu_times()
                return time.perf_counter() - began, used.user + used.system
            if reply["content"]["status"] != "ok":
                raise UserError(f"{week.id} fails before its first figure: {reply['content'].get('evalue')}")
    finally:
        client.stop_channels()
        with contextlib.suppress(Exception):
            manager.shutdown_kernel(now=True)
    raise UserError(f"{week.id} shows no figure")


@click.command()
@click.argument("weeks", nargs=-1)
@click.option(
    "--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="The fastest of so many counts."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
def command(weeks: tuple[str, ...], rounds: int, as_json: bool) -> None:
    """Measure `import course`, and for WEEKS (default: all) the time from a kernel's start to the first figure.

    Exit status 1 when the import takes more than 0.3 s, or a first figure more than 5 s. Meaningful on an otherwise idle
    machine; on a busy one the seconds of a processor say more.
    """
    imported = seconds_to_import(max(rounds, 3))
    found: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory(prefix="start-") as place:
        for week in weeks_module.select(weeks):
            found[week.id] = min(seconds_to_figure(week, Path(place)) for _ in range(rounds))
    if as_json:
        figures = {name: {"seconds": round(one[0], 2), "processor": round(one[1], 2)} for name, one in found.items()}
        both = {"seconds": round(imported[0], 3), "processor": round(imported[1], 3)}
        click.echo(json.dumps({"import": both, "first_figure": figures}))
    else:
        table = Table(title="From a kernel's start to the first figure", title_justify="left")
        for heading in ("week", "seconds", "of a processor"):
            table.add_column(heading, justify="left" if heading == "week" else "right")
        for name, (wall, processor) in found.items():
            table.add_row(name, f"{wall:.1f}", f"{processor:.1f}")
        Console().print(table)
        click.echo(f"import course: {imported[0]:.3f} s, {imported[1]:.3f} s of a processor")
    if imported[0] > IMPORT_SECONDS or any(wall > FIGURE_SECONDS for wall, _ in found.values()):
        raise SystemExit(1)
