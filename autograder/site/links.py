"""Links between the pages as they were made: each leads to a file, and to a place in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote


class _Reader(HTMLParser):
    """The places of a page, what it links to, and what a browser would load with it."""

    def __init__(self) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.places.update(value for key in ("id", "name") if (value := given.get(key)))
        if tag == "a" and (target := given.get("href")):
            self.links.append(target)
        elif tag in ("img", "script", "iframe", "source") and (target := given.get("src")):
            self.loaded.append(target)
        if tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload") and (target := given.get("href")):
            self.loaded.append(target)


def broken(folder: Path) -> list[str]:
    """One sentence for each link of the pages in `folder` that leads nowhere, and for each thing that needs a network."""
    read: dict[Path, _Reader] = {}
    for path in sorted(folder.rglob("*.html")):
        reader = _Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        read[path.resolve()] = reader
    found = []
    for path, reader in read.items():
        here = path.relative_to(folder.resolve()).as_posix()
        for target in reader.loaded:
            if re.match(r"(https?:)?//", target):
                found.append(f"{here}: loads {target}, which needs a network")
            elif not target.startswith("data:"):
                found += _missing(path, target, read, here)
        for target in reader.links:
            if not re.match(r"[a-z]+:|//", target):
                found += _missing(path, target, read, here)
    return found


def _missing(path: Path, target: str, read: dict[Path, _Reader], here: str) -> list[str]:
    name, _, place = target.partition("#")
    name = name.partition("?")[0]
    file = (path.parent / unquote(name)).resolve() if name else path
    if file.is_dir():
        file /= "index.html"
    if not file.is_file():
        return [f"{here}: {target} leads to no file"]
    if place and file in read and unquote(place) not in read[file].places:
        return [f"{here}: {target} leads to a page without that place"]
    return []
