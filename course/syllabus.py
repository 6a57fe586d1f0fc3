"""The syllabus: weeks, points, due dates, time limits and bounds, read from `syllabus.toml` beside this file.

A course of one's own has its syllabus elsewhere, and names it in the environment as COURSE_SYLLABUS.
"""

from __future__ import annotations

import datetime
import functools
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from course import decode

Number = int | float
Value = Number | str
SYLLABUS = Path(__file__).with_name("syllabus.toml")


def in_force() -> Path:
    """The file of the syllabus that is in force."""
    return Path(os.environ.get("COURSE_SYLLABUS") or SYLLABUS)


@dataclass(frozen=True)
class WeekPlan:
    """One week as the syllabus gives it. `exercises` maps the id of an answer cell to its points (0: stretch)."""

    number: int
    id: str
    title: str
    build: str
    due: datetime.datetime
    exercises: dict[str, Number]
    written: dict[str, Number]
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
    """What the full profile holds the week to, in words; numbers of `bounds["full"]` are put in braces: {good} is 99 %."""
    full_run: str = ""
    """How long the solution took in the full profile, in words; README says on what."""
    variants: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    """{name: values}: what each student has one of, drawn from their id, see `course.variant`; empty in most weeks."""
    draft: bool = False
    """Whether the week is under way: it builds and grades with fewer mistakes, alternatives and hints, and is not released."""

    @property
    def bound_in_words(self) -> str:
        """`bound` with its numbers. Raises KeyError when it names one that the syllabus does not have."""
        return self.bound.format(**{name: _Share(value) for name, value in self.bounds.get("full", {}).items()})

    @property
    def points(self) -> Number:
        return sum(self.exercises.values()) + sum(self.written.values())


class _Share(float):
    """A number that prints as a percentage without trailing zeros when no format is asked for: 0.992 as 99.2 %."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if spec else f"{round(100 * self, 6):g} %"


Seconds = Number | dict[Literal["quick", "full"], Number]
"""One number for both profiles, or one for each."""
Due = Annotated[datetime.datetime, msgspec.Meta(tz=True)]


class _Bounds(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    quick: dict[str, Number] = msgspec.field(default_factory=dict)
    full: dict[str, Number] = msgspec.field(default_factory=dict)
    words: dict[str, str] = msgspec.field(default_factory=dict)


class _Week(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A `[[week]]` of the file, with what `[defaults]` fills in."""

    number: int
    id: str
    title: str
    build: str
    due: Due
    exercises: dict[str, Number]
    written: dict[str, Number]
    seconds: Seconds
    cell_seconds: Seconds
    call_seconds: Seconds
    memory_mb: int
    bounds: _Bounds = msgspec.field(default_factory=_Bounds)
    bound: str = ""
    full_run: str = ""
    variants: dict[str, list[Value]] = msgspec.field(default_factory=dict)
    draft: bool = False


class Course(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`[course]`: what a course of one's own is called, and its package of helpers, a folder beside the syllabus."""

    name: str = ""
    package: str = ""
    week_points: int | None = None
    """Points of every week, where they are to be the same."""


class _File(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    week: list[dict[str, Any]]
    course: Course = msgspec.field(default_factory=Course)
    defaults: dict[str, Any] = msgspec.field(default_factory=dict)


@functools.cache
def load() -> dict[str, WeekPlan]:
    """All weeks of the syllabus, by id, in order. Raises `decode.FileError` where the file cannot be understood."""
    return {plan.id: plan for plan in parse(decode.toml(in_force()), in_force())}


@functools.cache
def course() -> Course:
    """`[course]` of the syllabus in force, empty where it has none. Raises `decode.FileError`."""
    return decode.typed(decode.toml(in_force()), _File, in_force()).course


def parse(tables: dict[str, Any], path: Path = SYLLABUS) -> list[WeekPlan]:
    """The weeks in the tables of a syllabus, in order; `[defaults]` fills what a week leaves out.

    path: the file that the tables come from. Raises `decode.FileError` with the file, the week and the key.
    """
    document = decode.typed(tables, _File, path)
    plans: list[WeekPlan] = []
    for place, table in enumerate(document.week, start=1):
        where = f"week {table.get('id', f'number {place} of the file')}"
        week = decode.typed({**document.defaults, **table}, _Week, path, where)
        for other in plans:
            if week.number == other.number or week.id == other.id:
                raise decode.FileError(f"{path}, {where}: its number or id is that of {other.id}, too")
        plans.append(_plan(week, path, where))
    return sorted(plans, key=lambda plan: plan.number)


def _plan(week: _Week, path: Path, where: str) -> WeekPlan:
    seconds = {name: _by_profile(getattr(week, name)) for name in ("seconds", "cell_seconds", "call_seconds")}
    for name, table in seconds.items():
        if table.keys() != {"quick", "full"}:
            raise decode.FileError(f"{path}, {where}: `{name}` needs one number, or both `quick` and `full`")
    bounds = {"quick": week.bounds.quick, "full": week.bounds.full} if week.bounds.quick or week.bounds.full else {}
    plan = WeekPlan(
        number=week.number,
        id=week.id,
        title=week.title,
        build=week.build,
        due=week.due,
        exercises=week.exercises,
        written=week.written,
        memory_mb=week.memory_mb,
        bounds=bounds,
        bound_words=week.bounds.words,
        bound=week.bound,
        full_run=week.full_run,
        variants=_variants(week, path, where),
        draft=week.draft,
        **seconds,
    )
    try:
        _ = plan.bound_in_words
    except (KeyError, ValueError, IndexError) as problem:
        raise decode.FileError(
            f"{path}, {where}: `bound` names {problem}, which `bounds.full` does not have"
        ) from problem
    return plan


def _variants(week: _Week, path: Path, where: str) -> dict[str, tuple[Value, ...]]:
    for name, values in week.variants.items():
        if not name.isidentifier() or name.startswith("_"):
            raise decode.FileError(f"{path}, {where}: the variant {name!r} is no name: letters, digits and _")
        if len(set(values)) < 2 or len(set(values)) < len(values):
            raise decode.FileError(f"{path}, {where}: the variant {name} needs two values or more, all different")
    return {name: tuple(values) for name, values in week.variants.items()}


def _by_profile(seconds: Seconds) -> dict[str, float]:
    if isinstance(seconds, dict):
        return {str(name): value for name, value in seconds.items()}
    return {"quick": seconds, "full": seconds}


def week(name: str | int) -> WeekPlan:
    """The week called `name`: its id, its number, or the start of its id. Raises KeyError with the ids there are."""
    plans = load()
    text = str(name)
    for plan in plans.values():
        if text in (plan.id, str(plan.number), f"week{plan.number:02}"):
            return plan
    raise KeyError(f"there is no week {name!r}; there are: {', '.join(plans)}")
