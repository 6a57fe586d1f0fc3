"""Executing solutions: points, failures, timeouts, and the files that are left."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from example import copy

from autograder.authoring import solve


def test_jobs_fit_the_memory_and_the_cores() -> None:
    assert solve.jobs_for(memory_gb=1, cores=8) == 1
    assert solve.jobs_for(memory_gb=10, cores=8) == 3
    assert solve.jobs_for(memory_gb=100, cores=2) == 2
    assert solve.jobs_for() >= 1


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[solve.Outcome], list[tuple[str, int, int]]]:
    """The example as it is, and a copy whose answer is wrong, whose given cell fails and whose last cell hangs."""
    folder = tmp_path_factory.mktemp("solve")
    right = copy(folder / "right")
    wrong = copy(
        folder / "wrong",
        ("kernel.astype(float))", "kernel.astype(float)[::-1])"),
        ("lecture_kernel =", "print(PROFILE)\n1 / 0\nlecture_kernel ="),
        ("rng = np.random", "while True: pass\nrng = np.random"),
    )
    wrong = solve.Week("week98_wrong", wrong.path, wrong.cells, wrong.notebook)
    earlier = folder / "out" / right.id / "artefacts" / "net.npz"
    earlier.parent.mkdir(parents=True)
    earlier.write_bytes(b"trained by an earlier run")
    seen: list[tuple[str, int, int]] = []
    outcomes = solve.solve(
        [right, wrong],
        "full",
        folder=folder / "out",
        jobs=1,
        limits={right.id: 60, wrong.id: 5},
        on_cell=lambda *progress: seen.append(progress),
    )
    return folder / "out", outcomes, seen


def test_a_good_week_earns_all_points(solved) -> None:
    folder, (right, _), seen = solved
    assert right.good and (right.points, right.max_points, right.by_hand) == (5, 5, 2)
    assert right.seconds > 0 and right.public()["good"] is True
    cells = len(nbformat.read(folder / "week00_example.ipynb", as_version=4).cells)  # with papermill's parameters
    assert [s for s in seen if s[0] == right.week] == [(right.week, n, cells) for n in range(1, cells + 1)]
    executed = nbformat.read(folder / "week00_example.ipynb", as_version=4)
    injected = next(cell for cell in executed.cells if "injected-parameters" in cell.metadata.get("tags", []))
    assert 'PROFILE = "full"' in injected.source
    assert "One sliding window" in (folder / "week00_example.html").read_text(encoding="utf-8")


def test_nets_of_an_earlier_run_are_not_used(solved) -> None:
    folder, (right, _), _ = solved
    assert not (folder / right.week / "artefacts").exists()


def test_every_failure_of_a_bad_week_is_reported(solved) -> None:
    _, (_, wrong), _ = solved
    assert not wrong.good and wrong.points == 2, "a flipped axis on a symmetric kernel still passes the lecture's"
    failures = {cell.id: cell.message for cell in wrong.failures}
    assert failures.keys() == {"lecture-numbers", "conv2d-any-shape"}
    assert failures["lecture-numbers"] == "ZeroDivisionError: division by zero"
    assert failures["conv2d-any-shape"].startswith("KeyboardInterrupt"), "the endless loop is stopped"


def test_junit(solved) -> None:
    folder, _, _ = solved
    root = ElementTree.parse(folder / "junit.xml").getroot()
    suites = {suite.get("name"): suite for suite in root}
    assert suites["week00_example"].get("failures") == "0" and len(suites["week00_example"]) == 2
    bad = suites["week98_wrong"]
    assert bad.get("failures") == "2"
    messages = {case.get("name"): case[0].get("message") for case in bad if len(case)}
    assert messages["lecture-numbers"] == "ZeroDivisionError: division by zero"
    assert "\x1b" not in (folder / "junit.xml").read_text()


def test_a_check_that_never_ran_earns_nothing(tmp_path: Path) -> None:
    from autograder.authoring import solution_notebook

    week = copy(tmp_path)
    outcome = solve.read_outcome(week, "quick", solution_notebook(week))
    assert outcome.points == 0 and {cell.message for cell in outcome.failures} == {"did not run"}


def test_the_table_has_no_traceback(solved, capsys: pytest.CaptureFixture[str]) -> None:
    from autograder.cli.solve import show

    folder, outcomes, _ = solved
    show(outcomes, folder)
    text = capsys.readouterr().out
    assert "week98_wrong, cell lecture-numbers: ZeroDivisionError: division by zero" in text
    assert "Traceback" not in text and "2 of 5" in text
