"""A hint after `name 'training' is not defined`: the kernel was restarted, and the cells above have not run in it."""

from __future__ import annotations

import sys
from typing import Any

_LEAST = 3
"""Cells that ran well before a NameError: after this many it is more likely a typing mistake than a new kernel."""


def install(shell: Any) -> None:
    """Watch the cells of a kernel's shell; a second call changes nothing."""
    if not getattr(shell, "_course_restarted", False):
        shell._course_restarted = True
        shell.events.register("post_run_cell", _Watch().after)


class _Watch:
    def __init__(self) -> None:
        self.well = 0

    def after(self, result: Any) -> None:
        problem = getattr(result, "error_in_exec", None)
        if problem is None:
            self.well += bool(getattr(result, "success", False))
        elif isinstance(problem, NameError) and problem.name and self.well < _LEAST:
            print(
                f"{problem.name} is not defined, and this kernel has run {self.well} cells: after a restart run the cells "
                "above first (Run → Run All Above Selected Cell).",
                file=sys.stderr,
            )
