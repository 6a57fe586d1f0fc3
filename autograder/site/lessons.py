"""A lesson: the notebook as a student receives it, with the figures that the solution's run gave to cells of ours.

Text and code come from the release, so that an answer or a hidden check cannot be on the page; from the executed solution
come the outputs of given cells and nothing else.
"""

from __future__ import annotations

import re
import struct
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.authoring import release_notebook
from autograder.authoring.notebooks import is_folded
from autograder.errors import UserError
from autograder.site.pages import Page, relink
from autograder.weeks import Cell, Week
from course.plots import showing

FOLDER = "lessons"
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_SIZE = re.compile(r'<img [^>]*?width="(\d+)" height="(\d+)"')
"""The size in which `course.plots.show` shows a figure."""
_OF_ONE_RUN = re.compile(r"^\s*course\.progress\(", re.MULTILINE)
"""The table of points earned so far: of no meaning on a page."""

_NOTE = """\
```{{admonition}} This page and your notebook
:class: note

You read week {number} as it is handed out. {figures} The week on one page:
[cheat sheet](../cheatsheets/{week}.md).
```
"""
_WITH_FIGURES = """\
The figures below are those of the model solution, on the small data sets that need no network; in your notebook they are made
by your own code."""
_WITHOUT_FIGURES = "This site was built without figures."


def lesson(week: Week, executed: Any | None, pages: Mapping[str, str]) -> Page:
    """The page of a week. executed: its solution notebook with outputs, or None for a page without figures.

    pages: {file of the repository: name of its page}, for links. Raises UserError where an output is an error.
    """
    name = f"{FOLDER}/{week.id}"
    source = f"assignments/{week.id}/{week.id}.ipynb"
    ran = {cell.id: cell for cell in executed.cells} if executed is not None else {}
    files: dict[str, bytes] = {}
    parts = []
    for cell, released in zip(week.cells, release_notebook(week).cells, strict=True):
        if cell.kind == "markdown":
            text = relink(released.source, source, name, pages)
            parts.append(_box("written", "Your answer", text) if cell.role == "written" else text)
            if len(parts) == 1:
                figures = _WITH_FIGURES if executed is not None else _WITHOUT_FIGURES
                parts.append(_NOTE.format(number=week.plan.number, week=week.id, figures=figures))
            continue
        if _OF_ONE_RUN.search(released.source):
            continue
        parts.append(_code(cell, released.source))
        if cell.role == "given" and cell.id in ran:
            parts += _outputs(week, cell, ran[cell.id].outputs, files)
    return Page(name, "\n\n".join(parts) + "\n", files)


def _code(cell: Cell, source: str) -> str:
    """Code as a reader of the notebook sees it: open, or folded under its first line."""
    block = f"{fence(source)}python\n{source}\n{fence(source)}"
    if cell.role == "answer":
        return _box("answer", "Yours to write", block)
    if not is_folded(cell):
        return block
    first, _, rest = source.partition("\n")
    title = escaped(first.lstrip("# ").strip())
    kind = "check" if cell.role == "check" else "draw"
    if cell.role == "check":
        title = f"Check: {title}" + (f" ({cell.points:g} points)" if cell.points else "")
    inner = f"{fence(rest)}python\n{rest.strip()}\n{fence(rest)}" if rest.strip() else ""
    return f'<details class="{kind}"><summary>{title}</summary>\n\n{inner}\n\n</details>'


def _box(kind: str, label: str, text: str) -> str:
    return f'<div class="{kind}"><p class="label">{label}</p>\n\n{text}\n\n</div>'


def fence(text: str) -> str:
    """Backticks enough to hold `text`."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    return "`" * (longest + 1)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _outputs(week: Week, cell: Cell, outputs: list[Any], files: dict[str, bytes]) -> Iterator[str]:
    for number, output in enumerate(outputs, start=1):
        if output.output_type == "error":
            raise UserError(f"{week.id}, cell {cell.id}: {output.ename}: {output.evalue}; no site was built")
        if output.output_type == "stream":
            if output.name == "stdout" and (text := _plain(output.text)):
                yield _printed(text)
            continue
        data = output.data
        if (figure := showing.shown(data.get("text/html", ""))) is not None:
            content, alt = figure
            size = _SIZE.search(data["text/html"])
            width, height = size.groups() if size else (None, None)
        elif "image/png" in data:
            content = b64decode(data["image/png"])
            alt, width, height = output.metadata.get("image/png", {}).get("alt") or cell.id, None, None
        elif "text/html" in data:
            yield f'```{{raw}} html\n<div class="output html">\n{data["text/html"].strip()}\n</div>\n```'
            continue
        else:
            if text := _plain(data.get("text/plain", "")):
                yield _printed(text)
            continue
        file = f"{week.id}-{cell.id}-{number}.png"
        files[file] = content
        yield _figure(file, content, alt, width, height)


def _figure(file: str, png: bytes, alt: str, width: str | None, height: str | None) -> str:
    """Sizes in pixels are those that were said, for an image of double resolution, or the image's own."""
    wide, high = struct.unpack(">II", png[16:24])
    sizes = f":width: {width or wide}px\n:height: {height or high}px"
    return f"```{{image}} {file}\n:alt: {' '.join(alt.split())}\n{sizes}\n:loading: lazy\n:class: figure\n```"


def _printed(text: str) -> str:
    return f"{fence(text)}{{code-block}} text\n:class: output\n\n{text}\n{fence(text)}"


def _plain(text: str) -> str:
    """What a terminal would show in the end: without colours, each line after its last carriage return."""
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in _COLOUR.sub("", text).split("\n"))
    return "\n".join(line.rstrip() for line in lines).strip("\n")
