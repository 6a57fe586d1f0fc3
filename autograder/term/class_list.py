"""Class lists as learning systems give them: Canvas' gradebook, Moodle's participants, Gradescope's roster, plain CSV.

A list is read with what people do to such files in mind: a spreadsheet that dropped zeros or saved in another encoding, a
person twice, two people of one name. Each is reported in a sentence; what cannot be told apart is refused.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from autograder.errors import UserError
from autograder.term.roster import Person, Roster, plain
from autograder.term.spreadsheet import unsafe

Kind = Literal["Canvas", "Moodle", "Gradescope", "plain"]

# Columns by what they hold, the surest first. Moodle translates its own: the English and German names are known here.
_FIRST = ("first name", "firstname", "vorname", "given name", "prénom")
_LAST = ("last name", "lastname", "surname", "nachname", "family name", "nom")
_NAME = ("name", "full name", "student name", "student", "vollständiger name")
_EMAIL = ("email", "email address", "e-mail", "e-mail address", "e-mail-adresse", "mail")
_SECTION = ("section", "sections", "groups", "group", "gruppen", "gruppe", "section name")
_ROLE = ("role", "roles", "rolle", "rollen")
_ZONE = ("timezone", "time zone")
_IDS: Mapping[Kind, tuple[str, ...]] = {
    "Canvas": ("sis login id", "sis user id", "id"),
    "Moodle": ("username", "anmeldename", "id number", "id-nummer", *_EMAIL),
    "Gradescope": ("sid", "student id", *_EMAIL),
    "plain": ("id", "student id", "student_id", "username", "login", "user", "student", *_EMAIL),
}
_STUDENT_ROLES = ("", "student", "students", "learner", "teilnehmer/in", "teilnehmer", "studierende", "étudiant")
_PARTICIPANT = re.compile(r"(?:participant|teilnehmer/in|teilnehmer)?\s*(\d+)", re.IGNORECASE)


@dataclass
class ClassList:
    """The people of a file. said: what was noticed, one sentence each."""

    kind: Kind
    people: list[Person] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def read(path: Path, id_column: str = "") -> ClassList:
    """The people in a class list. id_column: whose content is to be a person's id, where another than the usual one is.

    Raises UserError that names file and line where it is no class list, or does not say who somebody is.
    """
    text, said = _text(path)
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        rows = [(reader.line_num, [_clean(cell) for cell in row]) for row in reader if any(map(str.strip, row))]
    except csv.Error as problem:
        raise UserError(f"{path} cannot be read as CSV: {problem}") from problem
    if len(rows) < 2:
        raise UserError(
            f"{path} holds no class list: a line with the names of the columns and one for each person is expected"
        )
    header = [name.casefold() for name in rows[0][1]]
    kind = _kind(header, path)
    found = ClassList(kind, said=said)
    ids = (id_column.casefold(),) if id_column else _IDS[kind]
    if id_column and id_column.casefold() not in header:
        raise UserError(f"{path} has no column {id_column!r}; it has: {', '.join(filter(None, rows[0][1]))}")
    left_out: dict[str, int] = defaultdict(int)
    people: list[tuple[int, Person]] = []
    for line, cells in rows[1:]:
        row = dict(zip(header, cells, strict=False))
        where = f"{path}, line {line}"
        if kind == "Canvas" and _is_of_canvas_itself(row):
            continue
        role = next((row[name] for name in _ROLE if row.get(name)), "")
        if not any(part.strip().casefold() in _STUDENT_ROLES for part in role.split(",")):
            left_out[role] += 1
            continue
        people.append((line, _person(kind, row, ids, where, found.said)))
    found.said += [f"{path}: {count} with the role {role!r} left out" for role, count in left_out.items()]
    found.people = _unique(people, path, found.said)
    if not found.people:
        raise UserError(f"{path} names no student")
    return found


def _text(path: Path) -> tuple[str, list[str]]:
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise UserError(f"{path} cannot be read: {problem.strerror}") from problem
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UserError(f"{path} is a spreadsheet in its program's own form: save it as CSV in UTF-8")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), []
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        note = f"{path} is not in UTF-8 and was read as Windows' western encoding: look whether names with accents are right"
        return data.decode("cp1252", "replace"), [note]


def _clean(cell: str) -> str:
    """A cell in one Unicode form, without what programs put around it: blanks, and an apostrophe against formulas."""
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    return unsafe("".join(character for character in text if unicodedata.category(character) != "Cc"))


def _kind(header: Sequence[str], path: Path) -> Kind:
    has = set(header)
    if ("student" in has or {"lastname", "firstname"} <= has) and "id" in has and "section" in has:
        return "Canvas"
    if "sid" in has and has & {*_NAME, *_FIRST}:
        return "Gradescope"
    if ("identifier" in has and "full name" in has) or (
        has & set(_FIRST) and has & set(_LAST) and not has & {"id", "student"}
    ):
        return "Moodle"
    if has & set(_IDS["plain"]):
        return "plain"
    expected = "a gradebook of Canvas, participants of Moodle, a roster of Gradescope, or a CSV file with the columns id and name"
    raise UserError(
        f"{path} is no class list that is known here ({expected}); its columns are: {', '.join(filter(None, header))}"
    )


def _is_of_canvas_itself(row: Mapping[str, str]) -> bool:
    """Whether a row of Canvas' gradebook is none of a student: points possible, posting policies, its test student."""
    name = row.get("student", "")
    return not row.get("id") or name == "Points Possible" or name == "Student, Test"


def _person(kind: Kind, row: Mapping[str, str], ids: Sequence[str], where: str, said: list[str]) -> Person:
    def cell(names: Iterable[str]) -> str:
        return next((row[name] for name in names if row.get(name)), "")

    first, last = cell(_FIRST), cell(_LAST)
    shown = " ".join(filter(None, (first, last)))
    sort_name = ", ".join(filter(None, (last, first)))
    if not shown:
        shown = cell(name for name in _NAME if name not in ids[:1] or kind != "plain")
        if "," in shown:
            sort_name = shown
            shown = " ".join(part.strip() for part in reversed(shown.split(",", 1)) if part.strip())
    sort_name = row.get("sort_name") or sort_name
    email = cell(_EMAIL)
    column = next((name for name in ids if row.get(name)), None)
    if column is None:
        raise UserError(
            f"{where}: nothing says who {shown or 'this'} is; one of these columns is needed: {', '.join(ids)}"
        )
    if column in _EMAIL and ids[0] not in _EMAIL and ids[0] in row:
        said.append(f"{where}: {shown or email} has no {ids[0]}; the e-mail address is the id")
    own, shown = _id(row[column], where, said), _mended(shown, where, said)
    lms: dict[str, str] = {}
    if kind == "Canvas":
        lms = {"canvas": row["id"]} | ({"sis": row["sis user id"]} if row.get("sis user id") else {})
    elif kind == "Gradescope" and row["sid"]:
        lms = {"gradescope": row["sid"]}
    elif kind == "Moodle" and (number := _PARTICIPANT.fullmatch(row.get("identifier", ""))):
        lms = {"moodle": number[1]}
    elif kind == "plain":
        lms = {name: row[name] for name in ("canvas", "moodle", "gradescope", "sis") if row.get(name)}
    return Person(own, shown, _mended(sort_name, where, []), cell(_SECTION), email, cell(_ZONE), lms)


def _id(text: str, where: str, said: list[str]) -> str:
    if re.fullmatch(r"\d(?:[.,]\d+)?E\+?\d+", text, re.IGNORECASE):
        raise UserError(
            f"{where}: the id {text!r} was a long number that a spreadsheet has shortened: take the file as the system gave it"
        )
    if re.fullmatch(r"\d+\.0", text):
        said.append(f"{where}: the id {text!r} is read as {text[:-2]!r}; a program has made a number of it")
        return text[:-2]
    return text


def _mended(name: str, where: str, said: list[str]) -> str:
    """A name whose accents were read in a wrong encoding somewhere, corrected where that is certain."""
    if not re.search("[ÃÂÄÅÌ][\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]", name):
        return name
    try:
        right = unicodedata.normalize("NFC", name.encode("cp1252").decode("utf-8"))
    except (UnicodeEncodeError, UnicodeDecodeError):
        return name
    said.append(f"{where}: the name {name!r} is read as {right!r}; its accents were saved in a wrong encoding")
    return right


def _unique(people: Sequence[tuple[int, Person]], path: Path, said: list[str]) -> list[Person]:
    """Each person once. Raises UserError where one id is that of two."""
    found: dict[str, tuple[int, Person]] = {}
    for line, person in people:
        key = plain(person.id)
        if key not in found:
            found[key] = (line, person)
            continue
        before, other = found[key]
        if plain(other.name) != plain(person.name):
            raise UserError(
                f"{path}, line {line}: the id {person.id!r} is that of {other.shown} in line {before}, and of {person.shown} "
                "here: mend the file, or name another column with --id"
            )
        sections = list(dict.fromkeys(filter(None, [*other.section.split("; "), *person.section.split("; ")])))
        found[key] = (before, replace(other, section="; ".join(sections)))
        said.append(
            f"{path}, line {line}: {person.shown} ({person.id}) stands in line {before}, too, and is taken once"
        )
    everyone = [person for _, person in found.values()]
    said += _alike(everyone, str(path))
    return everyone


def _alike(people: Sequence[Person], where: str) -> list[str]:
    """People who could be taken for each other: of one name, of one address, of ids that differ in zeros."""
    said = []
    for what, key in (("name", lambda p: plain(p.name)), ("e-mail address", lambda p: plain(p.email))):
        groups: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            if text := key(person):
                groups[text].append(person)
        for own in groups.values():
            if len(own) > 1:
                ids = " and ".join(person.id for person in own)
                shown = own[0].name if what == "name" else own[0].email
                said.append(
                    f"{where}: {shown} is the {what} of {ids}; that {what} alone will not lead to either of them"
                )
    zeros: dict[str, list[str]] = defaultdict(list)
    for person in people:
        if person.id.isdigit():
            zeros[person.id.lstrip("0")].append(person.id)
    for alike in zeros.values():
        if len(set(alike)) > 1:
            said.append(
                f"{where}: the ids {' and '.join(sorted(set(alike)))} differ in leading zeros alone, and are two people here"
            )
    return said


@dataclass
class Merged:
    """A roster after an import. kept: people who were in it and are not in the file."""

    people: list[Person]
    added: list[Person] = field(default_factory=list)
    changed: list[Person] = field(default_factory=list)
    kept: list[Person] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def merge(roster: Roster, new: ClassList, where: str) -> Merged:
    """`roster` with the people of a class list: those in it already, by id, number, address or name, are brought up to
    date and keep their ids; nobody is taken out.
    """
    now = {person.id: person for person in roster.people}
    found = Merged([])
    met: set[str] = set()
    names: dict[str, int] = defaultdict(int)
    for person in new.people:
        names[plain(person.name)] += 1
    for person in new.people:
        known = _known(roster, person, alone=names[plain(person.name)] == 1)
        if known is None or known.id in met:
            now[person.id] = person
            met.add(person.id)
            found.added.append(person)
            continue
        met.add(known.id)
        fresh = {
            name: value
            for name in ("name", "sort_name", "section", "email", "timezone")
            if (value := getattr(person, name))
        }
        lms = {**known.lms, **{system: _both(known.lms.get(system, ""), one) for system, one in person.lms.items()}}
        if person.id != known.id and plain(person.id) not in map(plain, (known.email, person.email, *lms.values())):
            lms.setdefault(new.kind.casefold() if new.kind != "plain" else "other", person.id)
        later = replace(known, **fresh, lms=lms)
        if later != known:
            found.changed.append(later)
            now[known.id] = later
    found.people = list(now.values())
    found.kept = [person for person in roster.people if person.id not in met]
    if roster:
        found.said = [line for line in _alike(found.people, where) if line not in new.said]
    return found


def _both(before: str, after: str) -> str:
    """Two numbers of one person in a system: Moodle gives a new one for each assignment."""
    return " ".join(dict.fromkeys([*before.split(), *after.split()]))


def _known(roster: Roster, person: Person, *, alone: bool) -> Person | None:
    if person.id in roster.by_id:
        return roster.by_id[person.id]
    for called in (person.id, person.email):
        known = roster.find(called, person.lms) if called else None
        if known is not None and plain(called) in map(plain, (known.id, known.email, *_words(known.lms.values()))):
            return known
    known = roster.find(person.name, person.lms) if alone and person.name else None
    if known is not None and known.email and person.email and plain(known.email) != plain(person.email):
        return None  # another person of the same name
    return known


def _words(values: Iterable[str]) -> list[str]:
    return [word for value in values for word in value.split()]
