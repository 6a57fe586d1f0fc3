"""What both kinds of page share: words for verdicts, names and their order, bars, shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.publish.report import safe
from autograder.results import VERDICTS, Result
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


def number(value: float) -> str:
    """Points as a teacher writes them: 7, 7.5; a true minus sign."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "−")


def share_of(score: float, max_score: float) -> float:
    return min(max(score / max_score, 0.0), 1.0) if max_score > 0 else 0.0


def latest(results: Iterable[Result]) -> list[Result]:
    """The last result of each student and week, ordered by student and week: pages do not depend on the order given."""
    last = {(result.student, result.week): result for result in results}
    return sorted(last.values(), key=lambda r: (student_order(r.student), week_order(r.week)))


def page_of(student: str) -> str:
    return f"students/{safe.file_name(student)}.html"


def count(given: Iterable[str]) -> dict[str, int]:
    counted = Counter(given)
    return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def reason(result: Result) -> str:
    """Why a submission got its verdict, in the grader's words: its warnings, else the first message of that verdict."""
    if result.warnings:
        return safe.message(" · ".join(result.warnings))
    said = (c.message for c in result.checks if c.verdict == result.verdict and c.message)
    return safe.message(next(said, "no reason was recorded"))


def is_blank(result: Result, question: str) -> bool:
    """Whether a written question was left as it was in the release."""
    text = result.answers.get(question, "").strip()
    return not text or text.endswith(marks.TEXT_STUB)
