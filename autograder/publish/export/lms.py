"""Grades for the imports of Canvas and Moodle, by the rules of those importers.

Both read an empty cell as "no grade" and clear what is there, so no empty cell is written: where somebody has no points to
hand on, the file holds what the system has already, or the weeks go into files of their own.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import UserError
from autograder.publish.export.tables import number, safe, written
from autograder.term.class_list import ClassList
from autograder.term.points import Standing
from autograder.term.roster import Person, Roster, plain
from course import syllabus

MOODLE_MOST = 100.0
"""Moodle stops an import at a grade above its site's limit, which is 100 unless an administrator raised it."""


@dataclass
class Handed:
    """What goes to a learning system. files: {part of the name, "" for the only one: text}. said: who and what is not in
    them, a sentence each.
    """

    files: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    count: int = 0
    """Grades in the files."""


def title(week: str) -> str:
    """A week as a column's name."""
    plan = syllabus.week(week)
    return f"Week {plan.number}: {plan.title}"


def short(week: str) -> str:
    """A week as a part of a file's name."""
    return f"week{syllabus.week(week).number:02}"


def points(standings: Iterable[Standing], handed: Handed, *, unfinished: bool) -> dict[str, dict[str, Standing]]:
    """{week: {student: standing}} of what can be handed on. Work that waits for marks or could not be graded is named in
    `handed.said`, and only taken where `unfinished` asks for it.
    """
    plans = syllabus.load()
    found: dict[str, dict[str, Standing]] = {}
    waiting: dict[str, list[str]] = {}
    refused: dict[str, list[str]] = {}
    for one in standings:
        if one.week not in plans:
            handed.said.append(f"{one.student}'s {one.week} is left out: it is no week of the course")
        elif one.final is None:
            continue
        else:
            if one.state == "waiting":
                waiting.setdefault(one.week, []).append(one.student)
            if one.state == "not gradable":
                refused.setdefault(one.week, []).append(one.student)
            if unfinished or one.state == "complete":
                found.setdefault(one.week, {})[one.student] = one
    done = "handed on as they stand" if unfinished else "left out (--unfinished hands on what is known)"
    for week, students in waiting.items():
        handed.said.append(
            f"{title(week)}: {_count(students)} for marks of written answers, {done}: {_names(students)}"
        )
    done = "handed on with 0 points" if unfinished else "left out"
    for week, students in refused.items():
        handed.said.append(f"{title(week)}: {len(students)} could not be graded, {done}: {_names(students)}")
    return {week: found[week] for week in plans if week in found}


def _count(students: Sequence[str]) -> str:
    return f"{len(students)} {'waits' if len(students) == 1 else 'wait'}"


def _names(students: Sequence[str]) -> str:
    return ", ".join(students[:12]) + (f" and {len(students) - 12} more" if len(students) > 12 else "")


def _split(
    header: Sequence[str],
    rows: Mapping[str, Sequence[str]],
    table: Mapping[str, Mapping[str, str]],
    top: Sequence[str] = (),
) -> dict[str, str]:
    """Files in which no cell is empty: one, where everyone has points in every week, else one for each week.

    rows: {student: the cells that say who it is}. table: {week: {student: points}}. top: cells of Canvas' second row.
    """
    everyone = {student for own in table.values() for student in own}
    whole = all(own.keys() == everyone for own in table.values())
    files = {}
    for part, weeks in ({"": list(table)} if whole else {short(week): [week] for week in table}).items():
        lines: list[Sequence[str]] = [[*header, *map(title, weeks)]]
        if top:
            lines.append([*top, *(number(syllabus.week(week).points) for week in weeks)])
        for student, cells in rows.items():
            if all(student in table[week] for week in weeks):
                lines.append([*cells, *(table[week][student] for week in weeks)])
        files[part] = written(lines)
    return files


def moodle(
    standings: Iterable[Standing],
    participants: ClassList | None = None,
    *,
    known: bool = True,
    unfinished: bool = False,
) -> Handed:
    """For Moodle's Grades > Import > CSV file.

    One user whom Moodle does not know ends its whole import, so who is not in the roster (`known`: there is one), or not among
    `participants`, is named instead. A line without a user would give its grades to the user of the line before: a column
    that names users is only written where it is filled in every line.
    """
    handed = Handed()
    given = points(standings, handed, unfinished=unfinished)
    there = Roster(participants.people) if participants else None
    people: dict[str, Person | None] = {}
    strangers: set[str] = set()
    for own in given.values():
        for student, one in own.items():
            if (known and one.person is None) or (there is not None and _of_moodle(there, one) is None):
                strangers.add(student)
            else:
                people[student] = (_of_moodle(there, one) if there else None) or one.person
    if strangers:
        place = "Moodle's participants" if there else "the roster"
        handed.said.append(f"not in {place}, and left out: {_names(sorted(strangers))}")
    ids = {student: person.id if person else student for student, person in people.items()}
    emails = {student: person.email if person else "" for student, person in people.items()}
    header, columns = ["username"], [ids]
    if ids and all(plain(ids[student]) == plain(emails[student]) for student in ids):
        header, columns = ["email address"], [emails]
    elif ids and all(emails.values()):
        header, columns = ["username", "email address"], [ids, emails]
    for name, column in zip(header, columns, strict=True):
        counts = Counter(plain(text) for text in column.values())
        twice = sorted(student for student, text in column.items() if counts[plain(text)] > 1)
        if twice:
            raise UserError(
                f"{_names(twice)} have the same {name}: Moodle would give one of them both grades; mend the roster"
            )
    table: dict[str, dict[str, str]] = {}
    for week, own in given.items():
        for student, one in own.items():
            if student not in people:
                continue
            assert one.final is not None
            if one.final > MOODLE_MOST:
                handed.said.append(
                    f"{student}, {title(week)}: {number(one.final)} is more than Moodle takes, and left out"
                )
                continue
            table.setdefault(week, {})[student] = number(one.final)
    names = {
        student: next((o.shown for own in given.values() if (o := own.get(student))), student) for student in people
    }
    rows = {student: [*(safe(column[student]) for column in columns), safe(names[student])] for student in people}
    handed.files = _split([*header, "name"], rows, table)
    handed.count = sum(map(len, table.values()))
    return handed


def _of_moodle(there: Roster, one: Standing) -> Person | None:
    """Who a student is among Moodle's participants."""
    person = one.person
    called = [one.student, *((person.email, person.name, *person.lms.values()) if person else ())]
    return next((found for name in called if name and (found := there.find(name))), None)


def canvas(standings: Iterable[Standing], *, unfinished: bool = False) -> Handed:
    """For Canvas' Grades > Import, without a gradebook of its own to look at: columns by title, people by their numbers."""
    handed = Handed()
    given = points(standings, handed, unfinished=unfinished)
    table = {week: {student: number(one.final) for student, one in own.items()} for week, own in given.items()}
    rows: dict[str, list[str]] = {}
    for own in given.values():
        for student, one in own.items():
            person = one.person or Person(student)
            lms = person.lms
            name = person.sort_name or person.name or student
            rows[student] = [
                safe(name),
                lms.get("canvas", ""),
                safe(lms.get("sis", "")),
                safe(person.id),
                safe(person.section),
            ]
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    handed.files = _split(header, rows, table, ["    Points Possible", "", "", "", ""])
    handed.count = sum(map(len, table.values()))
    return handed


_ASSIGNMENT = re.compile(r"(.*)\s\((\d+)\)")
"""How Canvas writes an assignment's column: its title and its id."""


@dataclass(frozen=True)
class CanvasGradebook:
    """A gradebook as Canvas exports it. rows: of people, as long as the header. info: columns before the assignments."""

    path: Path
    header: list[str]
    possible: list[str]
    rows: list[list[str]]
    info: int

    @classmethod
    def read(cls, path: Path) -> CanvasGradebook:
        """Raises UserError where the file is no such gradebook."""
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as problem:
            raise UserError(f"{path} cannot be read as a gradebook of Canvas in UTF-8: {problem}") from problem
        first = text.partition("\n")[0]
        rows = [
            row
            for row in csv.reader(io.StringIO(text), delimiter=max(",;", key=first.count))
            if any(map(str.strip, row))
        ]
        header = rows[0] if rows else []
        if "ID" not in header[:3] or "Section" not in header:
            raise UserError(
                f"{path} is no gradebook of Canvas: export it there with Grades > Export > Export Entire Gradebook"
            )
        wide = [row + [""] * (len(header) - len(row)) for row in rows[1:]]
        possible = next((row for row in wide if "Points Possible" in row[0]), [""] * len(header))
        number_at = header.index("ID")
        people = [row for row in wide if row[number_at].strip().isdigit()]
        return cls(path, header, possible, people, header.index("Section") + 1)

    def column(self, week: str, named: Mapping[str, str]) -> int | None:
        """Where a week's assignment is: by the id that `named` gives for the week, by our title, or by its number."""
        found = {}
        for place, text in enumerate(self.header[self.info :], start=self.info):
            if match := _ASSIGNMENT.fullmatch(text):
                found[place] = (match[1], match[2])
        plan = syllabus.week(week)
        if week in named:
            return next((place for place, (_, own) in found.items() if own == named[week]), None)
        same = [place for place, (text, _) in found.items() if plain(text) in (plain(title(week)), plain(week))]
        numbered = re.compile(rf"(?i)\bweek\s*0*{plan.number}\b")
        near = [place for place, (text, _) in found.items() if numbered.search(text)]
        return same[0] if len(same) == 1 else near[0] if len(near) == 1 and not same else None


def canvas_with(
    gradebook: CanvasGradebook,
    standings: Iterable[Standing],
    named: Mapping[str, str] | None = None,
    *,
    unfinished: bool = False,
) -> Handed:
    """For Canvas' import, with the people and assignments of a downloaded gradebook. A cell that is not ours to change
    keeps what Canvas has. named: {week: assignment id} where titles do not say it.
    """
    handed = Handed()
    given = points(standings, handed, unfinished=unfinished)
    columns: dict[str, int] = {}
    for week in given:
        place = gradebook.column(week, named or {})
        if place is None:
            handed.said.append(
                f"{gradebook.path} has no column that is surely {title(week)}: name its assignment with "
                f"--canvas-assignment {syllabus.week(week).number}=ID, or make the assignment in Canvas first"
            )
            continue
        columns[week] = place
        possible = gradebook.possible[place].strip().replace(",", ".")
        if possible and possible != number(syllabus.week(week).points):
            handed.said.append(
                f"{gradebook.header[place]} gives {possible} points in Canvas, and {syllabus.week(week).points} here"
            )
    rows = _rows_of(gradebook, given)
    lines: dict[int, list[str]] = {}
    for week, place in columns.items():
        for student, one in given[week].items():
            if (at := rows.get(student)) is None:
                continue
            there = gradebook.rows[at][place].strip().upper()
            if there in ("EX", "N/A"):
                why = "is excused in Canvas" if there == "EX" else "has no such assignment in Canvas"
                handed.said.append(f"{student} {why} ({title(week)}): left as it is")
                continue
            lines.setdefault(at, list(gradebook.rows[at]))[place] = number(one.final)
            handed.count += 1
    strangers = sorted({student for own in given.values() for student in own} - rows.keys())
    if strangers:
        handed.said.append(f"not in {gradebook.path}, and left out: {_names(strangers)}")
    kept = [*range(gradebook.info), *columns.values()]
    head = [[gradebook.header[place] for place in kept], [gradebook.possible[place] for place in kept]]
    body = [
        [safe(row[place]) if place < gradebook.info else row[place] for place in kept]
        for _, row in sorted(lines.items())
    ]
    handed.files = {"": written([*head, *body])} if body else {}
    return handed


def _rows_of(gradebook: CanvasGradebook, given: Mapping[str, Mapping[str, Standing]]) -> dict[str, int]:
    """{student: the row that is surely theirs}: by Canvas' own number, by login or SIS number, else by a name that is
    nobody else's.
    """
    at = {name: place for place, name in enumerate(gradebook.header[: gradebook.info])}

    def cell(row: Sequence[str], name: str) -> str:
        return row[at[name]].strip() if name in at else ""

    numbers = {cell(row, "ID"): place for place, row in enumerate(gradebook.rows)}
    people = []
    for place, row in enumerate(gradebook.rows):
        name = cell(row, "Student") or ", ".join(filter(None, (cell(row, "LastName"), cell(row, "FirstName"))))
        last, _, first = name.partition(", ")
        ids = {"login": cell(row, "SIS Login ID"), "sis": cell(row, "SIS User ID")}
        people.append(Person(f"row:{place}", f"{first} {last}".strip(), name, lms={k: v for k, v in ids.items() if v}))
    there = Roster(people)
    found: dict[str, int] = {}
    for own in given.values():
        for student, one in own.items():
            person = one.person
            theirs = one.result.lms.get("canvas", "") if one.result else ""
            own_numbers = [person.lms.get("canvas", "") if person else "", theirs]
            surely = next((numbers[n] for n in own_numbers if n in numbers), None)
            called = [student, *((person.lms.get("sis", ""), person.email, person.name) if person else ())]
            by_name = (int(p.id.partition(":")[2]) for name in called if name and (p := there.find(name)))
            at_last = next(by_name, None) if surely is None else surely
            if at_last is not None:
                found[student] = at_last
    return found
