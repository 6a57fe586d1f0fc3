"""What one worker counts, the next one cannot read: the numbers that processes and threads are given."""

from __future__ import annotations

import pytest
from graded import graded
from grading_example import GOOD, WEEK

from autograder.grading.grader import Grader

pytestmark = pytest.mark.sandbox

COUNT = """
import threading
def conv2d(a, b):
    for _ in range({count}):
        thread = threading.Thread(target=int); thread.start(); thread.join()
    return _right(a, b)
"""
READ = "import os; print(os.getpid(), open('/proc/loadavg').read().split()[-1])"


def number_after(grader: Grader, count: int) -> str:
    """What the first cell of the next submission sees, after one whose function has counted to `count` at each call."""
    counting = GOOD + "\n_right = conv2d\n" + COUNT.format(count=count)
    graded(grader, WEEK, {"conv2d": counting})
    outputs = graded(grader, WEEK, {"conv2d": GOOD}, extras={"": [READ]}).outputs["extra-top-1"]
    return "".join(output["text"] for output in outputs)


def test_the_next_worker_reads_no_count(grader: Grader) -> None:
    """The process number, advanced by threads, once gave a hidden number exactly."""
    numbers = [int(number_after(grader, count).split()[0]) for count in (0, 3, 7, 11)]
    assert len({number % 64 for number in numbers}) == 1, numbers


def test_a_large_count_ends_the_namespace(grader: Grader) -> None:
    small = int(number_after(grader, 5000).split()[0])
    assert small < 1000
