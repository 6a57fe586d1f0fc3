"""The course's packages, as the student's lock has them, and what of them is installed in this Python."""

from __future__ import annotations

import functools
import importlib.metadata
import re
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
LOCKS = (
    _ROOT / "autograder" / "authoring" / "for_students" / "requirements.lock",  # in a checkout of the course
    _ROOT / "requirements.lock",  # in the student's folder
)
_LINE = re.compile(r"([A-Za-z0-9][\w.-]*)==([^\s;\\]+)\s*(?:;\s*([^\\]+))?")


def canonical(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@functools.cache
def locked() -> dict[str, str]:
    """{package: version} that the lock asks for on this machine; empty where there is no lock."""
    from packaging.markers import InvalidMarker, Marker

    for path in LOCKS:
        try:
            text = path.read_text(encoding="utf-8")
        except OSError:
            continue
        found = {}
        for line in text.splitlines():
            if not (entry := _LINE.match(line)):
                continue
            try:
                wanted = not entry[3] or Marker(entry[3].strip()).evaluate()
            except InvalidMarker:
                wanted = True
            if wanted:
                found[canonical(entry[1])] = entry[2]
        return found
    return {}


def differing() -> tuple[list[str], list[str]]:
    """(packages of the lock that are not installed, those of another version as "numpy 2.0.1 in place of 2.1.0")."""
    missing, others = [], []
    for name, version in locked().items():
        try:
            here = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
            continue
        if here != version:
            others.append(f"{name} {here} in place of {version}")
    return missing, others
