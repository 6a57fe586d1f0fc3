"""Finds the submissions in a folder, in every layout, and accounts for every file. Bytes only: nothing is extracted, no link
is followed.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.errors import UserError
from autograder.intake import archives, names, tree
from autograder.intake.layouts import folders
from autograder.intake.pieces import Candidate, Piece, candidates, newest
from autograder.intake.read import read as read_bytes
from autograder.intake.times import stamp
from autograder.intake.tree import Node
from course import syllabus

OnStudent = Callable[[str, Mapping[str, str]], str]
"""From a student's name in a download and the ids there to the name under which the work is recorded."""
MAX_ATTEMPTS = 20
"""Of the attempts that a record names."""


@dataclass(frozen=True)
class Submission:
    """One student's work for one week, as bytes; `problem` says why there are none."""

    student: str
    week: str
    data: bytes = b""
    problem: str = ""
    warnings: tuple[str, ...] = ()
    artefacts: dict[str, bytes] = field(default_factory=dict)
    """{file name: the trained net that the student handed in}. Only the sandboxed worker reads them."""
    modules: dict[str, bytes] = field(default_factory=dict)
    """{file name: a module of the student's own, beside the notebook}. Only the sandboxed worker reads them."""


@dataclass(frozen=True)
class Place:
    """Where a submission lies, and what is known of it before it is read.

    week: an id of the syllabus, or whatever stands there. source: the file, from the folder graded. handed_in: ISO 8601 in UTC,
    "" where nothing tells it; handed_in_by: "lms", "nbgrader" or "file". lms: ids from the download's names. attempts: others
    that do not count, as names with times.
    """

    student: str
    week: str
    chosen: Candidate
    warnings: tuple[str, ...] = ()
    source: str = ""
    handed_in: str = ""
    handed_in_by: str = ""
    marked_late: bool = False
    lms: dict[str, str] = field(default_factory=dict)
    attempts: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, int, str]:
        """Students by name, weeks as in the syllabus."""
        plan = syllabus.load().get(self.week)
        return (self.student, plan.number if plan else 1000, self.week)


@dataclass(frozen=True)
class Account:
    """What became of one file: a `tree.Fate`, and after grading `graded` or `not gradable`. file: from the folder graded."""

    file: str
    fate: str
    reason: str = ""


@dataclass
class Collected:
    """Everything under a folder. notes: what a person should know of it."""

    places: list[Place]
    notes: list[str]
    root: Node

    def accounts(self) -> list[Account]:
        """What became of every file, link and empty folder, each named once. Complete when all places have been read."""
        found = []
        for node in self.root.leaves():
            if node is self.root and node.is_folder:
                continue
            said = (node.fate, node.reason) if node.fate else ("left out", "it belongs to nothing that was handed in")
            found.append(Account(node.where or node.name, *said))
        return found


def collect(
    path: Path,
    only: Collection[str] = (),
    students: Collection[str] = (),
    *,
    zone: tzinfo | None = None,
    layout: folders.Layout | None = None,
    who: OnStudent = lambda name, lms: name,
) -> Collected:
    """Every submission under `path`, in the order in which they are graded, and every file accounted for.

    path: a folder in one of the layouts that `docs/instructors/collect.md` shows, or one notebook or zip. only: ids of the weeks
    wanted (all). students: those wanted (all). zone: of times that name none (None: this machine's).
    layout: where it is known (None: it is found out). who: the student's name in the records, from name and ids in a download.
    Raises UserError where the layout is not recognised or nothing was handed in, OSError where `path` cannot be listed.
    """
    if not path.exists() and not path.is_symlink():
        raise UserError(f"{path} does not exist: name the folder that holds <student>/<week>/<week>.ipynb")
    given = path.resolve() if path.is_dir() else path.parent.resolve() / path.name
    root = tree.scan(path)
    root.name = given.name
    try:
        found = folders.find(root, [*(above.name for above in given.parents), "", ""], zone, layout)
        if found.unknown:
            several = f" and {len(found.unknown) - 3} more" if len(found.unknown) > 3 else ""
            raise UserError(
                f"nothing was graded, because whose work this is cannot be told: {', '.join(found.unknown[:3])}{several}. "
                f"Expected {folders.EXPECTED}"
            )
        pieces = [replace(piece, student=who(piece.student, piece.lms)) for piece in found.pieces]
        chosen = _chosen(_wanted(pieces, set(only), set(students)))
        _account_for_the_rest(pieces)
    finally:
        archives.close_all()
    collected = Collected(chosen, [*found.notes, *_alike(pieces)], root)
    if not chosen:
        which = f" for {', '.join(only)}" if only else ""
        left = [f"{one.file} ({one.reason})" for one in collected.accounts() if one.fate == "left out"]
        besides = (
            f"; left out: {', '.join(left[:3])}{f' and {len(left) - 3} more' if len(left) > 3 else ''}" if left else ""
        )
        raise UserError(f"no submissions{which} in {path}: expected {folders.EXPECTED}{besides}")
    return collected


def locate(path: Path, only: Collection[str] = (), students: Collection[str] = ()) -> list[Place]:
    """The places of `collect`."""
    return collect(path, only, students).places


def read(place: Place) -> Submission:
    """The submission at `place`; where there is none to be had, its `problem` says why."""
    found = read_bytes(place.chosen)
    return Submission(
        place.student,
        names.printable(place.week.replace("\\", "\\\\")),
        found.data,
        names.printable(found.problem),
        tuple(map(names.printable, (*place.warnings, *found.noticed))),
        found.artefacts,
        found.modules,
    )


def discover(path: Path) -> list[Submission]:
    """All submissions under `path`, in order. Raises UserError when there are none."""
    return [read(place) for place in locate(path)]


def _wanted(pieces: list[Piece], only: set[str], students: set[str]) -> list[Candidate]:
    """The candidates that were asked for, each with its week where it can be told."""
    found = []
    for piece in pieces:
        if students and piece.student not in students:
            for node in (piece.at, *piece.nodes):
                node.account("not asked for", "another student's")
        else:
            found += candidates(piece)
    wanted = []
    for one in _with_weeks_of_their_downloads(found):
        if not only or one.week in only:
            wanted.append(one)
        elif one.week:
            for node in (one.main, *one.others):
                node.account("not asked for", f"for {one.week}")
        elif one.main.kind == "link":  # what it would lead to is missing from every week
            wanted += [replace(one, week=week) for week in sorted(only)]
        else:
            one.main.account("left out", f"its week cannot be told: {one.problem}")
    return wanted


def _with_weeks_of_their_downloads(found: list[Candidate]) -> list[Candidate]:
    """`found`, with the week of a download, which is of one, for what in it does not tell its own."""
    weeks: dict[str, set[str]] = defaultdict(set)
    for one in found:
        if one.week:
            weeks[one.piece.download].add(one.week)
    return [
        replace(one, week=next(iter(of)))
        if not one.week and one.piece.download and len(of := weeks[one.piece.download]) == 1
        else one
        for one in found
    ]


def _chosen(found: list[Candidate]) -> list[Place]:
    """The attempt that counts of each student and week; the others are accounted for, and named in its place."""
    of: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    nothing: list[Candidate] = []
    for one in found:
        if one.week or one.main.kind == "link" or not one.main.is_folder or one.main is not one.piece.at:
            of[one.student, one.week or one.shown].append(one)
        else:
            nothing.append(one)
    for one in nothing:  # a folder that might be a student's, without anything of any week
        one.main.account("left out", one.problem)
    return sorted(
        (_place(student, week, attempts) for (student, week), attempts in of.items()), key=lambda place: place.order
    )


def _place(student: str, week: str, attempts: list[Candidate]) -> Place:
    readable = [one for one in attempts if not one.problem]
    best, equal = newest(readable or attempts, lambda one: one.time)
    others = [one for one in attempts if one is not best]
    warnings = [*best.warnings]
    for other in others:
        if other.problem and not best.problem:
            reason = other.problem
            other.counted.account("left out", reason)
            warnings.append(f"{other.name} was left out: {reason}")
        else:
            unclear = " (nothing tells which of them is newer)" if any(other is one for one in equal) else ""
            reason = f"{best.name} is for the same week{unclear}"
            other.counted.account("superseded", reason)
            warnings.append(f"{other.name} was left out: {reason}")
    for one in attempts:
        for node in one.others:
            node.account("superseded", f"another notebook beside {one.main.name}")
    if best.main.is_folder:
        best.main.account("left out", best.problem)
    else:
        best.counted.account("submission", best.problem)
    when, by = _handed_in(best)
    return Place(
        student,
        week,
        best,
        tuple(warnings),
        best.counted.where or best.counted.name,
        stamp(when),
        by,
        best.piece.late,
        dict(best.piece.lms),
        tuple(_described(best, others)),
    )


def _handed_in(one: Candidate) -> tuple[datetime | None, str]:
    if one.when:
        return one.when, one.when_by
    if one.piece.when:
        return one.piece.when, one.piece.when_by
    time = one.counted.time if one.piece.dated and not one.counted.is_folder else None
    return time, "file" if time else ""


def _described(best: Candidate, others: list[Candidate]) -> list[str]:
    """The attempts that do not count, as names with times."""
    found = [(other.counted.where, *_handed_in(other)) for other in others]
    by = "file" if best.piece.dated else ""
    found += [(node.where, node.time if by else None, by) for node in best.others]
    return [f"{where} ({f'{stamp(at)}, {by}' if at else 'time unknown'})" for where, at, by in found[:MAX_ATTEMPTS]]


def _account_for_the_rest(pieces: list[Piece]) -> None:
    for piece in pieces:
        for node in (piece.at, *piece.nodes):
            if node is not piece.at or node.is_folder:
                node.account("not read", "beside a submission, and no notebook, trained net or module")


def _alike(pieces: list[Piece]) -> list[str]:
    """Students whose names differ so little that a person should know."""
    spellings: dict[str, set[str]] = defaultdict(set)
    folded: dict[str, set[str]] = defaultdict(set)
    for piece in pieces:
        folded[piece.student.casefold()].add(piece.student)
        if piece.at.is_folder:
            spellings[piece.student].add(piece.at.name)
    notes = [
        f"{student} lies in {len(found)} folders, whose names differ in how accents are written: taken for one student"
        for student, found in spellings.items()
        if len(found) > 1 and len({unicodedata.normalize("NFC", name) for name in found}) == 1
    ]
    return notes + [
        f"{' and '.join(sorted(found))} differ only in capitals: taken for {len(found)} students"
        for found in folded.values()
        if len(found) > 1
    ]
