"""What the importers of Canvas and Moodle do with a file, by the rules of their public source, restated for tests.

Canvas (lib/gradebook_importer.rb): the first line must begin with Student and ID and have Section as the last column about
the person; assignments are found by the number in brackets, else by their whole title, else made; people by their number, SIS
id, login, else by their whole name, else new; an empty cell where Canvas has a grade clears it; a header that holds "Final
Score" and the like is no assignment.

Moodle (grade/import/csv/classes/load_data.php): lines must have as many cells as the first; a user that is not found ends
everything; an empty user keeps the user of the line before; an empty grade or "-" clears; a grade above the limit ends
everything; what is no number ends everything.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

_NO_ASSIGNMENT = (
    "Current Score",
    "Current Points",
    "Current Grade",
    "Final Score",
    "Final Points",
    "Final Grade",
    "Override",
)


@dataclass
class Outcome:
    """grades: {(user, item): grade or None where it was cleared}. made: new items and new people. failed: why all ended."""

    grades: dict[tuple[str, str], str | None] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    failed: str = ""

    @property
    def cleared(self) -> list[tuple[str, str]]:
        return [key for key, grade in self.grades.items() if grade is None]


def canvas(
    text: str, people: list[tuple[str, str, str, str]], assignments: dict[str, str], now: dict[tuple[str, str], str]
) -> Outcome:
    """people: (id, name as Canvas sorts it, SIS id, login). assignments: {id: title}. now: {(person id, assignment id): grade}."""
    rows = [row for row in csv.reader(io.StringIO(text)) if any(cell.strip(" ;,") for cell in row)]
    header, found = rows[0], Outcome()
    if len(header) <= 3 or "Student" not in header[0] or "ID" not in header[1]:
        return Outcome(failed="Invalid header row")
    about, login, sis = 3, None, None
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        about, login = 4, 2
    elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]):
        about, sis, login = 5, 2, 3
    if "Section" not in header[about - 1]:
        return Outcome(failed="Invalid header row")
    items: dict[int, str] = {}
    for place, title in enumerate(header[about:], start=about):
        if any(word in title for word in _NO_ASSIGNMENT):
            continue
        numbered = re.fullmatch(r"(.*)\s\((\d+)\)", title)
        known = numbered[2] if numbered and numbered[2] in assignments else None
        known = known or next((number for number, own in assignments.items() if own == title), None)
        if known is None:
            found.made.append(title)
        items[place] = known or title
    for row in rows[1:]:
        if "Points Possible" in row[0] or all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row):
            continue
        who = next((p for p in people if p[0] == row[1]), None)
        who = who or next((p for p in people if sis and row[sis] and p[2] == row[sis]), None)
        who = who or next((p for p in people if login and row[login] and p[3] == row[login]), None)
        who = who or next((p for p in people if p[1] == row[0]), None)
        if who is None:
            found.made.append(row[0])
        user = who[0] if who else row[0]
        for place, item in items.items():
            new, old = row[place].strip(), now.get((user, item), "")
            if re.fullmatch(r"-?[0-9.,]+%?", new):
                new = re.sub(r"[.,](?=.*[.,])", "", new).replace(",", ".")
            if new != old and (new or old):
                found.grades[user, item] = new or None
    return found


def moodle(text: str, users: set[str], column: str, limit: float = 100) -> Outcome:
    """users: what Moodle knows in the field that `column` is mapped to; every other column but `name` is a grade item."""
    rows = list(csv.reader(io.StringIO(text)))
    header, found, user = rows[0], Outcome(), ""
    for row in rows[1:]:
        if len(row) != len(header):
            return Outcome(failed="weird columns")
        cells = dict(zip(header, map(str.strip, row), strict=True))
        if cells[column]:
            if cells[column] not in users:
                return Outcome(failed=f"User mapping error: could not find user {cells[column]}")
            user = cells[column]
        for item, value in cells.items():
            if item in ("username", "email address", "name"):
                continue
            if value in ("", "-"):
                found.grades[user, item] = None
                continue
            try:
                if float(value.replace(" ", "").replace(",", ".")) > limit:
                    return Outcome(failed="grade value too big")
            except ValueError:
                return Outcome(failed="bad grade")
            found.grades[user, item] = value
    return found
