"""The lectures' topics, and which weeks treat them."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

from autograder.paths import OWN, ROOT
from autograder.weeks import Week
from course import decode

TOPICS = Path(__file__).with_name("topics.toml")


def in_force() -> Path:
    """The course's topics.toml: a course of one's own may have one beside its syllabus, and may do without."""
    return ROOT / "topics.toml" if OWN else TOPICS


@functools.cache
def titles(path: Path | None = None) -> dict[str, str]:
    """{id: title}: the topics, then the corrections of the lecture notes; empty in a course of one's own without topics."""
    path = path or in_force()
    if OWN and not path.is_file():
        return {}
    tables = decode.typed(decode.toml(path), dict[str, dict[str, str]], path)
    return {**tables.get("topics", {}), **tables.get("corrections", {})}


def coverage(weeks: Iterable[Week], known: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """{topic id: [(week id, cell id), ...]}, an empty list where no cell names the topic."""
    where: dict[str, list[tuple[str, str]]] = {topic: [] for topic in known}
    for week in weeks:
        for cell in week.cells:
            for topic in cell.topics:
                where.setdefault(topic, []).append((week.id, cell.id))
    return where
