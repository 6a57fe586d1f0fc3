"""How long a week is: words, cells, exercises, lines of code, and the hours they take by a stated rule.

The core is counted apart from stretch, which is all under the heading `## Stretch`, and exercises of 0 points anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from autograder.authoring.notebooks import is_folded
from autograder.weeks import Cell, Week, marks
from course.syllabus import WeekPlan

WORDS_A_MINUTE = 75
"""Words per minute. Half of the usual 150: technical text is read slowly, and some of it twice."""
LINES_A_MINUTE = 10
"""Given code that is not folded is read at this pace."""
MINUTES_A_LINE = 1.5
"""For each line of the reference answer: thinking, writing, and finding the mistake."""
MINUTES_A_CHECK = 0.5
MINUTES_A_QUESTION = 8
"""For a written answer."""
RULE = (
    f"hours = (words / {WORDS_A_MINUTE} + open given lines / {LINES_A_MINUTE} + {MINUTES_A_LINE} × lines of the answers "
    f"+ {MINUTES_A_CHECK} × checks + {MINUTES_A_QUESTION} × written questions) / 60"
)
BOUNDS = {"words": 2500, "cells": 70, "exercises": 7, "hours": 3.0}
"""What the core of a week may have at most."""

_FENCED = re.compile(r"^```.*?^```\s*$", re.MULTILINE | re.DOTALL)
_FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
_TARGET = re.compile(r"\]\([^)]*\)")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_STRETCH = re.compile(r"^## +Stretch\b", re.MULTILINE | re.IGNORECASE)
_SECTION = re.compile(r"^##? ", re.MULTILINE)


@dataclass
class Length:
    """One part of a week, its core or its stretch.

    Lines are lines of code that are not blank, as a student has them, without the stubs.
    """

    words: int = 0
    cells: int = 0
    exercises: int = 0
    questions: int = 0
    checks: int = 0
    open_lines: int = 0
    folded_lines: int = 0
    answer_lines: int = 0
    given_lines: int = field(default=0, repr=False)
    """Of the open lines, those of given cells."""

    @property
    def hours(self) -> float:
        """By RULE."""
        minutes = self.words / WORDS_A_MINUTE + self.given_lines / LINES_A_MINUTE + MINUTES_A_LINE * self.answer_lines
        minutes += MINUTES_A_CHECK * self.checks + MINUTES_A_QUESTION * self.questions
        return minutes / 60

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {**asdict(self), "hours": round(self.hours, 2)}


def measure(week: Week, plan: WeekPlan) -> tuple[Length, Length]:
    """(core, stretch) of a week."""
    core, stretch = Length(), Length()
    optional = {name for name, points in plan.exercises.items() if not points}
    under_heading = False
    for cell in week.cells:
        if cell.kind == "markdown" and _SECTION.search(cell.source):
            under_heading = bool(_STRETCH.search(cell.source))
        exercise = week.exercise_of(cell.id.removeprefix("task-")) or cell.id
        _count(stretch if under_heading or exercise in optional else core, cell)
    return core, stretch


def _count(part: Length, cell: Cell) -> None:
    part.cells += 1
    if cell.kind == "markdown":
        part.words += words(marks.without_solution(cell.source))
        part.questions += cell.role == "written"
        return
    lines = _lines(cell.visible_source if cell.role == "check" else marks.without_solution(cell.source))
    if is_folded(cell):
        part.folded_lines += lines
    else:
        part.open_lines += lines
        part.given_lines += lines if cell.role == "given" else 0
    part.checks += cell.role == "check"
    if cell.role == "answer":
        part.exercises += 1
        regions = marks.regions(cell.source, marks.BEGIN_SOLUTION, marks.END_SOLUTION)
        part.answer_lines += sum(_lines("\n".join(region), comments=False) for region in regions)


def words(markdown: str) -> int:
    """Words of prose: code blocks are left out, a formula is one word, the address of a link is none."""
    text = _TARGET.sub("]", _FORMULA.sub(" formula ", _FENCED.sub("", markdown)))
    return len(_WORD.findall(text))


def _lines(source: str, comments: bool = True) -> int:
    lines = [line.strip() for line in source.splitlines()]
    return sum(bool(line) and (comments or not line.startswith("#")) for line in lines)


def above(core: Length) -> list[str]:
    """What of a core is above its bound, in words: "3,200 words, 2,500 at most"."""
    found = []
    for name, most in BOUNDS.items():
        value = getattr(core, name)
        if value > most:
            shown = f"{value:.1f}" if name == "hours" else f"{value:,}"
            found.append(f"{shown} {'graded exercises' if name == 'exercises' else name}, {most:,g} at most")
    return found


def reports(weeks: Iterable[Week]) -> list[str]:
    """A sentence for each week whose core is above a bound."""
    found = []
    for week in weeks:
        if too_much := above(measure(week, week.plan)[0]):
            found.append(f"{week.id}: its core is longer than a week's should be: {'; '.join(too_much)}")
    return found
