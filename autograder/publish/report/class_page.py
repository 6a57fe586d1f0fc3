"""What the class's pages show, as plain data: computed from results and standings, without the source of any check."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.publish.report import safe
from autograder.publish.report.common import (
    anchor,
    count,
    exercise_rank,
    latest,
    reason,
    share_of,
    week_order,
    week_short,
    week_title,
)
from autograder.publish.report.exercises import ExerciseView, exercise_views
from autograder.publish.report.hand_in import HandIn, hand_in
from autograder.publish.report.score_table import Row, ScoreTable, href_of, name_of, score_table
from autograder.results import Result
from autograder.term.folder import Term
from autograder.term.points import Standing, standings

FIRST = 6
"""Exercises that stand open under "What to teach again"; the others are folded behind them."""


@dataclass(frozen=True)
class Bin:
    low: int
    high: int
    count: int
    x: float
    height: float


@dataclass(frozen=True)
class WeekView:
    """How the points of one week are spread. Shares (0 to 1) are of the points decided so far, before lateness."""

    id: str
    title: str
    short: str
    handed_in: int
    graded: int
    max_score: float
    median: float | None
    lowest: float | None
    highest: float | None
    median_x: float | None
    bins: list[Bin]

    @property
    def words(self) -> str:
        filled = [f"{b.count} from {b.low} to {b.high} %" for b in self.bins if b.count]
        return f"{self.short}: {'; '.join(filled) or 'nothing graded'}"


@dataclass(frozen=True)
class Note:
    """A line about one submission."""

    name: str
    week: str
    href: str
    text: str


@dataclass(frozen=True)
class HandView:
    """A written question: how many answers have their points, and how many wait for them."""

    week: str
    question: str
    points: float
    marked: int
    waiting: int
    changed: int
    """Of those that wait, how many were marked before the answer changed."""
    blank: int
    """How many left the question unanswered."""


@dataclass(frozen=True)
class ClassView:
    weeks: list[WeekView]
    table: ScoreTable
    exercises: list[ExerciseView]
    stretch: list[ExerciseView]
    hand_ins: list[HandIn]
    ungradable: list[Note]
    tampered: list[Note]
    notes: list[Note]
    """What a person should know about points before they are handed on."""
    strangers: list[str]
    """Who handed in and is not on the roster."""
    by_hand: list[HandView]
    sandboxes: dict[str, int]
    verdicts: dict[str, int]
    unsandboxed: int
    seconds: float
    waiting_points: float

    @property
    def rows(self) -> list[Row]:
        return self.table.rows

    @property
    def submissions(self) -> int:
        return sum(self.verdicts.values())

    @property
    def waiting_answers(self) -> int:
        return sum(question.waiting for question in self.by_hand)

    @property
    def missing(self) -> int:
        return sum(len(week.missing) for week in self.hand_ins)

    @property
    def first(self) -> list[ExerciseView]:
        return self.exercises[:FIRST]

    @property
    def others(self) -> list[ExerciseView]:
        return self.exercises[FIRST:]


def class_view(results: Iterable[Result], term: Term | None = None) -> ClassView:
    """The view on all results of a term; points are those of `autograder.term.points.standings`."""
    everything = latest(results)
    week_ids = sorted({r.week for r in everything}, key=week_order)
    standing = standings(everything, term)
    graded = [r for r in everything if r.verdict != "invalid"]
    exercises = [view for week in week_ids for view in exercise_views(week, [r for r in graded if r.week == week])]
    exercises.sort(
        key=lambda e: (-e.trouble, -e.wrong, -e.unanswered, week_order(e.week), exercise_rank(e.week, e.name))
    )
    in_week = {week: [one for one in standing if one.week == week] for week in week_ids}
    handed_in = [one for one in standing if one.result is not None]
    table = score_table(standing)
    return ClassView(
        weeks=[_week(week, in_week[week]) for week in week_ids],
        table=table,
        exercises=[e for e in exercises if not e.stretch],
        stretch=[e for e in exercises if e.stretch],
        hand_ins=[hand_in(week, in_week[week]) for week in week_ids],
        ungradable=_with_verdict("invalid", handed_in),
        tampered=_with_verdict("tampered", handed_in),
        notes=[_note(one, safe.message(text)) for one in standing for text in one.notes],
        strangers=[row.name for row in table.rows if not row.known],
        by_hand=[view for week in week_ids for view in _by_hand(week, in_week[week])],
        sandboxes=dict(sorted(Counter(safe.name(r.sandbox, 20) for r in everything).items())),
        verdicts=count(r.verdict for r in everything),
        unsandboxed=sum(r.sandbox == "none" for r in everything),
        seconds=sum(r.seconds for r in everything),
        waiting_points=sum(one.waiting_points for one in standing),
    )


def _note(standing: Standing, words: str) -> Note:
    return Note(name_of(standing), week_short(standing.week), href_of(standing), words)


def _with_verdict(verdict: str, handed_in: Sequence[Standing]) -> list[Note]:
    return [_note(one, reason(one.result)) for one in handed_in if one.result and one.result.verdict == verdict]


def _week(week: str, standing: Sequence[Standing]) -> WeekView:
    handed_in = [one for one in standing if one.result is not None]
    graded = [one for one in handed_in if one.state != "not gradable"]
    shares = [share_of(one.raw or 0.0, one.most - one.waiting_points) for one in graded]
    counts = Counter(min(int(share * 10), 9) for share in shares)
    tallest = max(counts.values(), default=1)
    bins = [Bin(10 * n, 10 * n + 10, counts[n], 20.0 * n + 1, round(44 * counts[n] / tallest, 2)) for n in range(10)]
    median = statistics.median(shares) if shares else None
    return WeekView(
        id=anchor(week),
        title=week_title(week),
        short=week_short(week),
        handed_in=len(handed_in),
        graded=len(graded),
        max_score=max((one.most for one in graded), default=0.0),
        median=median,
        lowest=min(shares, default=None),
        highest=max(shares, default=None),
        median_x=round(200 * median, 2) if median is not None else None,
        bins=bins,
    )


def _by_hand(week: str, standing: Sequence[Standing]) -> list[HandView]:
    questions: dict[str, list[Standing]] = {}
    for one in standing:
        if one.result is not None and one.state != "not gradable":
            for question in one.written:
                questions.setdefault(question, []).append(one)
    views = []
    for question, those in questions.items():
        answers = [one.written[question] for one in those]
        views.append(
            HandView(
                week=week_short(week),
                question=safe.name(question),
                points=max(answer.most for answer in answers),
                marked=sum(answer.mark is not None for answer in answers),
                waiting=sum(answer.waiting for answer in answers),
                changed=sum(answer.waiting and answer.previous is not None for answer in answers),
                blank=sum(answer.reason == "not answered" for answer in answers),
            )
        )
    return views
