"""The student's kernel: which checks have passed in it since it started.

In the grader there is no kernel, and nothing here does anything.
"""

from __future__ import annotations

import linecache
import sys
from typing import Any

_passed: set[str] = set()


def kernel_shell() -> Any | None:
    """The IPython shell of a notebook's kernel, None anywhere else (a script, a terminal, the grader)."""
    if "IPython" not in sys.modules:
        return None
    shell = sys.modules["IPython"].get_ipython()
    return shell if getattr(shell, "kernel", None) is not None else None


def install() -> None:
    """In a kernel, forget that a check passed as soon as its cell runs again. A second call changes nothing."""
    shell = kernel_shell()
    if shell is None or getattr(shell, "_course_session", False):
        return
    shell._course_session = True
    shell.events.register("pre_run_cell", _about_to_run)


def _about_to_run(info: Any) -> None:
    _passed.discard(_key(str(info.raw_cell)))


def source_of(filename: str) -> str:
    """The source of the cell that was compiled under `filename`, empty where it is not known."""
    return "".join(linecache.getlines(filename))


def note(filename: str) -> None:
    """Remember that the check cell which was compiled under `filename` has passed."""
    if kernel_shell() is not None and (source := source_of(filename)):
        _passed.add(_key(source))


def has_passed(source: str) -> bool:
    """Whether the check cell with this source has passed in this kernel, the last time it ran."""
    return _key(source) in _passed


def _key(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
