"""What a student's page shows, as plain data: points, answers, outputs and messages, safe to be written into HTML.

The page stands alone: it is handed to its student, and says nothing of other students or of how grading was run.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from autograder.publish.report import markdown, safe
from autograder.publish.report.cell_outputs import Output, outputs
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
    plan_of,
    reason,
    week_title,
)
from autograder.results import CheckResult, Result, Verdict, verdicts
from autograder.term import decisions as decided
from autograder.term.decisions import Decisions
from autograder.term.folder import Term
from autograder.term.late import Lateness
from autograder.term.points import Standing, State, standings

MAX_PICTURE_CHARS = 2_500_000
"""Pictures of one submission, all together: the student's own cells first, then those of the notebook."""


@dataclass(frozen=True)
class Answer:
    """Code that the student wrote, highlighted, and what it showed."""

    id: str
    anchor: str
    code: Markup | None = None
    outputs: list[Output] = field(default_factory=list)


@dataclass(frozen=True)
class Item:
    """An item of the rubric that a person chose."""

    text: str
    points: float


@dataclass(frozen=True)
class WrittenAnswer:
    """An answer in words, and what a person gave for it. html: "" where nothing was written. points: None where there are
    none (yet), for the `reason`. adjustment: what was given beside the items; 0 where there are none.
    """

    id: str
    anchor: str
    html: Markup
    points: float | None = None
    most: float = 0.0
    reason: str = ""
    items: list[Item] = field(default_factory=list)
    adjustment: float = 0.0
    comment: str = ""


@dataclass(frozen=True)
class CheckLine:
    """decided: whether a person set the points."""

    id: str
    hidden: bool
    verdict: Verdict
    points: float
    max_points: float
    message: str
    decided: bool


@dataclass(frozen=True)
class ExerciseLine:
    name: str
    anchor: str
    verdict: str
    points: float
    max_points: float
    checks: list[CheckLine]
    answer: Answer | None

    @property
    def open(self) -> bool:
        return self.verdict not in ("pass", "missing")

    @property
    def lost(self) -> float:
        """Points that its checks could have given, and did not."""
        return round(self.max_points - self.points, 6)

    @property
    def advice(self) -> str:
        """The first line of what its first failing check said."""
        said = (check.message for check in self.checks if check.verdict not in ("pass", "missing") and check.message)
        return next(said, "").partition("\n")[0]


@dataclass(frozen=True)
class StudentWeek:
    """A week on the page. points: what counts, after lateness; None where nothing was handed in and nobody decided.
    automatic: what checks give, with what people set for single checks. waiting: points that may still come. whole:
    whether a person set the points of the whole week.
    """

    anchor: str
    title: str
    state: State
    verdict: Verdict
    points: float | None
    most: float
    automatic: float
    automatic_max: float
    by_hand: float
    by_hand_max: float
    waiting: float
    whole: bool
    penalty: float
    late: str
    warnings: list[str] = field(default_factory=list)
    exercises: list[ExerciseLine] = field(default_factory=list)
    written: list[WrittenAnswer] = field(default_factory=list)
    extras: list[Answer] = field(default_factory=list)
    """The student's own cells and modules."""
    given: list[Answer] = field(default_factory=list)
    """Cells of ours that showed something: the pictures that the notebook draws with the student's functions."""
    reason: str = ""
    bar: list[Segment] = field(default_factory=list)
    words: str = ""


@dataclass(frozen=True)
class StudentView:
    """A student's page. id: "" where it is the name."""

    name: str
    id: str
    file: str
    weeks: list[StudentWeek]

    @property
    def points(self) -> float:
        return math.fsum(week.points or 0.0 for week in self.weeks)

    @property
    def most(self) -> float:
        return math.fsum(week.most for week in self.weeks)

    @property
    def waiting(self) -> float:
        return math.fsum(week.waiting for week in self.weeks)


def student_views(results: Iterable[Result], term: Term | None = None) -> list[StudentView]:
    """A view for each student who handed anything in. term: None where none is kept and nobody decided anything."""
    decisions = decided.of(term.ledger.entries(), term.roster) if term else Decisions()
    by_student: dict[str, list[Standing]] = defaultdict(list)
    for standing in standings(latest(results), term, decisions=decisions):
        by_student[standing.student].append(standing)
    return [student_view(own, decisions) for own in by_student.values() if any(one.result for one in own)]


def student_view(own: Sequence[Standing], decisions: Decisions) -> StudentView:
    """The page of the one student whose standings these are, a week each."""
    name, identity = safe.name(own[0].shown), safe.name(own[0].student)
    weeks = [_student_week(standing, decisions) for standing in own]
    return StudentView(name, "" if identity == name else identity, safe.file_name(own[0].student), weeks)


_EXTRA = re.compile(r"(extra|module)-.+")


def _student_week(standing: Standing, decisions: Decisions) -> StudentWeek:
    result = standing.result
    week = StudentWeek(
        anchor=anchor(standing.week),
        title=week_title(standing.week),
        state=standing.state,
        verdict=result.verdict if result else "missing",
        points=standing.final,
        most=standing.most,
        automatic=0.0,
        automatic_max=standing.automatic_max,
        by_hand=standing.by_hand,
        by_hand_max=math.fsum(answer.most for answer in standing.written.values()),
        waiting=standing.waiting_points,
        whole=any(override.check is None for override in standing.overrides),
        penalty=standing.penalty or 0.0,
        late=_late(standing.lateness),
    )
    if result is None:
        return week
    plan = plan_of(result.week)
    budget = [MAX_PICTURE_CHARS]
    questions = list(dict.fromkeys([*(plan.written if plan else ()), *result.by_hand]))
    by_exercise: dict[str, list[CheckResult]] = defaultdict(list)
    for check in result.checks:
        by_exercise[exercise_of(result.week, check.id)].append(check)
    names = [*by_exercise, *(a for a in result.answers if a not in by_exercise and a not in questions)]
    exercises = [
        _exercise_line(standing, result, exercise, by_exercise.get(exercise, []), budget)
        for exercise in sorted(
            (n for n in dict.fromkeys(names) if not _EXTRA.fullmatch(n)), key=lambda n: exercise_rank(result.week, n)
        )
    ]
    shown = {*result.answers, *questions}
    counts = count(c.verdict for c in result.checks)
    return replace(
        week,
        automatic=math.fsum(line.points for line in exercises),
        warnings=[safe.message(warning) for warning in result.warnings],
        exercises=exercises,
        written=[
            _written(standing, result, question, decisions)
            for question in questions
            if question in result.answers or question in result.by_hand
        ],
        extras=[_answer(result, a, budget) for a in result.answers if _EXTRA.fullmatch(a)],
        given=[_answer(result, cell, budget) for cell in result.outputs if cell not in shown and result.outputs[cell]],
        reason=reason(result) if result.verdict == "invalid" else "",
        bar=bar(counts),
        words=in_words(counts),
    )


def _late(lateness: Lateness) -> str:
    """Lateness in the words of a page; "" for what came in time."""
    if not lateness.days:
        return ""
    days = f"{lateness.days} day{'' if lateness.days == 1 else 's'} late"
    if lateness.cut_off:
        return f"{days}, after the last day on which it could be handed in"
    if lateness.free_days_used:
        return f"{days}, {lateness.free_days_used} of the free days used"
    return days


def _written(standing: Standing, result: Result, question: str, decisions: Decisions) -> WrittenAnswer:
    blank = is_blank(result, question)
    html = Markup() if blank else markdown.render(result.answers[question].strip())
    given = standing.written.get(question)
    if given is None:
        return WrittenAnswer(safe.name(question), anchor(result.week, question), html)
    rubric = decisions.rubric.get((result.week, question), {})
    chosen = [rubric[name] for name in given.rubric if name in rubric and not rubric[name].removed]
    return WrittenAnswer(
        id=safe.name(question),
        anchor=anchor(result.week, question),
        html=html,
        points=given.points,
        most=given.most,
        reason="" if given.reason == "not answered" else safe.text(given.reason),
        items=[Item(safe.text(item.text), item.points) for item in chosen],
        adjustment=(given.mark.points or 0.0) if given.mark and chosen else 0.0,
        comment=safe.text(given.comment).strip(),
    )


def _exercise_line(
    standing: Standing, result: Result, exercise: str, checks: list[CheckResult], budget: list[int]
) -> ExerciseLine:
    decided_on = {override.check for override in standing.overrides}
    lines = [
        CheckLine(
            id=safe.name(c.id),
            hidden=c.hidden,
            verdict=c.verdict,
            points=standing.check_points(c.id),
            max_points=c.max_points,
            message=safe.message(c.message),
            decided=c.id in decided_on,
        )
        for c in checks
    ]
    return ExerciseLine(
        name=safe.name(exercise),
        anchor=anchor(result.week, exercise),
        verdict=verdicts.of_exercise(checks),
        points=math.fsum(line.points for line in lines),
        max_points=math.fsum(line.max_points for line in lines),
        checks=lines,
        answer=_answer(result, exercise, budget)
        if exercise in result.answers or result.outputs.get(exercise)
        else None,
    )


def _answer(result: Result, cell_id: str, budget: list[int]) -> Answer:
    source = result.answers.get(cell_id)
    return Answer(
        id=_title(cell_id),
        anchor=anchor(result.week, cell_id),
        code=safe.code(source) if source is not None else None,
        outputs=outputs(result.outputs.get(cell_id) or [], _title(cell_id), budget),
    )


def _title(cell_id: str) -> str:
    """How a cell is called on the page. The student's own are recorded as `extra-<cell before it>-<number>`, their modules
    as `module-<name>`."""
    if own := re.fullmatch(r"module-(.+)", cell_id):
        return f"module {safe.name(own[1])}"
    if own := re.fullmatch(r"extra-(.+)-\d+", cell_id):
        return "before all others" if own[1] == "top" else f"after {safe.name(own[1])}"
    return safe.name(cell_id)
