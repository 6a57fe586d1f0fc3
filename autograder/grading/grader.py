"""Grades one submission: the student's cells in a worker, the checks in the referee, cell by cell in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from autograder.grading import imports, referee, variants
from autograder.grading.plan import extra_id, module_id, steps_of
from autograder.grading.session import GivenUp, Session
from autograder.intake.work import Work
from autograder.isolation.parent import WarmParent
from autograder.isolation.sandbox import Sandbox
from autograder.results import CheckResult, Result, verdicts
from autograder.weeks import Week
from autograder.weeks.pictures import pictures_of
from course import profile as profiles


@dataclass(frozen=True)
class Options:
    """How a submission is graded.

    student: whose it is, where the week draws numbers from that.
    only: ids of the checks to run (None: all). Cells that they do not depend on are left out.
    pictures: also run the given cells that only draw or print, for a report that shows them.
    deadly: ids of checks that have ended this process before, and are not run. before_check: told the id of each.
    """

    profile: str = "quick"
    student: str = ""
    only: Collection[str] | None = None
    pictures: bool = False
    deadly: Collection[str] = ()
    before_check: Callable[[str], None] = lambda check: None


class Grader:
    """Keeps one warm parent; grades one submission at a time.

    sandbox: "bwrap", or "none" for work that is trusted. threads: cores that a worker's BLAS and TensorFlow may use.
    data: folder with the real training data for the profile "full", as `write_worker_data` makes it.
    """

    def __init__(self, sandbox: Sandbox, *, threads: int = 1, data: Path | None = None) -> None:
        self.sandbox = sandbox
        self.parent = WarmParent(sandbox, threads=threads, data=data)

    def __enter__(self) -> Grader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.parent.stop()

    def grade(self, week: Week, work: Work, options: Options | None = None) -> Result:
        """Grade `work` against `week`; the result names no student.

        Raises ParentDied when no worker can be had: then it is the grader that failed, not the submission.
        """
        options = options or Options()
        began = time.monotonic()
        profiles.use(options.profile)
        variants.use(week, options.student)
        drawing = pictures_of(week, [*work.sources.values(), *(s for cells in work.extras.values() for s in cells)])
        left_out = frozenset() if options.pictures else drawing
        steps = steps_of(week, work.sources, work.extras, options.only, left_out, options.profile, options.student)
        sets = imports.sets_of(week) if options.profile == "quick" else []
        self.parent.prepare(imports.of_steps(week, steps), sets)  # it imports Keras while we do
        referee.warm_up(week.checks)
        session = Session(self.parent, week, options.profile, drawing, work.artefacts, work.modules)
        checks: list[CheckResult] = []
        try:
            for step in steps:
                if step.is_check and step.cell.id in options.deadly:
                    checks.append(referee.deadly(step.cell))
                elif step.is_check:
                    options.before_check(step.cell.id)
                    checks.append(session.check(step.cell))
                else:
                    session.run(step)
            session.show(steps)
        except GivenUp as problem:
            graded = {c.id for c in checks}
            remaining = [s.cell for s in steps if s.is_check and s.cell.id not in graded]
            checks += [CheckResult(c.id, "timeout", 0, c.points, str(problem), hidden=c.hidden) for c in remaining]
        finally:
            session.close()
        own_cells = {
            extra_id(place, number): source
            for place, cells in work.extras.items()
            for number, source in enumerate(cells, start=1)
        }
        modules = {module_id(name): data.decode("utf-8", "replace") for name, data in work.modules.items()}
        answers = {**work.sources, **own_cells, **modules, **work.written}
        checks = verdicts.settled(checks, answers, week.exercise_of)
        unlike = variants.mismatch(week, work, options.student)
        checks = variants.explained(week, checks, unlike)
        return Result(
            student="",
            week=week.id,
            verdict=verdicts.of_submission(checks, work.tampered),
            score=verdicts.score(checks),
            max_score=verdicts.max_score(checks),
            checks=tuple(checks),
            warnings=(*([unlike] if unlike else []), *work.warnings),
            by_hand={cell.id: cell.points for cell in week.written},
            answers=answers,
            outputs=session.outputs,
            sandbox=self.sandbox,
            seconds=round(time.monotonic() - began, 3),
        )
