"""A notebook's kernel to run cells in, and what a frontend receives of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Ran:
    """What came of one cell."""

    printed: str = ""
    error: dict[str, Any] = field(default_factory=dict)
    displayed: list[dict[str, str]] = field(default_factory=list)

    @property
    def traceback(self) -> str:
        """What stands in the place of the traceback, without colours."""
        return COLOUR.sub("", "\n".join(self.error.get("traceback", ())))


class Kernel:
    """One running kernel."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def run(self, code: str) -> Ran:
        ran = Ran()

        def take(message: Any) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                ran.printed += content["text"]
            elif message["msg_type"] == "error":
                ran.error = content
            elif message["msg_type"] == "display_data":
                ran.displayed.append(content["data"])

        self.client.execute_interactive(code, timeout=60, output_hook=take)
        return ran


@contextmanager
def running(folder: Path) -> Iterator[Kernel]:
    """A fresh kernel in `folder`."""
    from jupyter_client.manager import start_new_kernel

    environment = {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder), env=environment)
    try:
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
