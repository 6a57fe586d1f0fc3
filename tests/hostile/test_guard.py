"""What reaches beyond one worker although it is in a box: kernel objects, the warm parent's standing, memory of many processes."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from graded import graded

from autograder import weeks
from autograder.grading import session
from autograder.grading.grader import Grader
from autograder.isolation.sandbox import Limits
from autograder.results import Result

pytestmark = pytest.mark.sandbox
EXAMPLE = Path(__file__).parents[1] / "fixtures/week00_example/week00_example.py"
FILTERED = pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="no filter of system calls here")


@pytest.fixture(scope="module")
def week() -> weeks.Week:
    from dataclasses import replace

    return replace(weeks.parse(EXAMPLE), id="week01_convolution")


def with_cell(grader: Grader, week: weeks.Week, code: str = "") -> Result:
    reference = {answer.id: answer.source for answer in week.answers}
    return graded(grader, week, reference, extras={"": [dedent(code)]} if code else {})


def printed(result: Result) -> str:
    return "".join(str(output.get("text", output)) for output in result.outputs.get("extra-top-1", []))


CALLS = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def tried(name, *arguments):
    ctypes.set_errno(0)
    done = getattr(libc, name)(*arguments)
    print(name, 'done' if done >= 0 and ctypes.get_errno() == 0 else errno.errorcode[ctypes.get_errno()])
tried('shmget', 4711, 4096, 0o1666)
tried('msgget', 4711, 0o1666)
tried('semget', 4711, 1, 0o1666)
tried('mq_open', b'/x', os.O_CREAT | os.O_RDWR, 0o666, None)
tried('ptrace', 16, os.getppid(), 0, 0)
tried('unshare', 0x10000000)
tried('memfd_create', b'x', 0)
tried('socket', 40, 1, 0)
tried('setpriority', 2, 0, 19)
number = {'x86_64': 251, 'aarch64': 30}[os.uname().machine]
ctypes.set_errno(0)
print('ioprio_set', 'done' if libc.syscall(number, 1, os.getppid(), (2 << 13) | 6) == 0 else errno.errorcode[ctypes.get_errno()])
"""


@FILTERED
def test_kernel_objects_that_outlive_a_submission_cannot_be_made(grader: Grader, week: weeks.Week) -> None:
    said = dict(line.split() for line in printed(with_cell(grader, week, CALLS)).splitlines())
    assert len(said) == 10
    assert "done" not in said.values(), said


@FILTERED
def test_shared_memory_without_a_name_is_refused_and_private_memory_is_not(grader: Grader, week: weeks.Week) -> None:
    code = """
    import mmap
    try:
        mmap.mmap(-1, 1 << 20)
        print('shared')
    except OSError: print('refused')
    mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    import multiprocessing, socket, subprocess, threading
    with multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1, 2]))
    print(subprocess.run(['echo', 'child'], capture_output=True, text=True).stdout.strip())
    threading.Thread(target=print, args=('thread',)).start()
    socket.socketpair(); socket.socket(); multiprocessing.Lock(); multiprocessing.Value('i', 3)
    print('through')
    """
    said = printed(with_cell(grader, week, code)).split("\n")
    assert said[0] == "refused"
    assert {"[1, 2]", "child", "thread", "through"} <= set(said), said


LOWER = """
import os, resource
for act in (
    lambda: resource.prlimit(os.getppid(), resource.RLIMIT_DATA, (10**6, 10**6)),
    lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (8, 8)),
    lambda: resource.prlimit(os.getppid(), resource.RLIMIT_FSIZE, (0, 0)),
    lambda: os.sched_setaffinity(os.getppid(), {max(os.sched_getaffinity(0))}),
    lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
    lambda: os.sched_setscheduler(os.getppid(), os.SCHED_IDLE, os.sched_param(0)),
):
    try:
        act()
        print('done')
    except OSError as problem:
        print(problem.strerror)
"""
STANDING = """
import os, resource
print([resource.getrlimit(getattr(resource, n)) for n in sorted(dir(resource)) if n.startswith('RLIMIT_')],
      os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0), os.sched_getscheduler(0))
"""


def test_a_submission_cannot_lower_the_standing_of_the_next(grader: Grader, week: weeks.Week) -> None:
    before = printed(with_cell(grader, week, STANDING))
    with_cell(grader, week, LOWER)
    after = with_cell(grader, week, STANDING)
    assert after.verdict == "pass"
    assert printed(after) == before


def test_nothing_outside_the_swept_folders_can_be_written(grader: Grader, week: weeks.Week) -> None:
    code = """
    import os
    found = []
    for folder, folders, _ in os.walk('/'):
        folders[:] = [f for f in folders if os.path.join(folder, f) not in ('/proc', '/usr', '/sys', '/lib', '/bin')]
        try:
            open(os.path.join(folder, 'planted.py'), 'w').close()
            found.append(folder)
        except OSError: pass
    print([f for f in found if not f.startswith(('/home/student', '/tmp', '/dev/shm'))])
    """
    assert printed(with_cell(grader, week, code)).strip() == "[]"
    code = """
    import glob
    print([p for p in ('/planted.py', '/dev/planted.py', '/opt/course/planted.py') if glob.glob(p)] + glob.glob('/tmp/*'))
    """
    assert "planted" not in printed(with_cell(grader, week, code))


@pytest.mark.skipif(sys.platform != "linux", reason="memory of processes is read from /proc")
def test_memory_of_many_processes_together_is_bounded(
    grader: Grader, week: weeks.Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "limits_of", lambda *about: Limits(memory_mb=700))
    code = """
    import os, time
    for _ in range(8):
        if os.fork() == 0:
            try:
                hoard = bytearray(b'x') * (150 * 2**20)
                time.sleep(60)
            finally: os._exit(0)
    time.sleep(8)
    print('all of it')
    """
    result = with_cell(grader, week, code)
    assert "all of it" not in printed(result)
    assert result.verdict == "pass", "the cells after it run in a worker of their own"
    many = "import os, time\nfor _ in range(12):\n    if os.fork() == 0: time.sleep(2); os._exit(0)\nprint('all')"
    assert printed(with_cell(grader, week, many)).strip() == "all", "what processes have by birth is not counted"
