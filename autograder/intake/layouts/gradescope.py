"""Gradescope's "Export submissions": a folder `submission_…` each, and who and when in `submission_metadata.yml`."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from autograder.intake import names, sanitize
from autograder.intake.layouts.common import Download, Taken
from autograder.intake.pieces import Hint, Piece
from autograder.intake.tree import Node

FILE = "submission_metadata.yml"
MAX_BYTES = 50 * 2**20


class _Submitter(msgspec.Struct):
    name: str | None = msgspec.field(name=":name", default=None)
    sid: str | int | None = msgspec.field(name=":sid", default=None)
    email: str | None = msgspec.field(name=":email", default=None)

    @property
    def student(self) -> str:
        return next((text for text in (str(self.sid or ""), self.email or "", self.name or "") if text.strip()), "")


class _Submission(msgspec.Struct):
    submitters: list[_Submitter] = msgspec.field(name=":submitters", default_factory=list)
    created_at: datetime | None = msgspec.field(name=":created_at", default=None)


def metadata_in(entries: list[Node]) -> Node | None:
    return next((node for node in entries if node.name == FILE and node.kind == "file"), None)


def take(entries: list[Node], hint: Hint, download: Download) -> Taken:
    """One piece for each submitter of each submission; who handed in together gets the same files.

    Raises Unreadable where the metadata cannot be read.
    """
    file = metadata_in(entries)
    assert file is not None
    about = _read(file)
    file.account("not read", "Gradescope's list of submissions, read for names and times")
    taken = Taken()
    for node in entries:
        if node is file:
            continue
        if not node.is_folder or node.name not in about:
            node.account("left out", f"{FILE} says nothing of it")
            continue
        found = about.pop(node.name)
        when = found.created_at
        number = node.name.removeprefix("submission_")
        for one in found.submitters:
            lms = {"gradescope": number, **({"email": one.email} if one.email else {})}
            taken.pieces.append(
                Piece(
                    names.student(one.student or node.name),
                    node,
                    tuple(node.children),
                    hint,
                    "Gradescope",
                    download.where,
                    when=when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC) if when else None,
                    when_by="lms" if when else "",
                    lms=lms,
                    serial=int(number) if number.isdecimal() else 0,
                )
            )
        if not found.submitters:
            node.account("left out", f"{FILE} names nobody who handed it in")
    for name in about:
        taken.notes.append(f"{names.printable(name)} stands in {file.where}, and its folder is not there")
    return taken


def _read(file: Node) -> dict[str, _Submission]:
    try:
        data = file.read(MAX_BYTES)
        if len(data) > MAX_BYTES:
            raise ValueError("it is too large")
        return msgspec.yaml.decode(data, type=dict[str, _Submission])
    except (OSError, ValueError, RecursionError, sanitize.Unreadable) as problem:
        reason = str(problem).splitlines()[0][:200] if str(problem) else type(problem).__name__
        raise sanitize.Unreadable(f"{file.where} cannot be read ({reason}): export from Gradescope again") from problem
