"""What nbgrader's Validate button says of a cell that fails: its title and its points instead of its code, what a stretch
exercise costs, and what becomes of a written answer.

nbgrader shows the whole source of each cell. Its button asks the class that its server extension has imported; `install` puts
one of ours there. Everything else (a kernel of its own, locked cells that were edited) stays nbgrader's.
"""

from __future__ import annotations

import copy
from typing import Any

from nbgrader import utils
from nbgrader.validator import Validator


class TitleValidator(Validator):
    """nbgrader's validator, in the course's words."""

    def _get_failed_cells(self, nb: Any) -> list[Any]:
        return [_named(cell) for cell in super()._get_failed_cells(nb)]


def install() -> None:
    """Let the button ask TitleValidator; called by the configuration that nbgrader reads in a student's lab."""
    from nbgrader.server_extensions.validate_assignment import handlers

    handlers.Validator = TitleValidator


def _named(cell: Any) -> Any:
    """A copy of a failed cell that says what it is where its source stood."""
    about = cell.metadata.get("nbgrader", {})
    points = float(about.get("points") or 0)
    worth = f"{points:g} point{'' if points == 1 else 's'}"
    named = copy.copy(cell)
    if utils.is_solution(cell):
        named["source"] = (
            f"The written answer {about.get('grade_id', '')} ({worth}) is not written yet.\n"
            "A person grades it: Validate sees only whether you have written something."
        )
        return named
    title = cell.source.strip().split("\n")[0].lstrip("# ") or str(about.get("grade_id", ""))
    if points:
        named["source"] = f"{title} ({worth})"
    else:
        named["source"] = f"{title}\nStretch, 0 points: you lose nothing if you leave it as it is."
    return named
