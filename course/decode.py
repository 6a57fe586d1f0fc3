"""TOML files into typed values. What is wrong with a file is one sentence that names the file, the place and the key."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_PLACE = re.compile(r" - at `(?:key in )?\$?\.?(.*?)`$")
_MISSING = re.compile(r"Object missing required field `(.*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")


class FileError(Exception):
    """A file of the course that cannot be read. The text is one sentence for whoever edits the file."""


def toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises FileError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise FileError(f"{path} cannot be read: {problem.strerror or problem}") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise FileError(f"{path} is not valid TOML: {problem}") from problem


def typed(value: Any, kind: type[T], path: Path, where: str = "") -> T:
    """`value` as a `kind`: nothing missing, nothing unknown in its structs, everything of its type.

    where: the part of the file at `path` that it comes from, for the sentence of the FileError.
    """
    try:
        return msgspec.convert(value, kind, dec_hook=_path)
    except msgspec.ValidationError as problem:
        raise FileError(f"{path}{f', {where}' if where else ''}: {_in_words(str(problem))}") from problem


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(f"no way to make a {kind.__name__}")  # as msgspec asks of such a function


def _in_words(text: str) -> str:
    found = _PLACE.search(text)
    place = found[1].replace("[...]", ", one of its values") if found else ""
    said = _PLACE.sub("", text)
    inside = f" in `{place}`" if place else ""
    if missing := _MISSING.fullmatch(said):
        return f"the key `{missing[1]}` is missing{inside}"
    if unknown := _UNKNOWN.fullmatch(said):
        return f"the key `{unknown[1]}`{inside} is not known (misspelt, perhaps)"
    return f"`{place}`: {said[0].lower()}{said[1:]}" if place else said
