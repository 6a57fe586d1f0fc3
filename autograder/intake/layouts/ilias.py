"""ILIAS's download of an exercise: a folder `Lovelace_Ada_ada1_12345` each, late files marked by their names."""

from __future__ import annotations

import re

from autograder.intake import names
from autograder.intake.layouts.common import Download, Taken, renamed
from autograder.intake.pieces import Hint, Piece
from autograder.intake.tree import Node

_NAME = re.compile(r"(?P<last>[^_]+)_(?P<first>[^_]+)_(?P<login>.+)_(?P<id>\d+)", re.DOTALL)
_LATE = re.compile(r"(?:Late Submission|Verspaetete Abgabe|Verspätete Abgabe) - ", re.IGNORECASE)


def are_students(folders: list[Node]) -> bool:
    """Whether all of `folders` are called as ILIAS calls them, and none holds folders of weeks, as nbgrader's do."""
    return bool(folders) and all(
        _NAME.fullmatch(folder.name)
        and not any(names.week(child.name) for child in folder.entries() if child.is_folder)
        for folder in folders
    )


def take(entries: list[Node], hint: Hint, download: Download) -> Taken:
    """One piece for each folder of a person among `entries`."""
    taken = Taken()
    for node in entries:
        found = _NAME.fullmatch(node.name) if node.is_folder else None
        if found is None:
            taken.rest.append(node)
            continue
        files = [renamed(child, _LATE.sub("", child.name)) if not child.is_folder else child for child in node.children]
        late = any(_LATE.match(child.name) for child in node.children)
        login = names.student(found["login"])
        piece = Piece(login, node, tuple(files), hint, "ILIAS", download.where, late=late, lms={"ilias": found["id"]})
        taken.pieces.append(piece)
    return taken
