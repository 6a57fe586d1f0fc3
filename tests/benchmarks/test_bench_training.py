"""The bench of the small nets: its tables and files, its designs, a lazy group in front. Nothing is trained here."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import weeks
from autograder.errors import UserError
from benchmarks import mnist_nets, mnist_tables
from benchmarks import runs as measured
from benchmarks.__main__ import command as bench


def run(budget: str, seed: int, accuracy: float, **changes: object) -> mnist_tables.Run:
    values: dict[str, object] = {
        "budget": budget,
        "weights": 7_554,
        "seed": seed,
        "epochs": 3,
        "accuracy": accuracy,
        "seconds": 80.0,
        "curve": [0.98, 0.991, accuracy],
        "clock": [27.0, 54.0, 80.0],
        "cpu": 150.0,
        "others": 0.0,
        "profile": "full",
        "when": "2027-01-01 00:00",
        "command": "python -m benchmarks training",
    }
    return mnist_tables.Run(**{**values, **changes})  # type: ignore[arg-type]


def test_help_imports_no_keras() -> None:
    code = (
        "import sys; from benchmarks.__main__ import command; command(['training', '--help'], standalone_mode=False); "
        "assert 'keras' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_rows_hold_every_seed_and_the_time_to_the_goal() -> None:
    (row,) = mnist_tables.rows([run("10000", 1, 0.9930), run("10000", 0, 0.9950)])
    assert row.accuracies == {0: 0.9950, 1: 0.9930}
    assert row.mean == pytest.approx(0.9940)
    assert row.to_goal == 80.0
    assert not row.short


def test_seconds_are_those_of_the_least_disturbed_run() -> None:
    runs = [run("10000", 0, 0.995, seconds=300.0, others=3.0, cpu=170.0), run("10000", 1, 0.995, others=0.1, cpu=150.0)]
    (row,) = mnist_tables.rows(runs)
    assert (row.seconds, row.cpu, row.shared) == (80.0, 160.0, False)


def test_a_promise_is_broken_only_by_enough_seeds() -> None:
    below = [run("10000", seed, 0.9938) for seed in range(5)]
    assert not mnist_tables.rows(below[:4])[0].short
    assert mnist_tables.rows(below)[0].short
    assert not mnist_tables.rows([run("1000", seed, 0.5) for seed in range(5)])[0].short


def test_no_time_to_the_goal_where_a_seed_missed_it() -> None:
    (row,) = mnist_tables.rows([run("10000", 0, 0.9950), run("10000", 1, 0.9919)])
    assert row.to_goal is None


def test_results_are_kept_and_read_again(tmp_path: Path) -> None:
    runs = [asdict(run("lecture", 0, 0.9921, weights=220_234)), asdict(run("10000", 0, 0.9945, others=1.0))]
    results = {"environment": {"keras": "3"}, "runs": measured.ordered(runs, "budget", list(mnist_nets.DESIGNS))}
    measured.write(tmp_path / "results.json", results, mnist_tables.markdown(results))
    text = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert "| under 10,000 | 7,554 | 3 | 99.450 | 99.45 | 150 | 80* | 80 |" in text
    assert "220,234 after 80 s, 1.0 times as long" in text
    assert "- keras: 3" in text
    assert [found["budget"] for found in measured.read(tmp_path / "results.json", mnist_tables.Run)["runs"]] == [
        "10000",
        "lecture",
    ]


def test_another_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text(json.dumps({"runs": [{"budget": "10000"}]}), encoding="utf-8")
    with pytest.raises(UserError, match="not a file of results"):
        measured.read(path, mnist_tables.Run)


def test_unknown_budget_is_misuse() -> None:
    result = CliRunner().invoke(bench, ["training", "--budget", "9999"])
    assert result.exit_code == 2
    assert "9999" in result.output


def test_every_net_is_within_its_budget() -> None:
    from course import evaluation

    ladder = {"head": 19_466, "width": 5_130, "depth": 9_610, "norm": 9_690, "recipe": 9_690}
    assert ladder.keys() == mnist_nets.LADDER.keys()
    for budget, build in mnist_nets.builders(mnist_nets.reference()).items():
        weights = evaluation.budget(build())
        if budget in ladder:
            assert weights == ladder[budget], budget
        else:
            assert weights == 220_234 if budget == mnist_nets.LECTURE else weights < int(budget), budget


def test_the_notebook_and_the_table_say_what_was_measured() -> None:
    week = weeks.load(mnist_nets.WEEK)
    folder = week.solution_path.parent
    results = measured.read(folder / "results.json", mnist_tables.Run)
    runs = [mnist_tables.Run(**found) for found in results["runs"]]
    assert (folder / "RESULTS.md").read_text(encoding="utf-8") == mnist_tables.markdown(results)
    assert {found.profile for found in runs} == {"full"} and not any(" /" in found.command for found in runs)
    for row in mnist_tables.rows(runs):
        assert not row.short, f"{row.budget}: the mean is below what is promised"
        figure = "ladder-figure" if row.budget in mnist_nets.LADDER else "frontier-figure"
        assert f'"weights": {row.weights:_}, "accuracy": {row.mean:.5f}' in week[figure].source
