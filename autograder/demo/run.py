"""The whole path on an invented class: solve, hand out, collect, grade, report; and a look at whether it all came out right."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring import notebooks
from autograder.demo import sample_class
from autograder.demo.answers import Submission
from autograder.errors import UserError
from autograder.grading import batch
from autograder.isolation import sandbox
from autograder.paths import ROOT
from autograder.publish import report
from autograder.results import Result
from autograder.weeks import Week


@dataclass(frozen=True)
class Graded:
    """One sample submission and what grading said of it. mismatches: expectations that do not hold, in words."""

    sample: Submission
    result: Result | None
    mismatches: list[str]

    @property
    def forged(self) -> float:
        """Points beyond what the honest answers earn."""
        return max(0.0, self.result.score - self.sample.expect.high) if self.result else 0.0


@dataclass(frozen=True)
class ClassOutcome:
    graded: list[Graded]
    left_out: list[Submission]
    """Hostile samples that were not run, for want of a sandbox."""
    report: report.Report
    seconds: float

    @property
    def forged(self) -> float:
        return sum(one.forged for one in self.graded if one.sample.hostile)

    @property
    def good(self) -> bool:
        return not any(one.mismatches for one in self.graded)


def grade_class(
    weeks: list[Week],
    *,
    folder: Path,
    to: Path,
    kind: sandbox.Sandbox,
    jobs: int = 1,
    on_found: Callable[[int], None] = lambda count: None,
    on_result: Callable[[Result], None] = lambda result: None,
) -> ClassOutcome:
    """Write the sample class on three `weeks` under `folder`, grade it afresh, write its report to `to`.

    With `kind` "none" the hostile samples are left out: without a sandbox nothing stops them.
    Raises UserError where the release is out of date: the class would hand in checks that are no longer ours.
    """
    began = time.monotonic()
    if stale := [str(path.relative_to(ROOT)) for week in weeks for path in notebooks.outdated(week)]:
        raise UserError(f"{', '.join(stale)} out of date: run `autograder build` first")
    everyone = sample_class.submissions(weeks)
    members = [member for member in everyone if kind != "none" or not member.hostile]
    for part in ("submissions", "grades"):
        shutil.rmtree(folder / part, ignore_errors=True)
    for _ in sample_class.write(members, folder / "submissions"):
        pass
    results = batch.grade_folder(
        folder / "submissions",
        to=folder / "grades",
        kind=kind,
        jobs=jobs,
        on_found=on_found,
        on_result=on_result,
    )
    of = {(result.student, result.week): result for result in results}
    graded = []
    for member in members:
        result = of.get((member.student, member.week.id))
        graded.append(Graded(member, result, member.expect.mismatches(result, member.week)))
    written = report.write(results, to)
    left_out = [member for member in everyone if member not in members]
    return ClassOutcome(graded, left_out, written, time.monotonic() - began)
