"""One Jupyter kernel, the one that the lab starts: cells run in it one after the other, each within its time."""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from course.desk.errors import UsageError

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LOOK = 0.2
"""Seconds between two checks whether the kernel is alive."""
_GRACE = 5.0
"""Seconds that an interrupted cell has to end."""
_START = 60.0

Status = Literal["ok", "error", "timeout", "died"]


@dataclass(frozen=True)
class Ran:
    """How a cell ended. name, text: of the exception; trace: its traceback without colours."""

    status: Status
    name: str = ""
    text: str = ""
    trace: str = ""


class Kernel:
    """A kernel in `folder`. Use it in a `with` statement, at the end of which it is gone, however that comes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sockets = Path(tempfile.mkdtemp(prefix="course-"))  # short: a socket's path may have 100 characters
        self._manager: Any = None
        self._client: Any = None

    def __enter__(self) -> Kernel:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def start(self) -> None:
        """Start the kernel, or a new one in place of the one that runs."""
        from jupyter_client.manager import KernelManager

        self._stop()
        # Sockets of the file system, which other users of the machine cannot reach; Windows has none.
        apart: dict[str, Any] = {} if os.name == "nt" else {"transport": "ipc", "ip": str(self._sockets / "k")}
        self._manager = KernelManager(kernel_name="python3", **apart)
        environment = {
            **os.environ,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
        self._manager.start_kernel(
            cwd=str(self.folder), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        try:
            self._client.wait_for_ready(timeout=_START)
        except RuntimeError as problem:
            raise UsageError(
                f"the kernel that notebooks run in does not start ({problem}): `course doctor` says what is missing."
            ) from problem

    def _stop(self) -> None:
        if self._client is not None:
            self._client.stop_channels()
            self._client = None
        if self._manager is not None:
            self._manager.shutdown_kernel(now=True)
            self._manager = None

    def run(self, source: str, seconds: float) -> Ran:
        """Run a cell. One that does not end in `seconds` is interrupted; where that does not help, a new kernel starts, as
        it does where the cell ended the old one ("died").
        """
        asked = self._client.execute(source, allow_stdin=False)
        until, interrupted = time.monotonic() + seconds, False
        found = Ran("ok")
        while True:
            now = time.monotonic()
            if now > until:
                if interrupted:
                    self.start()
                    return Ran("timeout", "", "", found.trace)
                self._manager.interrupt_kernel()
                interrupted, until = True, now + _GRACE
            try:
                message = self._client.iopub_channel.get_msg(timeout=_LOOK)
            except queue.Empty:
                if not self._manager.is_alive():
                    self.start()
                    return Ran("died")
                continue
            if message["parent_header"].get("msg_id") != asked:
                continue
            content = message["content"]
            if message["msg_type"] == "error":
                trace = _COLOUR.sub("", "\n".join(content["traceback"]))
                found = Ran("error", content["ename"], _COLOUR.sub("", content["evalue"]), trace)
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return Ran("timeout", "", "", found.trace) if interrupted else found
