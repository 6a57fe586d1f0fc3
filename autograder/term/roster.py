"""Who is in a term: `roster.csv` of its folder, and how the name of a submission's folder leads to a person."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.errors import UserError
from autograder.term.spreadsheet import safe, unsafe
from course.files import write_text

FILE = "roster.csv"
COLUMNS = ("id", "name", "sort_name", "section", "email", "timezone")
"""Every other column holds the people's ids in a system: `canvas`, `moodle`, `gradescope`, `sis`, …"""


@dataclass(frozen=True)
class Person:
    """A person in the course. id: how submissions, marks and records call them. sort_name: for lists, such as "Doe, Jane".
    timezone: an IANA name, "" for that of the term. lms: {system: the person's id there}, several apart by blanks.
    """

    id: str
    name: str = ""
    sort_name: str = ""
    section: str = ""
    email: str = ""
    timezone: str = ""
    lms: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The name, else the id."""
        return self.name or self.id

    @property
    def order(self) -> tuple[str, str]:
        """Sorts people as a list of names does."""
        return plain(self.sort_name or self.name or self.id), self.id


def plain(text: str) -> str:
    """`text` for comparison: one Unicode form, no difference between capitals and small letters, single blanks."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).split())


def letters(text: str) -> str:
    """The letters and digits of a name without accents, as Canvas writes it before a file: "Núñez, Ana" is nunezana."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if c.isalnum())


class Roster:
    """The people of a term. Empty where nobody keeps one: then everyone who handed in counts."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self.people: tuple[Person, ...] = tuple(sorted(people, key=lambda person: person.order))
        self.by_id = {person.id: person for person in self.people}
        # Ways to call a person, from the surest to the least sure; each step counts only where it leads to one person.
        self._steps: list[dict[str, set[str]]] = [defaultdict(set) for _ in range(5)]
        for person in self.people:
            self._steps[0][plain(person.id)].add(person.id)
            self._steps[1][plain(person.email)].add(person.id)
            for ids in person.lms.values():
                for one in ids.split():
                    self._steps[2][plain(one)].add(person.id)
            first, _, last = person.name.rpartition(" ")
            for name in (person.name, person.sort_name, f"{last}, {first}"):
                self._steps[3][plain(name)].add(person.id)
                self._steps[4][letters(name)].add(person.id)

    def __bool__(self) -> bool:
        return bool(self.people)

    def __len__(self) -> int:
        return len(self.people)

    def find(self, student: str, lms: Mapping[str, str] | None = None) -> Person | None:
        """The person called `student`: by id, e-mail address, an id in a learning system or name; None where nobody is,
        or two people are. lms: the ids that came with a submission, {system: id}; they lead before names do.
        """
        if student in self.by_id:
            return self.by_id[student]
        for system, own in (lms or {}).items():
            found = [person for person in self.people if own and own in person.lms.get(system, "").split()]
            if len(found) == 1:
                return found[0]
        for step, called in enumerate((*[plain(student)] * 4, letters(student))):
            ids = self._steps[step].get(called, set()) if called else set()
            if len(ids) == 1:
                return self.by_id[next(iter(ids))]
            if ids:
                return None
        return None


def read(path: Path) -> Roster:
    """The roster at `path`; empty where there is none. Raises UserError with the line that cannot be understood."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            stream.seek(0)
            rows = csv.DictReader(stream, delimiter=max(",;\t", key=first.count), strict=True)
            return Roster(_people(rows, path))
    except FileNotFoundError:
        return Roster()
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise UserError(f"{path} cannot be read as a CSV file in UTF-8: {problem}") from problem


def _people(rows: csv.DictReader[str], path: Path) -> Iterable[Person]:
    columns = [name.strip() for name in rows.fieldnames or ()]
    rows.fieldnames = columns
    if "id" not in columns or len(set(columns)) < len(columns):
        raise UserError(f"{path}: the first line must name the columns, each once, `id` among them")
    seen: dict[str, int] = {}
    for row in rows:
        cells = {name: unsafe((value or "").strip()) for name, value in row.items() if isinstance(name, str)}
        if not any(cells.values()):
            continue
        line = rows.line_num
        if not cells["id"]:
            raise UserError(f"{path}, line {line}: the id is missing; it is the name that submissions have")
        if before := seen.get(plain(cells["id"])):
            raise UserError(f"{path}, line {line}: the id {cells['id']!r} is that of line {before}, too")
        seen[plain(cells["id"])] = line
        if cells.get("timezone"):
            zone(cells["timezone"], f"{path}, line {line}")
        yield Person(
            **{name: cells.get(name, "") for name in COLUMNS},
            lms={name: value for name, value in cells.items() if name not in COLUMNS and value},
        )


def write(path: Path, people: Iterable[Person]) -> None:
    """Write a roster that `read` reads, by name. Raises UserError where it cannot be written."""
    everyone = Roster(people).people
    systems = sorted({system for person in everyone for system in person.lms})
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow([*COLUMNS, *systems])
    for person in everyone:
        own = [*(getattr(person, name) for name in COLUMNS), *(person.lms.get(system, "") for system in systems)]
        rows.writerow(map(safe, own))  # people choose their names, and the file is opened in a spreadsheet
    try:
        write_text(path, stream.getvalue())
    except OSError as problem:
        raise UserError(f"{path} cannot be written: {problem.strerror}") from problem


def zone(name: str, where: str) -> ZoneInfo:
    """The time zone of that IANA name. Raises UserError that begins with `where`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as problem:  # not found; no name at all; a folder of the database
        raise UserError(f"{where}: {name!r} is no time zone; write a name such as Europe/Berlin or UTC") from problem
