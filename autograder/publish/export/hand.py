"""Points that a person gave for written questions, from a CSV file: student, week, question, points."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import UserError
from autograder.results import Result

COLUMNS = ("student", "week", "question", "points")

_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?")

Points = dict[tuple[str, str], dict[str, float]]
"""{(student, week): {written question: points}}"""


def read(path: Path, results: Iterable[Result]) -> Points:
    """The points in `path` for the submissions in `results`. Raises UserError that names file and line."""
    submitted = {(result.student, result.week): result for result in results}
    found: Points = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            stream.seek(0)
            delimiter = max(",;", key=first.count)  # Excel writes ";" where "," stands in numbers
            rows = csv.DictReader(stream, delimiter=delimiter)
            names = list(rows.fieldnames or ())
            if not set(COLUMNS) <= set(names) or any(names.count(name) > 1 for name in COLUMNS):
                raise UserError(f"{path}: the first line must name the columns {', '.join(COLUMNS)}, each once")
            for row in rows:
                _take(row, submitted, found, f"{path}, line {rows.line_num}")
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise UserError(f"{path} cannot be read as a CSV file in UTF-8: {problem}") from problem
    return found


def _take(row: dict[str, str], submitted: dict[tuple[str, str], Result], found: Points, where: str) -> None:
    student, week, question = (str(row[name] or "").strip() for name in COLUMNS[:3])
    if row["points"] is None:
        raise UserError(f"{where}: the line ends before its points")
    if not row["points"].strip():
        return  # a row of the template that is still empty
    result = submitted.get((student, week))
    if result is None:
        raise UserError(f"{where}: {student!r} has no graded submission of {week!r}")
    if question not in result.by_hand:
        known = ", ".join(result.by_hand) or "none"
        raise UserError(f"{where}: {week} has no written question {question!r} (it has: {known})")
    number = _NUMBER.fullmatch(row["points"].strip())
    points = float(number[0].replace(",", ".")) if number else -1.0
    most = result.by_hand[question]
    if not 0 <= points <= most:
        raise UserError(f"{where}: points for {question} are a number from 0 to {most:g}, not {row['points']!r}")
    given = found.setdefault((student, week), {})
    if question in given:
        raise UserError(f"{where}: {question} of {student} has points already, in a line further up")
    given[question] = points
