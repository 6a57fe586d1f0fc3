"""Hints on demand: up to three for an exercise, from a question to the shape of the answer.

They lie in `hints.toml` beside the week's notebook: a list of Markdown strings for each exercise.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path

from course import session

__all__ = ["NoHint", "find", "named", "read", "show"]

FILE = "hints.toml"
_shown: dict[str, int] = {}


class NoHint(Exception):
    """There is no such hint. The text says what there is, in one sentence."""


def read(path: Path) -> dict[str, list[str]]:
    """{exercise: its hints}, empty where there is no such file. Raises NoHint where it cannot be read."""
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as problem:
        raise NoHint(f"{path} cannot be read: {problem}.") from problem
    return {name: [str(hint) for hint in hints] for name, hints in table.items() if isinstance(hints, list)}


def _either(names: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def find(exercise: str, places: Iterable[Path]) -> list[str]:
    """The hints for `exercise` from the first of the folders `places` that has some. Raises NoHint with near matches."""
    known: list[str] = []
    for place in places:
        hints = read(place / FILE)
        if hints.get(exercise):
            return hints[exercise]
        known += hints
    near = difflib.get_close_matches(exercise, known, n=3, cutoff=0.5)
    near = near or [name for name in known if exercise and exercise in name][:3]
    if near:
        raise NoHint(f"there is no hint for {exercise!r}; did you mean {_either(near)}?")
    if known:
        raise NoHint(f"there is no hint for {exercise!r}; there are hints for {', '.join(known)}.")
    raise NoHint(f"there is no hint for {exercise!r}: no file {FILE} lies beside the notebook.")


def named(exercise: str, hints: list[str], number: int) -> str:
    """Hint `number` (from 1) under a heading, as Markdown. Raises NoHint where there is none of that number."""
    if not 1 <= number <= len(hints):
        count = "one hint" if len(hints) == 1 else f"{len(hints)} hints"
        raise NoHint(f"{exercise} has {count}; there is no number {number}.")
    return f"**Hint {number} of {len(hints)} · `{exercise}`**\n\n{hints[number - 1]}"


def show(exercise: str, number: int | None = None, place: Path | None = None) -> None:
    """Show a hint in a notebook: the first, at the next call the next, or that of `number`.

    place: the folder of the notebook (default: the current one). What is wrong is printed as one sentence.
    """
    folder = place or Path.cwd()
    if session.kernel_shell() is None and not (folder / FILE).exists():
        return  # the grader runs a cell with a hint too, and there is nothing to say there
    try:
        hints = find(exercise, [folder])
        wanted = number if number is not None else min(_shown.get(exercise, 0) + 1, len(hints))
        text = named(exercise, hints, wanted)
    except NoHint as problem:
        print(f"{str(problem)[0].upper()}{str(problem)[1:]}")
        return
    _shown[exercise] = wanted
    more = "" if wanted == len(hints) else f'\n\nThe next one: `course.hint("{exercise}")`'
    shell = session.kernel_shell()
    if shell is None:
        print(text + more)
    else:
        shell.display_pub.publish({"text/markdown": text + more, "text/plain": text + more})
