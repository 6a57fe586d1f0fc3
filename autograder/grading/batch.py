"""Grades a folder of submissions: finds, sanitizes, grades what is new, and records every one. A batch never stops for one.

Submissions are read one after the other, a few are under way at a time, and results are recorded in the order of the
folder: the records of a run that was killed and repeated are those of an undisturbed one, and memory does not grow with
the class.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder import weeks
from autograder.errors import UserError
from autograder.grading import executors, records, sandbox, sanitize, submissions
from autograder.grading.engine import verdict_of
from autograder.grading.executors import Settings, Task, grade_task
from autograder.paths import BUILD
from autograder.results import Result
from autograder.weeks import Week
from course.datasets.worker import write_worker_data

MAX_LOSSES = 2
"""Times that a submission, graded alone, may lose its grading process in a check before that check is left out; outside
of any check, before the submission is left for another run."""
MAX_DEADLY = 4
"""Checks of a submission that may do so before it is left for another run."""
AHEAD = 8
"""Submissions under way for each slot: enough to keep all slots at work while one is slow."""


@dataclass
class Summary:
    """What became of a batch."""

    verdicts: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    failed: int = 0
    """Submissions that the grader itself failed on: they are not recorded, and the next run grades them."""
    short: int = 0
    """Submissions with fewer points than the checks give, or none for want of a readable notebook."""

    @property
    def count(self) -> int:
        return self.verdicts.total()


def jobs_here() -> int:
    """Submissions to grade at a time: the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def invalid(student: str, week: str, reason: str, kind: str, warnings: Iterable[str] = ()) -> Result:
    """The result of a submission that cannot be graded: no points, the reason, and the points it could have had."""
    try:
        plan: Week | None = weeks.load(week)
    except Exception:
        plan = None
    max_score = sum(c.points for c in plan.checks) if plan else 0.0
    by_hand = {c.id: c.points for c in plan.written} if plan else {}
    return Result(student, week, "invalid", 0, max_score, (), (reason, *warnings), by_hand, sandbox=kind)


def grade_folder(
    path: Path, *, to: Path, on_result: Callable[[Result], None] = lambda result: None, **options: Any
) -> list[Result]:
    """`grade`, with all results in a list, sorted by student and week."""
    results: list[Result] = []

    def keep(result: Result) -> None:
        results.append(result)
        on_result(result)

    grade(path, to=to, on_result=keep, **options)
    return sorted(results, key=lambda r: (r.student, r.week))


def grade(
    path: Path,
    *,
    to: Path,
    kind: sandbox.Sandbox | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    profile: str = "quick",
    pictures: bool = False,
    retrain: bool = False,
    force: bool = False,
    only: Collection[str] = (),
    students: Collection[str] = (),
    on_found: Callable[[int], None] = lambda count: None,
    on_result: Callable[[Result], None] = lambda result: None,
) -> Summary:
    """Grade every submission under `path` and append new records to the folder `to`.

    kind: "bwrap" or "none" (None: "bwrap", or UserError where it does not work). jobs: submissions at a time (None: one
    a core). cluster: address of a dask scheduler whose workers grade instead of this machine. Unchanged work is not
    graded again unless `force`. pictures: see `Grader.grade`. retrain: leave the trained nets of the submissions aside.
    only: ids of the weeks wanted (all); students: names of the students wanted (all). on_found and on_result report
    progress; results come in the order of the folder.
    """
    kind = kind or (sandbox.default_sandbox() if cluster is None else "bwrap")
    places = submissions.locate(path, only, students)
    on_found(len(places))
    summary = Summary()
    jobs = jobs or jobs_here()
    data = _training_data() if profile == "full" else None
    settings = Settings(kind, profile, pictures, retrain, max(1, jobs_here() // jobs), data)
    with records.Writer(to) as writer, _Pool(jobs, cluster) as pool:
        known = {} if force else records.known(to)
        for item, result in _in_order(_prepared(places, settings, known, set(only), to), pool, to):
            if item.known is not None:
                summary.unchanged += 1
            elif item.failed:
                summary.failed += 1
            else:
                writer.append(item.key, result)
            summary.verdicts[result.verdict] += 1
            summary.short += result.score < result.max_score or result.verdict == "invalid"
            on_result(result)
    return summary


def _training_data() -> str:
    """The folder that workers see as COURSE_DATA in the full profile: the real sets without the labels of the tests."""
    folder = BUILD / "worker-data"
    write_worker_data(folder)
    return str(folder)


@dataclass
class _Item:
    """One submission on its way: known from an earlier run, refused at once (`result`), or a task."""

    student: str
    week: str
    key: str
    known: records.Known | None = None
    earlier: Result | None = None
    """The result of an earlier run, of which only the checks in `task.only` have to be run again."""
    result: Result | None = None
    task: Task | None = None
    future: Future[Result] | None = None
    failed: bool = False
    """Whether the grader, not the submission, is at fault: nothing is recorded."""


def _prepared(
    places: Iterable[submissions.Place],
    settings: Settings,
    known: Mapping[tuple[str, str], records.Known],
    only: Collection[str],
    to: Path,
) -> Iterator[_Item]:
    seen: set[tuple[str, str]] = set()
    for place in places:
        submission = submissions.read(place)
        if only and submission.week not in only:
            continue
        if (submission.student, submission.week) in seen:  # recognised by its cells, so not by `locate`
            reason = f"it is {submission.week} once more, and {submission.student} has handed that in already"
            submission = submissions.Submission(place.student, place.week, problem=reason)
        seen.add((submission.student, submission.week))
        item = _prepare(submission, settings)
        earlier = known.get((item.student, item.week))
        if earlier is not None and earlier.key == item.key and not item.failed:
            item = _Item(item.student, item.week, item.key, known=earlier)
        elif earlier is not None and item.task and records.differ_in_checks_alone(earlier.key, item.key):
            item.earlier = records.fetch(to, earlier)
            changed = records.changed_checks(earlier.key, item.earlier, weeks.load(item.week))
            item.task = replace(item.task, only=changed)
        yield item


def _prepare(submission: submissions.Submission, settings: Settings) -> _Item:
    student, week = submission.student, submission.week

    def refused(reason: str, failed: bool = False) -> _Item:
        result = invalid(student, week, reason, settings.kind, submission.warnings)
        return _Item(student, week, f"invalid:{result.warnings}", result=result, failed=failed)

    if submission.problem:
        return refused(submission.problem)
    try:
        plan = weeks.load(week)
        work = sanitize.sanitize(submission.data, plan)
        work.warnings[:0] = submission.warnings
        work.artefacts.update(submission.artefacts)
        key = records.key(plan, work, settings.profile, settings.kind, settings.pictures, settings.retrain)
    except sanitize.Unreadable as problem:
        return refused(str(problem))
    except UserError:
        raise
    except Exception as problem:
        return refused(_our_failure(problem), failed=True)
    return _Item(student, week, key, task=Task(student, week, work, settings, key))


def _our_failure(problem: BaseException) -> str:
    return (
        f"the grader itself failed on it ({type(problem).__name__}: {problem}); nothing was recorded, the next run "
        "grades it again"
    )


class _Pool:
    """An executor that is made when the first task comes, and anew when it broke."""

    def __init__(self, jobs: int, cluster: str | None) -> None:
        self.jobs = jobs
        self.cluster = cluster
        self._executor: Executor | None = None

    def submit(self, task: Task) -> Future[Result]:
        """Raises UserError where the cluster cannot be reached."""
        if self._executor is None:
            if self.cluster is None:
                self._executor = executors.local(self.jobs)
            else:
                self._executor, self.jobs = executors.dask(self.cluster)
        return self._executor.submit(grade_task, task)

    def drop(self) -> None:
        """End the executor without waiting for what is under way."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None
            if self.cluster is None:
                for child in multiprocessing.active_children():
                    child.kill()

    def __enter__(self) -> _Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._executor is not None:
            self._executor.shutdown()
        else:
            self.drop()


def _in_order(items: Iterator[_Item], pool: _Pool, to: Path) -> Iterator[tuple[_Item, Result]]:
    """Items with their results, in order, a window of them under way.

    When a grading process dies, everything that was under way is graded again, one submission at a time: so the one that
    did it, if one did, is found, and the others lose nothing.
    """
    under_way: deque[_Item] = deque()
    suspects = 0
    while True:
        while not suspects and len(under_way) < AHEAD * pool.jobs and (item := next(items, None)) is not None:
            if item.task is not None:
                item.future = _submitted(pool, item.task)
            under_way.append(item)
        if not under_way:
            return
        item = under_way.popleft()
        suspects = max(0, suspects - 1)
        if item.known is not None:
            yield item, records.fetch(to, item.known)
        elif item.task is None:
            assert item.result is not None
            yield item, item.result
        else:
            result = _result_of(item)
            if result is None:
                suspects = len(under_way)
                for other in under_way:
                    if other.future is not None and not _succeeded(other.future):
                        other.future = None
                result = _alone(item, pool)
            yield item, result if item.failed else _merged(item, result)


def _merged(item: _Item, result: Result) -> Result:
    """`result` with what `item.earlier` says of the checks that were not run again."""
    task, earlier = item.task, item.earlier
    if task is None or task.only is None or earlier is None:
        return result
    now = {check.id: check for check in result.checks}
    then = {check.id: check for check in earlier.checks}
    checks = tuple((now if check.id in task.only else then)[check.id] for check in weeks.load(item.week).checks)
    return replace(
        result,
        verdict=verdict_of(checks, task.work.tampered),
        score=sum(check.points for check in checks),
        max_score=sum(check.max_points for check in checks),
        checks=checks,
        outputs=earlier.outputs,
    )


def _submitted(pool: _Pool, task: Task) -> Future[Result] | None:
    try:
        return pool.submit(task)
    except BrokenExecutor:
        return None  # it broke a moment ago: found out, and mended, when the item's turn comes


def _succeeded(future: Future[Result]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _result_of(item: _Item) -> Result | None:
    """The result of an item's task, None when its process is gone (or it was never begun)."""
    if item.future is None:
        return None
    try:
        return item.future.result()
    except UserError:
        raise
    except (Exception, CancelledError) as problem:
        if executors.is_lost(problem):
            return None
        return _fail(item, problem)


def _alone(item: _Item, pool: _Pool) -> Result:
    """The result of an item that is graded while nothing else is: a check that ends the process each time is left out.

    A submission that ends the process outside of any check, or in one check after the other, is refused with that reason,
    which is recorded: else each run would lose the same minutes on it. Where an operator ended a process it is not.
    """
    assert item.task is not None
    if item.future is not None:  # its executor broke; an item without a future comes after that, and meets a new one
        pool.drop()
    losses: Counter[str] = Counter()
    crashes = 0
    with tempfile.TemporaryDirectory(prefix="grading-") as place:
        trace = Path(place) / "check"
        while losses[""] < MAX_LOSSES and losses.total() < MAX_LOSSES * MAX_DEADLY:
            trace.write_text("")
            killed_before = _killed_for_memory()
            deadly = frozenset(check for check, count in losses.items() if count >= MAX_LOSSES)
            item.future = _submitted(pool, replace(item.task, deadly=deadly, trace=str(trace)))
            processes = multiprocessing.active_children()
            result = _result_of(item)
            if result is not None:
                return result
            pool.drop()
            crashed = _crashed(processes) or _killed_for_memory() > killed_before
            losses[trace.read_text(encoding="utf-8") if crashed else ""] += 1
            crashes += crashed
    if crashes == losses.total():
        reason = (
            f"it ended the grading process {crashes} times, with nothing beside it: it is not graded, and not tried again "
            "unless you grade with --force"
        )
        return invalid(item.student, item.week, reason, item.task.settings.kind)
    return _fail(item, RuntimeError("the grading process ended each time"))


def _crashed(processes: Iterable[BaseProcess]) -> bool:
    """Whether one of these processes has ended by itself, not by an operator's signal or the system's for want of memory."""
    from_outside = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP}
    return any(_exit_code(process) not in {None, 0, *from_outside} for process in processes)


def _killed_for_memory() -> int:
    """Processes that this machine's kernel has ended since it began, for want of memory; 0 where it does not say."""
    try:
        found = re.search(r"^oom_kill (\d+)$", Path("/proc/vmstat").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _exit_code(process: BaseProcess) -> int | None:
    """With what a process ended that has been killed, or has ended before; the executor may be asking, too."""
    for _ in range(100):
        if (code := process.exitcode) is not None:
            return code
        time.sleep(0.05)
    return None


def _fail(item: _Item, problem: BaseException) -> Result:
    item.failed = True
    return invalid(item.student, item.week, _our_failure(problem), item.task.settings.kind if item.task else "bwrap")
