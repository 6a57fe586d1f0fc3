"""The course's glossary, `glossary.md`: one meaning for each word, and the week that introduces it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

GLOSSARY = Path(__file__).with_name("glossary.md")
_ENTRY = re.compile(r"- \*\*(?P<term>[^*]+)\*\* \((?P<week>\d+)\): (?P<meaning>.+)")


@dataclass(frozen=True)
class Entry:
    """A word, the number of the week that introduces it, and what it means."""

    term: str
    week: int
    meaning: str


def entries() -> list[Entry]:
    """All entries, in the order of the file (alphabetical)."""
    found = (_ENTRY.fullmatch(line) for line in GLOSSARY.read_text(encoding="utf-8").splitlines())
    return [Entry(m["term"], int(m["week"]), m["meaning"]) for m in found if m]


def find(word: str) -> list[Entry]:
    """Entries whose term holds `word`; where there are none, those whose meaning does. Upper and lower case are one."""
    wanted = word.casefold()
    everything = entries()
    return [e for e in everything if wanted in e.term.casefold()] or [
        e for e in everything if wanted in e.meaning.casefold()
    ]
