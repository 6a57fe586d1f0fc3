"""Blackboard's download of an assignment: `Week 1_ada1_attempt_2027-01-12-10-00-00_week01.ipynb`, with a text beside each."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from autograder.intake import names
from autograder.intake.layouts.common import Download, Taken, renamed
from autograder.intake.pieces import Hint, Piece
from autograder.intake.tree import Node

_NAME = re.compile(
    r"(?P<assignment>.+)_(?P<user>[^_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|\.txt)", re.DOTALL
)
TYPED = "no file was handed in, only what was typed into Blackboard"


def matches(node: Node) -> bool:
    return not node.is_folder and _NAME.fullmatch(node.name) is not None


def take(entries: list[Node], hint: Hint, download: Download) -> Taken:
    """One piece for each attempt among `entries`."""
    taken = Taken()
    files: dict[tuple[str, str, str], list[Node]] = {}
    places: dict[tuple[str, str, str], Node] = {}
    for node in entries:
        if node.is_folder or not (found := _NAME.fullmatch(node.name)):
            taken.rest.append(node)
            continue
        key = (found["user"], found["time"], found["assignment"])
        mine = files.setdefault(key, [])
        if found["rest"] is None:
            node.account("not read", "Blackboard's text about an attempt")
            places.setdefault(key, node)
        else:
            mine.append(renamed(node, found["rest"]))
            places[key] = node
    for (user, time, assignment), mine in files.items():
        week = names.week(assignment)
        named = Hint(week or names.week_inside(assignment) or hint.week, hint.sure, hint.shown or assignment)
        taken.pieces.append(
            Piece(
                names.student(user),
                places[user, time, assignment],
                tuple(mine),
                hint if hint.sure else named,
                "Blackboard",
                f"{download.where}/{assignment}",
                when=_when(time, download),
                when_by="lms",
                problem="" if mine else TYPED,
                lms={"blackboard": user},
            )
        )
    return taken


def _when(time: str, download: Download) -> datetime | None:
    try:
        return datetime.strptime(time, "%Y-%m-%d-%H-%M-%S").replace(tzinfo=download.zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
