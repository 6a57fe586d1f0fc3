"""What the pages show, as plain data: computed from results alone, without the source of any check."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from autograder.publish.report import safe
from autograder.results import VERDICTS, CheckResult, Result, Verdict, verdicts
from autograder.weeks import marks
from course import syllabus

LABELS: dict[str, str] = {
    "pass": "passed",
    "fail": "failed",
    "error": "error",
    "timeout": "too slow",
    "oom": "out of memory",
    "missing": "not answered",
    "tampered": "tampered",
    "invalid": "not gradable",
}
MEANINGS: dict[str, str] = {
    "pass": "every check passed",
    "fail": "ran, and gave a wrong result",
    "error": "raised an exception or gave something that is no data",
    "timeout": "did not end within the time limit",
    "oom": "needed more memory than allowed",
    "missing": "left as it was in the release",
    "tampered": "parts of ours were changed; they were restored, and the answers graded as usual",
    "invalid": "the file could not be read as this week's notebook",
}
MAX_OUTPUTS = 30
MAX_IMAGES = 12
MAX_PICTURE_CHARS = 2_500_000
"""Pictures of one submission, all together: the student's own cells first, then those of the notebook."""
TOP_MESSAGES = 4


@dataclass(frozen=True)
class Segment:
    """A part of a stacked bar: from `x`, `width` wide, in percent."""

    verdict: str
    count: int
    x: float
    width: float


def bar(counts: dict[str, int]) -> list[Segment]:
    """Segments of a bar that fills 100 units, in the order of the verdicts."""
    total, x, segments = sum(counts.values()), 0.0, []
    for verdict in VERDICTS:
        if count := counts.get(verdict, 0):
            width = 100 * count / total
            segments.append(Segment(verdict, count, round(x, 3), round(width, 3)))
            x += width
    return segments


def in_words(counts: dict[str, int]) -> str:
    return ", ".join(f"{counts[v]} {LABELS[v]}" for v in VERDICTS if counts.get(v)) or "none"


# --- Names ------------------------------------------------------------------------------------------------------------


def plan_of(week: str) -> syllabus.WeekPlan | None:
    return syllabus.load().get(week)


def week_order(week: str) -> tuple[int, str]:
    plan = plan_of(week)
    return (plan.number if plan else 10_000, week)


def student_order(student: str) -> tuple[str, str]:
    return (student.casefold(), student)


def week_title(week: str) -> str:
    plan = plan_of(week)
    return f"Week {plan.number} · {plan.title}" if plan else safe.name(week, 40)


def week_short(week: str) -> str:
    plan = plan_of(week)
    return f"Week {plan.number}" if plan else safe.name(week, 20)


def anchor(week: str, part: str = "") -> str:
    """An id inside a page, of letters that need no escaping anywhere."""
    name = safe.file_name(week).replace(".", "_")
    return f"{name}--{safe.file_name(part).replace('.', '_')}" if part else name


def exercise_of(week: str, check_id: str) -> str:
    """The exercise a check belongs to: the longest exercise id of the syllabus that the check's id begins with."""
    plan = plan_of(week)
    owners = [e for e in (plan.exercises if plan else ()) if check_id == e or check_id.startswith(e + "-")]
    return max(owners, key=len, default=check_id.split("-", 1)[0])


def exercise_rank(week: str, exercise: str) -> tuple[int, str]:
    plan = plan_of(week)
    order = list(plan.exercises) if plan else []
    return (order.index(exercise) if exercise in order else len(order), exercise)


def idea(message: str) -> str:
    """The first line of a message: what is missing. The lines after it hold values, and differ between students."""
    lines = [line.strip() for line in safe.message(message).splitlines() if line.strip()]
    return lines[0][:300] if lines else ""


# --- The class --------------------------------------------------------------------------------------------------------


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
        return _share(self.score, self.max_score)


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
        return _share(self.score, self.max_score)


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


def _share(score: float, max_score: float) -> float:
    return min(max(score / max_score, 0.0), 1.0) if max_score > 0 else 0.0


def latest(results: Iterable[Result]) -> list[Result]:
    """The last result of each student and week, ordered by student and week: pages do not depend on the order given."""
    last = {(result.student, result.week): result for result in results}
    return sorted(last.values(), key=lambda r: (student_order(r.student), week_order(r.week)))


def page_of(student: str) -> str:
    return f"students/{safe.file_name(student)}.html"


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
        verdicts=_count(r.verdict for r in everything),
        unsandboxed=sum(r.sandbox == "none" for r in everything),
        seconds=sum(r.seconds for r in everything),
    )


def _count(given: Iterable[str]) -> dict[str, int]:
    counted = Counter(given)
    return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def _href(result: Result) -> str:
    return f"{page_of(result.student)}#{anchor(result.week)}"


def _score(result: Result | None) -> Score | None:
    if result is None:
        return None
    return Score(result.verdict, result.score, result.max_score, sum(result.by_hand.values()), _href(result))


def _note(result: Result, words: str) -> Note:
    return Note(safe.name(result.student), week_short(result.week), _href(result), words)


def reason(result: Result) -> str:
    """Why a submission got its verdict, in the grader's words: its warnings, else the first message of that verdict."""
    if result.warnings:
        return safe.message(" · ".join(result.warnings))
    said = (c.message for c in result.checks if c.verdict == result.verdict and c.message)
    return safe.message(next(said, "no reason was recorded"))


def _week(week: str, results: list[Result]) -> WeekView:
    graded = [r for r in results if r.verdict != "invalid"]
    shares = [_share(r.score, r.max_score) for r in graded]
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
        counts = _count(outcomes[exercise])
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
        counts=_count(c.verdict for c in given),
        messages=messages[:TOP_MESSAGES],
        other_messages=sum(m.count for m in messages[TOP_MESSAGES:]),
    )


def is_blank(result: Result, question: str) -> bool:
    """Whether a written question was left as it was in the release."""
    text = result.answers.get(question, "").strip()
    return not text or text.endswith(marks.TEXT_STUB)


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


# --- One student ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Output:
    """One thing a cell printed or showed. kind: stdout, stderr, result, error, picture or dropped."""

    kind: str
    text: str = ""
    picture: safe.Picture | None = None
    alt: str = ""


@dataclass(frozen=True)
class Answer:
    """Something that the student wrote: `code` for code (highlighted), `text` for words."""

    id: str
    anchor: str
    code: Markup | None = None
    text: str = ""
    points: float | None = None
    """Points still to be given by hand, for a written answer."""
    outputs: list[Output] = field(default_factory=list)

    @property
    def notable(self) -> bool:
        return any(output.kind == "error" for output in self.outputs)


@dataclass(frozen=True)
class CheckLine:
    id: str
    hidden: bool
    verdict: Verdict
    points: float
    max_points: float
    message: str


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


@dataclass(frozen=True)
class StudentWeek:
    anchor: str
    title: str
    verdict: Verdict
    score: float
    max_score: float
    by_hand: float
    warnings: list[str]
    exercises: list[ExerciseLine]
    written: list[Answer]
    extras: list[Answer]
    """The student's own cells."""
    given: list[Answer]
    """Cells of ours that showed something: the pictures that the notebook draws with the student's functions."""
    sandbox: str
    seconds: float
    reason: str
    bar: list[Segment]
    words: str

    @property
    def share(self) -> float:
        return _share(self.score, self.max_score)


@dataclass(frozen=True)
class StudentView:
    name: str
    file: str
    weeks: list[StudentWeek]

    @property
    def score(self) -> float:
        return sum(week.score for week in self.weeks)

    @property
    def max_score(self) -> float:
        return sum(week.max_score for week in self.weeks)

    @property
    def by_hand(self) -> float:
        return sum(week.by_hand for week in self.weeks)

    @property
    def unsandboxed(self) -> bool:
        return any(week.sandbox == "none" for week in self.weeks)

    @property
    def share(self) -> float:
        return _share(self.score, self.max_score)


def student_views(results: Iterable[Result]) -> list[StudentView]:
    by_student: dict[str, list[Result]] = defaultdict(list)
    for result in latest(results):
        by_student[result.student].append(result)
    return [
        StudentView(safe.name(student), safe.file_name(student), [_student_week(result) for result in own])
        for student, own in by_student.items()
    ]


_EXTRA = re.compile(r"extra-.+")


def _student_week(result: Result) -> StudentWeek:
    plan = plan_of(result.week)
    budget = [MAX_PICTURE_CHARS]
    questions = list(dict.fromkeys([*(plan.written if plan else ()), *result.by_hand]))
    by_exercise: dict[str, list[CheckResult]] = defaultdict(list)
    for check in result.checks:
        by_exercise[exercise_of(result.week, check.id)].append(check)
    names = [*by_exercise, *(a for a in result.answers if a not in by_exercise and a not in questions)]
    exercises = [
        _exercise_line(result, exercise, by_exercise.get(exercise, []), budget)
        for exercise in sorted(
            (n for n in dict.fromkeys(names) if not _EXTRA.fullmatch(n)), key=lambda n: exercise_rank(result.week, n)
        )
    ]
    written = [
        Answer(
            id=safe.name(question),
            anchor=anchor(result.week, question),
            text="" if is_blank(result, question) else safe.text(result.answers[question], safe.MAX_SOURCE).strip(),
            points=result.by_hand.get(question),
        )
        for question in questions
        if question in result.answers or question in result.by_hand
    ]
    shown = {*result.answers, *questions}
    extras = [_answer(result, a, budget) for a in result.answers if _EXTRA.fullmatch(a)]
    given = [_answer(result, cell, budget) for cell in result.outputs if cell not in shown and result.outputs[cell]]
    counts = _count(c.verdict for c in result.checks)
    return StudentWeek(
        anchor=anchor(result.week),
        title=week_title(result.week),
        verdict=result.verdict,
        score=result.score,
        max_score=result.max_score,
        by_hand=sum(result.by_hand.values()),
        warnings=[safe.message(warning) for warning in result.warnings],
        exercises=exercises,
        written=written,
        extras=extras,
        given=given,
        sandbox=safe.name(result.sandbox, 20),
        seconds=result.seconds,
        reason=reason(result) if result.verdict == "invalid" else "",
        bar=bar(counts),
        words=in_words(counts),
    )


def _exercise_line(result: Result, exercise: str, checks: list[CheckResult], budget: list[int]) -> ExerciseLine:
    lines = [
        CheckLine(safe.name(c.id), c.hidden, c.verdict, c.points, c.max_points, safe.message(c.message)) for c in checks
    ]
    return ExerciseLine(
        name=safe.name(exercise),
        anchor=anchor(result.week, exercise),
        verdict=verdicts.of_exercise(checks),
        points=sum(c.points for c in checks),
        max_points=sum(c.max_points for c in checks),
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
    """How a cell is called on the page. The student's own cells are recorded as `extra-<cell before it>-<number>`."""
    if own := re.fullmatch(r"extra-(.+)-\d+", cell_id):
        return "before all others" if own[1] == "top" else f"after {safe.name(own[1])}"
    return safe.name(cell_id)


def _alt(data: dict[str, Any], otherwise: str) -> str:
    """The text alternative of a picture: `course.plots.show` sends it as the picture's plain text."""
    words = " ".join(safe.text(data.get("text/plain", ""), limit=1000).split())
    return words.removeprefix("Figure: ") if words.startswith("Figure: ") else otherwise


def outputs(given: list[dict[str, Any]], cell_id: str, budget: list[int]) -> list[Output]:
    """What a cell showed, as text and checked pictures. HTML, SVG, JavaScript and all else are never passed on.

    budget: characters that pictures may still take, in a list of one; lowered by what this cell uses.
    """
    shown: list[Output] = []
    pictures = 0
    for output in given[:MAX_OUTPUTS]:
        if not isinstance(output, dict):
            continue
        kind = output.get("output_type")
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            shown.append(Output(name, safe.text(output.get("text", ""), lines=safe.MAX_LINES).rstrip("\n")))
        elif kind == "error":
            trace = output.get("traceback") or [f"{output.get('ename', 'Error')}: {output.get('evalue', '')}"]
            trace = trace if isinstance(trace, list) else [trace]
            shown.append(Output("error", safe.text("\n".join(map(str, trace)), lines=safe.MAX_LINES)))
        elif kind in ("display_data", "execute_result") and isinstance(data := output.get("data"), dict):
            kind_of_picture = next((k for k in ("image/png", "image/jpeg") if k in data), None)
            checked = safe.picture(kind_of_picture, data[kind_of_picture]) if kind_of_picture else None
            if checked and (pictures >= MAX_IMAGES or len(checked.uri) > budget[0]):
                shown.append(Output("dropped", "A picture is left out: there were too many, or too large."))
            elif checked:
                pictures += 1
                budget[0] -= len(checked.uri)
                alt = _alt(data, f"Picture {pictures} that the cell {cell_id} drew")
                shown.append(Output("picture", picture=checked, alt=alt))
            elif "text/plain" in data:
                shown.append(Output("result", safe.text(data["text/plain"], lines=safe.MAX_LINES)))
            else:
                kinds = ", ".join(sorted(safe.name(str(k), 40) for k in data)[:5])
                shown.append(Output("dropped", f"An output of kind {kinds or 'unknown'} is not shown."))
    if len(given) > MAX_OUTPUTS:
        shown.append(Output("dropped", f"{len(given) - MAX_OUTPUTS} more outputs are not shown."))
    return shown
