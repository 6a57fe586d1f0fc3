"""The written answers that were handed in, with what was given for each, from the records and the ledger."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from autograder.publish.report import common, safe
from autograder.results import Result, records
from autograder.term import decisions as decided
from autograder.term import points
from autograder.term.decisions import Decisions
from autograder.term.folder import Term
from autograder.term.ledger import Mark, answer_hash
from autograder.term.points import Written

State = Literal["changed", "waiting", "blank", "settled", "marked"]
"""changed: what was marked is not what is handed in now. waiting: nobody marked it. blank: nothing was written, so it gives
nothing unless somebody marks it. settled: the points of the whole week were set by a person."""


@dataclass(frozen=True)
class Answer:
    """What one student wrote for one question. id: names it in the page without naming the student; student: the id in
    the roster, else the name in the records; shown: their name.
    """

    id: str
    student: str
    shown: str
    week: str
    question: str
    text: str
    hash: str
    written: Written

    @property
    def state(self) -> State:
        if self.written.mark is not None:
            return "marked"
        if self.written.waiting:
            return "changed" if self.written.previous else "waiting"
        return "settled" if self.text else "blank"

    @property
    def latest(self) -> Mark | None:
        """The mark that counts, else the one that was given for an earlier text."""
        return self.written.mark or self.written.previous

    @property
    def version(self) -> str:
        return version(self.latest, self.hash)


def version(mark: Mark | None, answer: str) -> str:
    """What a save must have seen: the mark that stood there and the text that it is for."""
    said = hashlib.sha256(msgspec.json.encode(mark)).hexdigest()[:16] if mark else "none"
    return f"{said}-{answer[:16]}"


class Answers:
    """The answers of a term, read anew when its records or its ledger have changed."""

    def __init__(
        self, term: Term, weeks: tuple[str, ...] = (), on_trouble: records.OnTrouble = lambda trouble: None
    ) -> None:
        self._term = term
        self._weeks = weeks
        self._results: list[Result] = []
        self._seen: tuple[tuple[int, ...], tuple[int, ...]] | None = None
        self._next = 0.0
        self._decisions = Decisions()
        self._all: dict[str, Answer] = {}
        self._look(on_trouble)

    def current(self) -> dict[str, Answer]:
        """{id: answer}, in an order that says nothing about names and is the same for every grader.

        The ledger is as new as it can be; records, which grow all the time during a run, may be some seconds old.
        """
        self._look()
        return self._all

    def decisions(self) -> Decisions:
        """What the ledger says."""
        self._look()
        return self._decisions

    def _look(self, on_trouble: records.OnTrouble = lambda trouble: None) -> None:
        then = self._seen
        now = (_signature(self._term.records / records.FILE), _signature(self._term.ledger.path))
        if then is not None and (now[0] == then[0] or time.monotonic() < self._next):
            now = (then[0], now[1])
        if now == then:
            return
        if then is None or now[0] != then[0]:
            began = time.monotonic()
            self._results = _read(self._term.records, on_trouble)
            self._next = began + max(2.0, 10 * (time.monotonic() - began))
        self._seen = now
        self._decisions = decided.of(self._term.ledger.entries(), self._term.roster)
        standings = points.standings(self._results, self._term, decisions=self._decisions)
        found = [answer for standing in standings for answer in _of(standing)]
        found = [answer for answer in found if not self._weeks or answer.week in self._weeks]
        found.sort(key=lambda answer: (common.week_order(answer.week), answer.question, answer.id))
        self._all = {answer.id: answer for answer in found}


def _signature(path: Path) -> tuple[int, ...]:
    try:
        about = path.stat()
    except OSError:
        return ()
    return (about.st_ino, about.st_size, about.st_mtime_ns)


def _read(folder: Path, on_trouble: records.OnTrouble) -> list[Result]:
    """The latest results without pictures and code, one at a time: those of a whole class need much memory."""
    found = []
    for _, place in sorted(records.known(folder, on_trouble).items()):
        result = records.fetch(folder, place)
        if result is not None:
            words = {name: text for name, text in result.answers.items() if name in result.by_hand}
            found.append(replace(result, answers=words, outputs={}))
    return found


def _of(standing: points.Standing) -> list[Answer]:
    result = standing.result
    if result is None or result.verdict == "invalid":
        return []
    found = []
    for question, written in standing.written.items():
        text = result.answers.get(question, "")
        name = "\0".join((standing.student, standing.week, question)).encode("utf-8", "surrogatepass")
        found.append(
            Answer(
                id=hashlib.sha256(name).hexdigest()[:16],
                student=standing.student,
                shown=standing.shown,
                week=standing.week,
                question=question,
                text="" if common.is_blank(result, question) else safe.text(text, safe.MAX_SOURCE).strip(),
                hash=answer_hash(text),
                written=written,
            )
        )
    return found
