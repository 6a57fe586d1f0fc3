"""Canvas's "Download submissions": `lovelaceada_LATE_12345_67890_week01-1.ipynb`, all files side by side.

The numbers are the person's and the upload's; `-1` is what Canvas adds to a later attempt. Times in the zip are those of
the download.
"""

from __future__ import annotations

import re

from autograder.intake.layouts.common import Download, Taken, renamed, told_apart
from autograder.intake.pieces import Hint, Piece
from autograder.intake.tree import Node

_FILE = re.compile(
    r"(?:(?!(?:LATE_)?anon_)(?P<name>.+?)_)?(?P<late>LATE_)?(?P<user>\d+|anon_[^_]+)_(?P<upload>\d+)_(?P<rest>.+)",
    re.DOTALL,
)
_TYPED = re.compile(
    r"(?:(?!(?:LATE_)?anon_)(?P<name>.+?)_)?(?P<late>LATE_)?(?P<user>\d+|anon_[^_]+)_(?P<kind>text|link)\.html",
    re.DOTALL,
)
_LATER = re.compile(r"-(\d+)(?=\.[^.]+$)")
TYPED = "a text or an address was typed into Canvas, and no file was handed in"


def matches(node: Node) -> bool:
    return not node.is_folder and bool(_FILE.fullmatch(node.name) or _TYPED.fullmatch(node.name))


def take(entries: list[Node], hint: Hint, download: Download) -> Taken:
    """One piece for each upload among `entries`, and one for who only typed a text."""
    taken = Taken()
    typed: dict[tuple[str, str], tuple[Node, bool]] = {}
    pieces = []
    with_files = set()
    for node in entries:
        if node.is_folder or not (found := _TYPED.fullmatch(node.name) or _FILE.fullmatch(node.name)):
            taken.rest.append(node)
            continue
        who = (found["name"] or found["user"], found["user"])
        late = bool(found["late"])
        if "kind" in found.groupdict():
            node.account("not read", "what was typed into Canvas")
            typed[who] = (node, late)
            continue
        with_files.add(who)
        file = renamed(node, _LATER.sub(r" (\1)", found["rest"]))
        pieces.append((*who, _piece(who, node, (file,), hint, download, late, int(found["upload"]))))
    for who, (node, late) in typed.items():
        if who not in with_files:
            pieces.append((*who, _piece(who, node, (), hint, download, late)))
    taken.pieces, taken.notes = told_apart(pieces)
    return taken


def _piece(
    who: tuple[str, str],
    at: Node,
    files: tuple[Node, ...],
    hint: Hint,
    download: Download,
    late: bool,
    upload: int = 0,
) -> Piece:
    return Piece(
        who[0],
        at,
        files,
        hint,
        "Canvas",
        download.where,
        dated=False,
        late=late,
        serial=upload,
        lms={"canvas": who[1]},
        problem="" if files else TYPED,
    )
