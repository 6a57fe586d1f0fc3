"""Grades a folder of submissions: finds, sanitizes, grades what is new, and records every one. A batch never stops for one."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path

from autograder import weeks
from autograder.grading import records, sandbox, sanitize, submissions
from autograder.grading.engine import Grader
from autograder.results import Result
from autograder.weeks import Week

MAX_TRIES = 2
"""Times that a submission may take the whole referee process down before it is given up."""


@dataclass(frozen=True)
class Task:
    """One submission, ready to be graded anywhere."""

    student: str
    week: str
    work: sanitize.Sanitized
    profile: str
    pictures: bool
    key: str


_grader: Grader | None = None


def start_process(kind: sandbox.Sandbox, threads: int) -> None:
    """Give this process its warm grader; the executor's initializer."""
    global _grader
    _grader = Grader(kind, threads=threads)
    Finalize(_grader, _grader.close, exitpriority=10)


def grade_task(task: Task) -> Result:
    """Grade in this process, which `start_process` has prepared."""
    assert _grader is not None, "start_process has not run"
    work = task.work
    return _grader.grade(
        weeks.load(task.week),
        work.sources,
        student=task.student,
        extras=work.extras,
        written=work.written,
        profile=task.profile,
        pictures=task.pictures,
        warnings=work.warnings,
        tampered=work.tampered,
    )


def invalid(student: str, week: str, reason: str, kind: str, warnings: tuple[str, ...] = ()) -> Result:
    """The result of a submission that cannot be graded: no points, the reason, and the points it could have had."""
    try:
        plan: Week | None = weeks.load(week)
    except Exception:
        plan = None
    max_score = sum(c.points for c in plan.checks) if plan else 0.0
    by_hand = {c.id: c.points for c in plan.written} if plan else {}
    return Result(student, week, "invalid", 0, max_score, (), (reason, *warnings), by_hand, sandbox=kind)


def grade_folder(
    path: Path,
    *,
    to: Path,
    kind: sandbox.Sandbox | None = None,
    jobs: int = 1,
    profile: str = "quick",
    pictures: bool = False,
    force: bool = False,
    only: Collection[str] = (),
    on_found: Callable[[int], None] = lambda count: None,
    on_result: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Grade every submission under `path`, append new records to `to`, return all results sorted by student and week.

    kind: "bwrap" or "none" (None: "bwrap", or UserError where it does not work). Unchanged work is not graded again
    unless `force`. pictures: see `Grader.grade`. on_found and on_result report progress.
    """
    kind = kind or sandbox.default_sandbox()
    found = submissions.discover(path, only)
    on_found(len(found))
    results: list[Result] = []
    with records.Writer(to) as writer:
        known = {} if force else records.read_keyed(to)
        tasks: list[Task] = []

        def record(key: str, result: Result) -> None:
            writer.append(key, result)
            results.append(result)
            on_result(result)

        for submission in found:
            prepared = _prepare(submission, profile, kind, pictures)
            key = prepared.key if isinstance(prepared, Task) else "invalid:" + str(prepared.warnings)
            earlier = known.get((submission.student, submission.week))
            if earlier is not None and earlier[0] == key:
                results.append(earlier[1])
                on_result(earlier[1])
            elif isinstance(prepared, Task):
                tasks.append(prepared)
            else:
                record(key, prepared)
        for task, result in _graded(tasks, kind, max(1, min(jobs, len(tasks)))):
            record(task.key, result)
    return sorted(results, key=lambda r: (r.student, r.week))


def _prepare(submission: submissions.Submission, profile: str, kind: sandbox.Sandbox, pictures: bool) -> Task | Result:
    if submission.problem:
        return invalid(submission.student, submission.week, submission.problem, kind, submission.warnings)
    week = weeks.load(submission.week)
    try:
        work = sanitize.sanitize(submission.data, week)
    except sanitize.Unreadable as problem:
        return invalid(submission.student, submission.week, str(problem), kind, submission.warnings)
    work.warnings[:0] = submission.warnings
    key = records.key(week, work, profile, kind, pictures)
    return Task(submission.student, submission.week, work, profile, pictures, key)


def _executor(kind: sandbox.Sandbox, jobs: int) -> Executor:
    # "spawn": a forked copy of a process that has run TensorFlow would not work.
    context = multiprocessing.get_context("spawn")
    threads = max(1, (multiprocessing.cpu_count() or 1) // jobs)
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=start_process, initargs=(kind, threads))


def _graded(tasks: list[Task], kind: sandbox.Sandbox, jobs: int) -> Iterator[tuple[Task, Result]]:
    """Results as they come. When a referee process dies, what was under way is graded again, one at a time."""
    tries: dict[str, int] = {}
    waiting = list(tasks)
    while waiting:
        lost: list[Task] = []
        with _executor(kind, jobs) as pool:
            futures: dict[Future[Result], Task] = {
                pool.submit(grade_task, task): task for task in waiting[: 1 if tries else None]
            }
            for future in as_completed(futures):
                task = futures[future]
                try:
                    yield task, future.result()
                except BrokenProcessPool:
                    lost.append(task)
                except Exception as problem:
                    reason = f"the grader itself failed on it: {type(problem).__name__}: {problem}"
                    yield task, invalid(task.student, task.week, reason, kind)
        attempted = {(t.student, t.week) for t in futures.values()}
        rest = [t for t in waiting if (t.student, t.week) not in attempted]
        again = []
        for task in lost:
            name = f"{task.student}/{task.week}"
            tries[name] = tries.get(name, 0) + 1
            if tries[name] >= MAX_TRIES and len(futures) == 1:
                yield task, invalid(task.student, task.week, "grading it ended the grader's own process, twice", kind)
            else:
                again.append(task)
        waiting = again + rest
