"""`load`: one call from a name to splits with a datasheet."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, overload

import numpy as np

from course.datasets.digits import digits
from course.datasets.errors import DatasetError
from course.datasets.photos import Photos, load_photos
from course.datasets.registry import Entry, entries
from course.datasets.shapes import shapes
from course.datasets.sources import find, in_worker
from course.datasets.splits import Split, hold_out
from course.datasets.textures import textures

# The test part of an embedded set is the same for everybody; only the validation part depends on the caller's seed.
TEST_SEED = 2024
given: dict[str, str] = {}
"""What this process was given for each set that it asked for: its title, which tells a stand-in from the real one."""
EMBEDDED: dict[str, Callable[[], tuple[np.ndarray, np.ndarray]]] = {"digits": digits, "shapes": shapes}


class EmbeddedDataWarning(UserWarning):
    """The full profile asked for a real set and got the embedded one."""


@dataclass(frozen=True)
class Dataset:
    """Images in three disjoint parts.

    Attributes:
        name: what was asked for, ``"mnist"``, ``"cifar10"`` or ``"textures"``.
        title: what was given, in words.
        train, validation, test: the parts; each has ``x`` (uint8) and ``y`` (int64 (N,)).
        classes: the name of each label.
        source: which source gave it.
        real: whether it is the set that was asked for; False for an embedded stand-in.
        notice: the sentence shown when a stand-in is used, else "".
        sha256: the SHA-256 of the file that was read, or "".
        licence: under which terms the images may be used.
        sheet: path of the datasheet.
    """

    name: str
    title: str
    train: Split
    validation: Split
    test: Split
    classes: tuple[str, ...]
    source: str
    real: bool
    notice: str
    sha256: str
    licence: str
    sheet: Path

    @property
    def datasheet(self) -> str:
        """The datasheet of what was given: origin, licence, counts, known flaws, in Markdown.

        Raises:
            DatasetError: when the file is missing.
        """
        try:
            return self.sheet.read_text(encoding="utf-8")
        except OSError as error:
            raise DatasetError(f"The datasheet {self.sheet} cannot be read ({error.strerror}).") from error

    def __repr__(self) -> str:
        sizes = " / ".join(f"{len(part):,}" for part in (self.train, self.validation, self.test))
        return f"<{self.name}: {self.title}; {sizes} train/validation/test; from {self.source}>"


@overload
def load(
    name: Literal["photos"],
    profile: str = ...,
    *,
    seed: int = ...,
    validation: int | None = ...,
    require_real: bool = ...,
) -> Photos: ...
@overload
def load(
    name: Literal["mnist", "cifar10", "textures"],
    profile: str = ...,
    *,
    seed: int = ...,
    validation: int | None = ...,
    require_real: bool = ...,
) -> Dataset: ...
@overload
def load(
    name: str,
    profile: str = ...,
    *,
    seed: int = ...,
    validation: int | None = ...,
    require_real: bool = ...,
) -> Dataset | Photos: ...


def load(
    name: str,
    profile: str = "quick",
    *,
    seed: int = 0,
    validation: int | None = None,
    require_real: bool = False,
) -> Dataset | Photos:
    """Load a data set.

    Sources in the profile "full": the folder in COURSE_DATA, Keras's cache, a download with a pinned hash, and where
    none of them has it the embedded set, with an `EmbeddedDataWarning`. The profile "quick" takes the embedded set and
    never touches the network. In both cases a line says that a stand-in is used.

    Args:
        name: ``"mnist"``, ``"cifar10"``, ``"textures"`` or ``"photos"``; the last two are the same in both profiles.
        profile: ``"quick"`` or ``"full"``.
        seed: chooses the validation part, which is held out of the training images in equal shares of each class. The parts of
            the textures are regions of photographs, the same for every seed.
        validation: how many images to hold out; by default 5,000 of a real set. Not for the textures.
        require_real: raise instead of giving the embedded set.

    Returns:
        A `Dataset`; for ``"photos"`` a `Photos` with ``images["china"]`` and ``images["flower"]``.

    Raises:
        DatasetError: one sentence that says what is wrong and what to do.
    """
    if profile not in ("quick", "full"):
        raise DatasetError(f'There is no profile {profile!r}; choose "quick" or "full".')
    if name == "photos":
        return load_photos()
    registry = entries()
    names = sorted([key for key, entry in registry.items() if entry.embedded] + ["photos", "textures"])
    if name not in names:
        raise DatasetError(f"There is no data set called {name!r}; choose one of {', '.join(names)}.")
    entry = registry[name]
    if name == "textures":
        return _textures(entry, validation)
    stand_in = registry[entry.embedded]
    if profile == "quick":
        if require_real:
            raise DatasetError(f'The profile "quick" has no real {name}; ask for the profile "full".')
        notice = f"Data: {stand_in.title} in place of {entry.title}; the quick profile uses embedded data only."
        print(notice)
        return _embedded(entry, stand_in, notice, seed, validation)
    found, reasons = find(entry)
    if found is None:
        why = "; ".join(reasons)
        if require_real:
            raise DatasetError(
                f"{entry.title} cannot be had: {why}. Put {entry.course_data} into a folder and name it in COURSE_DATA."
            )
        notice = (
            f"This is NOT {name}: {stand_in.title} stand in for it, and accuracies do not compare. "
            f"The real set could not be had: {why}."
        )
        warnings.warn(notice, EmbeddedDataWarning, stacklevel=2)
        return _embedded(entry, stand_in, notice, seed, validation)
    for reason in reasons:
        if "wrong" in reason or "damaged" in reason:  # a spoilt cache is worth a line even when another source helped
            print(f"Data: {reason}.", file=sys.stderr)
    arrays = found.arrays
    train, held = _held(arrays.x_train, arrays.y_train, entry, seed, validation)
    test = Split(arrays.x_test, arrays.y_test, "test")
    return _dataset(name, entry, (train, held, test), found.source, real=True, notice="", sha256=found.sha256)


def _textures(entry: Entry, validation: int | None) -> Dataset:
    """Give the photographs of surfaces, which are their own embedded set, whatever the profile."""
    if validation is not None:
        raise DatasetError(
            "The validation part of the textures is a region of each photograph; its size cannot be chosen."
        )
    parts = []
    for part in ("train", "validation", "test"):
        x, y, _ = textures(part)
        parts.append(Split(x, None if part == "test" and in_worker() else y, part))
    return _dataset(
        "textures", entry, (parts[0], parts[1], parts[2]), "scikit-image's photographs", real=True, notice=""
    )


def _embedded(entry: Entry, stand_in: Entry, notice: str, seed: int, validation: int | None) -> Dataset:
    """Give the embedded set in place of `entry`."""
    images, labels = EMBEDDED[stand_in.name]()
    rest, tested = hold_out(images, labels, stand_in.test, TEST_SEED)
    # In a worker the labels of the test part are withheld here as well. This is a courtesy, not a lock: scikit-learn and
    # the generator are in the sandbox, so whoever wants them can make the embedded set again. What counts is graded on
    # data that the referee alone holds.
    test = Split(images[tested], None if in_worker() else labels[tested], "test")
    train, held = _held(images[rest], labels[rest], stand_in, seed, validation)
    return _dataset(entry.name, stand_in, (train, held, test), f"embedded: {stand_in.title}", real=False, notice=notice)


def _held(
    images: np.ndarray, labels: np.ndarray, entry: Entry, seed: int, validation: int | None
) -> tuple[Split, Split]:
    rest, held = hold_out(images, labels, entry.validation if validation is None else validation, seed)
    return Split(images[rest], labels[rest], "train"), Split(images[held], labels[held], "validation")


def _dataset(
    name: str,
    entry: Entry,
    parts: tuple[Split, Split, Split],
    source: str,
    *,
    real: bool,
    notice: str,
    sha256: str = "",
) -> Dataset:
    train, validation, test = parts
    given[name] = entry.title
    return Dataset(
        name=name,
        title=entry.title,
        train=train,
        validation=validation,
        test=test,
        classes=entry.classes,
        source=source,
        real=real,
        notice=notice,
        sha256=sha256,
        licence=entry.licence,
        sheet=entry.datasheet,
    )
