"""Zips, listed and read in memory: names inside are only compared, never used as paths, and nothing is unpacked."""

from __future__ import annotations

import io
import stat
import struct
import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, BinaryIO, ClassVar

from autograder.intake import names, sanitize
from autograder.intake.tree import Node
from course import limits

MAX_MEMBERS = 2000
MAX_DIRECTORY = 1_000_000
"""Bytes of the list of files at the end of a student's zip: 2,000 names of 450 letters."""
MAX_CLASS_MEMBERS = 50_000
MAX_CLASS_DIRECTORY = 20_000_000
"""The same for a download of a class."""
MAX_NESTED = limits.NOTEBOOK_BYTES + limits.ARTEFACT_BYTES + limits.MODULE_BYTES
"""Bytes of a student's zip inside a zip: what may be handed in."""
MAX_CLASS_NESTED = 4 * 2**30
MAX_DEPTH = 4
"""Zips in zips."""
_TOO_MANY = "the zip holds too many files"
_OPEN = 4
"""Zips kept open: a download of a class is read file by file, and its list of files is read once."""


class _Limited(io.BufferedIOBase):
    """A stream that refuses to be read in pieces of more than `most` bytes, until that is None.

    `ZipFile` reads the list of files in one piece and makes an object of each before anybody can count them: half a million
    take ten seconds and 250 MB.
    """

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self.stream = stream
        self.most: int | None = most

    def read(self, size: int | None = -1, /) -> bytes:
        if self.most is not None and size is not None and size > self.most:
            raise sanitize.Unreadable(_TOO_MANY)
        return self.stream.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self.stream.seek(offset, whence)

    def tell(self) -> int:
        return self.stream.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.stream.close()
        super().close()


class _Archive:
    """A zip, opened when it is read, and closed when others are wanted more."""

    _kept: ClassVar[OrderedDict[int, _Archive]] = OrderedDict()

    def __init__(self, node: Node, of_class: bool) -> None:
        self.node = node
        self.of_class = of_class
        self._stream: _Limited | None = None
        self._zip: zipfile.ZipFile | None = None

    def opened(self) -> zipfile.ZipFile:
        """Raises OSError, Unreadable, or what a damaged zip raises."""
        if self._zip is None:
            stream = _Limited(
                _seekable(self.node, self.of_class), MAX_CLASS_DIRECTORY if self.of_class else MAX_DIRECTORY
            )
            try:
                self._zip = zipfile.ZipFile(stream)
            except BaseException:
                stream.close()
                raise
            stream.most = None
            self._stream = stream
            if len(self._zip.infolist()) > (MAX_CLASS_MEMBERS if self.of_class else MAX_MEMBERS):
                self.close()
                raise sanitize.Unreadable(_TOO_MANY)
        self._kept[id(self)] = self
        self._kept.move_to_end(id(self))
        while len(self._kept) > _OPEN:
            next(iter(self._kept.values())).close()
        return self._zip

    def close(self) -> None:
        self._kept.pop(id(self), None)
        if self._zip is not None:
            self._zip.close()
            self._zip = None
        if self._stream is not None:
            self._stream.close()
            self._stream = None


def close_all() -> None:
    """Close the zips that are kept open."""
    for archive in list(_Archive._kept.values()):
        archive.close()


def _seekable(node: Node, of_class: bool) -> BinaryIO:
    if node.depth == 0:
        return node.open()
    most = MAX_CLASS_NESTED if of_class else MAX_NESTED
    if node.size > most:
        raise sanitize.Unreadable("the zip in the zip is too large")
    # Without a name, and gone when it is closed.
    copy: Any = tempfile.SpooledTemporaryFile(max_size=2**23)  # noqa: SIM115
    left = most
    with node.open() as stream:
        while piece := stream.read(min(2**20, left + 1)):
            left -= len(piece)
            if left < 0:
                copy.close()
                raise sanitize.Unreadable("a file in the zip is larger than it says")
            copy.write(piece)
    copy.seek(0)
    return copy


def listing(zipped: Node, of_class: bool = False) -> Node:
    """A folder with what is in a zip. Raises Unreadable, with the reason, where it cannot be opened.

    of_class: whether it may be a download with the work of a class, which is larger, and whose files are counted one by one;
    the files of a student's own zip are counted as that zip.
    """
    if zipped.depth >= MAX_DEPTH:
        raise sanitize.Unreadable(f"there are more than {MAX_DEPTH} zips in each other")
    archive = _Archive(zipped, of_class)
    with _in_words():
        members = archive.opened().infolist()
    owner = None if of_class else zipped.owner or zipped
    root = Node(zipped.name, zipped.where, "folder", time=zipped.time, owner=owner, depth=zipped.depth + 1)
    folders: dict[tuple[str, ...], Node] = {(): root}
    for member in members:
        # Some programs of Windows write backslashes between folders.
        parts = tuple(part for part in member.filename.replace("\\", "/").split("/") if part not in ("", "."))
        if not parts:
            continue
        if member.is_dir():
            _folder(folders, parts)
            continue
        parent = _folder(folders, parts[:-1])
        is_link = member.create_system == 3 and stat.S_ISLNK(member.external_attr >> 16)
        child = Node(
            parts[-1],
            f"{parent.where}/{names.printable(parts[-1])}",
            "link" if is_link else "file",
            member.file_size,
            _time(member),
            owner=owner,
            depth=root.depth,
        )
        child.open = lambda member=member: _open(archive, member)  # type: ignore[misc]
        parent.children.append(child)
    return root


def _folder(folders: dict[tuple[str, ...], Node], parts: tuple[str, ...]) -> Node:
    for end in range(1, len(parts) + 1):
        if parts[:end] not in folders:
            above = folders[parts[: end - 1]]
            where = f"{above.where}/{names.printable(parts[end - 1])}"
            folder = Node(parts[end - 1], where, "folder", owner=above.owner, depth=above.depth)
            folders[parts[:end]] = folder
            above.children.append(folder)
    return folders[parts]


def _open(archive: _Archive, member: zipfile.ZipInfo) -> BinaryIO:
    with _in_words():
        return io.BufferedReader(_Member(archive.opened().open(member)))


class _Member(io.RawIOBase):
    """A file in a zip for reading, whose damage is reported like any other."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        with _in_words():
            data = self.stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self.stream.close()
        super().close()


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except sanitize.Unreadable:
        raise
    except OSError as problem:
        raise sanitize.Unreadable(problem.strerror or "the zip cannot be opened") from problem
    except (
        Exception
    ) as problem:  # a damaged zip raises what its decompressor raises: zlib.error, LZMAError, ValueError…
        raise sanitize.Unreadable("the zip cannot be opened") from problem


def _time(member: zipfile.ZipInfo) -> datetime | None:
    """When a file in a zip was last changed: the time in UTC that some programs add, else that of the clock on this machine."""
    extra = member.extra
    while len(extra) >= 4:
        tag, size = struct.unpack("<HH", extra[:4])
        if tag == 0x5455 and size >= 5 and extra[4] & 1:
            return datetime.fromtimestamp(struct.unpack("<I", extra[5:9])[0], UTC)
        extra = extra[4 + size :]
    try:
        return datetime(*member.date_time).astimezone(UTC) if member.date_time > (1980, 1, 2) else None
    except (ValueError, OverflowError, OSError):
        return None
