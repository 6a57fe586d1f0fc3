"""The bench of week 6's nets: its tables, files and promises, and that it knows the notebook's cells. Nothing long is trained."""

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
from benchmarks import cifar_nets, cifar_tables
from benchmarks import runs as measured
from benchmarks.__main__ import command as bench


def run(net: str, accuracy: float, seconds: float = 200.0, **changes: object) -> cifar_tables.Run:
    values: dict[str, object] = {
        "net": net,
        "weights": 94_042,
        "seed": 0,
        "epochs": cifar_nets.DESIGNS[net].recipe.epochs,
        "on": "test",
        "accuracy": accuracy,
        "seconds": seconds,
        "curve": [0.4, accuracy],
        "clock": [seconds / 2, seconds],
        "cpu": 300.0,
        "others": 0.0,
        "profile": "full",
        "when": "2027-01-01 00:00",
        "command": "python -m benchmarks cifar",
    }
    return cifar_tables.Run(**{**values, **changes})  # type: ignore[arg-type]


def test_help_imports_no_keras() -> None:
    code = (
        "import sys; from benchmarks.__main__ import command; command(['cifar', '--help'], standalone_mode=False); "
        "assert 'keras' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_run_that_reaches_what_is_promised_falls_short_of_nothing() -> None:
    runs = [run("lecture", 0.70, 400.0), run("small", 0.78), run("large", 0.82, 220.0)]
    assert cifar_tables.shortfalls(runs) == []
    assert "82.00 % after 8 epochs and 220 s" in cifar_tables.comparison(runs)


@pytest.mark.parametrize(
    ("runs", "says"),
    [
        ([run("small", 0.74)], "75 % is promised"),
        ([run("small", 0.78, weights=100_000)], "fewer than 100,000"),
        ([run("large", 0.79)], "80 % is promised"),
        ([run("lecture", 0.7, 210.0), run("large", 0.82, 220.0)], "25 epochs took 210 s"),
    ],
)
def test_every_broken_promise_is_told(runs: list[cifar_tables.Run], says: str) -> None:
    (line,) = cifar_tables.shortfalls(runs)
    assert says in line


def test_seconds_of_different_commands_are_not_compared() -> None:
    runs = [run("lecture", 0.70, 210.0), run("large", 0.82, 220.0, command="another")]
    assert cifar_tables.pairs(runs) == [] and cifar_tables.shortfalls(runs) == []


def test_shorter_trainings_and_other_data_promise_nothing() -> None:
    assert cifar_tables.shortfalls([run("small", 0.5, epochs=1), run("large", 0.5, profile="quick")]) == []


def test_the_results_are_a_file_and_a_page_that_names_the_data(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    results = measured.read(path, cifar_tables.Run)
    results["environment"] = {"python": "3.11"}
    ablation = run(cifar_nets.WHOLE, 0.76, on="validation")
    runs = [asdict(r) for r in (run("large", 0.82, 220.0), run("lecture", 0.7, 400.0), ablation)]
    results["runs"] = measured.ordered(runs, "net", list(cifar_nets.DESIGNS))
    measured.write(path, results, cifar_tables.markdown(results))
    assert [r["net"] for r in measured.read(path, cifar_tables.Run)["runs"]] == ["lecture", "large", cifar_nets.WHOLE]
    page = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert "re-encoded as JPEG" in page and "In one run, seed 0" in page and "## Ablations" in page


def test_a_file_that_is_none_of_results_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(UserError, match=r"notes\.json"):
        measured.read(path, cifar_tables.Run)


def test_the_notebook_still_has_the_cells_that_the_bench_runs() -> None:
    names = {cell.id for cell in weeks.load(cifar_nets.WEEK).cells}
    assert {*cifar_nets.GIVEN, *cifar_nets.ANSWERS} <= names


def test_the_whole_of_the_ablations_is_the_notebooks_net() -> None:
    import keras
    import numpy as np

    from course import evaluation, training

    given = {"keras": keras, "np": np, "training": training, "evaluation": evaluation, "PROFILE": "full"}
    names = cifar_nets.reference(given)
    own, theirs = names["build_better"](), cifar_nets.variant(cifar_nets.DESIGNS[cifar_nets.WHOLE])
    assert [w.shape for w in own.weights] == [w.shape for w in theirs.weights]
    assert evaluation.budget(own) < 100_000 < evaluation.budget(cifar_nets.large_net())
    assert evaluation.budget(names["build_lecture_cifar"]()) == 528_054


@pytest.mark.slow
def test_one_epoch_on_the_shapes_through_the_command(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    outcome = CliRunner().invoke(
        bench, ["cifar", "--profile", "quick", "--epochs", "1", "--net", "small", "--json", "--save", str(path)]
    )
    assert outcome.exit_code == 0, outcome.output
    (first,) = json.loads(outcome.stdout)["runs"]
    assert first["profile"] == "quick" and 0 < first["accuracy"] < 1 and len(first["curve"]) == 1
