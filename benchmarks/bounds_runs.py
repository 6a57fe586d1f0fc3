"""Runs of `python -m benchmarks bounds`: a recipe of a week, trained with one seed, and what the week's checks measured.

The file `bounds.json` beside a week holds them, one per line. A measurement keeps the names of the bounds it was held against
and not their values, so that a bound can be changed without training anew.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.errors import UserError
from course.files import write_text

SAFE = 3.0
"""Standard deviations that a bound has to lie below the mean of each honest recipe."""
ENOUGH = 5
"""Seeds from which a recipe is judged."""


@dataclass(frozen=True)
class Measure:
    """One comparison of a check: a share of images, and the bound it must reach."""

    check: str
    what: str
    asked: dict[str, float]
    """The bound as a sum of the syllabus's: {"third": 1.0, "moved": -1.0} is third - moved."""
    value: float
    images: int
    """Images that `value` is a share of; 0 where a check does not say."""


@dataclass(frozen=True)
class Run:
    recipe: str
    seed: int
    threads: int
    profile: str
    code: str
    """A hash of the cells that were run: a run of other code is of no use any more."""
    measures: tuple[Measure, ...]
    refused: str
    """Why a check stopped before it measured anything, or an error; empty where all were measured."""
    seconds: float
    when: str

    @property
    def key(self) -> tuple[str, int, int, str]:
        return self.recipe, self.threads, self.seed, self.profile


@dataclass(frozen=True)
class Line:
    """The runs of one recipe on so many threads, for one quantity."""

    recipe: str
    threads: int
    what: str
    values: tuple[float, ...]
    """One value per seed: the smallest, where a check measures the quantity several times (images moved both ways)."""
    images: int
    bounds: dict[str, float]
    """{"third - moved": 0.84}"""
    refused: str = ""

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float:
        """Standard deviation over the seeds; 0 of a single one."""
        return statistics.stdev(self.values) if len(self.values) > 1 else 0.0

    @property
    def standard_error(self) -> float:
        """Of one measurement, from the number of its images alone; NaN where that is not known."""
        return math.sqrt(self.mean * (1 - self.mean) / self.images) if self.images else math.nan

    def distance(self, bound: float) -> float:
        """How many standard deviations `bound` lies below the mean; infinite where the seeds do not differ."""
        gap = self.mean - bound
        if self.deviation < 1e-9:
            return math.inf if gap >= 0 else -math.inf
        return gap / self.deviation

    @property
    def short(self) -> bool:
        """Whether enough seeds were run, and a bound is not three standard deviations below their mean."""
        if self.refused:
            return True
        return len(self.values) >= ENOUGH and any(self.distance(bound) < SAFE for bound in self.bounds.values())


def name_of(asked: Mapping[str, float]) -> str:
    """{"third": 1, "moved": -1} as "third - moved"."""
    parts = []
    for name, share in asked.items():
        if share:
            size = "" if abs(share) == 1 else f"{abs(share):g} · "
            parts.append(("- " if share < 0 else "+ ") + size + name)
    return " ".join(parts).removeprefix("+ ")


def lines(runs: Iterable[Run], bounds: Mapping[str, float], order: Sequence[str]) -> list[Line]:
    """One line for each recipe, number of threads and quantity, in the order of `order` (recipes).

    bounds: {name: value} of the profile that the runs are of. Bounds on the same values share a line.
    """
    groups: dict[tuple[str, int], list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.seed):
        groups.setdefault((run.recipe, run.threads), []).append(run)
    found = []
    for (recipe, threads), same in sorted(groups.items(), key=lambda one: (order.index(one[0][0]), one[0][1])):
        values: dict[tuple[str, str], list[float]] = {}
        images: dict[str, int] = {}
        asked: dict[str, dict[str, float]] = {}
        for run in same:
            least: dict[tuple[str, str], float] = {}
            for one in run.measures:
                key = (one.what, name_of(one.asked))
                least[key] = min(one.value, least.get(key, 1.0))
                images[one.what] = one.images
                asked[key[1]] = one.asked
            for key, value in least.items():
                values.setdefault(key, []).append(value)
        shared: dict[tuple[str, tuple[float, ...]], dict[str, float]] = {}
        for (what, name), every in values.items():
            low = sum(share * bounds[part] for part, share in asked[name].items())
            shared.setdefault((what, tuple(every)), {})[name] = low
        for (what, ordered), lows in shared.items():
            found.append(Line(recipe, threads, what, ordered, images[what], lows))
        if refusals := [f"seed {run.seed}: {run.refused}" for run in same if run.refused]:
            found.append(Line(recipe, threads, "refused", (), 0, {}, "; ".join(refusals)))
    return found


def read(path: Path) -> list[Run]:
    """The runs of a file, none where it is not there. Raises UserError where it is something else."""
    if not path.exists():
        return []
    try:
        return [run_of(one) for one in json.loads(path.read_text(encoding="utf-8"))["runs"]]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UserError(f"{path}: this is not a file of runs ({problem}); move it away to begin anew") from problem


def run_of(fields: Mapping[str, Any]) -> Run:
    return Run(**{**fields, "measures": tuple(Measure(*one) for one in fields["measures"])})


def fields_of(run: Run) -> dict[str, Any]:
    return {**asdict(run), "measures": [list(asdict(one).values()) for one in run.measures]}


def write(path: Path, runs: Iterable[Run], order: Sequence[str]) -> None:
    """All runs in a fixed order, one per line: a new run adds a line."""

    def place(run: Run) -> tuple[str, int, int, int]:
        return run.profile, order.index(run.recipe), run.threads, run.seed

    rows = ",\n".join("  " + json.dumps(fields_of(run), ensure_ascii=False) for run in sorted(runs, key=place))
    write_text(path, '{\n "runs": [\n' + rows + "\n ]\n}\n")
