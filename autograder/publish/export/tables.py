"""Grades as CSV for people and spreadsheets. Names come from students: no cell of ours is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from autograder.term.points import Standing
from autograder.term.spreadsheet import FORMULA, safe, unsafe

__all__ = ["FORMULA", "number", "plain", "safe", "unsafe", "written"]


def number(points: float | None) -> str:
    """Points as a cell: at most two decimals; empty where there are none."""
    return "" if points is None else f"{round(points, 2):.10g}"


def written(rows: Iterable[Sequence[str]]) -> str:
    """Rows as the text of a CSV file."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


HEADER = (
    "student",
    "name",
    "section",
    "week",
    "state",
    "verdict",
    "by checks",
    "by hand",
    "raw",
    "penalty",
    "final",
    "of",
    "still to mark",
    "days late",
    "handed in",
    "noticed",
)


def plain(standings: Iterable[Standing]) -> str:
    """One row for each student and week, for a person or a spreadsheet: raw points, penalty and final points apart."""
    rows: list[Sequence[str]] = [HEADER]
    for one in standings:
        result = one.result
        given = [answer for answer in one.written.values() if answer.mark]
        noticed = [*one.notes, *(f"override: {override.reason}" for override in one.overrides)]
        rows.append(
            (
                safe(one.student),
                safe(one.person.name) if one.person else "",
                safe(one.person.section) if one.person else "",
                safe(one.week),
                one.state,
                result.verdict if result else "",
                number(one.automatic) if result else "",
                number(one.by_hand) if given else "",
                number(one.raw),
                number(one.penalty),
                number(one.final),
                number(one.most),
                number(one.waiting_points) if one.waiting else "",
                str(one.lateness.days or ""),
                result.handed_in if result else "",
                safe("; ".join([*(result.warnings if result else ()), *noticed])),
            )
        )
    return written(rows)
