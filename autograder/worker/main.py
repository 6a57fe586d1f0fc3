"""The warm parent and its workers: `python -m autograder.worker.main CONTROL_FD`, inside the sandbox.

The parent imports what the notebooks import, runs nothing of it, and then forks a worker for each submission: forking
after `import keras` is safe as long as no operation ran, and saves the seconds that the import takes. The worker runs
the student's cells in an IPython shell and answers calls from the referee. Nothing it says is believed.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from autograder.worker import guard, usage
from autograder.worker.counters import Counters
from autograder.worker.folders import remove
from autograder.worker.session import Session, Stage

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_WATCH_SECONDS = 0.25
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _prctl(option: int, value: int) -> None:
    if _libc is not None:
        _libc.prctl(option, value, 0, 0, 0)


def _warm_up(modules: list[str], sets: list[str]) -> None:
    """Import `modules` and make what stands in for the data `sets`; what cannot be had is left to the cell that asks for it, which
    says why."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if sets:
        with contextlib.suppress(Exception):
            from course.datasets.worker import make_embedded

            make_embedded(sets)
    gc.collect()
    gc.freeze()  # what is here now is shared with the workers: their collector need not touch, and so copy, it


def _drop_privileges(uid: int) -> None:
    """From the sandbox's root to an ordinary user; only when the grader itself was started by root."""
    if uid and os.getuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        which = getattr(resource, f"RLIMIT_{name.upper()}")
        # A limit that this system does not let us set is not worth ending the worker for: the outer ones still hold.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (value, value))


def _sweep(folders: list[str], preexisting: set[Path]) -> None:
    """Empty the folders that a submission could write to. `preexisting` was there before: mounts, when they lie under /tmp."""
    for folder in folders:
        for entry in set(Path(folder).iterdir()) - preexisting:
            if entry.is_dir() and not entry.is_symlink():
                remove(entry)
            else:
                with contextlib.suppress(OSError):
                    entry.unlink()


def _kill_all(worker: int | None, own_namespace: bool) -> int | None:
    """End the worker and everything it started; how the worker ended (as `os.waitpid` says), None without one.

    A process that was already on its way out keeps the status that it chose.
    """
    ended: dict[int, int] = {}
    if own_namespace:
        # In our own PID namespace -1 means every process but this one and the namespace's init.
        for _ in range(200):
            try:
                os.kill(-1, signal.SIGKILL)
            except ProcessLookupError:
                break
            ended |= _reaped()
    elif worker is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    if worker is not None and worker not in ended:
        with contextlib.suppress(ChildProcessError):
            ended[worker] = os.waitpid(worker, 0)[1]
    ended |= _reaped()
    return ended.get(worker) if worker is not None else None


def _reaped() -> dict[int, int]:
    """{process: its status} of the children that have ended."""
    ended: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended[found[0]] = found[1]
    return ended


def _used(worker: int | None, own_namespace: bool) -> usage.Usage:
    """What the worker and all that it started have used of the machine."""
    if not own_namespace:
        return usage.of([] if worker is None else [worker])
    ours = {"1", str(os.getpid())}
    return usage.of(at.name for at in Path("/proc").iterdir() if at.name.isdigit() and at.name not in ours)


def _serve(control: socket.socket, settings: dict[str, Any], stage: Stage, preexisting: set[Path]) -> None:
    """One JSON line per request; a `spawn` carries the worker's end of its channel as a file descriptor."""
    worker: int | None = None
    standing, born_mb, most_mb = guard.standing(), guard.private_mb("self"), 0.0
    counters = Counters(settings["scratch"])
    while True:
        if worker is not None and settings["own_namespace"]:
            _watch_memory(control, worker, born_mb, most_mb)
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
        if not message:
            break
        request = json.loads(message)
        if request["op"] == "spawn":
            if guard.standing() != standing:
                break  # an earlier worker has lowered our limits or rank, which the next would inherit: begin anew
            most_mb = request["limits"]["data"] / 2**20
            if settings["own_namespace"]:
                counters.level()
            worker = os.fork()
            if worker == 0:
                control.close()
                _become_worker(socket.socket(fileno=descriptors[0]), request, stage)
                os._exit(0)
            os.close(descriptors[0])
            counters.born(worker)
            control.sendall(json.dumps({"pid": worker}).encode())
        elif request["op"] == "import":
            _warm_up(request["modules"], request["sets"])
            born_mb = guard.private_mb("self")
            control.sendall(b'{"ready": true}')
        elif request["op"] == "used":
            control.sendall(json.dumps(_used(worker, settings["own_namespace"])).encode())
        elif request["op"] == "clean":
            status = _kill_all(worker, settings["own_namespace"])
            worker = None
            _sweep(settings["scratch"], preexisting)
            control.sendall(json.dumps({"status": status, "readable": counters.readable()}).encode())
    _kill_all(worker, settings["own_namespace"])


def _watch_memory(control: socket.socket, worker: int, born_mb: float, most_mb: float) -> None:
    """Until the driver speaks: end the worker and all it started when together they hold more than one of them may."""
    while not select.select([control], [], [], _WATCH_SECONDS)[0]:
        if guard.others_mb(born_mb) > most_mb:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGXCPU)  # so that it is seen that nobody from outside did it
            time.sleep(0.05)
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)


def _become_worker(connection: socket.socket, request: dict[str, Any], stage: Stage) -> None:
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(_PR_SET_DUMPABLE, 1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.chdir(request["home"])
    _limit(request["limits"])
    Session(connection, stage).serve()


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(control.recv(65536))
    _drop_privileges(settings["uid"])
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if settings["own_namespace"]:
        guard.forbid_calls()
    # The parent's memory and descriptors are closed to the workers, which run as the same user.
    _prctl(_PR_SET_DUMPABLE, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    preexisting = {entry for folder in settings["scratch"] for entry in Path(folder).iterdir()}
    _warm_up(settings["modules"], settings["sets"])
    stage = Stage()
    control.sendall(b'{"ready": true}')
    _serve(control, settings, stage, preexisting)


if __name__ == "__main__":
    main()
