"""What stands in a ledger at the end: the latest mark, override, rubric item of each kind, by the person it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.term.ledger import Change, Entry, Mark, Override, RubricItem
from autograder.term.roster import Roster


@dataclass
class Decisions:
    """The entries that count. Students are called by their ids in the roster, or as the entry calls them."""

    marks: dict[tuple[str, str, str], Mark] = field(default_factory=dict)
    """{(student, week, question): the latest mark}, withdrawn ones left out."""
    overrides: dict[tuple[str, str], dict[str | None, Override]] = field(default_factory=dict)
    """{(student, week): {check, or None for the week: the latest override}}, withdrawn ones left out."""
    rubric: dict[tuple[str, str], dict[str, RubricItem]] = field(default_factory=dict)
    """{(week, question): {id: the latest form of the item}} in the order of their first lines; removed ones too."""
    changes: dict[tuple[str, str], list[Change]] = field(default_factory=dict)
    """{(student, week): changes of points by regrades, in order}."""

    def points(self, mark: Mark, most: float) -> float:
        """The points of a mark: its own and those of its rubric items, from 0 to `most`."""
        items = self.rubric.get((mark.week, mark.question), {})
        named = (items[name] for name in mark.rubric if name in items)
        total = (mark.points or 0.0) + sum(item.points for item in named if not item.removed)
        return min(max(total, 0.0), most)


def of(entries: Iterable[Entry], roster: Roster) -> Decisions:
    """What counts of `entries`, the later before the earlier."""
    found = Decisions()
    names: dict[str, str] = {}

    def called(student: str) -> str:
        if student not in names:
            person = roster.find(student)
            names[student] = person.id if person else student
        return names[student]

    for entry in entries:
        match entry:
            case Mark():
                key = (called(entry.student), entry.week, entry.question)
                found.marks.pop(key, None)
                if entry.points is not None:
                    found.marks[key] = entry
            case Override():
                own = found.overrides.setdefault((called(entry.student), entry.week), {})
                own.pop(entry.check, None)
                if entry.points is not None:
                    own[entry.check] = entry
            case RubricItem():
                found.rubric.setdefault((entry.week, entry.question), {})[entry.id] = entry
            case Change():
                found.changes.setdefault((called(entry.student), entry.week), []).append(entry)
    return found
