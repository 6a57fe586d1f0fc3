"""`python -m benchmarks.bounds_child JOB`: trains one recipe of a week and runs the checks that ask for an accuracy on it.

A process of its own, as TensorFlow settles its number of threads once. It prints a JSON line for each seed. Our own answers
run here without a sandbox, and the checks' comparisons are recorded in place of being held.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
import time
from typing import Any

from autograder import weeks
from autograder.weeks import Week, names
from benchmarks.bounds_plan import plan
from benchmarks.bounds_runs import Measure, Run, fields_of


class Asked(float):
    """A bound that knows which entries of the syllabus it was made of."""

    terms: dict[str, float]

    def __new__(cls, value: float, terms: dict[str, float]) -> Asked:
        made = super().__new__(cls, value)
        made.terms = terms
        return made

    def __sub__(self, other: float) -> Asked:
        more = {name: -share for name, share in getattr(other, "terms", {}).items()}
        return Asked(float(self) - float(other), {**self.terms, **more})

    def __mul__(self, factor: float) -> Asked:
        return Asked(float(self) * factor, {name: factor * share for name, share in self.terms.items()})

    def __truediv__(self, factor: float) -> Asked:
        return self * (1 / factor)


class Share(float):
    """An accuracy that knows of how many images it is a share."""

    images = 0


def record(measures: list[Measure], check: list[str]) -> None:
    """From now on comparisons with a bound are noted and not held. check: its last entry is the check that is running."""
    from course import checks, evaluation, profile

    between, bound, accuracy = checks.between, profile.bound, evaluation.accuracy

    def noted(got: Any, low: float, high: float, *, hint: str, what: str = "the value") -> None:
        if isinstance(low, Asked):
            measures.append(Measure(check[-1], what, low.terms, round(float(got), 6), getattr(got, "images", 0)))
        else:
            between(got, low, high, hint=hint, what=what)

    def asked(week: str | int, name: str) -> Asked:
        return Asked(bound(week, name), {name: 1.0})

    def counted(model: Any, x: Any, y: Any, batch_size: int = 500) -> Share:
        share = Share(accuracy(model, x, y, batch_size))
        share.images = len(y)
        return share

    checks.between, profile.bound, evaluation.accuracy = noted, asked, counted


def try_seed(
    week: Week,
    cells: list[tuple[str, str]],
    checks: list[str],
    seed: int,
    profile: str,
    measures: list[Measure],
    running: list[str],
) -> dict[str, Any]:
    """{"measures", "refused", "seconds"} of one training. measures, running: the lists that `record` was given."""
    import keras

    measures.clear()
    running.clear()
    names_: dict[str, Any] = {"__name__": "__main__"}
    refused = ""
    began = time.monotonic()
    keras.utils.clear_session()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        cell = ""
        try:
            for cell, source in cells:
                if cell == "parameters":
                    source = f"PROFILE = {profile!r}\nSEED = {seed}\n"
                exec(compile(names.plain(source), f"<{week.id}: {cell}>", "exec"), names_)
            seconds = time.monotonic() - began
            for check in checks:
                running.append(check)
                exec(compile(week[check].source, f"<{check}>", "exec"), dict(names_))
        except Exception as problem:
            seconds = time.monotonic() - began
            refused = f"{(running or [cell])[-1]}: {type(problem).__name__}: {problem}"[:300]
    return {"measures": tuple(measures), "refused": refused, "seconds": round(seconds, 1)}


def main() -> None:
    """JOB: {"week", "recipe", "threads", "seeds", "profile", "until"}; until: no seed is begun later (seconds since 1970)."""
    job = json.loads(sys.argv[1])
    week = weeks.load(job["week"])
    todo = plan(week, job["recipe"])
    os.environ.setdefault("MPLBACKEND", "agg")
    import matplotlib.pyplot as plt

    measures: list[Measure] = []
    running: list[str] = []
    record(measures, running)
    for seed in job["seeds"]:
        if time.time() > job["until"]:
            return
        plt.close("all")
        found = try_seed(week, todo.cells, todo.checks, seed, job["profile"], measures, running)
        run = Run(
            recipe=job["recipe"],
            seed=seed,
            threads=job["threads"],
            profile=job["profile"],
            code=todo.code,
            when=time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
            **found,
        )
        print(json.dumps(fields_of(run), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
