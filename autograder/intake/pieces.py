"""What one student handed in, as a layout names it, taken apart into one candidate for each week."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from autograder import weeks
from autograder.intake import archives, names, sanitize
from autograder.intake.times import timestamp
from autograder.intake.tree import Node
from course import limits

MAX_NESTED_ZIPS = 20
NO_LINKS = "is a link, and links are not followed: hand in a copy"


@dataclass(frozen=True)
class Hint:
    """What the names around a piece of work say of its week.

    week: its id, or "". sure: whether a folder or file is called exactly so; else what the cells say counts more. shown: what
    to call the week where it cannot be told.
    """

    week: str = ""
    sure: bool = False
    shown: str = ""


@dataclass(frozen=True)
class Piece:
    """Files and folders of one student in one layout.

    at: what it is listed as, a folder or a file. download: what the pieces of one assignment have in common, "" where nothing
    says that they are of one. when, when_by: the time of an LMS or server and where it is from. dated: whether the files' own
    times say when they were handed in, and not when somebody downloaded them. serial: a number that grows with every upload.
    lms: ids of the download. problem: why there is no file.
    """

    student: str
    at: Node
    nodes: tuple[Node, ...]
    hint: Hint
    layout: str
    download: str = ""
    when: datetime | None = None
    when_by: str = ""
    dated: bool = True
    late: bool = False
    serial: int = 0
    lms: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Candidate:
    """One notebook that could be a student's submission for a week, or the reason why there is none.

    main: the notebook, a zip that cannot be opened, or the folder without a notebook. around: the folder that its trained nets
    and modules lie in. whole: whether all of that folder is this candidate's. week: its id, or "" where it cannot be told.
    others: notebooks beside it that do not count. exact: how well the names fit, the less the better. label: the folder or zip
    that it lies in. when, when_by: as those of a piece, where they are known of this one alone.
    """

    piece: Piece
    week: str
    shown: str
    main: Node
    around: Node | None = None
    whole: bool = False
    problem: str = ""
    warnings: tuple[str, ...] = ()
    others: tuple[Node, ...] = ()
    exact: int = 0
    label: str = ""
    when: datetime | None = None
    when_by: str = ""

    @property
    def student(self) -> str:
        return self.piece.student

    @property
    def counted(self) -> Node:
        """The file on the list: the notebook, or the student's zip that holds it."""
        return self.main.owner or self.main

    @property
    def time(self) -> datetime | None:
        return self.when or self.piece.when or self.counted.time

    @property
    def number(self) -> int:
        return max(names.copy_number(names.stem(name)) for name in (self.main.name, self.counted.name, self.label))

    @property
    def name(self) -> str:
        """What to call it beside others: the file, or the folder where that says more."""
        return self.label or self.main.name


ALIKE = timedelta(seconds=2)
"""Times nearer than this say nothing: zips keep no finer ones, and unpacking sets all of them at once."""


def newest(
    attempts: Sequence[Candidate], time: Callable[[Candidate], datetime | None]
) -> tuple[Candidate, list[Candidate]]:
    """The attempt that counts, by its time, the number that the upload or the name gives it, and how well its name fits; and
    those that nothing tells from it.
    """

    def order(one: Candidate) -> tuple[int, int, int]:
        return (one.piece.serial, one.number, -one.exact)

    latest = max(filter(None, map(time, attempts)), default=None)
    recent = [one for one in attempts if latest is None or ((at := time(one)) and latest - at < ALIKE)]
    best = max(recent, key=order)
    return best, [one for one in recent if one is not best and order(one) == order(best)]


def candidates(piece: Piece) -> list[Candidate]:
    """What `piece` holds, a candidate for each notebook or week; one with a problem, without a week, where it holds nothing."""
    root = Node(piece.at.name, piece.at.where, "folder", children=list(piece.nodes), owner=piece.at.owner)
    found = _Splitting(piece).folder(root, piece.hint) if piece.nodes or piece.hint.sure else []
    if found and not (piece.problem and all(one.main is root for one in found)):
        return [replace(one, main=piece.at) if one.main is root else one for one in found]
    problem = piece.problem or f"there is no notebook in {piece.at.name}{'/' if piece.at.is_folder else ''}"
    return [Candidate(piece, piece.hint.week, piece.hint.shown, piece.at, problem=problem)]


class _Splitting:
    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.zips = 0

    def folder(self, folder: Node, hint: Hint) -> list[Candidate]:
        if hint.sure:
            return self._week(folder, hint)
        entries = folder.entries()
        notebooks = [node for node in entries if not node.is_folder and names.is_notebook(node.name)]
        zips = [node for node in entries if not node.is_folder and names.is_archive(node.name)]
        if not notebooks and not zips:
            notebooks = disguised(entries)
        found = self._loose(notebooks, folder, hint)
        found += [one for node in zips for one in self._zip(node, hint)]
        for node in entries:
            week = names.week(names.without_copies(node.name))
            if node.is_folder and (week or has_work(node)):
                deeper = Hint(week, True, node.name) if week else replace(hint, shown=hint.shown or node.name)
                plain = node.name == week
                found += [
                    replace(one, label=one.label or node.name, exact=one.exact + (not plain))
                    for one in self.folder(node, deeper)
                ]
            elif node.is_folder and not notebooks and node.name != "artefacts":
                found += self._empty(node, hint)
            elif node.kind == "link" and node not in notebooks and node not in zips and node.name != "artefacts":
                problem = f"{node.name}: the folder {NO_LINKS}"
                found.append(Candidate(self.piece, week or hint.week, node.name, node, problem=problem))
        if len(found) == 1 and notebooks:  # nobody else's nets can lie there
            found = [replace(found[0], whole=True)]
        return found

    def _empty(self, folder: Node, hint: Hint) -> list[Candidate]:
        problem = folder.problem or f"there is no notebook in {folder.name}/"
        return [Candidate(self.piece, hint.week, hint.shown or folder.name, folder, problem=problem)]

    def _loose(self, notebooks: list[Node], folder: Node, hint: Hint) -> list[Candidate]:
        """Notebooks that lie in no folder of a week: their names say the week, or their cells do; one for each week."""
        of: dict[str, list[Candidate]] = {}
        found = []
        for node in notebooks:
            base = names.stem(node.name)
            flat = names.student_and_week(base)
            named = names.week(names.without_copies(base)) or (flat[1] if flat else "")
            one = self._identified(Candidate(self.piece, named, base, node, around=folder, exact=int(not named)), hint)
            if one.week and not one.problem:
                of.setdefault(one.week, []).append(one)
            else:
                found.append(one)
        for week, several in of.items():
            if len(several) == 1:
                found += several
                continue
            pool = [one.main for one in several]
            best = self._choose(pool, Hint(week, True, hint.shown))
            found.append(replace(best, around=folder, others=tuple(node for node in pool if node is not best.main)))
        return found

    def _identified(self, found: Candidate, hint: Hint) -> Candidate:
        """`found` with its week: what its name says, else its cells, else what is around it."""
        if found.week:
            return found
        if found.main.kind != "file":
            return replace(found, week=hint.week)
        try:
            week, problem = week_by_cells(found.main), ""
            if not week:
                problem = f"there is no week called {found.shown}, and its cells belong to none"
        except sanitize.Unreadable as unreadable:
            week, problem = "", str(unreadable)
        if not week:
            return replace(found, week=hint.week, problem="" if hint.week else problem)
        if hint.week == week:
            return replace(found, week=week)
        shown = hint.shown or found.shown
        note = f"{shown!r} is no week of the course: recognised as {week} by its cells"
        if hint.week:
            note = f"{shown!r} speaks of {hint.week}, and the cells are those of {week}"
        return replace(found, week=week, warnings=(*found.warnings, note))

    def _zip(self, node: Node, hint: Hint) -> list[Candidate]:
        base = names.without_copies(names.stem(node.name))
        flat = names.student_and_week(base)
        if week := names.week(base) or (flat[1] if flat else ""):
            hint = Hint(week, True, base)
        elif not hint.sure:
            hint = replace(hint, shown=hint.shown or base)
        shown = hint.week or hint.shown or base

        def refused(problem: str) -> list[Candidate]:
            return [Candidate(self.piece, hint.week, shown, node, problem=f"{node.name}: {problem}")]

        if node.kind != "file":
            return refused(f"the file {NO_LINKS}" if node.kind == "link" else "not a regular file")
        if not node.name.casefold().endswith(".zip"):
            return refused("archives of this kind are not read, zips are")
        self.zips += 1
        if self.zips > MAX_NESTED_ZIPS:
            return refused(f"there are more than {MAX_NESTED_ZIPS} zips")
        try:
            inside = archives.listing(node)
        except sanitize.Unreadable as problem:
            return refused(str(problem))
        except OSError as problem:
            return refused(problem.strerror or "it cannot be read")
        found = self.folder(inside, hint)
        if not found or all(one.main is inside for one in found):
            return refused("there is no notebook in the zip")
        return [replace(one, label=node.name) for one in found]

    def _week(self, folder: Node, hint: Hint) -> list[Candidate]:
        """What is in a folder or zip of one week: the right notebook, and attempts in zips beside it."""
        entries = folder.entries()
        direct = [node for node in entries if not node.is_folder and names.is_notebook(node.name)]
        deeper = [node for sub in entries if sub.is_folder for node in under(sub, names.is_notebook)]
        zipped = [node for node in entries if not node.is_folder and names.is_archive(node.name)]
        if not direct and not deeper and not zipped:
            direct = disguised(entries)
            zipped = [node for sub in entries if sub.is_folder for node in under(sub, names.is_archive)]
        found = [one for node in zipped for one in self._zip(node, hint)]
        if pool := direct or deeper:
            chosen = self._choose(pool, hint)
            others = tuple(node for node in (*direct, *deeper) if node is not chosen.main)
            found.insert(0, replace(chosen, others=others, around=folder, whole=True))
        elif not found:
            problem = folder.problem or f"there is no notebook in {folder.name}/"
            found = [Candidate(self.piece, hint.week, hint.shown, folder, problem=problem)]
        # A student's own zip does not say when it was handed in.
        when = timestamp(entries) if self.piece.layout == "nbgrader" and folder.owner is None else None
        return [replace(one, when=when, when_by="nbgrader") for one in found] if when else found

    def _choose(self, pool: list[Node], hint: Hint) -> Candidate:
        found = Candidate(self.piece, hint.week, hint.shown, pool[0])
        if exact := [node for node in pool if names.without_numbers(names.stem(node.name)) == hint.week]:
            return self._newest(exact, found)
        if alike := [node for node in pool if names.without_numbers(names.stem(node.name)).casefold() == hint.week]:
            return self._newest(alike, found, exact=1)
        called = [f"the notebook is called {pool[0].name}"]
        if len(pool) == 1:
            return replace(found, warnings=tuple(called), exact=2)
        ours = [node for node in pool if node.kind == "file" and _week_or_nothing(node) == hint.week]
        if ours:
            best = self._newest(ours, found, exact=2)
            return replace(best, warnings=(f"the notebook is called {best.main.name}", *best.warnings))
        listed = ", ".join(node.name for node in pool[:4])
        problem = f"there are several notebooks, none with the right name: {listed}"
        return replace(found, main=pool[0], problem=problem, exact=3)

    def _newest(self, pool: list[Node], found: Candidate, exact: int = 0) -> Candidate:
        disguised_as = {id(node): not node.name.casefold().endswith(".ipynb") for node in pool}
        same = [replace(found, main=node, exact=exact + disguised_as[id(node)]) for node in pool]
        best, equal = newest(same, lambda one: one.main.time)
        if equal:
            where = " and ".join(one.main.where for one in (best, *equal)[:4])
            return replace(best, problem=f"{1 + len(equal)} notebooks could be meant, and none is newer: {where}")
        return best


def under(folder: Node, wanted: Callable[[str], bool]) -> list[Node]:
    """The files in `folder` and its folders whose names are `wanted`."""
    found = []
    for node in folder.entries():
        if node.is_folder:
            found += under(node, wanted)
        elif wanted(node.name):
            found.append(node)
    return found


def has_work(folder: Node) -> bool:
    """Whether a notebook or an archive lies in `folder` or in a folder of it."""
    return any(has_work(node) if node.is_folder else names.is_work(node.name) for node in folder.entries())


def disguised(entries: list[Node]) -> list[Node]:
    """Files called `.json` or `.txt` that hold a notebook of the course."""
    return [
        node
        for node in entries
        if node.kind == "file" and node.name.casefold().endswith((".json", ".txt")) and _week_or_nothing(node)
    ]


def _week_or_nothing(node: Node) -> str:
    try:
        return week_by_cells(node)
    except sanitize.Unreadable:
        return ""


def week_by_cells(node: Node) -> str:
    """The id of the week whose cells the notebook `node` holds, "" where it is none's. Raises Unreadable."""
    try:
        ids = sanitize.grade_ids(node.read(limits.NOTEBOOK_BYTES))
    except OSError as problem:
        raise sanitize.Unreadable(problem.strerror or "it cannot be read") from problem
    shared = {week: len(ids & known) for week, known in _ids().items()}
    best = max(shared, key=lambda week: shared[week], default="")
    return best if best and shared[best] else ""


@functools.cache
def _ids() -> dict[str, frozenset[str]]:
    return {week.id: frozenset(cell.id for cell in (*week.checks, *week.answers)) for week in weeks.all_weeks()}
