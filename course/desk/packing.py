"""What is handed in for a week: the notebook, and what it needs beside it, as one zip with a receipt."""

from __future__ import annotations

import datetime
import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course import limits
from course.desk.errors import UsageError
from course.desk.folders import week_of
from course.files import whole

ARTEFACTS = ("artefacts/*.npz",)
"""What a trained week keeps beside its notebook, and hands in with it: the nets of `course.training.trained`."""


@dataclass(frozen=True)
class Receipt:
    """What was packed. sha256, size (bytes): of the notebook; the grader's record has the same sha256. time: UTC."""

    week: str
    sha256: str
    size: int
    time: datetime.datetime

    def __str__(self) -> str:
        return (
            f"Receipt: {self.week}.ipynb, {self.size:,} bytes, {self.time:%Y-%m-%d %H:%M:%S} UTC\nsha256 {self.sha256}"
        )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises OSError."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _nets(folder: Path) -> Iterator[Path]:
    yield from sorted(other for pattern in ARTEFACTS for other in folder.glob(pattern) if other.is_file())


def _modules(folder: Path) -> Iterator[Path]:
    yield from sorted(other for other in folder.glob("*.py") if other.is_file() and other.stem.isidentifier())


def beside(path: Path) -> list[Path]:
    """The nets and modules beside the notebook at `path` that the grader takes (`course.limits`)."""
    taken: list[Path] = []
    for files, why, room in (
        (_nets(path.parent), limits.why_no_artefact, limits.ARTEFACT_BYTES),
        (_modules(path.parent), limits.why_no_module, limits.MODULE_BYTES),
    ):
        count = 0
        for file in files:
            size = file.stat().st_size
            if not why(file.name, size, count, room):
                taken.append(file)
                count, room = count + 1, room - size
    return taken


def pack(path: Path, student: str, to: Path) -> tuple[Path, list[str], Receipt]:
    """Write `<student>-<week>.zip` with the notebook, its nets and modules beside it into `to`; returns it, its names, and
    the receipt.

    The zip is written whole or not at all. Raises UsageError where the grader would not take all of it (`course.limits`),
    and where it cannot be written.
    """
    week = week_of(path)
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}.") from problem
    if len(data) > limits.NOTEBOOK_BYTES:
        raise UsageError(
            f"{path} is {limits.megabytes(len(data))}, at most {limits.megabytes(limits.NOTEBOOK_BYTES)} are taken: "
            "clear its outputs with Edit → Clear Outputs of All Cells."
        )
    _refuse(path.parent)
    files = {file.relative_to(path.parent).as_posix(): file for file in beside(path)}
    target = to / f"{student}-{week}.zip"
    try:
        with whole(target) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{week}.ipynb", data)
            for name, file in files.items():
                archive.write(file, name)
    except OSError as problem:
        raise UsageError(
            f"{target} cannot be written: {problem.strerror or problem}; your notebook is as it was. Name another folder "
            "with --to."
        ) from problem
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    receipt = Receipt(week, hashlib.sha256(data).hexdigest(), len(data), now)
    return target, [f"{week}.ipynb", *files], receipt


def _refuse(folder: Path) -> None:
    """Raise UsageError for the first file beside a notebook that would be left out."""
    room, count = limits.ARTEFACT_BYTES, 0
    for net in _nets(folder):
        size = net.stat().st_size
        if reason := limits.why_no_artefact(net.name, size, count, room):
            raise UsageError(
                f"the trained net {net} ({limits.megabytes(size)}) cannot be handed in: {reason}; move or delete the nets "
                "that are not part of your answer."
            )
        room, count = room - size, count + 1
    room, count = limits.MODULE_BYTES, 0
    for module in _modules(folder):
        size = module.stat().st_size
        if reason := limits.why_no_module(module.name, size, count, room):
            raise UsageError(
                f"the module {module} cannot be handed in: {reason}; move away what is not part of your answer."
            )
        room, count = room - size, count + 1
