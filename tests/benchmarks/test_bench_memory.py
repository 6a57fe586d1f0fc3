"""The benches of memory, of other libraries below Keras and of the first seconds, by their machinery."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks import backends, memory
from benchmarks.processes import Watched, most_mb

PYTHON = "/course/.venv/bin/python"
PARENT = [PYTHON, "-s", "-P", "-m", "autograder.worker.main", "7"]
BOX = ["/usr/bin/bwrap", "--die-with-parent", "--unshare-pid", "--", *PARENT]
DRIVER = [PYTHON, "-m", "autograder.cli", "grade", "submitted", "--jobs", "1"]


@pytest.mark.parametrize(
    ("command", "started_by", "role"),
    [
        (DRIVER, ["bash"], "driver"),
        ([PYTHON, "-c", "from multiprocessing.spawn import spawn_main; spawn_main(…)"], DRIVER, "referee"),
        (BOX, DRIVER, ""),
        (PARENT, BOX, "parent"),
        (PARENT, PARENT, "worker"),
        (["/usr/bin/git", "status"], DRIVER, ""),
    ],
)
def test_which_process_of_a_grading_run_is_which(command: list[str], started_by: list[str], role: str) -> None:
    assert memory.grading_role(command, started_by) == role


def test_the_memory_of_a_process_is_its_peak() -> None:
    """60 MB that are given back before the process is looked at again still count."""
    script = "import time; x = bytearray(60_000_000); time.sleep(1); del x; time.sleep(1)"
    process = subprocess.Popen([sys.executable, "-c", script])
    with Watched(process.pid, lambda command, started_by: "it" if script in command else "") as seen:
        process.wait()
    assert 55 < seen.peaks["it"] < 200 and 55 < seen.together < 200
    assert most_mb() > 10


def test_points_of_what_was_graded() -> None:
    def said(*scores: float) -> str:
        return json.dumps({"results": [{"score": score, "max_score": 90.0} for score in scores]})

    assert memory.points(said(90, 90)) == "90 of 90" and memory.points(said(90, 85)) == "85 of 90, 90 of 90"


@pytest.mark.parametrize(
    ("points", "failures", "graded", "good"),
    [
        (90.0, (), "90 of 90", True),
        (90.0, (), "", True),
        (85.0, (), "90 of 90", False),
        (90.0, ("cell: why",), "90 of 90", False),
        (90.0, (), "85 of 90", False),
    ],
)
def test_a_run_is_good_when_notebook_and_nets_earn_all(
    points: float, failures: tuple[str, ...], graded: str, good: bool
) -> None:
    assert backends.Run("week", "jax", points, 90.0, 1.0, 2, 2, graded, failures).good is good


def test_nets_that_the_grader_trained_anew_are_not_those_handed_in() -> None:
    said = "cnn: loaded from artefacts/cnn-quick.npz.\ntiny: trained, kept in artefacts/tiny-quick.npz.\n"
    outputs = {"one": [{"output_type": "stream", "text": said}], "two": [{"text": "cnn: loaded from artefacts/cnn-…"}]}
    assert backends.nets_in(outputs) == (1, 1)
    assert not backends.Run("week", "jax", 90.0, 90.0, 1.0, 2, 1, "90 of 90", (), trained=1).good
    assert not backends.Run("week", "jax", 90.0, 90.0, 1.0, 2, 0, "90 of 90", ()).good
    assert backends.Run("week", "jax", 90.0, 90.0, 1.0, 2, 1, "90 of 90", ()).good  # the other one is only drawn
