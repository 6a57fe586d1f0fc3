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


_SPELLINGS = (
    ("gray", "grey"),
    ("color", "colour"),
    ("center", "centre"),
    ("neighbor", "neighbour"),
    ("ization", "isation"),
)
_ENDS = (("ies", "y"), ("ves", "f"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("s", ""))


def find(word: str) -> list[Entry]:
    """Entries whose term holds `word`; where there are none, those whose meaning does.

    Upper and lower case are one, and so are singular and plural, British and American spelling, a hyphen and a blank.
    """
    wanted = _plain(word)
    everything = entries()
    return [e for e in everything if wanted in _plain(e.term)] or [e for e in everything if wanted in _plain(e.meaning)]


def _plain(text: str) -> str:
    """A text as it is compared: its words in the singular, in one spelling."""
    text = text.casefold().replace("-", " ")
    for american, british in _SPELLINGS:
        text = text.replace(american, british)
    text = re.sub(r"(?<=[a-z])iz(e|ed|es|ing|er|ers)\b", r"is\1", text)
    return " ".join(map(_singular, text.split()))


def _singular(word: str) -> str:
    for end, single in _ENDS:
        if word.endswith(end) and len(word) - len(end) > 1 and not word.endswith(("ss", "us", "is")):
            return word.removesuffix(end) + single
    return word
