"""Where a real set may come from, in order: COURSE_DATA, Keras's cache, the network."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from course.datasets.download import cache_folder, fetch, sha256_of
from course.datasets.errors import DatasetError
from course.datasets.files import Arrays, read_cifar_archive, read_cifar_folder, read_npz
from course.datasets.registry import Entry


@dataclass(frozen=True)
class Found:
    """A real set, where it was found, and the SHA-256 of its file ("" where it is a folder)."""

    arrays: Arrays
    source: str
    sha256: str


def in_worker() -> bool:
    """Tell whether this process runs a submission in the grading sandbox (COURSE_WORKER=1)."""
    return os.environ.get("COURSE_WORKER", "") not in ("", "0")


def find(entry: Entry) -> tuple[Found | None, list[str]]:
    """Look for a real set in all its sources.

    Returns:
        What was found, or None, and for each source that failed a sentence without its full stop.

    Raises:
        DatasetError: when COURSE_DATA names a folder that is not there, or a file in it that is damaged or is another
            set: whoever names a folder wants that one, and nothing else in silence.
    """
    withhold = in_worker()
    found = _course_data(entry, withhold)
    if found:
        return found, []
    reasons = ["COURSE_DATA is not set" if not os.environ.get("COURSE_DATA") else f"COURSE_DATA has no {entry.name}"]
    try:
        found = _keras_cache(entry, withhold)
        if found:
            return found, reasons
        reasons.append("Keras's cache does not hold it")
    except DatasetError as error:
        reasons.append(str(error).rstrip("."))
    if withhold:
        reasons.append("the grading sandbox has no network")
    elif os.environ.get("COURSE_OFFLINE", "") not in ("", "0"):
        reasons.append("COURSE_OFFLINE forbids a download")
    else:
        try:
            return _download(entry), reasons
        except DatasetError as error:
            reasons.append(str(error).rstrip("."))
    return None, reasons


def _course_data(entry: Entry, withhold: bool) -> Found | None:
    named = os.environ.get("COURSE_DATA")
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise DatasetError(f"COURSE_DATA names {folder}, which is no folder; correct the variable or unset it.")
    path = folder / entry.course_data
    if not path.is_file():
        return None
    digest = sha256_of(path)
    arrays = read_npz(path, entry, withhold=withhold)
    pinned = entry.download is not None and entry.download.file == path.name and entry.download.sha256 == digest
    remark = "the pinned file" if pinned else "not the pinned file; shapes, types and counts agree"
    return Found(arrays, f"COURSE_DATA, {path.name}, SHA-256 {digest[:12]}… ({remark})", digest)


def _keras_cache(entry: Entry, withhold: bool) -> Found | None:
    try:
        root = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
    except RuntimeError:  # a sandbox's user may have no home
        return None
    if entry.batches:
        for place in ("cifar-10-batches-py-target/cifar-10-batches-py", "cifar-10-batches-py"):  # Keras 3, and older
            folder = root / place
            if folder.is_dir():
                return Found(read_cifar_folder(folder, entry, withhold=withhold), f"Keras's cache, {folder.name}", "")
        return None
    if entry.download is None or not (root / entry.download.file).is_file():
        return None
    path = root / entry.download.file
    digest = sha256_of(path)
    if digest != entry.download.sha256:
        raise DatasetError(f"The file {path} of Keras's cache has the wrong SHA-256; remove it.")
    return Found(read_npz(path, entry, withhold=withhold), f"Keras's cache, {path.name}", digest)


def _download(entry: Entry) -> Found:
    if entry.download is None:
        raise DatasetError(f"No mirror of {entry.name} is known.")
    path = fetch(entry.download, cache_folder())
    read = read_cifar_archive if entry.batches else read_npz
    return Found(read(path, entry, withhold=False), f"download, {path.name}", entry.download.sha256)
