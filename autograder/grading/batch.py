"""Grades a folder of submissions: finds, sanitizes, grades what is new, and records every one. A batch never stops for one.

Submissions are read one after the other, a few are under way at a time, and results are recorded in the order of the
folder: the records of a run that was killed and repeated are those of an undisturbed one, and memory does not grow with
the class.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Future, wait
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder import weeks
from autograder.errors import UserError
from autograder.grading import executors
from autograder.grading.child import GivenUpError
from autograder.grading.task import Settings, Task, grade_task
from autograder.intake import sanitize, submissions
from autograder.intake.layouts.folders import Layout
from autograder.intake.names import student as student_name
from autograder.isolation import sandbox
from autograder.paths import BUILD
from autograder.results import Result, records, verdicts
from autograder.weeks import Week

MAX_RESUBMITTED = 2
"""Times that a submission is handed to a cluster again whose worker was lost."""
AHEAD = 8
"""Submissions under way for each slot: enough to keep all slots at work while one is slow."""


@dataclass
class Summary:
    """The outcome of a batch."""

    verdicts: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    failed: int = 0
    """Submissions that the grader itself failed on: they are not recorded, and the next run grades them."""
    short: int = 0
    """Submissions with fewer points than the checks give, or none because no notebook could be read."""
    repaired: int = 0
    """Submissions that were graded, and of which something was repaired or noticed."""
    renewed: int = 0
    """Unchanged submissions of which only the time, the file or the attempts are others now: their records say so."""
    files: list[submissions.Account] = field(default_factory=list)
    """What became of every file of the folder."""
    notes: list[str] = field(default_factory=list)
    """What a person should know of the folder."""
    gone: list[tuple[str, str]] = field(default_factory=list)
    """(student, week) of work that was graded before and is not in the folder now; its records stay."""

    @property
    def count(self) -> int:
        return self.verdicts.total()

    @property
    def left_out(self) -> list[submissions.Account]:
        """Files that are nobody's graded work, each with its reason."""
        return [one for one in self.files if one.fate == "left out"]

    @property
    def complete(self) -> bool:
        """Whether everything that was handed in could be graded."""
        return not (self.failed or self.verdicts["invalid"] or self.left_out)


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
    zone: tzinfo | None = None,
    layout: Layout | None = None,
    who: submissions.OnStudent = lambda name, lms: name,
    on_found: Callable[[int], None] = lambda count: None,
    on_result: Callable[[Result], None] = lambda result: None,
    on_trouble: records.OnTrouble = lambda trouble: None,
) -> Summary:
    """Grade every submission under `path` and append new records to the folder `to`.

    kind: "bwrap" or "none" (None: "bwrap", or UserError where it does not work). jobs: submissions at a time (None: one
    per core). cluster: address of a dask scheduler whose workers grade instead of this machine. Unchanged work is not
    graded again unless `force`. pictures: see `Grader.grade`. retrain: leave the trained nets of the submissions aside.
    only: ids of the weeks wanted (all); students: names of the students wanted (all). zone, layout, who: see
    `submissions.collect`. on_found and on_result report
    progress, results in the order of the folder. on_trouble: told of each line of the records that was edited; such work is
    graded again.
    """
    kind = kind or (sandbox.default_sandbox() if cluster is None else "bwrap")
    collected = submissions.collect(path, only, set(map(student_name, students)), zone=zone, layout=layout, who=who)
    places = collected.places
    on_found(len(places))
    summary = Summary(notes=collected.notes)
    refused: dict[str, str] = {}
    jobs = jobs or jobs_here()
    data = _training_data() if profile == "full" else None
    settings = Settings(kind, profile, pictures, retrain, max(1, jobs_here() // jobs), data)
    with records.Writer(to) as writer, _Pool(jobs, cluster) as pool:
        earlier = records.known(to, on_trouble)
        summary.gone = _gone(earlier, places, students)
        known = {} if force else earlier
        pool.get_ready(sum((place.student, place.week) not in known for place in places))
        for item, result in _in_order(_prepared(places, settings, known, to), pool):
            if item.unchanged:
                summary.unchanged += 1
                if (now := replace(result, **item.provenance)) != result:
                    summary.renewed += 1
                    writer.append(item.key, now)
                    result = now
            elif item.failed:
                summary.failed += 1
            else:
                result = replace(result, **item.provenance)
                writer.append(item.key, result)
            if result.verdict == "invalid":
                refused[item.provenance["source"]] = result.warnings[0] if result.warnings else "it cannot be graded"
            summary.repaired += result.verdict != "invalid" and bool(result.warnings)
            summary.verdicts[result.verdict] += 1
            summary.short += result.score < result.max_score or result.verdict == "invalid"
            on_result(result)
    summary.files = [_graded(one, refused) for one in collected.accounts()]
    return summary


def _graded(one: submissions.Account, refused: Mapping[str, str]) -> submissions.Account:
    """`one` with what came of grading it. refused: {file: why it could not be graded}."""
    if one.fate != "submission":
        return one
    reason = refused.get(one.file)
    return replace(one, fate="graded") if reason is None else replace(one, fate="not gradable", reason=reason)


def _gone(
    earlier: Mapping[tuple[str, str], records.Known], places: Iterable[submissions.Place], students: Collection[str]
) -> list[tuple[str, str]]:
    """(student, week) of those records of the weeks at hand whose work is not among `places`."""
    here = {(place.student, place.week) for place in places}
    at_hand = {week for _, week in here}
    wanted = set(map(student_name, students))
    return sorted(one for one in earlier if one not in here and one[1] in at_hand and (not wanted or one[0] in wanted))


def _training_data() -> str:
    """The folder that workers see as COURSE_DATA in the full profile: the real sets without the labels of the tests."""
    from course.datasets.worker import write_worker_data

    folder = BUILD / "worker-data"
    write_worker_data(folder)
    return str(folder)


@dataclass
class _Item:
    """One submission on its way: graded in an earlier run, refused at once (`result`), or a task."""

    student: str
    week: str
    key: str
    unchanged: bool = False
    """Whether `result` is that of an earlier run."""
    earlier: Result | None = None
    """The result of an earlier run, of which only the checks in `task.only` have to be run again."""
    provenance: dict[str, Any] = field(default_factory=dict)
    """Fields of the result that say where the work came from."""
    result: Result | None = None
    task: Task | None = None
    future: Future[Result] | None = None
    failed: bool = False
    """Whether the grader, not the submission, is at fault: nothing is recorded."""
    given_up: bool = False
    """Whether it ended the grader each time: recorded without points."""


def _prepared(
    places: Iterable[submissions.Place],
    settings: Settings,
    known: Mapping[tuple[str, str], records.Known],
    to: Path,
) -> Iterator[_Item]:
    for place in places:
        submission = submissions.read(place)
        item = _prepare(submission, settings)
        provenance = _provenance(place, submission.data)
        where = known.get((item.student, item.week))
        earlier = None if where is None or where.edited or item.failed else records.fetch(to, where)
        if where is not None and earlier is not None:
            if where.key == item.key:
                item = _Item(item.student, item.week, item.key, result=earlier, unchanged=True)
            elif item.task and records.differ_in_checks_alone(where.key, item.key):
                item.earlier = earlier
                changed = records.changed_checks(where.key, earlier, weeks.load(item.week))
                item.task = replace(item.task, only=changed)
        item.provenance = provenance
        yield item


def _provenance(place: submissions.Place, data: bytes) -> dict[str, Any]:
    """The fields of a result that say where the work came from."""
    return {
        "handed_in": place.handed_in,
        "handed_in_by": place.handed_in_by,
        "marked_late": place.marked_late,
        "source": place.source,
        "sha256": hashlib.sha256(data).hexdigest() if data else "",
        "lms": place.lms,
        "attempts": place.attempts,
    }


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
        work.modules.update(submission.modules)
        key = records.key(plan, work, settings.profile, settings.kind, settings.pictures, settings.retrain)
    except sanitize.Unreadable as problem:
        return refused(str(problem))
    except UserError:
        raise
    except Exception as problem:
        return refused(_our_failure(problem), failed=True)
    return _Item(student, week, key, task=Task(student, week, work, settings, key, plan.without_notebook()))


def _our_failure(problem: BaseException) -> str:
    return (
        f"the grader itself failed on it ({type(problem).__name__}: {problem}); nothing was recorded, the next run "
        "grades it again"
    )


class _Pool:
    """Slots that are made when the first submission needs one."""

    def __init__(self, jobs: int, cluster: str | None) -> None:
        self.jobs = jobs
        self.cluster = cluster
        self._slots: executors.Slots | None = None

    def get_ready(self, count: int) -> None:
        """Start on this machine what `count` new submissions will need, while the first of them is read."""
        if count and self.cluster is None:
            self._made().get_ready(count)

    def submit(self, task: Task) -> Future[Result]:
        """Raises UserError where the cluster cannot be reached."""
        return self._made().submit(grade_task, task)

    def _made(self) -> executors.Slots:
        if self._slots is None:
            if self.cluster is None:
                self._slots = executors.Local(self.jobs)
            else:
                self._slots = cluster = executors.Cluster(self.cluster)
                self.jobs = cluster.slots
        return self._slots

    def __enter__(self) -> _Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._slots is not None:
            self._slots.shutdown(wait=kind is None, cancel_futures=kind is not None)


def _in_order(items: Iterator[_Item], pool: _Pool) -> Iterator[tuple[_Item, Result]]:
    """Items with their results, in order, a window of them under way."""
    under_way: deque[_Item] = deque()
    while True:
        while len(under_way) < AHEAD * pool.jobs and (item := next(items, None)) is not None:
            if item.task is not None:
                item.future = pool.submit(item.task)
            under_way.append(item)
        if not under_way:
            return
        item = under_way.popleft()
        if item.task is None:
            assert item.result is not None
            yield item, item.result
        else:
            result = _result_of(item, pool, [other.future for other in under_way if other.future])
            yield item, result if item.failed or item.given_up else _merged(item, result)


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
        verdict=verdicts.of_submission(checks, task.work.tampered),
        score=verdicts.score(checks),
        max_score=verdicts.max_score(checks),
        checks=checks,
        outputs=earlier.outputs,
    )


def _result_of(item: _Item, pool: _Pool, others: Collection[Future[Result]]) -> Result:
    """The result of an item's task, however often its grading process was lost. others: under way meanwhile.

    Where the system or an operator ended the process each time, it is not known for whose sake: the memory may have been used
    up by others. So it is graded once more when the others are done, alone, and what happens then counts.
    """
    assert item.task is not None and item.future is not None
    future, lost = item.future, 0
    while True:
        try:
            return future.result()
        except UserError:
            raise
        except GivenUpError as problem:
            if problem.by_itself:
                return _give_up(item)
            wait(others)
            item.task = replace(item.task, alone=True)
        except (Exception, CancelledError) as problem:
            lost += 1
            if not executors.is_lost(problem) or lost > MAX_RESUBMITTED:
                return _fail(item, problem)
        future = pool.submit(item.task)


def _give_up(item: _Item) -> Result:
    """A submission in whose cells the grader itself ends each time. It is recorded, and tried again only if forced."""
    assert item.task is not None
    item.given_up = True
    reason = "grading it ended the grader's process each time, or used up the memory; look at it, and grade it again with --force"
    return invalid(item.student, item.week, reason, item.task.settings.kind, item.task.work.warnings)


def _fail(item: _Item, problem: BaseException) -> Result:
    item.failed = True
    return invalid(item.student, item.week, _our_failure(problem), item.task.settings.kind if item.task else "bwrap")
