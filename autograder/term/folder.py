"""A term's folder, outside the repository: `term.toml`, `roster.csv`, `ledger.jsonl`, and the records in `grades/`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from autograder.errors import UserError
from autograder.paths import BUILD
from autograder.term import late, roster
from autograder.term.late import Policy
from autograder.term.ledger import DueDate, Ledger, moment
from autograder.term.roster import Person, Roster
from course import decode, syllabus

FILE = "term.toml"
VARIABLE = "AUTOGRADER_TERM"


class _Late(Policy, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[late]`: the policy of every week; `[late.weeks.N]` changes parts of it for one week."""

    weeks: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)


class _File(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str = ""
    timezone: str = "UTC"
    due_in: str = "term"
    late: _Late = msgspec.field(default_factory=_Late)
    due: dict[str, datetime] = msgspec.field(default_factory=dict)


@dataclass(frozen=True)
class Term:
    """A term as its folder says it. folder None: no term is kept, nothing is ever late, and the ledger lies beside the
    records.
    """

    folder: Path | None
    records: Path
    name: str = ""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    due_in: str = "term"
    """Whose wall clock a due date without a zone means: that of the "term" or of each "student"."""
    policy: Policy = field(default_factory=Policy)
    policies: dict[str, Policy] = field(default_factory=dict)
    """{week: its own policy}."""
    dues: dict[str, datetime] = field(default_factory=dict)
    """{week: its due date in `term.toml`}, where it is not that of the syllabus."""
    roster: Roster = field(default_factory=Roster)

    @classmethod
    def none(cls, records: Path | None = None) -> Term:
        """Where no term is used; records: the folder of the grading records."""
        return cls(None, records or BUILD / "grades")

    @classmethod
    def read(cls, folder: Path) -> Term:
        """The term in `folder`. Raises UserError that names the file and the key."""
        path = folder / FILE
        if not path.is_file():
            raise UserError(f"{folder} is no folder of a term: it has no {FILE}; `autograder init {folder}` makes one")
        try:
            file = decode.typed(decode.toml(path), _File, path)
        except decode.FileError as problem:
            raise UserError(str(problem)) from problem
        if file.due_in not in ("term", "student"):
            raise UserError(f'{path}: `due_in` is "term" or "student", not {file.due_in!r}')
        shared = {name: getattr(file.late, name) for name in Policy.__struct_fields__}
        policies = {
            week_of(name, f"{path}, late.weeks"): _policy({**shared, **own}, path, f"late.weeks.{name}")
            for name, own in file.late.weeks.items()
        }
        for week, own in policies.items():
            if own.free_days != file.late.free_days:
                raise UserError(
                    f"{path}, late.weeks, {week}: `free_days` are days of the whole term: set them in [late]"
                )
        return cls(
            folder=folder,
            records=folder / "grades",
            name=file.name,
            timezone=roster.zone(file.timezone, f"{path}, timezone"),
            due_in=file.due_in,
            policy=_policy(shared, path, "late"),
            policies=policies,
            dues={week_of(name, f"{path}, due"): due for name, due in file.due.items()},
            roster=roster.read(folder / roster.FILE),
        )

    @classmethod
    def locate(cls, option: Path | None = None, records: Path | None = None) -> Term:
        """The term of a command: that of its option, else of AUTOGRADER_TERM, else the current folder if it is one; else
        none. records: takes the place of the term's own records.
        """
        named = option or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
        if named is None and Path(FILE).is_file():
            named = Path()
        if named is None:
            return cls.none(records)
        found = cls.read(named)
        return found if records is None else replace(found, records=records)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.folder or self.records)

    @cached_property
    def moved(self) -> dict[tuple[str, str], str]:
        """{(student's id or "" for everyone, week): the moved due date, ISO 8601}, as the ledger says."""
        found = {}
        for entry in self.ledger.entries():
            if isinstance(entry, DueDate):
                person = self.roster.find(entry.student) if entry.student else None
                found[person.id if person else entry.student, entry.week] = entry.until
        return {key: until for key, until in found.items() if until}

    def called(self, name: str, lms: Mapping[str, str]) -> str:
        """How records call a student whose work came under `name`, with the ids of a download: by the id in the roster."""
        person = self.roster.find(name, lms)
        return person.id if person else name

    def zone_of(self, person: Person | None) -> ZoneInfo:
        """The time zone of a person, else of the term."""
        return ZoneInfo(person.timezone) if person and person.timezone else self.timezone

    def policy_of(self, week: str) -> Policy:
        return self.policies.get(week, self.policy)

    def due(self, week: str, person: Person | None = None, student: str = "") -> datetime | None:
        """When `week` is due, in the zone of `person`: an extension, else the date moved for everyone, else that of
        `term.toml`, else that of the syllabus; None where the course has no such week. student: who it is where
        the roster does not know them.
        """
        zone = self.zone_of(person)
        mine = moment(self.moved.get((person.id if person else student, week), "")) if person or student else None
        everyone = moment(self.moved.get(("", week), "")) or self._planned(week, zone)
        # An extension never takes time away: where the date moved beyond it for everyone, that one counts.
        found = max(filter(None, (mine, everyone)), default=None)
        return found.astimezone(zone) if found else None

    def _planned(self, week: str, zone: ZoneInfo) -> datetime | None:
        """The due date that `term.toml` or the syllabus gives."""
        plan = syllabus.load().get(week)
        due = self.dues.get(week) or (plan.due if plan else None)
        if due is not None and due.tzinfo is None:
            return late.at(due, zone if self.due_in == "student" else self.timezone)
        return due


def week_of(name: str, where: str) -> str:
    """The id of the week called `name`. Raises UserError that begins with `where`."""
    try:
        return syllabus.week(name).id
    except KeyError as problem:
        raise UserError(f"{where}: {problem.args[0]}") from problem


def _policy(values: dict[str, object], path: Path, where: str) -> Policy:
    try:
        policy = decode.typed(values, Policy, path, where)
    except decode.FileError as problem:
        raise UserError(str(problem)) from problem
    if problem_ := policy.problem():
        raise UserError(f"{path}, {where}: {problem_}")
    return policy


def utc(text: str) -> datetime | None:
    """The moment that a record's time names, in UTC; None where it names none."""
    found = moment(text) if text else None
    return found.astimezone(UTC) if found else None
