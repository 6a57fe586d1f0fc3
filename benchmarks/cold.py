"""`python -m benchmarks cold`: what one submission costs from a cold start, in processor seconds and memory, by process.

Seconds of the processor are told apart by who spends them, and do not count what other programs take. They still grow on a
crowded machine, whose caches are shared: so a bare Python that imports what every notebook imports is measured beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import click
import nbformat
from rich.console import Console
from rich.table import Table

from autograder import weeks
from autograder.authoring.notebooks import solution_notebook
from autograder.errors import UserError
from autograder.isolation import sandbox
from autograder.paths import ROOT
from autograder.weeks import Week

BAR = 3.5
"""Processor seconds that one submission to week 1 may take from a cold start, on an idle machine."""
ROLES = ("driver", "grading process", "warm parent", "worker", "other")
BARE = "import numpy, matplotlib.pyplot, IPython.core.interactiveshell"
"""What a kernel of any week imports."""
_LOOK_SECONDS = 0.05


@dataclass
class Cost:
    """What one command has used, by role: processor seconds, and the most memory that a process of the role held at a time."""

    wall: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    memory_mb: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return sum(self.cpu.values())


@dataclass(frozen=True)
class _Seen:
    parent: int
    command: str
    cpu: float
    memory_mb: float


def _look(root: int) -> dict[int, _Seen]:
    """{process: what it has used} for `root` and all that descend from it, as Linux has it now."""
    every: dict[int, tuple[int, float]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                fields = Path(entry.path, "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            every[int(entry.name)] = int(fields[1]), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    found: dict[int, _Seen] = {}
    for process, (parent, cpu) in every.items():
        above = process
        while above != root and above in every and above > 1:
            above = every[above][0]
        if above == root:
            try:
                status = Path(f"/proc/{process}/status").read_text(errors="replace")
                command = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            most = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), "0")
            found[process] = _Seen(parent, command, cpu, int(most) / 1024)
    return found


def role_of(process: int, root: int, commands: dict[int, tuple[int, str]]) -> str:
    """The role of a process. commands: {process: (its parent, its command line)}."""
    parent, command = commands[process]
    above = commands.get(parent, (0, ""))[1]
    inside, program = "autograder.worker.main", command.split(" ", 1)[0].rpartition("/")[2]
    if process == root:
        return "driver"
    if "multiprocessing.spawn" in command:
        return "grading process"
    if inside in command and program.startswith("python"):
        return "worker" if inside in above and "bwrap" not in above.split(" ", 1)[0] else "warm parent"
    return "other"


def cost_of(command: list[str]) -> Cost:
    """Run `command` and watch it and its descendants, twenty times a second. Raises UserError when it fails."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as noise:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=noise, cwd=ROOT)
        seen: dict[int, _Seen] = {}
        while process.poll() is None:
            for number, now in _look(
                process.pid
            ).items():  # of one that has just ended, the memory is not known any more
                before = seen.get(number, now)
                seen[number] = replace(now if now.command else before, memory_mb=max(now.memory_mb, before.memory_mb))
            time.sleep(_LOOK_SECONDS)
        wall = time.perf_counter() - began
        if process.returncode:
            noise.seek(0)
            raise UserError(f"{' '.join(command[2:5])} ended with {process.returncode}: {noise.read()[-400:].decode()}")
    cpu: dict[str, float] = defaultdict(float)
    memory: dict[str, float] = defaultdict(float)
    commands = {number: (one.parent, one.command) for number, one in seen.items()}
    for number, one in seen.items():
        role = role_of(number, process.pid, commands)
        cpu[role] += one.cpu
        memory[role] = max(memory[role], one.memory_mb)
    return Cost(wall, dict(cpu), dict(memory))


def _submission(week: Week, folder: Path) -> None:
    """One right submission without trained nets: a week that trains does so while it is graded."""
    path = folder / "student" / week.id / f"{week.id}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(solution_notebook(week), path)


def measure(week: Week) -> Cost:
    """Grade one submission to `week` into an empty folder, from the command line to its end."""
    with tempfile.TemporaryDirectory(prefix="cold-") as place:
        _submission(week, Path(place) / "submitted")
        me = [sys.executable, "-m", "autograder.cli", "grade", str(Path(place) / "submitted")]
        return cost_of([*me, "--to", str(Path(place) / "grades"), "--json"])


def together(costs: Iterable[Cost]) -> Cost:
    """Medians of several rounds; of memory the most."""
    rounds = list(costs)
    return Cost(
        median(one.wall for one in rounds),
        {role: median(one.cpu.get(role, 0.0) for one in rounds) for role in ROLES},
        {role: max(one.memory_mb.get(role, 0.0) for one in rounds) for role in ROLES},
    )


@click.command()
@click.option("--week", "names", multiple=True, default=("1",), help="Id or number; repeatable.  [default: 1]")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Cold starts of each week.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the tables.")
def command(names: tuple[str, ...], rounds: int, as_json: bool) -> None:
    """Grade one submission from a cold start, and say which process spends how much of the processor, and its most memory.

    Memory is what is resident, pages that processes share included. Needs Linux. On two idle cores about four seconds a round
    for week 1, and ten to thirty for the others, which import Keras and may train.

    Exit status: 0, or 1 when week 1 takes more than 3.5 seconds of the processor.
    """
    sandbox.default_sandbox()
    chosen = weeks.select(names)
    bare = median(cost_of([sys.executable, "-c", BARE]).total for _ in range(rounds))
    found = {week.id: together([measure(week) for _ in range(rounds)]) for week in chosen}
    if as_json:
        report = {
            id: {
                "cpu_seconds": round(cost.total, 2),
                "times_bare": round(cost.total / max(bare, 0.01), 2),
                "wall_seconds": round(cost.wall, 2),
                "cpu_by_process": {role: round(value, 2) for role, value in cost.cpu.items()},
                "memory_mb_by_process": {role: round(value) for role, value in cost.memory_mb.items()},
            }
            for id, cost in found.items()
        }
        click.echo(json.dumps({"bare_import_seconds": round(bare, 2), "weeks": report}))
    else:
        table = Table(title=f"One submission from a cold start, medians of {rounds}", title_justify="left")
        for heading in ("week", "process", "processor, s", "memory, MB"):
            table.add_column(heading, justify="left" if heading in ("week", "process") else "right")
        for id, cost in found.items():
            for role in ROLES:
                table.add_row(id, role, f"{cost.cpu[role]:.2f}", f"{cost.memory_mb[role]:.0f}")
            table.add_row(id, "together", f"{cost.total:.2f}", "", end_section=True)
        Console().print(table)
        for id, cost in found.items():
            click.echo(
                f"{id}: {cost.wall:.1f} s in all; {cost.total / max(bare, 0.01):.1f} times a bare import ({bare:.2f} s)"
            )
    first = next((cost for id, cost in found.items() if id.startswith("week01")), None)
    if first is not None and first.total > BAR:
        raise SystemExit(1)
