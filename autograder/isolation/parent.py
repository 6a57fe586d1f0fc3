"""The driver's end of a warm parent: start it, ask it for workers, clean up, start it again when it died."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from autograder.errors import UserError
from autograder.isolation import sandbox as boxes
from autograder.worker import wire
from autograder.worker.folders import remove
from autograder.worker.usage import Usage

_START_SECONDS = 300
_ANSWER_SECONDS = 20
_ATTEMPTS = 3
"""Starts of the parent, one after the other, before the parent is given up."""
_FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGHUP}
"""What operators, and a system that is short of memory, end a process with."""


class ParentDied(Exception):
    """The warm parent ended or does not answer."""


class WarmParent:
    """One process in the sandbox that has imported what notebooks import, and forks a worker for each submission.

    Used by one thread, for one submission at a time. `spawn` starts the parent when it is not running.
    """

    def __init__(
        self,
        sandbox: boxes.Sandbox,
        *,
        threads: int = 1,
        limits: boxes.Limits | None = None,
        data: Path | None = None,
    ) -> None:
        if sandbox == "bwrap" and (problem := boxes.bwrap_problem()) is not None:
            raise UserError(f"the sandbox cannot be used: {problem}")
        self.sandbox = sandbox
        self.threads = threads
        self.limits = limits or boxes.Limits()
        self.data = data
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._home = ""
        self._ready = False
        self._modules: list[str] = []
        self._sets: list[str] = []

    def prepare(self, modules: Iterable[str], sets: Iterable[str] = ()) -> None:
        """See that `modules` are imported, and with them the parent started; does not wait for the seconds that it takes.

        sets: names of data sets; what stands in for them in the quick profile is made once for all workers.
        """
        new = [name for name in dict.fromkeys(modules) if name not in self._modules]
        new_sets = [name for name in dict.fromkeys(sets) if name not in self._sets]
        self._modules += new
        self._sets += new_sets
        if self._process is None:
            self.begin()
        elif new or new_sets:
            with contextlib.suppress(ParentDied, OSError):  # then `spawn` starts another one, with these modules
                self.start()
                assert self._control is not None
                self._ready = False
                self._control.sendall(json.dumps({"op": "import", "modules": new, "sets": new_sets}).encode())

    def begin(self) -> None:
        """Start the parent, without waiting for the seconds in which it imports its modules."""
        ours, theirs = socket.socketpair()
        modules = (*boxes.WARM_MODULES, *self._modules)
        box = boxes.box(self.sandbox, theirs.fileno(), self.threads, modules, self.data)
        self._home = box.home
        self._process = subprocess.Popen(
            box.command,
            env=box.environment,
            cwd=box.folder,
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        theirs.close()
        self._control = ours
        self._ready = False
        with contextlib.suppress(OSError):  # it ended at once: `start` says why
            ours.sendall(json.dumps({**box.settings, "sets": self._sets}).encode())

    def start(self) -> None:
        """Start the parent where it does not run, and wait until it has imported its modules. Raises ParentDied."""
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self.begin()
        if self._ready:
            return
        assert self._process is not None and self._control is not None
        try:
            self._control.settimeout(_START_SECONDS)
            if not self._control.recv(100):
                raise OSError("it ended at once")
        except OSError as problem:
            self._process.kill()
            _, noise = self._process.communicate()
            tail = noise.decode("utf-8", "replace").strip().splitlines()[-1:] or [str(problem)]
            self.stop()
            raise ParentDied(f"the worker's parent process did not start: {tail[0]}") from problem
        self._ready = True
        # What it might still write is not ours to read, and must not block it.
        assert self._process.stderr is not None
        self._process.stderr.close()

    def spawn(self, limits: boxes.Limits | None = None) -> wire.Channel:
        """A new worker, and the channel to it. Raises ParentDied when even a new parent does not answer."""
        for attempt in range(_ATTEMPTS):
            try:
                self.start()
            except ParentDied:  # somebody ended it while it started, or it cannot start at all
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            ours, theirs = socket.socketpair()
            request = {
                "op": "spawn",
                "home": self._home,
                "limits": (limits or self.limits).as_rlimits(),
            }
            try:
                assert self._control is not None
                self._control.settimeout(_ANSWER_SECONDS)
                socket.send_fds(self._control, [json.dumps(request).encode()], [theirs.fileno()])
                if not self._control.recv(1000):
                    raise OSError("no answer")
                return wire.Channel(ours)
            except OSError as problem:
                ours.close()
                self.stop()
                if attempt == _ATTEMPTS - 1:
                    raise ParentDied("the worker's parent process does not answer") from problem
            finally:
                theirs.close()
        raise AssertionError("unreachable")

    def used(self) -> Usage:
        """What the worker and all that it started have used of the machine so far; zeros where that cannot be known."""
        if self._control is None or not self._ready:
            return Usage(0.0, 0.0)
        try:
            self._control.settimeout(_ANSWER_SECONDS)
            self._control.sendall(b'{"op": "used"}')
            cpu, waited = json.loads(self._control.recv(1000))
            return Usage(float(cpu), float(waited))
        except (OSError, ValueError, TypeError):
            return Usage(0.0, 0.0)

    def clean(self) -> bool:
        """End the worker and all it started, and empty its folders. A parent that does not answer is replaced.

        Whether the worker had ended by itself (it exited, or crashed); False where somebody else may have ended it.
        """
        if self._control is None or not self._ready:
            return False
        try:
            self._control.settimeout(_ANSWER_SECONDS)
            self._control.sendall(b'{"op": "clean"}')
            answer = json.loads(self._control.recv(1000))
            status, readable = answer["status"], answer["readable"]
        except (OSError, ValueError, KeyError, TypeError):
            self.stop()
            return False
        if readable:  # the next worker could read what this one has counted: the sandbox is given up
            self.stop()
        return status is not None and not (os.WIFSIGNALED(status) and os.WTERMSIG(status) in _FROM_OUTSIDE)

    def stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            # The sandbox's init dies with its parent, and takes the whole PID namespace with it.
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None
        if self.sandbox == "none" and self._home:
            remove(Path(self._home))
        self._home = ""

    def __enter__(self) -> WarmParent:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
