"""The table of everybody's points, from the standings: names, sections, weeks."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.publish.report import safe
from autograder.publish.report.common import (
    anchor,
    number,
    page_of,
    student_order,
    week_order,
    week_short,
    week_title,
)
from autograder.term.points import Standing, State


@dataclass(frozen=True)
class Score:
    """One cell: where a student stands in a week. Points are None where there are none to speak of."""

    week: str
    state: State
    verdict: str
    final: float | None
    raw: float | None
    penalty: float
    most: float
    waiting: float
    """Points that may still come from written answers."""
    days_late: int
    decided: bool
    """Whether a person set points of checks, or of the whole week, by hand."""
    href: str

    @property
    def extras(self) -> list[str]:
        """What the points do not say, in short: "70−7", "2 d late", "+10?", "by hand"."""
        said = []
        if self.penalty:
            said.append(f"{number(self.raw or 0.0)}{number(-self.penalty)}")
        if self.days_late:
            said.append(f"{self.days_late} d late")
        if self.waiting:
            said.append(f"+{number(self.waiting)}?")
        if self.decided:
            said.append("by hand")
        return said


@dataclass(frozen=True)
class Row:
    name: str
    id: str
    """The id, where a roster gives a name beside it; else ""."""
    href: str
    """The student's page; "" where nothing was handed in."""
    known: bool
    """Whether the roster has them, where there is one."""
    scores: list[Score | None]
    """One for each week; None where the student has no standing in it."""
    final: float
    most: float
    waiting: float


@dataclass(frozen=True)
class Section:
    name: str
    rows: list[Row]


@dataclass(frozen=True)
class Column:
    short: str
    title: str
    most: float


@dataclass(frozen=True)
class ScoreTable:
    columns: list[Column]
    sections: list[Section]
    most: float

    @property
    def rows(self) -> list[Row]:
        return [row for section in self.sections for row in section.rows]


def score_table(standings: Sequence[Standing]) -> ScoreTable:
    """The table of `standings`; people by section and then by name, weeks by number."""
    weeks = sorted({one.week for one in standings}, key=week_order)
    most = {week: max(one.most for one in standings if one.week == week) for week in weeks}
    roster = any(one.person for one in standings)
    of: dict[str, dict[str, Standing]] = {}
    for one in standings:
        of.setdefault(one.student, {})[one.week] = one
    sections: dict[str, list[Row]] = defaultdict(list)
    for mine in sorted(of.values(), key=lambda mine: _order(next(iter(mine.values())))):
        person = next(iter(mine.values())).person
        sections[safe.name(person.section) if person and person.section else ""].append(
            _row(mine, weeks, sum(most.values()), known=bool(person) or not roster)
        )
    columns = [Column(week_short(week), week_title(week), most[week]) for week in weeks]
    # People without a section stand last.
    ordered = sorted(sections.items(), key=lambda item: (not item[0], item[0].casefold()))
    return ScoreTable(columns, [Section(name, rows) for name, rows in ordered], sum(most.values()))


def name_of(standing: Standing) -> str:
    """A student's name as a page shows it: that of the roster, else the id."""
    return safe.name(standing.shown)


def href_of(standing: Standing, part: str = "") -> str:
    """The place on the student's page; "" where nothing was handed in."""
    if standing.result is None:
        return ""
    return f"{page_of(standing.student)}#{anchor(standing.week, part)}"


def _order(standing: Standing) -> tuple[str, str]:
    return standing.person.order if standing.person else student_order(standing.student)


def _row(mine: dict[str, Standing], weeks: Sequence[str], most: float, known: bool) -> Row:
    scores = [_score(mine.get(week)) for week in weeks]
    given = [one for one in scores if one is not None]
    first = next(iter(mine.values()))
    handed_in = any(one.result is not None for one in mine.values())
    name, identity = name_of(first), safe.name(first.student, 40)
    return Row(
        name=name,
        id="" if name == identity else identity,
        href=page_of(first.student) if handed_in else "",
        known=known,
        scores=scores,
        final=math.fsum(one.final or 0.0 for one in given),
        most=most,
        waiting=math.fsum(one.waiting for one in given),
    )


def _score(standing: Standing | None) -> Score | None:
    if standing is None:
        return None
    return Score(
        week=week_short(standing.week),
        state=standing.state,
        verdict=standing.result.verdict if standing.result else "missing",
        final=standing.final,
        raw=standing.raw,
        penalty=standing.penalty or 0.0,
        most=standing.most,
        waiting=standing.waiting_points,
        days_late=standing.lateness.days,
        decided=bool(standing.overrides),
        href=href_of(standing),
    )
