"""One submission graded in a test: answers and options by name, as a batch would hand them over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.grading.grader import Grader, Options
from autograder.intake.work import Work
from autograder.results import Result
from autograder.weeks import Week

_OF_WORK = ("written", "warnings", "tampered", "artefacts")


def graded(
    grader: Grader,
    week: Week,
    sources: Mapping[str, str],
    *,
    extras: Mapping[str, Sequence[str]] | None = None,
    **others: Any,
) -> Result:
    """The result of `sources` ({answer id: code}) and the student's own cells `extras`; others: of Work and Options."""
    work = Work(dict(sources), {place: list(cells) for place, cells in (extras or {}).items()})
    for name in _OF_WORK:
        if name in others:
            setattr(work, name, others.pop(name))
    return grader.grade(week, work, Options(**others))
