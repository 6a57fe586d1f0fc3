"""What graders did with submissions of the trial, kept as they are graded: a run that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from autograder.errors import UserError
from benchmarks.attacks import Attack


@dataclass(frozen=True)
class Outcome:
    """What a grader did with one submission. score: None where it gave none. stopped: those after it would wait for ever."""

    score: float | None
    stopped: bool = False

    def judge(self, attack: Attack) -> str:
        """One of OUTCOMES, or "right". A damaged file that may earn 0 and gets no score was refused, not lost."""
        if self.stopped:
            return "batch aborted"
        if self.score is None:
            return "lost" if attack.low > 0 else "right"
        if self.score > attack.high:
            return "forged"
        return "falsely zeroed" if self.score < attack.low else "right"


@dataclass
class Rows:
    """Outcomes by grader and submission, each a line of the file `path` as soon as it is known; path None: kept nowhere.

    A row counts for the very bytes that were handed in and the very version of the grader; what a fair grader gives is no
    part of it, and is judged anew.
    """

    path: Path | None = None
    found: dict[str, Outcome] = field(default_factory=dict)
    _one: Lock = field(default_factory=Lock, repr=False)
    """Several submissions are graded at a time, and a line is written whole."""

    @classmethod
    def read(cls, path: Path | None) -> Rows:
        """The rows in a file, which need not exist yet; half a line at its end, of a run that was killed, is no row.

        Raises UserError where it cannot be read.
        """
        rows = cls(path)
        try:
            lines = path.read_text(encoding="utf-8").split("\n") if path is not None and path.exists() else []
        except (OSError, UnicodeDecodeError) as problem:
            raise UserError(f"{path} cannot be read: name another file with --rows") from problem
        for number, line in enumerate(lines[:-1], start=1):
            try:
                row = json.loads(line)
                rows.found[row["key"]] = Outcome(row["score"], row["stopped"])
            except (ValueError, KeyError, TypeError) as problem:
                raise UserError(
                    f"{path}, line {number} is no row of a trial: name another file with --rows"
                ) from problem
        if lines and lines[-1] and path is not None:
            path.write_text("\n".join([*lines[:-1], ""]), encoding="utf-8")
        return rows

    def get(self, grader: str, attack: Attack) -> Outcome | None:
        """What `grader` did with `attack` in this run or an earlier one; None where it has not met it."""
        return self.found.get(_key(grader, attack))

    def put(self, grader: str, attack: Attack, outcome: Outcome) -> None:
        """Keep an outcome. Raises UserError where the file cannot be written."""
        key = _key(grader, attack)
        self.found[key] = outcome
        if self.path is None:
            return
        row = {"key": key, "grader": grader, "title": attack.title, "score": outcome.score, "stopped": outcome.stopped}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._one, self.path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(row) + "\n")
        except OSError as problem:
            raise UserError(
                f"{self.path} cannot be written ({problem.strerror}): name another file with --rows"
            ) from problem


def _key(grader: str, attack: Attack) -> str:
    digest = hashlib.sha256(f"{grader}\n{attack.title}\n{attack.file}\n".encode())
    for name, data in (("", attack.notebook()), *sorted(attack.files.items())):
        digest.update(f"{name}\n{len(data)}\n".encode("utf-8", "surrogatepass") + data)
    return digest.hexdigest()[:32]
