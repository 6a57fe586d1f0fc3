"""What was last written into a gradebook, so that what a person entered there since can be told from it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from autograder.errors import UserError
from course.files import write_text

Key = tuple[str, str, str]
"""(student, week, cell)"""


class Entered(msgspec.Struct, frozen=True):
    """What a gradebook holds for a cell. points: entered by a person (None: none). version: which answer it was for."""

    points: float | None = None
    extra: float = 0.0
    comment: str = ""
    version: str = ""

    def same(self, other: Entered) -> bool:
        """Whether both say the same of the cell."""
        return (self.points, self.extra, self.comment.strip()) == (other.points, other.extra, other.comment.strip())

    def edited(self, base: Entered | None) -> bool:
        """Whether a person entered it after `base` was written (None: nothing ever was)."""
        return not self.same(base or Entered())


@dataclass
class Base:
    """The cells of one gradebook as they were last written from here."""

    path: Path
    cells: dict[Key, Entered] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path, url: str) -> Base:
        """folder: where the ledger lies. url: the gradebook's. Raises UserError where the file cannot be read."""
        path = folder / f"gradebook-{hashlib.sha256(url.encode()).hexdigest()[:12]}.json"
        try:
            rows = msgspec.json.decode(path.read_bytes(), type=list[tuple[str, str, str, Entered]])
        except FileNotFoundError:
            rows = []
        except (OSError, msgspec.MsgspecError) as problem:
            raise UserError(
                f"{path}, which says what was last written to the gradebook, cannot be read: {problem}"
            ) from problem
        return cls(path, {(student, week, cell): entered for student, week, cell, entered in rows})

    def get(self, key: Key) -> Entered | None:
        return self.cells.get(key)

    def put(self, key: Key, entered: Entered) -> None:
        self.cells[key] = entered

    def save(self) -> None:
        """Raises UserError where it cannot be written."""
        rows = [
            [*key, msgspec.to_builtins(entered)] for key, entered in sorted(self.cells.items()) if entered != Entered()
        ]
        try:
            write_text(self.path, json.dumps(rows, indent=0, ensure_ascii=True) + "\n")
        except OSError as problem:
            raise UserError(f"{self.path} cannot be written: {problem.strerror}") from problem
