"""Finds the pieces in a folder: downloads of learning platforms, folders of weeks and of students, zips and plain names.

A folder is looked at from the top down. It is a download where its entries are called as a platform calls them; else a week's,
a student's, or one that only groups others. A student's own files are never asked whose they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Literal

from autograder.intake import archives, names, sanitize
from autograder.intake.layouts import blackboard, canvas, gradescope, ilias, moodle
from autograder.intake.layouts.common import Download, Taken
from autograder.intake.pieces import Hint, Piece, disguised, has_work, under, week_by_cells
from autograder.intake.times import written
from autograder.intake.tree import Node

EXPECTED = (
    "<student>/<week>/<week>.ipynb (nbgrader), <week>/<student>/…, zips called <student>-<week>.zip (`course submit`), or the "
    "downloads of Moodle, Canvas, Gradescope, Blackboard or ILIAS, zipped or not"
)
_PLATFORMS = (moodle, blackboard, canvas)
_EXCHANGE = re.compile(r"(?P<student>[^+]+)\+(?P<week>[^+]+)\+(?P<time>[^+]+)(?:\+.*)?", re.DOTALL)
_NBGRADERS_OWN = frozenset({"source", "release", "autograded", "feedback", "gradebook.db", "nbgrader_config.py"})
_FOREIGN = re.compile(r"\d+-\d+ - .+ - .+|Submission attachment\(s\)", re.DOTALL)
"""Names of Brightspace's and Sakai's downloads."""
_LOOKED_AT = 8
"""Folders whose notebooks are read to find out what the folders are."""

MOST_DRAFTS = 3
"""Notebooks or zips of one week, under names that say nothing, that may be one student's."""

AMONG_STUDENTS = (
    "it holds several students' work and lies beside students' own, and no student hands in for others: put it into a folder of "
    "its own"
)

Layout = Literal["nbgrader"]
Role = Literal["group", "student", "nothing"]


@dataclass
class Found:
    """pieces: what students handed in. notes: what a person should know. unknown: places whose students cannot be told."""

    pieces: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    zone: tzinfo | None = None
    _downloads: dict[tuple[int, bool], Node | None] = field(default_factory=dict)
    """What was found in zips, which are asked for again and again."""

    def visit(self, folder: Node, hint: Hint) -> None:
        """Find the pieces in `folder`, which is nobody's."""
        if folder.problem:
            folder.account("left out", folder.problem)
        entries = _course_folder(folder.entries())
        download = Download(folder.where or ".", self.zone)
        if gradescope.metadata_in(entries) is not None:
            try:
                entries = self._taken(gradescope.take(entries, hint, download))
            except sanitize.Unreadable as problem:
                self.unknown.append(str(problem))
                return
        for platform in _PLATFORMS:
            entries = self._taken(platform.take(entries, hint, download))
        folders = [node for node in entries if node.is_folder]
        if ilias.are_students([node for node in folders if node.children]):
            entries = self._taken(ilias.take(entries, hint, download))
        entries = self._exchanged(entries)
        files = [node for node in entries if not node.is_folder]
        folders = [node for node in entries if node.is_folder]
        roles = self._roles(folders, hint)
        downloads = {id(node): inside for node in files if (inside := self._download(node, hint)) is not None}
        own = (
            any(names.is_work(node.name) and id(node) not in downloads for node in files) or "student" in roles.values()
        )
        for node in files:
            if id(node) not in downloads:
                self._file(node, hint)
            elif own:
                node.account("left out", AMONG_STUDENTS)
            else:
                self._open(node, downloads[id(node)], hint)
        for node in folders:
            self._folder(node, hint, roles[id(node)], own)

    def students(self, folder: Node) -> None:
        """Take every folder in `folder` for a student's, as nbgrader does."""
        for node in folder.entries():
            if node.is_folder and (node.children or node.problem):
                self.pieces.append(Piece(names.student(node.name), node, tuple(node.children), Hint(), "nbgrader"))
            elif node.is_folder:
                node.account("left out", "the folder is empty: a student's without work?")
            else:
                self._file(node, Hint())

    def _roles(self, folders: list[Node], hint: Hint) -> dict[int, Role]:
        """The role of each of some folders beside each other. A folder without evidence of its own is what others like it are."""
        roles = {id(node): self.role(node, hint) for node in folders}
        inner = {id(node): {child.name for child in node.entries() if child.is_folder} for node in folders}
        groups = {name for node in folders if roles[id(node)] == "group" for name in inner[id(node)]}
        for node in folders:
            if (
                roles[id(node)] == "student"
                and inner[id(node)]
                and inner[id(node)] <= groups
                and not _holds_weeks(node)
            ):
                roles[id(node)] = "group"
            if names.week(node.name) and not node.name.isdecimal():
                roles[id(node)] = "nothing"  # it says itself what it is
        return roles

    def _taken(self, taken: Taken) -> list[Node]:
        self.pieces += taken.pieces
        self.notes += taken.notes
        return taken.rest

    def _exchanged(self, entries: list[Node]) -> list[Node]:
        """Folders of nbgrader's exchange, `ada+week01+<time>+<random>`, are taken; the rest is returned."""
        rest = []
        for node in entries:
            found = _EXCHANGE.fullmatch(node.name) if node.is_folder else None
            when = written(found["time"]) if found else None
            if found is None or when is None or not names.week(found["week"]):
                rest.append(node)
                continue
            hint = Hint(names.week(found["week"]), True, found["week"])
            student = names.student(found["student"])
            piece = Piece(student, node, tuple(node.children), hint, "nbgrader", when=when, when_by="nbgrader")
            self.pieces.append(piece)
        return rest

    def _file(self, node: Node, hint: Hint) -> None:
        """A file beside students' folders, which is one student's if anybody's."""
        if _FOREIGN.fullmatch(node.name) and names.is_work(node.name):
            self.unknown.append(node.where)
            return
        base = names.stem(node.name)
        linked = node.kind == "link" and not names.is_work(node.name)
        if linked:
            student, week = names.student(node.name), names.week(node.name)
            self.pieces.append(_linked(student, node, Hint(week or hint.week, bool(week) or hint.sure, node.name)))
        elif not names.is_work(node.name):
            node.account("left out", "it is no notebook and no zip, and lies in no student's folder")
        elif flat := names.student_and_week(base):
            self._of_student(flat[0], node, Hint(flat[1], True, base))
        elif names.week(names.without_copies(base)):
            node.account("left out", "its name does not say whose it is: call it <student>-<week>")
        elif names.week_inside(base) and not hint.sure:
            self.unknown.append(node.where)
        else:
            base = names.without_copies(base)
            self._of_student(base, node, replace(hint, shown=base))

    def _of_student(self, student: str, node: Node, hint: Hint) -> None:
        self.pieces.append(Piece(names.student(student), node, (node,), hint, "names"))

    def _download(self, node: Node, hint: Hint) -> Node | None:
        """What is in `node` where it is a zip with several students' work."""
        if node.kind != "file" or not node.name.casefold().endswith(".zip") or _flat(node):
            return None
        key = (id(node), bool(hint.week))
        if key not in self._downloads:
            try:
                inside = archives.listing(node, of_class=True)
                self._downloads[key] = inside if self.role(inside, _named(node, hint)) == "group" else None
            except (sanitize.Unreadable, OSError):
                self._downloads[key] = None  # said when it is read as one student's
        return self._downloads[key]

    def _open(self, node: Node, inside: Node, hint: Hint) -> None:
        node.account("opened", "a zip with several students' work, whose files are counted")
        node.children = inside.children
        self.notes.append(f"{node.where} was opened: it holds several students' work")
        self.visit(inside, _named(node, hint))

    def _folder(self, node: Node, hint: Hint, role: Role, own: bool) -> None:
        """own: whether students' own work lies beside it; then what is in it cannot be others'."""
        if _FOREIGN.fullmatch(node.name) and has_work(node):
            self.unknown.append(node.where)
            return
        week = "" if node.name.isdecimal() else names.week(node.name)
        if week:
            if is_week_of_one(node, week):
                self.unknown.append(node.where)
            else:
                self.visit(node, Hint(week, True, node.name))
            return
        if role == "group" and own and not _holds_weeks(node) and self._holds_downloads(node):
            node.account("left out", AMONG_STUDENTS)
        elif role == "group" and not own:
            self.visit(node, _hinted(node.name, hint))
        elif _holds_weeks(node) or (role != "nothing" and not hint.week):
            self.pieces.append(Piece(names.student(node.name), node, tuple(node.children), Hint(), "nbgrader"))
        elif hint.week:
            piece = Piece(names.student(node.name), node, tuple(node.children), hint, "week first", hint.shown)
            self.pieces.append(piece)
        elif not node.children:
            node.account("left out", "the folder is empty: a student's without work?")
        else:
            node.account("left out", f"there is no notebook in {node.name}/")

    def _holds_downloads(self, folder: Node) -> bool:
        return _of_a_platform(folder) or any(
            self._holds_downloads(node) if node.is_folder else self._download(node, Hint()) is not None
            for node in folder.entries()
        )

    def role(self, folder: Node, hint: Hint) -> Role:
        """What `folder` is: a student's, or one that groups students, weeks or downloads."""
        entries = folder.entries()
        if _of_a_platform(folder):
            return "group"
        subfolders = [node for node in entries if node.is_folder]
        students = {flat[0] for node in entries if (flat := _flat(node))}
        if len(students) > 1:
            return "group"
        if weeks := [(node, week) for node in subfolders if (week := names.week(node.name))]:
            alone = all(is_week_of_one(node, week, MOST_DRAFTS) for node, week in weeks if has_work(node))
            return "student" if alone else "group"
        work = [node for node in entries if not node.is_folder and names.is_work(node.name)]
        if any(self._download(node, hint) is not None for node in work):
            return "group"
        busy = [node for node in subfolders if has_work(node)]
        if not work and not busy:
            return "student" if disguised(entries) else "nothing"
        if names.week_inside(folder.name) and not students and len(work) + len(busy) > 1:
            return "group"
        if work:
            loose = [node for node in work if node.kind == "file"]
            plain = [node for node in loose if not names.week(names.without_copies(names.stem(node.name)))]
            return "group" if not students and len(plain) > MOST_DRAFTS and _repeats(plain) else "student"
        if any(_holds_weeks(node) or self.role(node, hint) == "group" for node in busy):
            return "group"
        if hint.week:
            return "group" if len(busy) > 1 else "student"
        first = [next(iter(under(node, names.is_notebook)), None) for node in busy[:_LOOKED_AT]]
        return "group" if _repeats([node for node in first if node is not None]) else "student"


def find(root: Node, above: Sequence[str], zone: tzinfo | None = None, layout: Layout | None = None) -> Found:
    """The pieces in `root`, the folder or file that was asked for. above: names of the folders it lies in, the nearest first.

    layout: where it is known; then nothing is guessed from what students put into their folders.
    """
    found = Found(zone=zone)
    if layout == "nbgrader" and root.is_folder:
        found.students(root)
        return found
    if not root.is_folder:
        _single(found, root, above)
        return found
    week = "" if root.name.isdecimal() else names.week(root.name)
    if week and is_week_of_one(root, week):
        hint = Hint(week, True, root.name)
        found.pieces.append(Piece(names.student(above[0]), root, tuple(root.children), hint, "nbgrader"))
    elif not week and _is_student(root):
        found.pieces.append(Piece(names.student(root.name), root, tuple(root.children), Hint(), "nbgrader"))
    else:
        found.visit(root, Hint(week, True, root.name) if week else _hinted(root.name, Hint()))
    return found


def _single(found: Found, file: Node, above: Sequence[str]) -> None:
    """One file: a download, or the work of a student whom its name says, or the folder above the week's."""
    week = names.week(above[0])
    if week and names.is_work(file.name) and names.week(names.without_copies(names.stem(file.name))) == week:
        found.pieces.append(Piece(names.student(above[1]), file, (file,), Hint(week, True, above[0]), "nbgrader"))
        return
    found.visit(Node(above[0], "", "folder", children=[file]), Hint())
    if not found.pieces and file.fate == "left out" and names.is_work(file.name):  # a week's name alone
        file.fate = ""
        base = names.without_copies(names.stem(file.name))
        found.pieces.append(Piece(names.student(base), file, (file,), Hint(shown=base), "names"))


def _is_student(root: Node) -> bool:
    """Whether the folder that was asked for is one student's: it holds weeks, each with one notebook, and nobody else."""
    entries = root.entries()
    if _of_a_platform(root) or any(_flat(node) for node in entries):
        return False
    busy = [node for node in entries if node.is_folder and has_work(node)]
    weeks = [names.week(node.name) for node in busy]
    loose = [node for node in entries if not node.is_folder and names.is_notebook(node.name)]
    if loose:
        return all(names.week(names.without_copies(names.stem(node.name))) for node in loose) and all(weeks)
    return bool(busy) and all(week and is_week_of_one(node, week) for node, week in zip(busy, weeks, strict=True))


def _named(zipped: Node, hint: Hint) -> Hint:
    """What the name of a zip says of the week of all that is in it."""
    week = names.week(names.without_copies(names.stem(zipped.name)))
    return Hint(week, True, zipped.name) if week else _hinted(zipped.name, hint)


def _hinted(name: str, hint: Hint) -> Hint:
    """`hint`, or what a folder called `name` says of the week of all that is in it."""
    week = names.week_inside(name)
    return Hint(week, False, name) if week and not hint.sure else hint


def _linked(student: str, node: Node, hint: Hint) -> Piece:
    problem = f"{node.name}: the folder is a link, and links are not followed: hand in a copy"
    return Piece(student, node, (), replace(hint, sure=False), "names", problem=problem)


def _course_folder(entries: list[Node]) -> list[Node]:
    """Of nbgrader's course folder, only what was submitted."""
    if not any(node.is_folder and node.name == "submitted" for node in entries):
        return entries
    rest = []
    for node in entries:
        if node.name in _NBGRADERS_OWN:
            node.account("system", "nbgrader's own, beside the folder submitted")
        else:
            rest.append(node)
    return rest


def _flat(node: Node) -> tuple[str, str] | None:
    return names.student_and_week(names.stem(node.name)) if not node.is_folder and names.is_work(node.name) else None


def _of_a_platform(folder: Node) -> bool:
    """Whether the entries of `folder` are called as a learning platform calls them."""
    entries = folder.entries()
    subfolders = [node for node in entries if node.is_folder and node.children]
    return (
        gradescope.metadata_in(entries) is not None
        or any(platform.matches(node) for platform in _PLATFORMS for node in entries)
        or (len(subfolders) > 1 and ilias.are_students(subfolders))
        or any(_EXCHANGE.fullmatch(node.name) for node in subfolders)
    )


def _holds_weeks(folder: Node) -> bool:
    """Whether folders called as weeks lie in it, or links, which could lead to some."""
    return any((node.is_folder and names.week(node.name)) or node.kind == "link" for node in folder.entries())


def is_week_of_one(folder: Node, week: str, drafts: int = 1) -> bool:
    """Whether a folder called as a week is the work of one student, and does not hold a folder or file for each.

    drafts: notebooks or zips, under names that say nothing, that may be one student's.
    """
    entries = folder.entries()
    files = [node for node in entries if not node.is_folder]
    if any(node.name == "timestamp.txt" for node in files):
        return True
    if _of_a_platform(folder):
        return False
    notebooks = [node for node in files if names.is_notebook(node.name)]
    if any(names.week(names.without_copies(names.stem(node.name))) == week for node in notebooks):
        return True
    if any(_flat(node) for node in files):
        return len({_flat(node) for node in files if _flat(node)}) == 1 and not any(
            node.is_folder and has_work(node) for node in entries
        )
    busy = [node for node in entries if node.is_folder and has_work(node)]
    loose = [node for node in files if names.is_work(node.name)]
    if loose:
        return len(loose) <= drafts and not busy
    return len(busy) == 1 and names.week(busy[0].name) == week


def _repeats(work: list[Node]) -> bool:
    """Whether two of some notebooks or zips are of one week, as their cells say: then they are different students'."""
    found: Counter[str] = Counter()
    for node in work[:_LOOKED_AT]:
        try:
            inside = under(archives.listing(node), names.is_notebook) if names.is_archive(node.name) else [node]
            found[week_by_cells(inside[0]) if len(inside) == 1 else ""] += 1
        except (sanitize.Unreadable, OSError):
            continue
    del found[""]
    return any(count > 1 for count in found.values())
