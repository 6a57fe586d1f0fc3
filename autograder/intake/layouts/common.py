"""What the layouts share: files under the names that students gave them, and people of one name kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from autograder.intake import names
from autograder.intake.pieces import Piece
from autograder.intake.tree import Node


@dataclass
class Taken:
    """What a layout made of a folder's entries: the pieces, what it leaves to others, and what a person should know."""

    pieces: list[Piece] = field(default_factory=list)
    rest: list[Node] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Download:
    """Where a layout is looked for. where: the folder, as it is shown. zone: of times that name none (None: this machine's)."""

    where: str
    zone: tzinfo | None = None


def renamed(node: Node, name: str) -> Node:
    """`node` under the name that its student gave it, still counted as what it is."""
    return Node(
        name,
        node.where,
        node.kind,
        node.size,
        node.time,
        node.children,
        node.open,
        owner=node.owner or node,
        depth=node.depth,
    )


def told_apart(pieces: Iterable[tuple[str, str, Piece]]) -> tuple[list[Piece], list[str]]:
    """(name, id, piece) of each: pieces under their students' names, with the id where two people have the same."""
    given = list(pieces)
    ids: dict[str, set[str]] = {}
    for name, number, _ in given:
        ids.setdefault(name, set()).add(number)
    notes = [
        f"{names.student(name)} is the name of {len(numbers)} people in one download: they are told apart by their numbers there"
        for name, numbers in ids.items()
        if len(numbers) > 1
    ]
    found = [
        replace(piece, student=names.student(f"{name} ({number})" if len(ids[name]) > 1 else name))
        for name, number, piece in given
    ]
    return found, notes


def grouped(matches: Iterable[tuple[tuple[str, ...], Node]]) -> Mapping[tuple[str, ...], list[Node]]:
    """Nodes by their key, in order."""
    found: dict[tuple[str, ...], list[Node]] = {}
    for key, node in matches:
        found.setdefault(key, []).append(node)
    return found
