"""Whatever is killed, whenever: a run that goes on ends with the records of an undisturbed one."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from classroom import fill, lines, notebook, put
from graded import graded
from grading_example import GOOD, WEEK

from autograder.grading import batch, referee, session
from autograder.grading.grader import Grader
from autograder.grading.remote import Worker
from autograder.grading.task import Task, note
from autograder.isolation.parent import WarmParent
from autograder.results import CheckResult, Result, records
from autograder.weeks import Cell

pytestmark = pytest.mark.sandbox


def sandboxed(above: psutil.Process) -> list[psutil.Process]:
    """The sandboxes' warm parents and workers below a process: neither bubblewrap itself nor what has just ended."""
    found = []
    for process in above.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            command = process.cmdline()  # read once: it is empty while the process ends, then an error
            if "autograder.worker.main" in command and "bwrap" not in Path(command[0]).name:
                found.append(process)
    return found


def victims(kind: str) -> list[psutil.Process]:
    """Processes of a kind below this one: referees, the sandboxes' warm parents, and their workers."""
    found = []
    for grading in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if "spawn_main" not in " ".join(grading.cmdline()):
                continue
            python = sandboxed(grading)
            parents = [p for p in python if p.parent() not in python]
            found += {"referee": [grading], "parent": parents, "worker": [p for p in python if p not in parents]}[kind]
    return found


def test_a_process_that_has_just_ended_is_no_victim() -> None:
    code = "import os, sys; os.close(1); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "autograder.worker.main"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin and child.stdout
        child.stdout.read()  # ends as soon as the code runs
        assert child.pid in {process.pid for process in sandboxed(psutil.Process())}
        child.stdin.close()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, and left where it is
        assert child.pid not in {process.pid for process in sandboxed(psutil.Process())}


@contextlib.contextmanager
def killer(chance: random.Random, kinds: list[str], pause: tuple[float, float]) -> Iterator[list[str]]:
    """While the body runs, one after the other of `kinds` is killed at random moments; yields what was."""
    over = threading.Event()
    done: list[str] = []

    def work() -> None:
        for kind in kinds:
            if over.wait(chance.uniform(*pause)):
                return
            while not (there := victims(kind)):
                if over.wait(0.002):
                    return
            with contextlib.suppress(psutil.NoSuchProcess):
                chance.choice(there).kill()
                done.append(kind)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()


def undisturbed(tmp_path: Path, count: int) -> list[dict]:
    if not (tmp_path / "submitted").exists():  # writing the files again would change the time at which they came
        fill(tmp_path / "submitted", count)
    batch.grade(tmp_path / "submitted", to=tmp_path / "undisturbed", jobs=2)
    return lines(tmp_path / "undisturbed")


def driver(folder: Path, to: Path) -> subprocess.Popen[bytes]:
    """The command line, grading `folder`, in a session of its own."""
    command = [sys.executable, "-m", "autograder.cli", "grade", str(folder), "--to", str(to), "--jobs", "2"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def kill_driver(run: subprocess.Popen[bytes]) -> None:
    below = psutil.Process(run.pid).children(recursive=True)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    _, left = psutil.wait_procs(below, timeout=30)
    assert not left, "a killed driver takes all that it started along"


def killed_drivers(folder: Path, to: Path, moments: list[float]) -> int:
    """Run the command line again and again, killed after each of `moments` seconds; how many runs were killed."""
    killed = 0
    for seconds in moments:
        run = driver(folder, to)
        try:
            assert run.wait(seconds) in (0, 1)
            return killed
        except subprocess.TimeoutExpired:
            kill_driver(run)
            killed += 1
    return killed


def seconds_of_a_run(folder: Path, to: Path) -> float:
    began = time.monotonic()
    killed_drivers(folder, to, [600])
    return time.monotonic() - began


def test_killed_workers_parents_referees_and_drivers_change_no_record(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    run = driver(fill(tmp_path / "submitted", 10), tmp_path / "driver")
    records_there = tmp_path / "driver" / records.FILE
    deadline = time.monotonic() + 300
    while not records_there.exists() or records_there.read_bytes().count(b"\n") < 3:
        assert run.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    kill_driver(run)
    assert 3 <= len(lines(tmp_path / "driver")) < 10

    kinds = ["worker", "parent", "referee"]
    with killer(random.Random(3), kinds, (0.2, 0.6)) as killed:
        batch.grade(tmp_path / "submitted", to=tmp_path / "killed", jobs=1)
    assert killed == kinds

    request.getfixturevalue("here")
    batch.grade(tmp_path / "submitted", to=tmp_path / "driver", jobs=1)
    expected = undisturbed(tmp_path, 10)
    assert lines(tmp_path / "killed") == expected
    assert lines(tmp_path / "driver") == expected


def kill_inside(grader: Grader, kind: str) -> None:
    """Kill the worker or the warm parent of a grader of this process, and wait until it has ended."""
    assert grader.parent._process is not None
    python = sandboxed(psutil.Process(grader.parent._process.pid))
    (victim,) = [p for p in python if (p.parent() in python) == (kind == "worker")]
    victim.kill()
    with contextlib.suppress(psutil.NoSuchProcess):
        while victim.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.001)


@pytest.mark.parametrize(
    ("kind", "ops", "most"), [("worker", ("cell", "names"), 2), ("worker", ("call",), 2), ("parent", ("call",), 1)]
)
def test_what_is_ended_from_outside_again_and_again_is_not_the_students_doing(
    grader: Grader, monkeypatch: pytest.MonkeyPatch, kind: str, ops: tuple[str, ...], most: int
) -> None:
    """Workers are lost at every cell and every check, as often as is excused; a warm parent, slow to start, once."""
    assert most <= session.BENEFIT_OF_THE_DOUBT
    monkeypatch.setattr(session, "MAX_DOUBTS", 1000)
    monkeypatch.setattr(session, "MAX_RESTARTS", 1000)
    code = GOOD + "\nprint(np.random.random())"
    after = {WEEK.cells[-1].id: ["print(np.random.random())"]}  # the checks' calls come before it
    expected = graded(grader, WEEK, {"conv2d": code}, extras=after)
    assert expected.verdict == "pass"
    lost: Counter[str] = Counter()
    check = ""
    names_of, ask = referee.names_of, Worker.ask

    def names_of_the_next(cell: Cell) -> list[str]:
        nonlocal check
        check = cell.id
        return names_of(cell)

    def ask_the_dead(worker: Worker, seconds: float, **request: Any) -> dict[str, Any]:
        point = request.get("source", check)
        if request["op"] in ops and lost[point] < most and (kind == "worker" or not lost):
            lost[point] += 1
            kill_inside(grader, kind)
        return ask(worker, seconds, **request)

    monkeypatch.setattr(referee, "names_of", names_of_the_next)
    monkeypatch.setattr(Worker, "ask", ask_the_dead)
    result = graded(grader, WEEK, {"conv2d": code}, extras=after)
    assert replace(result, seconds=0) == replace(expected, seconds=0)
    assert set(lost.values()) == {most} and len(lost) >= {"worker": 2, "parent": 1}[kind]


def test_a_worker_that_ends_itself_is_not_tried_again(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    spawn = WarmParent.spawn
    monkeypatch.setattr(WarmParent, "spawn", lambda *a, **b: started.append(a) or spawn(*a, **b))
    result = graded(grader, WEEK, {"conv2d": "import os\ndef conv2d(a, b): os._exit(0)"})
    assert [check.verdict for check in result.checks] == ["error", "error"]
    assert len(started) == 3, "at first, and after each of the two checks"


def ends_in_its_second_check(task: Task) -> Result:
    """Stands for `grade_task`, in a grading process: eve's second check aborts it, zoe's uses up the memory."""
    checks = []
    for check in ("one", "two"):
        if check in task.deadly:
            checks.append(CheckResult(check, "error", 0, 1))
            continue
        note(task.trace, check)
        if check == "two" and task.student in ("eve", "zoe"):
            os.kill(os.getpid(), signal.SIGABRT if task.student == "eve" else signal.SIGKILL)
        checks.append(CheckResult(check, "pass", 1, 1))
    return Result(task.student, task.week, "pass", 1, 2, tuple(checks))


def test_a_check_that_ends_the_grader_each_time_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "grade_task", ends_in_its_second_check)
    for student in ("bao", "eve", "ida", "zoe"):
        put(tmp_path / "submitted", student, notebook())
    results: list[Result] = []
    summary = batch.grade(tmp_path / "submitted", to=tmp_path / "grades", jobs=2, on_result=results.append)
    verdicts = {r.student: [check.verdict for check in r.checks] for r in results}
    assert verdicts == {"bao": ["pass"] * 2, "eve": ["pass", "error"], "ida": ["pass"] * 2, "zoe": ["pass", "error"]}
    assert summary.failed == 0, "zoe's ends the process alone, too"
    assert {result.student for result in records.read(tmp_path / "grades")} == {"bao", "eve", "ida", "zoe"}


def ends_before_its_first_check(task: Task) -> Result:
    """Stands for `grade_task`, in a grading process: eve's work ends it outside of any check, by $SIGNAL."""
    with Path(os.environ["ATTEMPTS"]).open("a") as file:
        file.write(f"{task.student} {task.alone}\n")
    if task.student == "eve":
        os.kill(os.getpid(), int(os.environ["SIGNAL"]))
    time.sleep(0.3)
    with Path(os.environ["ATTEMPTS"]).open("a") as file:
        file.write(f"{task.student} done\n")
    return Result(task.student, task.week, "pass", 2, 2, ())


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGKILL])
def test_what_ended_the_grader_is_recorded_and_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setattr(batch, "grade_task", ends_before_its_first_check)
    attempts = tmp_path / "attempts"
    monkeypatch.setenv("ATTEMPTS", str(attempts))
    monkeypatch.setenv("SIGNAL", str(int(number)))
    for student in ("bao", "eve", "ida", "joe"):
        put(tmp_path / "submitted", student, notebook())

    def run(**options: Any) -> dict[str, str]:
        results: list[Result] = []
        batch.grade(tmp_path / "submitted", to=tmp_path / "grades", jobs=2, on_result=results.append, **options)
        assert all("ended" in r.warnings[0] and "--force" in r.warnings[0] for r in results if r.student == "eve")
        return {result.student: result.verdict for result in results}

    expected = {"bao": "pass", "eve": "invalid", "ida": "pass", "joe": "pass"}
    assert run() == expected
    tried = attempts.read_text()
    if number == signal.SIGKILL:  # which could be the machine's doing, with others at work
        before, _, after = tried.partition("eve True\n")
        assert before.count(" done\n") == 3, "tried alone once the others are done"
        assert after == "eve True\n" and before.count("eve False\n") == 2
    else:
        assert "True" not in tried
    assert {result.student for result in records.read(tmp_path / "grades")} == set(expected)
    assert run() == expected
    assert attempts.read_text() == tried, "recorded, and not tried again"
    run(force=True)
    assert len(attempts.read_text()) > len(tried)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_fifty_random_moments(tmp_path: Path, seed: int) -> None:
    """Ten a seed: seven times a worker, a warm parent or a referee within one run, three times the driver."""
    chance = random.Random(seed)
    expected = undisturbed(tmp_path, 40)
    kinds = chance.sample(["worker"] * 3 + ["parent"] * 2 + ["referee"] * 2, 7)
    with killer(chance, kinds, (0.3, 1.0)) as killed:
        batch.grade(tmp_path / "submitted", to=tmp_path / "killed", jobs=2)
    assert len(killed) >= 5
    assert lines(tmp_path / "killed") == expected
    whole = seconds_of_a_run(tmp_path / "submitted", tmp_path / "whole")
    # A run after a late kill has little left to do, and may end before the next one: the late moment is the last.
    moments = [chance.uniform(0.1, latest) * whole for latest in (0.4, 0.4, 0.95)]
    assert killed_drivers(tmp_path / "submitted", tmp_path / "driver", moments) >= 2
    torn = tmp_path / "driver" / records.FILE
    if torn.exists():
        torn.write_bytes(torn.read_bytes() + b'{"key": "half a li')
    batch.grade(tmp_path / "submitted", to=tmp_path / "driver", jobs=2)
    assert lines(tmp_path / "driver") == expected
