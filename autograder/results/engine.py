"""The version of everything that can change a verdict: the code that grading imports, its libraries, and its data."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import platform
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.paths import CHECKOUT, OWN, ROOT
from course import syllabus

_ENTRANCES = ("autograder/grading/child.py", "autograder/worker/main.py", "autograder/intake/sanitize.py")
"""From here on imports are followed. A check imports what it likes of `course`, so all of that counts."""
_LIBRARIES = (
    "keras",
    "tensorflow",
    "tensorflow-cpu",
    "jax",
    "torch",
    "numpy",
    "scipy",
    "scikit-learn",
    "pillow",
    "ipython",
)
"""Whose versions can change a number, or what a cell does."""


@functools.cache
def version(root: Path = CHECKOUT, own: Path | None = ROOT if OWN else None) -> str:
    """Hash of the grader's code, the package `course` with its data, the libraries' versions and Keras's backend.

    own: the root of a course of one's own, whose syllabus and package count as well.
    """
    digest = hashlib.sha256()
    for base, paths in ((root, files(root)), (own or root, files_of_own(own) if own else [])):
        for path in paths:
            digest.update(path.relative_to(base).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for line in libraries():
        digest.update(line.encode() + b"\0")
    return digest.hexdigest()[:16]


def files_of_own(root: Path) -> list[Path]:
    """The syllabus of the course in `root`, and its package of helpers."""
    package = syllabus.course().package
    code = sorted(p for p in (root / package).rglob("*.py") if "__pycache__" not in p.parts) if package else []
    return [root / "syllabus.toml", *code]


def files(root: Path = CHECKOUT) -> list[Path]:
    """The files below `root` that grading reads: code followed from its entrances by imports, `course`, and `data`."""
    found: set[Path] = set()
    waiting = [root / name for name in _ENTRANCES]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path, root)
    found |= {p for p in (root / "course").rglob("*") if p.suffix in (".py", ".toml") and "__pycache__" not in p.parts}
    found |= {p for p in (root / "data").rglob("*") if p.suffix in (".toml", ".npz")}
    return sorted(found)


def _imported(path: Path, root: Path) -> Iterator[Path]:
    """Files of `autograder` that the module at `path` imports, at whatever depth of its code, and their packages."""
    for module, names in imports_in(path.read_text(encoding="utf-8")):
        for name in names or [""]:
            parts = [*module.split("."), name] if name else module.split(".")  # the name may be a module
            for end in range(1, len(parts) + 1):
                place = root.joinpath(*parts[:end])
                yield from (p for p in (place.with_suffix(".py"), place / "__init__.py") if p.is_file())


# Read by their words, which takes a twentieth of the time of a parser: the driver does so before it grades anything.
_FROM = re.compile(r"^[ \t]*from[ \t]+(autograder[.\w]*)[ \t]+import[ \t]*(?:\(([^)]*)\)|(.*))", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+(.*autograder.*)", re.MULTILINE)


def imports_in(code: str) -> Iterator[tuple[str, list[str]]]:
    """(module of `autograder`, names taken from it) for each import in `code`; what a docstring quotes counts as well."""
    for module, several, one in _FROM.findall(code):
        yield module, re.findall(r"\w+", several or one)
    for modules in _IMPORT.findall(code):
        for module in re.findall(r"\bautograder[.\w]*", modules):
            yield module, []


def libraries() -> list[str]:
    """Python's version and Keras's backend, and a line for each library that is there."""
    lines = [f"python {platform.python_version()}", f"backend {os.environ.get('KERAS_BACKEND', 'tensorflow')}"]
    for name in _LIBRARIES:
        try:
            lines.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return lines
