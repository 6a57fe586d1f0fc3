"""Reading the files of the real sets, and checking that they are what the registry says."""

from __future__ import annotations

import hashlib
import io
import pickle
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from course.datasets.errors import DatasetError
from course.datasets.registry import Entry


@dataclass(frozen=True)
class Arrays:
    """A set as its file holds it: images uint8, labels int64 (N,); y_test is None where it is withheld."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray | None


def read_npz(path: Path, entry: Entry, *, withhold: bool) -> Arrays:
    """Read a file with Keras's keys x_train, y_train, x_test, y_test and check it.

    With `withhold` the test labels are not read, and the file need not hold them.

    Raises:
        DatasetError: when the file is truncated, lacks a key, or its shapes, types or counts differ from the registry.
    """
    keys = ["x_train", "y_train", "x_test"] + ([] if withhold else ["y_test"])
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [key for key in keys if key not in archive.files]
            if missing:
                raise DatasetError(f"The file {path} lacks {', '.join(missing)}; it is no {entry.name} file.")
            arrays = {key: archive[key] for key in keys}
    except (OSError, ValueError, TypeError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise DatasetError(
            f"The file {path} is truncated or damaged ({error or type(error).__name__}); copy or download it again."
        ) from error
    return _checked(arrays, entry, path)


def _checked(arrays: dict[str, np.ndarray], entry: Entry, path: Path) -> Arrays:
    """Check types, shapes and the number of images in each class against the registry."""

    def refuse(what: str) -> DatasetError:
        return DatasetError(f"The file {path} is not {entry.name}: {what}.")

    labels: dict[str, np.ndarray] = {}
    for split, counts in entry.counts.items():
        images, shape = arrays[f"x_{split}"], (sum(counts), *entry.image_shape)
        if images.dtype != np.uint8 or images.shape != shape:
            raise refuse(f"x_{split} is {images.dtype} {images.shape}, and uint8 {shape} is expected")
        if f"y_{split}" not in arrays:
            continue
        found = arrays[f"y_{split}"]
        if found.shape == (sum(counts), 1):  # Keras gives CIFAR-10's labels as a column
            found = found[:, 0]
        if not np.issubdtype(found.dtype, np.integer) or found.shape != (sum(counts),):
            raise refuse(f"y_{split} is {found.dtype} {found.shape}, and integers ({sum(counts)},) are expected")
        found = found.astype(np.int64)
        if found.min() < 0 or tuple(np.bincount(found)) != tuple(counts):
            raise refuse(f"y_{split} does not hold the right number of each class")
        labels[split] = found
    return Arrays(arrays["x_train"], labels["train"], arrays["x_test"], labels.get("test"))


class _ArraysOnly(pickle.Unpickler):
    """Reads pickled arrays, lists and text, and refuses everything else: a pickle may otherwise run any code."""

    _allowed = {  # noqa: RUF012 - a constant
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("_codecs", "encode"),
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._allowed:
            raise pickle.UnpicklingError(f"{module}.{name} is not data")
        if module.startswith("numpy.") and name == "_reconstruct":
            return super().find_class("numpy._core.multiarray", "_reconstruct")
        return super().find_class(module, name)


def _read_batches(read: Callable[[str], bytes], entry: Entry, path: Path, *, withhold: bool) -> Arrays:
    """Put CIFAR-10's six batches together; `read` gives the bytes of one by its name."""
    images: dict[str, list[np.ndarray]] = {"train": [], "test": []}
    labels: dict[str, list[int]] = {"train": [], "test": []}
    for name in entry.batches:
        try:
            batch = _ArraysOnly(io.BytesIO(read(name)), encoding="bytes").load()
            split = "test" if name.startswith("test") else "train"
            images[split].append(np.asarray(batch[b"data"]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
            if split == "train" or not withhold:
                labels[split] += batch[b"labels"]
        except (OSError, EOFError, KeyError, ValueError, TypeError, tarfile.TarError, zlib.error) as error:
            raise DatasetError(f"{name} in {path} is truncated or damaged ({error}); remove it.") from error
        except (pickle.UnpicklingError, AttributeError, ImportError, IndexError) as error:
            raise DatasetError(f"{name} in {path} holds something else than arrays ({error}); remove it.") from error
    arrays = {f"x_{split}": np.ascontiguousarray(np.concatenate(parts)) for split, parts in images.items()}
    arrays |= {f"y_{split}": np.array(values, np.int64) for split, values in labels.items() if values}
    return _checked(arrays, entry, path)


def read_cifar_archive(path: Path, entry: Entry, *, withhold: bool) -> Arrays:
    """Read CIFAR-10's archive `cifar-10-python.tar.gz` without unpacking it to the disk.

    Raises:
        DatasetError: when it is damaged or is not CIFAR-10.
    """
    try:
        members: dict[str, bytes] = {}
        with tarfile.open(path, "r|gz") as archive:  # a stream: the archive is decompressed once
            for member in archive:
                name = member.name.rpartition("/")[2]
                file = archive.extractfile(member) if name in entry.batches else None
                if file is not None:
                    members[name] = file.read()
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise DatasetError(f"The file {path} is truncated or damaged ({error}); remove it.") from error
    return _read_batches(lambda name: members[name], entry, path, withhold=withhold)


def read_cifar_folder(path: Path, entry: Entry, *, withhold: bool) -> Arrays:
    """Read the unpacked folder `cifar-10-batches-py` of Keras's cache, each batch against its pinned MD5.

    Raises:
        DatasetError: when a batch is missing, damaged, or is not the pinned one.
    """

    def read(name: str) -> bytes:
        content = (path / name).read_bytes()
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != entry.batches[name]:
            raise DatasetError(f"{name} in {path} has the wrong MD5; remove the folder.")
        return content

    return _read_batches(read, entry, path, withhold=withhold)
