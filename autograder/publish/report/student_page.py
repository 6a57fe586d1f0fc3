"""What a student's page shows, as plain data: answers, outputs and messages, safe to be written into HTML."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

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
    plan_of,
    reason,
    share_of,
    week_title,
)
from autograder.results import CheckResult, Result, Verdict, verdicts

MAX_OUTPUTS = 30


MAX_IMAGES = 12


MAX_PICTURE_CHARS = 2_500_000
"""Pictures of one submission, all together: the student's own cells first, then those of the notebook."""


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
    """The student's own cells and modules."""
    given: list[Answer]
    """Cells of ours that showed something: the pictures that the notebook draws with the student's functions."""
    sandbox: str
    reason: str
    bar: list[Segment]
    words: str

    @property
    def share(self) -> float:
        return share_of(self.score, self.max_score)


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
        return share_of(self.score, self.max_score)


def student_views(results: Iterable[Result]) -> list[StudentView]:
    by_student: dict[str, list[Result]] = defaultdict(list)
    for result in latest(results):
        by_student[result.student].append(result)
    return [
        StudentView(safe.name(student), safe.file_name(student), [_student_week(result) for result in own])
        for student, own in by_student.items()
    ]


_EXTRA = re.compile(r"(extra|module)-.+")


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
    counts = count(c.verdict for c in result.checks)
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
    """How a cell is called on the page. The student's own are recorded as `extra-<cell before it>-<number>`, their modules
    as `module-<name>`."""
    if own := re.fullmatch(r"module-(.+)", cell_id):
        return f"module {safe.name(own[1])}"
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
