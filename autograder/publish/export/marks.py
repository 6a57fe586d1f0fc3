"""Marks of written answers as CSV: out to people who mark in a spreadsheet, and from there into the ledger."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder import weeks
from autograder.errors import UserError
from autograder.publish.export.tables import number, safe, unsafe, written
from autograder.term.folder import Term
from autograder.term.ledger import Mark, answer_hash
from autograder.term.points import Standing, Written
from course import syllabus

COLUMNS = ("student", "week", "question", "points")
"""Those that a file must have. Exported ones have more: `of`, `was` (the points when it was exported), `comment`, what was
asked, the answer, and in `version` which answer it was."""

MAX_CELL = 30_000
"""Characters of an answer in a cell: spreadsheets take 32,767, and `csv` reads no file with a cell of more than 131,072."""
_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?")


def table(standings: Iterable[Standing], *, everything: bool = False) -> str:
    """CSV with a row for each written answer that waits for points; `everything`: for each answer there is."""
    header = (
        "student",
        "name",
        "week",
        "question",
        "of",
        "points",
        "comment",
        "asked",
        "answer",
        "note",
        "was",
        "version",
    )
    rows: list[Sequence[str]] = [header]
    for one in standings:
        if one.result is None or one.result.verdict == "invalid":
            continue
        for question, answer in one.written.items():
            if not (answer.waiting or everything):
                continue
            text = one.result.answers.get(question, "")
            rows.append(
                (
                    safe(one.student),
                    safe(one.person.name) if one.person else "",
                    safe(one.week),
                    question,
                    number(answer.most),
                    number(answer.points) if answer.mark else "",
                    safe(answer.comment),
                    safe(_asked(one.week, question)),
                    safe(
                        text
                        if len(text) <= MAX_CELL
                        else f"{text[:MAX_CELL]} … (cut: `autograder mark` shows all of it)"
                    ),
                    safe(_note(answer)),
                    number(answer.points) if answer.mark else "",
                    version(text),
                )
            )
    return written(rows)


def version(answer: str) -> str:
    """Names an answer's text; begins with a letter, so that no spreadsheet takes it for a number."""
    return f"a{answer_hash(answer)[:11]}"


def _note(answer: Written) -> str:
    """For whoever marks: why it waits, and what its earlier text got."""
    if answer.previous is None or not answer.waiting:
        return ""
    was = number(answer.previous.points)
    return f"{answer.reason}: it had {was}{f' ({answer.previous.comment})' if answer.previous.comment else ''}"


def _asked(week: str, question: str) -> str:
    """The text of ours that stands before a written answer."""
    if week not in syllabus.load():
        return ""
    before = ""
    for cell in weeks.load(week).cells:
        if cell.id == question:
            return before
        if cell.role == "text":
            before = cell.source
    return ""


@dataclass
class Import:
    """What files say. same: marks that the ledger has already. conflicts: answers that somebody marked otherwise meanwhile,
    and that were left as they are. said: what else was noticed.
    """

    marks: list[Mark] = field(default_factory=list)
    same: int = 0
    conflicts: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def read(
    paths: Sequence[Path], standings: Iterable[Standing], term: Term, grader: str, *, replace: bool = False
) -> Import:
    """The marks in CSV files. Raises UserError that names file and line of what cannot be meant; nothing then counts.

    replace: take the files' points where somebody else gave others.
    """
    known = {(one.student, one.week): one for one in standings if one.result is not None}
    found = Import()
    seen: dict[tuple[str, str, str], tuple[float, str]] = {}
    for path in paths:
        try:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                first = stream.readline()
                stream.seek(0)
                rows = csv.DictReader(
                    stream, delimiter=max(",;\t", key=first.count)
                )  # Excel writes ";" in some countries
                names = list(rows.fieldnames or ())
                if not set(COLUMNS) <= set(names) or any(names.count(name) > 1 for name in COLUMNS):
                    raise UserError(f"{path}: the first line must name the columns {', '.join(COLUMNS)}, each once")
                for row in rows:
                    _take(row, known, term, found, seen, f"{path}, line {rows.line_num}", grader, replace)
        except OSError as problem:
            raise UserError(f"{path} cannot be read: {problem.strerror}") from problem
        except (UnicodeDecodeError, csv.Error) as problem:
            raise UserError(f"{path} cannot be read as a CSV file in UTF-8: {problem}") from problem
    return found


def _take(
    row: dict[str, str | None],
    known: dict[tuple[str, str], Standing],
    term: Term,
    found: Import,
    seen: dict[tuple[str, str, str], tuple[float, str]],
    where: str,
    grader: str,
    replace: bool,
) -> None:
    student, week, question = (_cell(row, name) for name in COLUMNS[:3])
    comment = _cell(row, "comment")
    if row["points"] is None:
        raise UserError(f"{where}: the line ends before its points")
    if not row["points"].strip():
        if comment and not _cell(row, "was"):
            found.said.append(f"{where}: a comment without points is left out")
        return  # a row that is still to be marked
    one = _submission(known, term, student, week, found, where)
    if question not in one.written:
        there = ", ".join(one.written) or "none"
        raise UserError(f"{where}: {week} has no written question {question!r} (it has: {there})")
    answer = one.written[question]
    parsed = _NUMBER.fullmatch(row["points"].strip())
    points = float(parsed[0].replace(",", ".")) if parsed else -1.0
    if not 0 <= points <= answer.most:
        raise UserError(f"{where}: points for {question} are a number from 0 to {answer.most:g}, not {row['points']!r}")
    assert one.result is not None
    text = one.result.answers.get(question, "")
    if (own := _cell(row, "version")) and own != version(text):
        found.conflicts.append(
            f"{where}: {one.student} has changed the answer since this file was written; mark it anew"
        )
        return
    key = (one.student, week, question)
    if key in seen:
        before, place = seen[key]
        if before != points:
            raise UserError(f"{where}: {question} of {student} has {points:g} here and {before:g} in {place}")
        return
    seen[key] = (points, where)
    if answer.mark is not None and not answer.waiting:
        if answer.points == points and ("comment" not in row or " ".join(answer.comment.split()) == comment):
            found.same += 1
            return
        was = _cell(row, "was").replace(",", ".")
        if was != number(answer.points) and not replace:
            whose = f" by {answer.mark.grader}" if answer.mark.grader else ""
            found.conflicts.append(
                f"{where}: {question} of {one.student} has {answer.points:g} points{whose} already, not {points:g}"
            )
            return
    found.marks.append(
        Mark(
            student=one.student,
            week=week,
            question=question,
            points=points,
            comment=comment,
            answer=answer_hash(text),
            grader=grader,
        )
    )


def _cell(row: dict[str, str | None], name: str) -> str:
    """A cell without blanks around it, and without the apostrophe that `safe` puts before a formula."""
    return unsafe((row.get(name) or "").strip())


def _submission(
    known: dict[tuple[str, str], Standing], term: Term, student: str, week: str, found: Import, where: str
) -> Standing:
    """The submission that a row is about; a number whose zeros a spreadsheet dropped leads to the one student it can be."""
    person = term.roster.find(student)
    for name in (student, person.id if person else student):
        if (one := known.get((name, week))) is not None:
            return one
    padded = [
        one for (name, of), one in known.items() if of == week and student.isdigit() and name.lstrip("0") == student
    ]
    if len(padded) == 1:
        found.said.append(f"{where}: {student} is read as {padded[0].student}; a spreadsheet has dropped its zeros")
        return padded[0]
    raise UserError(f"{where}: {student!r} has no graded submission of {week!r}")
