"""What a training benchmark measured: the load of the machine, the environment, and a file of results with its page."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograder.errors import UserError
from course.files import write_text

BETWEEN_SHARED_AND_IDLE = 0.25
"""Other processes' share of the processor above which a run's seconds are marked as measured on a shared machine."""


def busy() -> tuple[float, float]:
    """(processor seconds of all processes, of this one); zeros where the system does not say."""
    try:
        with Path("/proc/stat").open() as file:
            fields = [float(value) for value in file.readline().split()[1:9]]
        ticks = os.sysconf("SC_CLK_TCK")
        own = os.times()
        return (sum(fields) - fields[3] - fields[4]) / ticks, own.user + own.system
    except (OSError, ValueError, AttributeError):
        return 0.0, 0.0


def others(before: tuple[float, float], after: tuple[float, float], seconds: float) -> float:
    return max(0.0, (after[0] - before[0]) - (after[1] - before[1])) / max(seconds, 1e-9)


def environment() -> dict[str, str]:
    """Where the numbers come from."""
    import keras
    import numpy

    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    backend = keras.backend.backend()
    module = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}.get(backend, backend)
    version = getattr(sys.modules.get(module), "__version__", "")
    return {
        "processor": f"{processor}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "keras": f"{keras.__version__} on {backend} {version}".strip(),
        "numpy": numpy.__version__,
        "system": f"{platform.system()} {platform.machine()}",
    }


def read(path: Path, form: Callable[..., Any]) -> dict[str, Any]:
    """The file of results, or an empty one. form: makes a run of its fields. Raises UserError when it is something else."""
    if not path.exists():
        return {"environment": {}, "runs": []}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        [form(**run) for run in found["runs"]]
        return dict(found)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UserError(f"--save {path}: this is not a file of results ({problem}); name another one") from problem


def write(path: Path, results: dict[str, Any], page: str) -> None:
    """The results as JSON, and `page` as RESULTS.md beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(results, indent=1) + "\n")
    write_text(path.with_name("RESULTS.md"), page)


def ordered(runs: Sequence[dict[str, Any]], key: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """`runs` in the order of `names` by their field `key`, then by seed."""
    return sorted(runs, key=lambda run: (names.index(run[key]), run["seed"]))
