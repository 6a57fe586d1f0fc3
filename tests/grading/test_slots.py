"""The slots of a batch: their processes are started while the driver reads, and no more of them than submissions will come."""

from __future__ import annotations

import multiprocessing
import os

from autograder import weeks
from autograder.grading import executors
from autograder.grading.task import Settings, Task
from autograder.intake.work import Work
from autograder.results import Result


def who(task: Task) -> Result:
    """Stands for `grade_task`: the student's name is that of the process."""
    return Result(str(os.getpid()), task.week, "pass", 0, 0, ())


def test_processes_are_started_ahead_and_taken_by_the_first_submissions() -> None:
    week = weeks.load(1)
    task = Task("ada", week.id, Work(), Settings("none"), "key", week.without_notebook())
    before = set(multiprocessing.active_children())

    def started() -> set[int | None]:
        return {process.pid for process in set(multiprocessing.active_children()) - before}

    slots = executors.Local(2)
    try:
        slots.get_ready(1)
        assert len(first := started()) == 1
        assert {int(slots.submit(who, task).result().student)} == first
        slots.get_ready(5)
        assert len(both := started()) == 2
        assert {int(slots.submit(who, task).result().student) for _ in range(4)} <= both
        assert started() == both
    finally:
        slots.shutdown()
    assert not started()
