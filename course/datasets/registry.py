"""The registry `data/datasets.toml`, read into typed entries."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from course.datasets.errors import DatasetError


@dataclass(frozen=True)
class Download:
    """A file on the network: its name in the cache, its size in bytes, its SHA-256, and the mirrors in order."""

    file: str
    bytes: int
    sha256: str
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
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
    course_data: str = ""
    counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    download: Download | None = None
    batches: Mapping[str, str] = field(default_factory=dict)


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


def _entry(name: str, table: dict[str, Any], folder: Path) -> Entry:
    download = table.get("download")
    return Entry(
        name=name,
        title=table["title"],
        datasheet=folder / table["datasheet"],
        licence=table["licence"],
        classes=tuple(table.get("classes", ())),
        image_shape=tuple(table.get("image_shape", ())),
        validation=table.get("validation", 0),
        test=table.get("test", 0),
        embedded=table.get("embedded", ""),
        course_data=table.get("course_data", ""),
        counts={split: tuple(counts) for split, counts in table.get("counts", {}).items()},
        download=Download(download["file"], download["bytes"], download["sha256"], tuple(download["urls"]))
        if download
        else None,
        batches=dict(table.get("batches", {})),
    )


@lru_cache(maxsize=4)
def _read(path: Path) -> dict[str, Entry]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: _entry(name, table, path.parent) for name, table in tables.items()}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
        raise DatasetError(f"The data registry {path} cannot be read ({error!r}); unpack the course again.") from error


def entries() -> dict[str, Entry]:
    """Return all entries by name, the embedded sets included.

    Raises:
        DatasetError: when the registry is missing or damaged.
    """
    return _read(data_folder() / "datasets.toml")
