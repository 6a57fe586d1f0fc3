"""What a page of the site is, and how links between files of the repository become links between pages."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.paths import ROOT
from course import glossary

GLOSSARY_FILE = "course/glossary.md"
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]\[]*(?:\[[^\]]*\][^\]\[]*)*)\]\((?P<target>[^)\s]+)\)")
_FENCE = re.compile(r"^\s*(```+|~~~+)")


@dataclass(frozen=True)
class Page:
    """A page as MyST Markdown. `name` is its path on the site without a suffix; `files` lie beside it, by their names."""

    name: str
    text: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def relink(text: str, source: str, page: str, pages: Mapping[str, str]) -> str:
    """`text` with its relative links changed from files to pages.

    source: the file of the repository that the text is from, whose folder links are relative to.
    page: the name of the page that the text is on. pages: {file of the repository: name of its page}.
    A link to a word of the glossary goes to that word. A link to a file that is no page of the site becomes its text; one to a
    file that does not exist stays as it is, and is found broken.
    """
    parts: list[list[str]] = [[]]  # prose and fenced code in turn
    fence = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
            parts.append([line])
        elif mark and mark[1].startswith(fence):
            fence = ""
            parts[-1].append(line)
            parts.append([])
        else:
            parts[-1].append(line)
    changed = ["\n".join(lines) for lines in parts]
    changed[::2] = [_LINK.sub(lambda found: _link(found, source, page, pages), prose) for prose in changed[::2]]
    return "\n".join(part for part, lines in zip(changed, parts, strict=True) if lines)


def _link(found: re.Match[str], source: str, page: str, pages: Mapping[str, str]) -> str:
    path, _, part = found["target"].partition("#")
    if not path or re.match(r"[a-z]+:", path):
        return found[0]
    file = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    if file == GLOSSARY_FILE and (term := glossary_term(found["text"])):
        return f"{{term}}`{' '.join(found['text'].split())} <{term}>`"
    if file in pages:
        target = posixpath.relpath(pages[file], posixpath.dirname(page) or ".")
        return f"[{found['text']}]({target}.md{'#' + part if part else ''})"
    return found["text"] if (ROOT / file).exists() else found[0]


def glossary_term(words: str) -> str:
    """The glossary's entry that is called `words`, in the singular or the plural, or ""."""
    plain = " ".join(words.split()).casefold()
    known = {name.strip().casefold(): entry.term for entry in glossary.entries() for name in entry.term.split(",")}
    if "`" in words or "<" in words:
        return ""
    singular = (plain, plain.removesuffix("s"), plain.removesuffix("es"))
    return next((known[form] for form in singular if form in known), "")
