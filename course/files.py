"""Files that are written whole or not at all: under another name beside the target, which they replace when complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """A binary stream whose content becomes the file at `path` when the body ends without an exception.

    Makes the folder. A link at `path` is replaced, not followed. What was there before stays until the new file is on the
    disk. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all. Raises OSError."""
    with whole(path) as stream:
        stream.write(data)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 with its line ends as they are, whole or not at all. Raises OSError."""
    write_bytes(path, text.encode("utf-8"))
