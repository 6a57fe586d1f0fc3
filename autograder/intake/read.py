"""Reads one submission from its place: the notebook, the trained nets and the student's own modules, as bytes within limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from autograder.intake import names, sanitize
from autograder.intake.pieces import Candidate
from autograder.intake.tree import Node
from course import limits

MAX_NOTICED = 5


@dataclass(frozen=True)
class Bytes:
    """What was read. problem: why there is no notebook. noticed: what was not taken, and why."""

    data: bytes = b""
    problem: str = ""
    artefacts: dict[str, bytes] = field(default_factory=dict)
    modules: dict[str, bytes] = field(default_factory=dict)
    noticed: tuple[str, ...] = ()


def read(place: Candidate) -> Bytes:
    """The bytes of `place`; where its notebook cannot be read, the problem says why."""
    if place.problem:
        return Bytes(problem=place.problem)
    node = place.main
    if node.kind == "link":
        return Bytes(problem=f"{node.name} cannot be read: it is a link, and links are not followed: hand in a copy")
    if node.size > limits.NOTEBOOK_BYTES and node.owner is not None:
        return Bytes(problem=f"{_zip(place)}the notebook in the zip is too large")
    try:
        data = node.read(limits.NOTEBOOK_BYTES)
        if node.owner is not None and node.kind == "file" and len(data) > limits.NOTEBOOK_BYTES:
            raise sanitize.Unreadable("a file in the zip is larger than it says")
    except OSError as problem:
        return Bytes(problem=f"{node.name} cannot be read: {problem.strerror}")
    except sanitize.Unreadable as problem:
        return Bytes(problem=f"{_zip(place)}{problem}")
    noticed = [
        f"another notebook was left out: {names.printable(other.name)[:80]}" for other in place.others[:MAX_NOTICED]
    ]
    artefacts, left = _taken(_nets(place, noticed), limits.ARTEFACT_BYTES, limits.why_no_artefact, "trained net")
    modules, out = _taken(_modules(place), limits.MODULE_BYTES, limits.why_no_module, "module")
    return Bytes(data, "", artefacts, modules, (*noticed, *left, *out))


def _zip(place: Candidate) -> str:
    return f"{place.label}: " if place.label else ""


def _nets(place: Candidate, noticed: list[str]) -> list[Node]:
    """The files that may be trained nets: those in `artefacts` first, then those beside the notebook, then any deeper."""
    if place.around is None:
        return []
    entries = place.around.entries()
    kept = [node for node in entries if node.name == "artefacts"]
    for node in kept:
        if node.kind == "link":  # to the nets of somebody else, perhaps
            noticed.append("the folder artefacts was not taken: it is a link, and links are not followed")
    found = [net for node in kept if node.is_folder for net in _files(node, deep=True)]
    found += _files(place.around, deep=False)
    if place.whole:
        found += [net for node in entries if node.is_folder and node not in kept for net in _files(node, deep=True)]
    return found


def _files(folder: Node, deep: bool) -> list[Node]:
    found = []
    for node in folder.entries():
        if node.is_folder:
            found += _files(node, deep) if deep else []
        elif node.name.endswith(".npz"):
            found.append(node)
    return found


def folder_of(place: Candidate) -> Node | None:
    """The folder in which the notebook of `place` lies."""
    waiting = [place.around] if place.around else []
    while waiting:
        folder = waiting.pop()
        if any(child is place.main for child in folder.children):
            return folder
        waiting += [child for child in folder.children if child.is_folder]
    return None


def _modules(place: Candidate) -> list[Node]:
    folder = folder_of(place)
    return [node for node in folder.entries() if not node.is_folder and node.name.endswith(".py")] if folder else []


def _taken(
    nodes: list[Node], most: int, why_not: Callable[[str, int, int, int], str], kind: str
) -> tuple[dict[str, bytes], list[str]]:
    """{name: bytes} of those files that are taken, and what is to be said of the others. most: bytes of all together."""
    found: dict[str, bytes] = {}
    noticed: list[str] = []
    for node in nodes:
        if node.name in found:
            continue
        room = most - sum(map(len, found.values()))
        data = b""
        if node.kind == "link":
            reason = "it is a link, and links are not followed"
        else:
            reason = why_not(node.name, node.size, len(found), room)
        try:
            data = b"" if reason else node.read(room)
            if len(data) > room:
                reason = "it is larger than it says"
        except OSError as problem:
            reason = problem.strerror or "it cannot be read"
        except sanitize.Unreadable as problem:
            reason = str(problem)
        if reason:
            node.account("not read", f"not taken: {reason}")
            noticed.append(f"the {kind} {names.printable(node.name)[:80]} was not taken: {reason}")
        else:
            node.account("beside")
            found[node.name] = data
    return found, noticed[:MAX_NOTICED]
