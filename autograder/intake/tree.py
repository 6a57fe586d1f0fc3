"""What lies in a folder: every file, link and empty folder, listed once. Nothing is read, no link is followed."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from autograder.intake import names

Kind = Literal["file", "folder", "link", "special"]
Fate = Literal["", "opened", "not read", "beside", "superseded", "left out", "not asked for", "system", "submission"]
"""What became of a file, from the least to the most that can be said of it."""
FATES: tuple[Fate, ...] = (
    "",
    "opened",
    "not read",
    "beside",
    "superseded",
    "left out",
    "not asked for",
    "system",
    "submission",
)
MAX_DEPTH = 30
MAX_FILES = 500_000


def _nothing() -> BinaryIO:
    raise OSError(0, "not a regular file")


@dataclass(eq=False)
class Node:
    """A file, a folder, a link, or something that is none of them (`special`), on disk or in a zip.

    name: as it is there. where: from the folder graded, as text that can be written anywhere. time: of the last change.
    depth: of zips around it. open: a stream of its bytes; raises OSError. owner: the file on the list that it is counted with,
    where it lies in a student's own zip. problem: why a folder could not be listed.
    """

    name: str
    where: str
    kind: Kind
    size: int = 0
    time: datetime | None = None
    children: list[Node] = field(default_factory=list)
    open: Callable[[], BinaryIO] = _nothing
    owner: Node | None = None
    depth: int = 0
    problem: str = ""
    fate: Fate = ""
    reason: str = ""

    @property
    def is_folder(self) -> bool:
        return self.kind == "folder"

    def read(self, most: int) -> bytes:
        """Its bytes, at most one more than `most`. Raises OSError or what a damaged zip raises."""
        with self.open() as stream:
            return stream.read(most + 1)

    def account(self, fate: Fate, reason: str = "") -> None:
        """Say what became of it, or of everything in it that nothing more was said of."""
        for node in (self, *self.leaves()):
            counted = node.owner or node
            if counted is not node and fate == "system":
                continue  # a system's file in a student's zip says nothing of the zip
            if FATES.index(fate) > FATES.index(counted.fate):
                counted.fate, counted.reason = fate, reason

    def leaves(self) -> Iterator[Node]:
        """What is counted under it: files, links, empty folders, and the zips that were opened with what is in them."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if not node.children or not node.is_folder:
                yield node
            waiting += reversed(node.children)

    def entries(self) -> list[Node]:
        """Its children without those of a system, which are accounted for as such."""
        found = []
        for child in self.children:
            if names.is_system(child.name):
                child.account("system", "hidden, or left by an operating system")
            else:
                found.append(child)
        return found


def scan(path: Path) -> Node:
    """The folder or file at `path` with everything in it. Raises OSError where it cannot be listed itself."""
    if path.is_file() or path.is_symlink():
        return _node(path, path.name)
    root = Node(path.name, "", "folder")
    waiting = [(root, path, 0)]
    count = 0
    while waiting:
        folder, place, depth = waiting.pop()
        try:
            found = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError as problem:
            if folder is root:
                raise
            folder.problem = f"it cannot be listed: {problem.strerror}"
            continue
        count += len(found)
        if depth > MAX_DEPTH or count > MAX_FILES:
            folder.problem = f"it lies deeper than {MAX_DEPTH} folders" if depth > MAX_DEPTH else "too many files"
            continue
        for entry in found:
            where = f"{folder.where}/{names.printable(entry.name)}".lstrip("/")
            child = _node(Path(entry.path), where)
            folder.children.append(child)
            if child.is_folder:
                waiting.append((child, Path(entry.path), depth + 1))
    return root


def _node(path: Path, where: str) -> Node:
    try:
        about = path.lstat()
    except OSError as problem:
        return Node(path.name, where, "special", problem=problem.strerror or "it is gone")
    kind: Kind = "special"
    if stat.S_ISLNK(about.st_mode):
        kind = "link"
    elif stat.S_ISDIR(about.st_mode):
        kind = "folder"
    elif stat.S_ISREG(about.st_mode):
        kind = "file"
    time = datetime.fromtimestamp(about.st_mtime, UTC) if about.st_mtime > 0 else None
    return Node(path.name, where, kind, about.st_size, time, open=lambda: open_file(path))


def open_file(path: Path) -> BinaryIO:
    """The file at `path` for reading; not through a link, and never a device or a FIFO. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "not a regular file")
    return io.BufferedReader(io.FileIO(descriptor))
