"""Grades as CSV. Names come from students: no cell of ours is ever a formula when a spreadsheet opens the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from autograder.publish.export.hand import Points
from autograder.results import Result
from course import syllabus

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""First characters that make a spreadsheet compute; such a cell gets an apostrophe in front (OWASP, CSV injection)."""


def safe(text: str) -> str:
    """`text` as a cell that shows what it says, on one line."""
    line = " ".join(text.replace("\0", "").split())
    return f"'{line}" if text.startswith(FORMULA) or line.startswith(FORMULA) else line


def _number(points: float | None) -> str:
    return "" if points is None else f"{points:g}"


def _written(rows: Iterable[Sequence[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def total(result: Result, by_hand: Points) -> float:
    """Points of checks and of a person."""
    return result.score + sum(by_hand.get((result.student, result.week), {}).values())


def plain(results: Sequence[Result], by_hand: Points) -> str:
    """One row per submission, for a person or a spreadsheet."""
    rows = [("student", "week", "verdict", "by checks", "by hand", "total", "of", "still to grade", "noticed")]
    for result in results:
        given = by_hand.get((result.student, result.week), {})
        waiting = sum(points for question, points in result.by_hand.items() if question not in given)
        rows.append(
            (
                safe(result.student),
                result.week,
                result.verdict,
                _number(result.score),
                _number(sum(given.values())) if given else "",
                _number(total(result, by_hand)),
                _number(result.max_score + sum(result.by_hand.values())),
                _number(waiting),
                safe("; ".join(result.warnings)),
            )
        )
    return _written(rows)


def by_week(results: Sequence[Result], by_hand: Points) -> tuple[list[str], dict[str, list[float | None]]]:
    """The weeks handed in by anyone, in order, and each student's totals in them; None where nothing was handed in."""
    submitted = {result.week for result in results}
    weeks = [week for week in syllabus.load() if week in submitted]
    table: dict[str, list[float | None]] = {}
    for result in results:
        if result.week in weeks:
            row = table.setdefault(result.student, [None] * len(weeks))
            row[weeks.index(result.week)] = total(result, by_hand)
    return weeks, dict(sorted(table.items()))


def _title(week: str) -> str:
    plan = syllabus.week(week)
    return f"Week {plan.number}: {plan.title}"


def moodle(results: Sequence[Result], by_hand: Points) -> str:
    """For Moodle's Grades > Import > CSV file: map `username` to the user, each other column to its grade item."""
    weeks, table = by_week(results, by_hand)
    rows = [["username", *map(_title, weeks)]]
    rows += [[safe(student), *map(_number, points)] for student, points in table.items()]
    return _written(rows)


def canvas(results: Sequence[Result], by_hand: Points) -> str:
    """For Canvas' Grades > Import: its five columns, of which `SIS Login ID` is the student's name here; then the weeks."""
    weeks, table = by_week(results, by_hand)
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *map(_title, weeks)]]
    rows.append(["Points Possible", "", "", "", "", *(_number(syllabus.week(week).points) for week in weeks)])
    for student, points in table.items():
        rows.append([safe(student), "", "", safe(student), "", *map(_number, points)])
    return _written(rows)


def template(results: Sequence[Result]) -> str:
    """The CSV that `--by-hand` reads, points left empty: a row for each written answer that waits for a person."""
    rows: list[tuple[str, ...]] = [("student", "week", "question", "of", "points", "answer")]
    for result in results:
        for question, points in result.by_hand.items():
            answer = safe(result.answers.get(question, ""))
            rows.append((safe(result.student), result.week, question, _number(points), "", answer))
    return _written(rows)
