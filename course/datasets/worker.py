"""What a grading sandbox is given: of the real sets everything but the labels of the test part, and the embedded sets."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from course.datasets.errors import DatasetError
from course.datasets.loading import EMBEDDED
from course.datasets.registry import Entry, entries
from course.datasets.sources import find, in_worker
from course.datasets.textures import textures
from course.files import whole


def make_embedded(names: Iterable[str]) -> None:
    """Make what the quick profile gives for the data sets `names`, once in a process: those that are forked from it have it.

    What is no data set's name, or cannot be made, is passed over: `load` says why to whoever asks for it.
    """
    for name in names:
        with contextlib.suppress(DatasetError):
            if name == "textures":
                for part in ("train", "validation", "test"):
                    textures(part)
            elif (entry := entries().get(name)) is not None and entry.embedded:
                EMBEDDED[entry.embedded]()


def write_worker_data(folder: str | Path) -> list[Path]:
    """Write the real sets that can be had into `folder`, without the test labels, for use as a worker's COURSE_DATA.

    A sandbox that shows the original files would show the test labels too, whatever `load` withholds. With
    COURSE_WORKER=1 `load` accepts files without the key ``y_test``.

    Returns:
        The files written; a set that cannot be had is left out.

    Raises:
        DatasetError: when the folder cannot be written, or this is itself a worker.
    """
    if in_worker():
        raise DatasetError("A worker cannot prepare data for workers; unset COURSE_WORKER.")
    folder = Path(folder)
    written = []
    for entry in entries().values():
        if entry.course_data:
            path = _write(entry, folder)
            if path:
                written.append(path)
    return written


def _write(entry: Entry, folder: Path) -> Path | None:
    found, _ = find(entry)
    if found is None:
        return None
    path, arrays = folder / entry.course_data, found.arrays
    try:
        with whole(path) as file:
            np.savez(file, x_train=arrays.x_train, y_train=arrays.y_train, x_test=arrays.x_test)
    except OSError as error:
        raise DatasetError(f"{path} cannot be written ({error.strerror or error}).") from error
    return path
