"""The bench of the bounds: its arithmetic, its file, and that it knows the notebooks' cells. Nothing is trained."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder import weeks
from autograder.errors import UserError
from benchmarks import bounds, bounds_runs
from benchmarks.bounds_child import Asked
from benchmarks.bounds_plan import asking, plan
from benchmarks.bounds_recipes import REFERENCE, WEEKS, recipes
from benchmarks.bounds_runs import Line, Measure, Run

BOUNDS = {"first": 0.8, "second": 0.9, "slack": 0.04, "moved": 0.1}


def run(seed: int, *values: float, recipe: str = REFERENCE, threads: int = 1, refused: str = "") -> Run:
    """A run whose check measured the test accuracy against two bounds, and two moves against the second."""
    measures: list[Measure] = []
    if values:
        test, *moves = values
        for name in ("first", "second"):
            measures.append(Measure(f"net-{name}", "test accuracy", {name: 1.0}, test, 360))
        for moved in moves:
            measures.append(Measure("net-second", "moved", {"second": 1.0, "moved": -1.0}, moved, 360))
    return Run(recipe, seed, threads, "quick", "abc", tuple(measures), refused, 2.0, "2026-11-29 18:00")


def test_help_imports_no_keras() -> None:
    code = (
        "import sys; from benchmarks.__main__ import command; command(['bounds', '--help'], standalone_mode=False); "
        "assert 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_line_is_mean_deviation_and_distance() -> None:
    test, moved = bounds_runs.lines(
        [run(1, 0.96, 0.9, 0.95), run(0, 0.94, 0.91, 0.85), run(2, 0.95, 0.92, 0.88)], BOUNDS, [REFERENCE]
    )
    assert test.values == (0.94, 0.96, 0.95)
    assert (test.mean, test.deviation) == (pytest.approx(0.95), pytest.approx(0.01))
    assert test.bounds == {"first": 0.8, "second": 0.9}
    assert (test.distance(0.8), test.distance(0.9)) == (pytest.approx(15), pytest.approx(5))
    assert test.standard_error == pytest.approx((0.95 * 0.05 / 360) ** 0.5)
    assert moved.values == (0.85, 0.9, 0.88)  # the worse of the two moves, seed by seed
    assert moved.bounds == {"second - moved": pytest.approx(0.8)}


def test_a_bound_within_three_deviations_falls_short_once_there_are_five_seeds() -> None:
    values = (0.92, 0.94, 0.93, 0.95, 0.91)  # mean 0.93, deviation 0.0158: 0.9 is 1.9 below
    runs = [run(seed, value) for seed, value in enumerate(values)]
    (few,) = bounds_runs.lines(runs[:4], BOUNDS, [REFERENCE])
    (all_five,) = bounds_runs.lines(runs, BOUNDS, [REFERENCE])
    assert not few.short
    assert all_five.short
    (lower,) = bounds_runs.lines(runs, {**BOUNDS, "second": 0.88}, [REFERENCE])
    assert not lower.short  # a bound can change without a new training


def test_seeds_that_do_not_differ_are_above_or_below() -> None:
    line = Line(REFERENCE, 1, "accuracy", (0.9, 0.9), 0, {"first": 0.8, "second": 0.95})
    assert line.distance(0.8) == float("inf")
    assert line.distance(0.95) == float("-inf")
    assert "no spread, above" in bounds._cells(line)[-1]
    assert "no spread, below !" in bounds._cells(line)[-1]


def test_a_refused_recipe_is_shown_and_falls_short() -> None:
    (line,) = bounds_runs.lines([run(0, refused="net-second: the net has 12,000 weights")], BOUNDS, [REFERENCE])
    assert line.short
    assert "12,000 weights" in bounds._cells(line)[-1]


def test_runs_are_kept_one_per_line_in_a_fixed_order(tmp_path: Path) -> None:
    path, order = tmp_path / "bounds.json", [REFERENCE, "plain: é"]
    runs = [run(1, 0.9, recipe="plain: é"), run(1, 0.9), run(0, 0.95, 0.9, threads=2), run(0, 0.8)]
    bounds_runs.write(path, runs, order)
    back = bounds_runs.read(path)
    assert [one.key[:3] for one in back] == [
        (REFERENCE, 1, 0),
        (REFERENCE, 1, 1),
        (REFERENCE, 2, 0),
        ("plain: é", 1, 1),
    ]
    assert {one.key: one for one in back} == {one.key: one for one in runs}
    assert len(path.read_text(encoding="utf-8").splitlines()) == 3 + len(runs) + 1
    assert bounds_runs.read(tmp_path / "none.json") == []
    path.write_text("[]")
    with pytest.raises(UserError, match="not a file of runs"):
        bounds_runs.read(path)


def test_a_bound_remembers_what_it_was_made_of() -> None:
    third, moved = Asked(0.9, {"third": 1.0}), Asked(0.04, {"moved": 1.0})
    made = third - moved * 2
    assert isinstance(made, Asked)
    assert made == pytest.approx(0.82)
    assert bounds_runs.name_of(made.terms) == "third - 2 · moved"
    assert bounds_runs.name_of((third / 2).terms) == "0.5 · third"
    assert bounds_runs.name_of((third - moved * 0).terms) == "third"


@pytest.mark.parametrize("week_id", WEEKS)
def test_each_week_has_its_recipes_and_the_cells_that_lead_to_its_checks(week_id: str) -> None:
    week = weeks.load(week_id)
    every = recipes(week)
    whole = plan(week, REFERENCE)
    assert whole.checks == asking(week) != []
    codes = set()
    for recipe in every:
        found = plan(week, recipe)
        assert {"parameters", "imports"} <= {cell for cell, _ in found.cells}
        assert found.checks
        codes.add(found.code)
    assert len(codes) == len(every)  # each recipe runs other code
    if week_id != "week08_augmentation":  # there the student chooses neither net nor training
        assert sum(recipe.startswith("plain: ") for recipe in every) == 2
    with pytest.raises(KeyError):
        plan(week, "no such recipe")


def test_every_week_that_asks_for_an_accuracy_is_measured() -> None:
    assert {week.id for week in weeks.all_weeks() if asking(week)} == set(WEEKS)


def test_a_week_without_a_bound_is_refused_in_a_sentence() -> None:
    with pytest.raises(UserError, match=r"week01_convolution asks for no accuracy; those that do are week04"):
        bounds._weeks(("1",))
