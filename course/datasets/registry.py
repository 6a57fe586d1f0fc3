"""The registry `data/datasets.toml`, read into typed entries."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from course import decode
from course.datasets.errors import DatasetError


class Download(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file on the network: its name in the cache, its size in bytes, its SHA-256, and the mirrors in order."""

    file: str
    bytes: int
    sha256: str
    urls: tuple[str, ...]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One data set of the registry; what does not apply to it is empty."""

    name: str
    title: str
    datasheet: Path
    licence: str
    classes: tuple[str, ...] = ()
    image_shape: tuple[int, ...] = ()
    validation: int = 0
    test: int = 0
    embedded: str = ""
    images: tuple[str, ...] = ()
    """Names of the photographs, where the set is a few of them and no splits."""
    course_data: str = ""
    counts: dict[str, tuple[int, ...]] = msgspec.field(default_factory=dict)
    download: Download | None = None
    batches: dict[str, str] = msgspec.field(default_factory=dict)


def data_folder() -> Path:
    """Return the folder `data/` that lies beside the package `course`, in a checkout as in the student's release.

    If the package was installed elsewhere, `data/` is looked for in the working directory and the folders above it.

    Raises:
        DatasetError: when there is none.
    """
    beside = Path(__file__).resolve().parents[2]
    here = Path.cwd()
    for folder in (beside, here, *here.parents):
        if (folder / "data" / "datasets.toml").is_file():
            return folder / "data"
    raise DatasetError(
        f"The file data/datasets.toml was not found beside {beside / 'course'} or above {here}; "
        "unpack the course again, with the folders course and data side by side."
    )


@lru_cache(maxsize=4)
def _read(path: Path) -> dict[str, Entry]:
    try:
        tables = decode.typed(decode.toml(path), dict[str, dict[str, Any]], path)
        return {name: _entry(name, table, path) for name, table in tables.items()}
    except decode.FileError as error:
        raise DatasetError(f"The data registry cannot be used: {error}. Unpack the course again.") from error


def _entry(name: str, table: dict[str, Any], path: Path) -> Entry:
    """The entry `name`; its datasheet lies beside the registry. Raises FileError."""
    entry = decode.typed({**table, "name": name}, Entry, path, f"data set {name}")
    return msgspec.structs.replace(entry, datasheet=path.parent / entry.datasheet)


def entries() -> dict[str, Entry]:
    """Return all entries by name, the embedded sets included.

    Raises:
        DatasetError: when the registry is missing or damaged.
    """
    return _read(data_folder() / "datasets.toml")
