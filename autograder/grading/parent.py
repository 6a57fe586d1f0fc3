"""The driver's end of a warm parent: start it, ask it for workers, clean up, start it again when it died."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from types import TracebackType

from autograder.errors import UserError
from autograder.grading import sandbox as boxes
from autograder.worker import wire

_START_SECONDS = 300
_ANSWER_SECONDS = 20


class ParentDied(Exception):
    """The warm parent ended or does not answer."""


class WarmParent:
    """One process in the sandbox that has imported Keras and forks a worker for each submission.

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

    def start(self) -> None:
        """Start the parent and wait until it has imported its modules. Raises ParentDied."""
        ours, theirs = socket.socketpair()
        box = boxes.box(self.sandbox, theirs.fileno(), self.threads, data=self.data)
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
        try:
            ours.sendall(json.dumps(box.settings).encode())
            ours.settimeout(_START_SECONDS)
            if not ours.recv(100):
                raise OSError("it ended at once")
        except OSError as problem:
            self._process.kill()
            _, noise = self._process.communicate()
            tail = noise.decode("utf-8", "replace").strip().splitlines()[-1:] or [str(problem)]
            self.stop()
            raise ParentDied(f"the worker's parent process did not start: {tail[0]}") from problem
        # What it might still write is not ours to read, and must not block it.
        assert self._process.stderr is not None
        self._process.stderr.close()

    def spawn(self, limits: boxes.Limits | None = None) -> wire.Channel:
        """A new worker, and the channel to it. Raises ParentDied when even a new parent does not answer."""
        for attempt in (1, 2):
            if self._process is None or self._process.poll() is not None:
                self.stop()
                self.start()
            ours, theirs = socket.socketpair()
            request = {"op": "spawn", "home": self._home, "limits": (limits or self.limits).as_rlimits()}
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
                if attempt == 2:
                    raise ParentDied("the worker's parent process does not answer") from problem
            finally:
                theirs.close()
        raise AssertionError("unreachable")

    def cpu_seconds(self) -> float | None:
        """Processor time that the worker has used so far; None where that cannot be known."""
        if self._control is None:
            return None
        try:
            self._control.settimeout(_ANSWER_SECONDS)
            self._control.sendall(b'{"op": "cpu"}')
            return json.loads(self._control.recv(1000))["seconds"]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def clean(self) -> None:
        """End the worker and all it started, and empty its folders. A parent that does not answer is replaced."""
        if self._control is None:
            return
        try:
            self._control.settimeout(_ANSWER_SECONDS)
            self._control.sendall(b'{"op": "clean"}')
            if not self._control.recv(1000):
                raise OSError("no answer")
        except OSError:
            self.stop()

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
            shutil.rmtree(self._home, ignore_errors=True)
        self._home = ""

    def __enter__(self) -> WarmParent:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
