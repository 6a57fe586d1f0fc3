"""What the class's page shows, as plain data: computed from results alone, without the source of any check."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.publish.report import safe
from autograder.publish.report.common import (
    Segment,
    anchor,
    bar,
    count,
    exercise_of,
    exercise_rank,
    in_words,
    is_blank,
    latest,
    page_of,
    reason,
    share_of,
    week_order,
    week_short,
    week_title,
)
from autograder.results import CheckResult, Result, Verdict, verdicts

TOP_MESSAGES = 4


def idea(message: str) -> str:
    """The first line of a message: what is missing. The lines after it hold values, and differ between students."""
    lines = [line.strip() for line in safe.message(message).splitlines() if line.strip()]
    return lines[0][:300] if lines else ""


@dataclass(frozen=True)
class Score:
    """One cell of the class's table."""

    verdict: Verdict
    score: float
    max_score: float
    by_hand: float
    href: str

    @property
    def share(self) -> float:
        return share_of(self.score, self.max_score)


@dataclass(frozen=True)
class Row:
    name: str
    href: str
    scores: list[Score | None]
    """One for each week; None where nothing was handed in."""
    score: float
    max_score: float

    @property
    def share(self) -> float:
        return share_of(self.score, self.max_score)


@dataclass(frozen=True)
class Message:
    text: str
    count: int


@dataclass
class CheckView:
    id: str
    hidden: bool
    max_points: float
    counts: dict[str, int]
    messages: list[Message]
    other_messages: int

    @property
    def bar(self) -> list[Segment]:
        return bar(self.counts)

    @property
    def words(self) -> str:
        return in_words(self.counts)


@dataclass
class ExerciseView:
    """How the class did in one exercise. tried: submissions that answered it; solved: those that passed all of it."""

    week: str
    week_title: str
    name: str
    points: float
    tried: int
    solved: int
    unanswered: int
    checks: list[CheckView]
    counts: dict[str, int]
    """Submissions by the worst verdict among the exercise's checks."""
    top: Message | None

    @property
    def wrong(self) -> int:
        return self.tried - self.solved

    @property
    def trouble(self) -> float:
        """Share of the attempts that went wrong, lowered a little where few tried: one lone attempt is no class."""
        return self.wrong / (self.tried + 1)

    @property
    def wrong_share(self) -> float:
        return self.wrong / self.tried if self.tried else 0.0

    @property
    def stretch(self) -> bool:
        return self.points == 0

    @property
    def bar(self) -> list[Segment]:
        return bar(self.counts)

    @property
    def words(self) -> str:
        return in_words(self.counts)


@dataclass(frozen=True)
class Bin:
    low: int
    high: int
    count: int
    x: float
    height: float


@dataclass(frozen=True)
class WeekView:
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
    """A written question: who still waits for its points."""

    week: str
    question: str
    points: float
    waiting: list[Note]
    blank: int
    """How many left the question unanswered."""


@dataclass(frozen=True)
class ClassView:
    weeks: list[WeekView]
    rows: list[Row]
    exercises: list[ExerciseView]
    stretch: list[ExerciseView]
    ungradable: list[Note]
    tampered: list[Note]
    by_hand: list[HandView]
    sandboxes: dict[str, int]
    verdicts: dict[str, int]
    unsandboxed: int
    seconds: float

    @property
    def submissions(self) -> int:
        return sum(self.verdicts.values())

    @property
    def waiting_points(self) -> float:
        return sum(question.points * len(question.waiting) for question in self.by_hand)

    @property
    def waiting_answers(self) -> int:
        return sum(len(question.waiting) for question in self.by_hand)


def class_view(results: Iterable[Result]) -> ClassView:
    everything = latest(results)
    week_ids = sorted({r.week for r in everything}, key=week_order)
    students = list(dict.fromkeys(r.student for r in everything))
    of = {(r.student, r.week): r for r in everything}
    rows = []
    for student in students:
        scores = [_score(of.get((student, week))) for week in week_ids]
        given = [s for s in scores if s is not None]
        total, most = sum(s.score for s in given), sum(s.max_score for s in given)
        rows.append(Row(safe.name(student), page_of(student), scores, total, most))
    graded = [r for r in everything if r.verdict != "invalid"]
    exercises = [view for week in week_ids for view in _exercises(week, [r for r in graded if r.week == week])]
    exercises.sort(
        key=lambda e: (-e.trouble, -e.wrong, -e.unanswered, week_order(e.week), exercise_rank(e.week, e.name))
    )
    return ClassView(
        weeks=[_week(week, [r for r in everything if r.week == week]) for week in week_ids],
        rows=rows,
        exercises=[e for e in exercises if not e.stretch],
        stretch=[e for e in exercises if e.stretch],
        ungradable=[_note(r, reason(r)) for r in everything if r.verdict == "invalid"],
        tampered=[_note(r, reason(r)) for r in everything if r.verdict == "tampered"],
        by_hand=_by_hand(week_ids, everything),
        sandboxes=dict(sorted(Counter(safe.name(r.sandbox, 20) for r in everything).items())),
        verdicts=count(r.verdict for r in everything),
        unsandboxed=sum(r.sandbox == "none" for r in everything),
        seconds=sum(r.seconds for r in everything),
    )


def _href(result: Result) -> str:
    return f"{page_of(result.student)}#{anchor(result.week)}"


def _score(result: Result | None) -> Score | None:
    if result is None:
        return None
    return Score(result.verdict, result.score, result.max_score, sum(result.by_hand.values()), _href(result))


def _note(result: Result, words: str) -> Note:
    return Note(safe.name(result.student), week_short(result.week), _href(result), words)


def _week(week: str, results: list[Result]) -> WeekView:
    graded = [r for r in results if r.verdict != "invalid"]
    shares = [share_of(r.score, r.max_score) for r in graded]
    counts = Counter(min(int(share * 10), 9) for share in shares)
    tallest = max(counts.values(), default=1)
    bins = [Bin(10 * n, 10 * n + 10, counts[n], 20.0 * n + 1, round(56 * counts[n] / tallest, 2)) for n in range(10)]
    scores = [r.score for r in graded]
    median_share = statistics.median(shares) if shares else None
    return WeekView(
        id=anchor(week),
        title=week_title(week),
        short=week_short(week),
        handed_in=len(results),
        graded=len(graded),
        max_score=max((r.max_score for r in graded), default=0.0),
        median=statistics.median(scores) if scores else None,
        lowest=min(scores, default=None),
        highest=max(scores, default=None),
        median_x=round(200 * median_share, 2) if median_share is not None else None,
        bins=bins,
    )


def _exercises(week: str, results: list[Result]) -> list[ExerciseView]:
    """One view for each exercise of a week, from its gradable submissions."""
    # {exercise: {check: [what it said of each submission]}}
    said: dict[str, dict[str, list[CheckResult]]] = defaultdict(lambda: defaultdict(list))
    outcomes: dict[str, list[str]] = defaultdict(list)
    ideas: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        own: dict[str, list[CheckResult]] = defaultdict(list)
        for check in result.checks:
            exercise = exercise_of(week, check.id)
            own[exercise].append(check)
            said[exercise][check.id].append(check)
        for exercise, checks in own.items():
            outcomes[exercise].append(verdicts.of_exercise(checks))
            # Once a submission: five checks that say the same are one student's misunderstanding.
            ideas[exercise].update({idea(check.message) for check in checks if verdicts.is_wrong(check)})
    views = []
    for exercise, checks_said in said.items():
        lines = [_check(check_id, given) for check_id, given in checks_said.items()]
        counts = count(outcomes[exercise])
        unanswered = counts.get("missing", 0)
        commonest = _commonest(ideas[exercise])
        views.append(
            ExerciseView(
                week=week,
                week_title=week_short(week),
                name=safe.name(exercise),
                points=sum(line.max_points for line in lines),
                tried=sum(counts.values()) - unanswered,
                solved=counts.get("pass", 0),
                unanswered=unanswered,
                checks=lines,
                counts=counts,
                top=commonest[0] if commonest else None,
            )
        )
    return views


def _commonest(messages: Counter[str]) -> list[Message]:
    return [Message(text, n) for text, n in sorted(messages.items(), key=lambda item: (-item[1], item[0])) if text]


def _check(check_id: str, given: list[CheckResult]) -> CheckView:
    messages = _commonest(Counter(idea(c.message) for c in given if verdicts.is_wrong(c)))
    return CheckView(
        id=safe.name(check_id),
        hidden=any(c.hidden for c in given),
        max_points=max(c.max_points for c in given),
        counts=count(c.verdict for c in given),
        messages=messages[:TOP_MESSAGES],
        other_messages=sum(m.count for m in messages[TOP_MESSAGES:]),
    )


def _by_hand(week_ids: list[str], results: list[Result]) -> list[HandView]:
    views = []
    for week in week_ids:
        waiting: dict[str, list[Result]] = defaultdict(list)
        for result in results:
            if result.week == week and result.verdict != "invalid":
                for question in result.by_hand:
                    waiting[question].append(result)
        for question, those in waiting.items():
            answered = [r for r in those if not is_blank(r, question)]
            notes = [
                Note(safe.name(r.student), "", f"{page_of(r.student)}#{anchor(week, question)}", "") for r in answered
            ]
            points = max(r.by_hand[question] for r in those)
            views.append(HandView(week_short(week), safe.name(question), points, notes, len(those) - len(answered)))
    return views
