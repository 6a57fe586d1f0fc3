"""The quick notebooks with another library below Keras than TensorFlow, and their nets when they are graded on TensorFlow."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from autograder.paths import ROOT


@pytest.mark.slow
@pytest.mark.parametrize("week", [str(number) for number in range(1, 13)])
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_quick_notebooks_earn_full_marks(backend: str, week: str) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(
            f"{backend} is not installed: `python -m pip install {backend}` installs it, and nothing else needs it"
        )
    command = [sys.executable, "-m", "benchmarks", "backends", week, "--on", backend]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
