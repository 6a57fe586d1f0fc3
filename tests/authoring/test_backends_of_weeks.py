"""The notebooks of week 3, which counts, and week 5, which trains, with another library below Keras than TensorFlow."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.paths import ROOT


@pytest.mark.slow
@pytest.mark.parametrize("week", ["3", "5"])
@pytest.mark.parametrize("backend", ["jax"])
def test_quick_notebooks_earn_full_marks(backend: str, week: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(
            f"{backend} is not installed: `python -m pip install {backend}` installs it, and nothing else needs it"
        )
    command = [sys.executable, "-m", "autograder.cli", "solve", week, "--jobs", "1", "--to", str(tmp_path)]
    run = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"KERAS_BACKEND": backend}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
