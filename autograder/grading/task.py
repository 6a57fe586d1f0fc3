"""One submission, ready to be graded anywhere, and what grades it in a process of its own."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass, replace
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.intake.work import Work
from autograder.results import Result
from autograder.weeks import Cell, Week

if TYPE_CHECKING:  # the driver makes tasks, and need not import what runs them
    from autograder.grading.grader import Grader
    from autograder.isolation import sandbox


@dataclass(frozen=True)
class Settings:
    """What the submissions of a batch have in common."""

    kind: sandbox.Sandbox
    profile: str = "quick"
    pictures: bool = False
    retrain: bool = False
    threads: int = 1
    data: str | None = None
    """Folder with the real training data; on a cluster, a path that exists on every machine."""


@dataclass(frozen=True)
class Task:
    """One submission, ready to be graded anywhere."""

    student: str
    week: str
    work: Work
    settings: Settings
    key: str
    plan: Week
    """The week as the driver has read it, without its notebook: a grading process need not read it again."""
    only: frozenset[str] | None = None
    """Ids of the checks to run, where the others have not changed since an earlier run."""
    deadly: frozenset[str] = frozenset()
    """Ids of the checks that have ended the grading process, and are not run again."""
    alone: bool = False
    """Whether nothing else is graded meanwhile: then what ends the grading process, by whatever signal, is this work's doing."""
    trace: str | None = None
    """A file in which the check that is running is noted, to be read when the process has ended in it."""

    @property
    def checks(self) -> list[Cell]:
        return self.plan.checks


class _Warm:
    """The grader of this process, kept from one submission to the next; another sandbox or data folder needs another."""

    def __init__(self) -> None:
        self._grader: Grader | None = None
        self._made_for: tuple[object, ...] = ()

    def grader(self, settings: Settings) -> Grader:
        wanted = (settings.kind, settings.threads, settings.data)
        if self._grader is None or self._made_for != wanted:
            if self._grader is not None:
                self._grader.close()
            from autograder.grading.grader import Grader

            data = Path(settings.data) if settings.data else None
            self._grader = Grader(settings.kind, threads=settings.threads, data=data)
            self._made_for = wanted
            Finalize(self._grader, self._grader.close, exitpriority=10)
        return self._grader


warm = _Warm()


def grade_task(task: Task) -> Result:
    """Grade `task` with this process's grader."""
    from autograder.grading.grader import Options

    settings = task.settings
    work = replace(task.work, artefacts={}) if settings.retrain else task.work
    options = Options(
        profile=settings.profile,
        student=task.student,
        only=task.only,
        pictures=settings.pictures,
        deadly=task.deadly,
        before_check=functools.partial(note, task.trace),
    )
    result = warm.grader(settings).grade(task.plan, work, options)
    return replace(result, student=task.student)


def note(path: str | None, check: str) -> None:
    """Note in the file `path` that `check` is about to run."""
    if path is not None:
        with contextlib.suppress(OSError):
            Path(path).write_text(check, encoding="utf-8")
