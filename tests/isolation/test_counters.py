"""What one worker counts, the next one cannot read: the numbers of processes, threads and files, and packets."""

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


FILES = """
import os
def conv2d(a, b):
    for place in ('/tmp', '/dev/shm', '.'):
        for _ in range({count}):
            os.close(os.open(place + '/x', os.O_CREAT)); os.unlink(place + '/x')
    return _right(a, b)
"""
NUMBERS = """
import os
for place in ('/tmp', '/dev/shm', '.'):
    os.close(os.open(place + '/x', os.O_CREAT)); print(os.stat(place + '/x').st_ino)
"""


def numbers_after(grader: Grader, code: str, read: str = NUMBERS) -> list[int]:
    graded(grader, WEEK, {"conv2d": GOOD + "\n_right = conv2d\n" + code})
    outputs = graded(grader, WEEK, {"conv2d": GOOD}, extras={"": [read]}).outputs["extra-top-1"]
    return [int(number) for output in outputs for number in output["text"].split()]


def test_the_next_worker_reads_no_number_of_a_file(grader: Grader) -> None:
    """File systems in memory number their files one after the other, and what is removed leaves its number behind."""
    small = [numbers_after(grader, FILES.format(count=count)) for count in (1, 2, 5)]
    assert len({tuple(number % 64 for number in numbers) for numbers in small}) == 1, small
    assert max(numbers_after(grader, FILES.format(count=2000))) < 1000, "a new sandbox"


def test_the_next_worker_reads_no_number_of_packets(grader: Grader) -> None:
    sends = """
import socket
def conv2d(a, b):
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.bind(('127.0.0.1', 0))
    for _ in range(37): end.sendto(b'x', end.getsockname())
    return _right(a, b)
"""
    read = "print(*(line.split()[2] for line in open('/proc/net/dev') if 'lo:' in line))"
    assert numbers_after(grader, sends, read) == [0]
