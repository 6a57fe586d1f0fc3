"""What the class did in each exercise and check: verdicts, messages, and the item analysis."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.publish import items
from autograder.publish.items import Item
from autograder.publish.report import safe
from autograder.publish.report.common import Segment, anchor, bar, count, exercise_of, in_words, week_short
from autograder.results import CheckResult, Result, verdicts

TOP_MESSAGES = 4


def idea(message: str) -> str:
    """The first line of a message: what is missing. The lines after it hold values, and differ between students."""
    lines = [line.strip() for line in safe.message(message).splitlines() if line.strip()]
    return lines[0][:300] if lines else ""


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
    item: Item

    @property
    def bar(self) -> list[Segment]:
        return bar(self.counts)

    @property
    def words(self) -> str:
        return in_words(self.counts)

    @property
    def doubt(self) -> str:
        """What to do where the check itself may be at fault; "" where nothing says so."""
        return self.item.advice() if self.item.doubtful else ""


@dataclass
class ExerciseView:
    """How the class did in one exercise: tried, solved (all of it passed), left unanswered."""

    week: str
    week_title: str
    name: str
    points: float
    checks: list[CheckView]
    counts: dict[str, int]
    """Submissions by the worst verdict among the exercise's checks."""
    top: Message | None
    item: Item

    @property
    def anchor(self) -> str:
        return anchor(self.week, self.name)

    @property
    def tried(self) -> int:
        return self.item.tried

    @property
    def solved(self) -> int:
        return self.item.right

    @property
    def unanswered(self) -> int:
        return self.item.unanswered

    @property
    def wrong(self) -> int:
        return self.item.wrong

    @property
    def advice(self) -> str:
        return self.item.advice(self.top.count if self.top else 0)

    @property
    def trouble(self) -> float:
        """Share of the attempts that went wrong, lowered a little where few tried: one lone attempt is no class."""
        return self.wrong / (self.tried + 1)

    @property
    def stretch(self) -> bool:
        return self.points == 0

    @property
    def bar(self) -> list[Segment]:
        return bar(self.counts)

    @property
    def words(self) -> str:
        return in_words(self.counts)


def exercise_views(week: str, results: Sequence[Result]) -> list[ExerciseView]:
    """One view for each exercise of a week, from its gradable submissions."""
    # {exercise: {check: [what it said of each submission, and that student's points in the other exercises]}}
    said: dict[str, dict[str, list[tuple[CheckResult, float]]]] = defaultdict(lambda: defaultdict(list))
    outcomes: dict[str, list[tuple[str, float]]] = defaultdict(list)
    ideas: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        own: dict[str, list[CheckResult]] = defaultdict(list)
        for check in result.checks:
            own[exercise_of(week, check.id)].append(check)
        for exercise, checks in own.items():
            elsewhere = verdicts.score(result.checks) - verdicts.score(checks)
            for check in checks:
                said[exercise][check.id].append((check, elsewhere))
            outcomes[exercise].append((verdicts.of_exercise(checks), elsewhere))
            # Once a submission: five checks that say the same are one student's misunderstanding.
            ideas[exercise].update({idea(check.message) for check in checks if verdicts.is_wrong(check)})
    views = []
    for exercise, checks_said in said.items():
        lines = [_check(check_id, given) for check_id, given in checks_said.items()]
        views.append(
            ExerciseView(
                week=week,
                week_title=week_short(week),
                name=safe.name(exercise),
                points=sum(line.max_points for line in lines),
                checks=lines,
                counts=count(verdict for verdict, _ in outcomes[exercise]),
                top=next(iter(_commonest(ideas[exercise])), None),
                item=_item(outcomes[exercise]),
            )
        )
    return views


def _item(given: Sequence[tuple[str, float]]) -> Item:
    rights = [None if verdict == "missing" else verdict == "pass" for verdict, _ in given]
    return items.item(rights, [elsewhere for _, elsewhere in given])


def _commonest(messages: Counter[str]) -> list[Message]:
    return [Message(text, n) for text, n in sorted(messages.items(), key=lambda item: (-item[1], item[0])) if text]


def _check(check_id: str, given: Sequence[tuple[CheckResult, float]]) -> CheckView:
    messages = _commonest(Counter(idea(c.message) for c, _ in given if verdicts.is_wrong(c)))
    return CheckView(
        id=safe.name(check_id),
        hidden=any(c.hidden for c, _ in given),
        max_points=max(c.max_points for c, _ in given),
        counts=count(c.verdict for c, _ in given),
        messages=messages[:TOP_MESSAGES],
        other_messages=sum(m.count for m in messages[TOP_MESSAGES:]),
        item=_item([(c.verdict, elsewhere) for c, elsewhere in given]),
    )
