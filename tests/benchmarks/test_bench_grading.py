"""The grading bench by its machinery, with seconds that are given: no test asserts a time, and none grades a class."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from benchmarks import grading, load
from benchmarks.__main__ import command
from benchmarks.grading_tables import Run, rows


def run(*numbers: float, **fields: object) -> Run:
    return Run("training", "week06_cifar10", 6, "idle", 1, *numbers, **fields)  # type: ignore[arg-type]


def test_the_ratio_is_of_neighbouring_runs_and_has_a_spread() -> None:
    (row,) = rows([run(1.0, 10.0), run(2.0, 40.0), run(4.0, 40.0)])
    assert (row.ratio, row.low, row.high, row.rounds) == (10.0, 10.0, 20.0, 3)
    assert (row.seconds_ours, row.seconds_stock) == (2.0 / 6, 40.0 / 6)


def test_beside_another_program_two_thirds_are_promised() -> None:
    idle, busy = rows([run(1.0, 4.9), Run("training", "week06_cifar10", 6, "busy", 1, 1.0, 4.9)])
    assert (idle.bar, idle.holds) == (5.0, False)
    assert (round(busy.bar, 3), busy.holds) == (3.333, True)


def test_the_ladder_is_what_the_measurements_show() -> None:
    keys = grading.wanted(tuple(grading.LADDER), (), ("idle", "busy"), 2, ladder=True)
    assert len(keys) == len(set(keys)) == 4 * sum(map(len, grading.LADDER.values()))
    assert keys[:3] == [("import_only", 1, "idle", 1), ("import_only", 1, "busy", 1), ("import_only", 1, "idle", 2)]
    assert grading.wanted(("residual",), (), ("idle",), 1, ladder=False) == [("residual", 6, "idle", 1)]


def programs() -> set[int]:
    """Programs that this process has started and that run: graders of other tests may be among them."""
    return {child.pid for child in psutil.Process().children() if child.status() != "zombie"}


class Graded:
    """Stands for both graders: stock takes as many times longer as `ratios` say, one after the other."""

    def __init__(self, ratios: list[float]) -> None:
        self.ratios: Iterator[float] = iter(ratios)
        self.made: list[int] = []
        self.burning: list[int] = []
        self.others = programs()

    def course(self, week: object, course: Path, size: int, nets: object) -> None:
        self.made.append(size)

    def ours(self, week: object, course: Path) -> tuple[float, int]:
        self.burning.append(len(programs() - self.others))
        return 2.0, 0

    def stock(self, week: object, course: Path) -> tuple[float, int]:
        if (ratio := next(self.ratios, None)) is None:
            raise KeyboardInterrupt
        return 2.0 * ratio, 1


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[object]:
    monkeypatch.setattr(load, "cores_in_use", lambda: 0.25)

    def measure(ratios: list[float], *options: str) -> tuple[Graded, Result]:
        graders = Graded(ratios)
        monkeypatch.setattr(grading, "_course", graders.course)
        monkeypatch.setattr(grading, "ours", graders.ours)
        monkeypatch.setattr(grading, "stock", graders.stock)
        file = str(tmp_path / "grading.json")
        arguments = [
            "grading",
            "--only",
            "import_only",
            "--students",
            "16",
            "--load",
            "idle",
            "--load",
            "busy",
            *options,
        ]
        return graders, CliRunner().invoke(command, [*arguments, "--save", file])

    yield measure


@pytest.mark.sandbox
def test_a_bench_that_was_stopped_goes_on_where_it_was(bench, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    first, stopped = bench([31.0, 20.0, 33.0], "--rounds", "2")
    assert stopped.exit_code == 1 and first.made == [16]  # the keyboard's interrupt, in the fourth round
    assert first.burning == [0, 1, 0, 1]  # beside a program of its own, which has ended afterwards
    kept = json.loads((tmp_path / "grading.json").read_text())["runs"]
    assert [(r["load"], r["round"], r["stock"], r["short_stock"]) for r in kept] == [
        ("idle", 1, 62.0, 1),
        ("idle", 2, 66.0, 1),
        ("busy", 1, 40.0, 1),
    ]
    second, done = bench([24.0], "--rounds", "2", "--json")
    assert second.burning == [1] and done.exit_code == 0, done.output
    report = json.loads(done.stdout.strip().splitlines()[-1])
    assert (report["ratio_import_only_16_idle"], report["ratio_import_only_16_busy"]) == (32.0, 22.0)
    idle, busy = report["classes"]
    assert (idle["low"], idle["high"], busy["low"], busy["high"]) == (31.0, 33.0, 20.0, 24.0)
    page = (tmp_path / "RESULTS.md").read_text()
    assert "31.0 to 33.0" in page and "| busy | 2 |" in page and "0.2 cores" in page
    third, short = bench([1.0, 1.0, 1.0, 1.0], "--rounds", "2", "--again")
    assert short.exit_code == 1 and "falls short" in (tmp_path / "RESULTS.md").read_text() and len(third.burning) == 4


@pytest.mark.sandbox
def test_a_file_of_something_else_is_named(bench, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "grading.json").write_text('{"runs": [{"budget": 1}]}')
    _, done = bench([])
    assert "this is not a file of results" in str(done.exception)


def test_a_core_is_busy_only_within() -> None:
    others = programs()
    with load.one_core_busy():
        (number,) = programs() - others
        program = psutil.Process(number)
        before, began = program.cpu_times().user, time.monotonic()
        while program.cpu_times().user - before < 0.05 and time.monotonic() - began < 60:
            time.sleep(0.01)
        assert program.cpu_times().user - before >= 0.05
    assert not program.is_running()
