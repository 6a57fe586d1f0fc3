"""The points of a notebook by the outputs that are saved in it: nothing is run."""

from __future__ import annotations

from typing import Any

from course import score
from course.desk import given, notebooks
from course.score import Standing

NOT_RUN = "not run yet"


def standings(notebook: Any) -> list[Standing]:
    """The checks of a notebook, as they came out when it was last run and saved."""
    changed = set(given.changed_checks(notebook))
    unanswered = notebooks.checks_of_unanswered(notebook)
    found = []
    for cell in given.checks_of(notebook):
        name = notebooks.name_of(cell)
        message = "was changed" if name in changed else _message(cell)
        if not message and name in unanswered and score.state(cell.source, passes=True) == "when graded":
            message = notebooks.NOT_WRITTEN
        state = score.state(cell.source, passes=not message)
        found.append(Standing(name, float(notebooks.about(cell).get("points", 0)), state, message))
    return found


def _message(cell: Any) -> str:
    for output in cell.outputs:
        if output.output_type == "error":
            return f"{output.ename}: {output.evalue}".splitlines()[0]
    if cell.execution_count is None or not cell.outputs:
        return "" if score.state(cell.source, passes=True) == "when graded" else NOT_RUN
    return ""


def exercises_below(every: list[Standing]) -> list[str]:
    """Ids of the checks with points that do not pass, in their order."""
    return [one.id for one in every if one.message and one.points]


def not_run(notebook: Any, every: list[Standing]) -> list[str]:
    """Ids of the checks with points whose answers are written, and of which the file does not show how they came out."""
    unanswered = notebooks.checks_of_unanswered(notebook)
    return [one.id for one in every if one.message == NOT_RUN and one.points and one.id not in unanswered]
