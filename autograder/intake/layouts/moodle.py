"""Moodle's "Download all submissions": `Ada Lovelace_12345_assignsubmission_file_/…`, or all files side by side.

The number is the participant's in this one assignment, not the person's. Times in the zip are those of the download.
"""

from __future__ import annotations

import re

from autograder.intake.layouts.common import Download, Taken, renamed, told_apart
from autograder.intake.pieces import Hint, Piece
from autograder.intake.tree import Node

_NAME = re.compile(r"(?P<name>[^_]+?)(?:_(?P<id>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<rest>.*))?", re.DOTALL)
TYPED = "text was typed into Moodle's page, and no file was handed in"


def matches(node: Node) -> bool:
    return _NAME.fullmatch(node.name) is not None


def take(entries: list[Node], hint: Hint, download: Download) -> Taken:
    """One piece for each participant among `entries`."""
    files: dict[tuple[str, str], list[Node]] = {}
    places: dict[tuple[str, str], Node] = {}
    with_files = set()
    taken = Taken()
    for node in entries:
        found = _NAME.fullmatch(node.name)
        if found is None:
            taken.rest.append(node)
            continue
        who = (found["name"].strip(), found["id"] or "")
        mine = files.setdefault(who, [])
        if found["kind"] != "file":
            node.account("not read", f"what was typed into Moodle ({found['kind']})")
            places.setdefault(who, node)
            continue
        with_files.add(who)
        places[who] = node
        mine += node.children if node.is_folder else [renamed(node, found["rest"] or node.name)]
    pieces = []
    for who, mine in files.items():
        name, number = who
        at = places[who]
        typed = "" if who in with_files else TYPED
        ids = {"moodle": number} if number else {}
        if name.casefold() == "participant":  # marked blind: all have this name
            name = f"Participant {number}"
        piece = Piece(name, at, tuple(mine), hint, "Moodle", download.where, dated=False, lms=ids, problem=typed)
        pieces.append((name, number, piece))
    taken.pieces, taken.notes = told_apart(pieces)
    return taken
