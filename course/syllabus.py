"""The syllabus: weeks, points, due dates, time limits and bounds, read from `syllabus.toml` beside this file."""

from __future__ import annotations

import datetime
import functools
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SYLLABUS = Path(__file__).with_name("syllabus.toml")


@dataclass(frozen=True)
class WeekPlan:
    """One week as the syllabus gives it. `exercises` maps the id of an answer cell to its points (0: stretch)."""

    number: int
    id: str
    title: str
    build: str
    due: datetime.datetime
    exercises: dict[str, int]
    written: dict[str, int]
    seconds: dict[str, float]
    """Wall-clock limit of a whole notebook, by profile."""
    cell_seconds: dict[str, float]
    """Limit of one cell, by profile."""
    call_seconds: dict[str, float]
    """Limit of one call of a student's function by a check, by profile."""
    memory_mb: int
    bounds: dict[str, dict[str, float]] = field(default_factory=dict)
    bound_words: dict[str, str] = field(default_factory=dict)
    """What each bound asks for, in words: `[week.bounds.words]`."""
    bound: str = ""
    """What the full profile holds the week to, in words; numbers of `bounds["full"]` stand in braces: {good} is 99 %."""
    full_run: str = ""
    """How long the solution took in the full profile, two notebooks at a time on two cores, in words."""

    @property
    def bound_in_words(self) -> str:
        """`bound` with its numbers. Raises KeyError when it names one that the syllabus does not have."""
        return self.bound.format(**{name: _Share(value) for name, value in self.bounds.get("full", {}).items()})

    @property
    def points(self) -> int:
        return sum(self.exercises.values()) + sum(self.written.values())


class _Share(float):
    """A number that prints as a percentage without trailing zeros when no format is asked for: 0.992 as 99.2 %."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if spec else f"{round(100 * self, 6):g} %"


@functools.cache
def load() -> dict[str, WeekPlan]:
    """All weeks of the syllabus, by id, in order."""
    return {plan.id: plan for plan in parse(tomllib.loads(SYLLABUS.read_text(encoding="utf-8")))}


def parse(document: dict[str, Any]) -> list[WeekPlan]:
    """Weeks of a parsed syllabus; the `[defaults]` table fills what a week leaves out."""
    defaults = document.get("defaults", {})
    plans = []
    for week in document["week"]:
        table = {**defaults, **week}
        for name in ("seconds", "cell_seconds", "call_seconds"):
            if not isinstance(table[name], dict):  # one number for both profiles
                table[name] = {"quick": table[name], "full": table[name]}
        bounds = dict(table.get("bounds", {}))
        table["bound_words"] = bounds.pop("words", {})
        plans.append(WeekPlan(**{**table, "bounds": bounds}))
    return sorted(plans, key=lambda plan: plan.number)


def week(name: str | int) -> WeekPlan:
    """The week called `name`: its id, its number, or the start of its id. Raises KeyError with the ids there are."""
    plans = load()
    text = str(name)
    for plan in plans.values():
        if text in (plan.id, str(plan.number), f"week{plan.number:02}"):
            return plan
    raise KeyError(f"there is no week {name!r}; there are: {', '.join(plans)}")
