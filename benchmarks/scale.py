"""`python -m benchmarks scale`: many small submissions. Is the time linear, and the memory of the driver flat?"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from autograder.grading import batch
from autograder.isolation import sandbox
from autograder.results import Result
from benchmarks.attacks import WEEK, Attack


@dataclass(frozen=True)
class Point:
    """After `submissions`: wall-clock seconds so far, those a submission since the last point, and the driver's memory."""

    submissions: int
    seconds: float
    seconds_each: float
    driver_mb: float


def memory_mb() -> float:
    """Resident memory of this process in MB (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise OSError("no VmRSS in /proc/self/status")


def small(number: int) -> bytes:
    """A submission in which only two answers of week 1 are written; each a little different."""
    unwritten = ("pool2d", "im2col", "sobel_edges", "strided_conv")
    answers = dict.fromkeys(unwritten, f"# {number}\nraise NotImplementedError()")
    return Attack(0, "", answers).notebook()


def measure(count: int, jobs: int | None, points: int = 10) -> tuple[list[Point], float]:
    """Grade `count` submissions and take `points` readings on the way; then run over the same folder again.

    Returns the readings, and the seconds that each submission takes when nothing has changed.
    """
    found: list[Point] = []
    with tempfile.TemporaryDirectory(prefix="scale-") as place:
        folder = Path(place) / "submitted"
        for number in range(count):
            path = folder / f"student{number:06}" / WEEK / f"{WEEK}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_bytes(small(number))
        began = last = time.perf_counter()
        done = 0
        step = max(1, count // points)

        def on_result(result: Result) -> None:
            nonlocal done, last
            done += 1
            if done % step == 0:
                now = time.perf_counter()
                found.append(Point(done, now - began, (now - last) / step, memory_mb()))
                last = now

        batch.grade(folder, to=Path(place) / "grades", jobs=jobs, on_result=on_result)
        began = time.perf_counter()
        again = batch.grade(folder, to=Path(place) / "grades", jobs=jobs)
        if again.unchanged != count:
            raise RuntimeError(f"{count - again.unchanged} unchanged submissions were graded again")
        return found, (time.perf_counter() - began) / count


@click.command()
@click.option("--count", type=click.IntRange(min=10), default=10_000, show_default=True, help="Submissions.")
@click.option("--jobs", type=click.IntRange(min=1), help="Submissions at a time (default: one per core).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
def command(count: int, jobs: int | None, as_json: bool) -> None:
    """Grade many small submissions and show time and memory on the way; then what it costs to find them all unchanged.

    Exit status 1 when the driver's memory at the end is more than 1.2 times that at a tenth of the way, or the last tenth
    took more than 1.5 times the second one.
    """
    sandbox.default_sandbox()
    found, unchanged = measure(count, jobs)
    growth = found[-1].driver_mb / found[0].driver_mb
    slowing = found[-1].seconds_each / found[1].seconds_each
    if as_json:
        click.echo(
            json.dumps(
                {
                    "points": list(map(asdict, found)),
                    "memory_growth": round(growth, 3),
                    "slowing": round(slowing, 3),
                    "seconds_unchanged": round(unchanged, 5),
                }
            )
        )
    else:
        table = Table(title=f"{count:,} small submissions", title_justify="left")
        for heading in ("graded", "seconds", "seconds each", "driver, MB"):
            table.add_column(heading, justify="right")
        for one in found:
            table.add_row(
                f"{one.submissions:,}", f"{one.seconds:.0f}", f"{one.seconds_each:.3f}", f"{one.driver_mb:.0f}"
            )
        Console().print(table)
        click.echo(
            f"memory: last reading {growth:.2f} times the first; pace: last tenth {slowing:.2f} times the second; "
            f"unchanged work: {1000 * unchanged:.1f} ms a submission"
        )
    if growth > 1.2 or slowing > 1.5:
        raise SystemExit(1)
