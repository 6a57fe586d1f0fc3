"""The desk: what waits to be marked, what was given for it, and how a grader's decision reaches the ledger.

Several desks may share a ledger. Each save names the version of the mark that its grader saw; when another mark, or another
answer, came in between, nothing is written and the grader sees what is there now.
"""

from __future__ import annotations

import math
import secrets
import time
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from autograder.errors import UserError
from autograder.marking import questions
from autograder.marking.answers import Answer, Answers, State, version
from autograder.publish.report import common, markdown, safe
from autograder.term import decisions as decided
from autograder.term.folder import Term
from autograder.term.ledger import Entry, Mark, RubricItem

MAX_COMMENT = 10_000
MAX_ITEM = 500
PRESENT_SECONDS = 45.0
"""How long an answer counts as open in a grader's browser after that was last heard of."""

_ORDER: tuple[State, ...] = ("changed", "waiting", "blank", "settled", "marked")


class Save(msgspec.Struct, forbid_unknown_fields=True):
    """A grader's decision on one answer. version: what the grader saw. points None and no items: the mark is withdrawn."""

    version: str
    points: float | None
    rubric: tuple[str, ...] = ()
    comment: str = ""


class ItemEdit(msgspec.Struct, forbid_unknown_fields=True):
    """A new rubric item (id "") or a change of one. version: what the grader saw of it."""

    week: str
    question: str
    text: str
    points: float
    id: str = ""
    version: str = ""
    removed: bool = False


class Conflict(Exception):
    """Something else is there now than the grader saw; nothing was written."""


class Desk:
    """What the page asks and says, in data fit for JSON. names: whether graders see whose answer it is."""

    def __init__(self, term: Term, answers: Answers, names: bool = False) -> None:
        self._term = term
        self._answers = answers
        self._names = names
        self._open: dict[str, tuple[str, float]] = {}

    # --- what is there ---

    def overview(self) -> dict[str, object]:
        """The questions by week, with how many answers are in each state."""
        counts: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
        most: dict[tuple[str, str], float] = {}
        for answer in self._answers.current().values():
            states = counts[answer.week].setdefault(answer.question, dict.fromkeys(_ORDER, 0))
            states[answer.state] += 1
            most[answer.week, answer.question] = answer.written.most
        return {
            "anonymous": not self._names,
            "weeks": [
                {
                    "id": week,
                    "title": common.week_title(week),
                    "questions": [
                        {"id": question, "points": most[week, question], "states": states}
                        for question, states in lines.items()
                    ],
                }
                for week, lines in counts.items()
            ],
        }

    def question(self, week: str, question: str, grader: str, opened: str = "") -> dict[str, object]:
        """A question with its rubric, and a line for each answer: those that wait come first.

        opened: the answer that the grader has open, of which the others are told. Raises KeyError where nobody handed in
        an answer to it.
        """
        own = [a for a in self._answers.current().values() if (a.week, a.question) == (week, question)]
        if not own:
            raise KeyError(question)
        if opened:
            self._open[grader] = (opened, time.monotonic())
        own.sort(key=lambda answer: _ORDER.index(answer.state))
        about = questions.find(week, question, max(answer.written.most for answer in own))
        return {
            "week": week,
            "question": question,
            "week_title": about.week_title,
            "points": about.points,
            "text": str(about.text),
            "model": str(about.model),
            "rubric": self._rubric(week, question, own),
            "answers": [self._line(answer, grader) for answer in own],
        }

    def _rubric(self, week: str, question: str, own: Sequence[Answer]) -> list[dict[str, object]]:
        used: dict[str, int] = defaultdict(int)
        for answer in own:
            for name in answer.latest.rubric if answer.latest else ():
                used[name] += 1
        items = self._answers.decisions().rubric.get((week, question), {})
        return [
            {
                "id": item.id,
                "text": safe.text(item.text),
                "points": item.points,
                "used": used[item.id],
                "version": _item_version(item),
            }
            for item in items.values()
            if not item.removed
        ]

    def _line(self, answer: Answer, grader: str) -> dict[str, object]:
        lately = time.monotonic() - PRESENT_SECONDS
        others = [who for who, (what, when) in self._open.items() if what == answer.id and when > lately]
        return {
            "id": answer.id,
            "state": answer.state,
            "points": answer.written.points,
            "grader": answer.written.mark.grader if answer.written.mark else None,
            "open": next((who for who in others if who != grader), None),
        }

    def _find(self, answer_id: str) -> Answer:
        try:
            return self._answers.current()[answer_id]
        except KeyError:
            raise UserError("this answer is not there any more: its submission was withdrawn") from None

    def answer(self, answer_id: str, grader: str) -> dict[str, object]:
        """An answer with its mark, and the version that a save must name. Raises UserError where there is none."""
        answer = self._find(answer_id)
        line = self._line(answer, grader)
        self._open[grader] = (answer_id, time.monotonic())
        return {
            **line,
            "html": str(markdown.render(answer.text)),
            "most": answer.written.most,
            "version": answer.version,
            "name": safe.name(answer.shown) if self._names else None,
            "mark": self._mark(answer),
        }

    def _mark(self, answer: Answer) -> dict[str, object] | None:
        mark = answer.latest
        if mark is None:
            return None
        return {
            "points": mark.points,
            "total": self._answers.decisions().points(mark, answer.written.most),
            "rubric": list(mark.rubric),
            "comment": safe.text(mark.comment),
            "grader": safe.name(mark.grader),
            "at": mark.at,
        }

    # --- what a grader decides ---

    def save(self, answer_id: str, decision: Save, grader: str) -> None:
        """Enter a mark, or withdraw it. Raises Conflict, and UserError where the decision makes no sense."""
        answer = self._find(answer_id)
        comment = decision.comment.strip()
        if len(comment) > MAX_COMMENT:
            raise UserError(f"a comment has at most {MAX_COMMENT:,} characters, not {len(comment):,}")

        def decide(entries: Sequence[Entry]) -> list[Entry]:
            now = decided.of(entries, self._term.roster)
            before = now.marks.get((answer.student, answer.week, answer.question))
            if version(before, answer.hash) != decision.version:
                raise Conflict
            items = now.rubric.get((answer.week, answer.question), {})
            chosen = tuple(name for name, item in items.items() if name in decision.rubric and not item.removed)
            points = 0.0 if decision.points is None and chosen else decision.points
            _see(points, bool(chosen), answer)
            if points is None and before is None:
                raise UserError("there are no points to save: choose an item of the rubric, or enter points")
            mark = Mark(
                student=answer.student,
                week=answer.week,
                question=answer.question,
                points=None if points is None else round(points, 4),
                comment=comment,
                rubric=chosen,
                answer=answer.hash,
                grader=grader,
            )
            return [mark]

        self._term.ledger.decide(decide)

    def edit(self, edit: ItemEdit, grader: str) -> None:
        """Make, change or remove a rubric item, for every mark that names it. Raises Conflict, and UserError."""
        text = " ".join(edit.text.split())
        if not text or len(text) > MAX_ITEM:
            raise UserError(f"an item of the rubric says in 1 to {MAX_ITEM} characters what its points are for")
        if not (math.isfinite(edit.points) and abs(edit.points) <= 1000):
            raise UserError("the points of an item are a number; less than 0 takes points away")
        if not any((a.week, a.question) == (edit.week, edit.question) for a in self._answers.current().values()):
            raise UserError(f"{edit.week} has no written question {edit.question!r}")
        item = RubricItem(
            week=edit.week,
            question=edit.question,
            id=edit.id or secrets.token_hex(4),
            text=text,
            points=round(edit.points, 4),
            removed=edit.removed,
            grader=grader,
        )

        def decide(entries: Sequence[Entry]) -> list[Entry]:
            items = decided.of(entries, self._term.roster).rubric.get((edit.week, edit.question), {})
            if edit.id and edit.id not in items:
                raise UserError("this item is not part of the rubric")
            if edit.id and _item_version(items[edit.id]) != edit.version:
                raise Conflict
            others = (other for other in items.values() if other.id != edit.id and not other.removed)
            if not edit.removed and any(other.text == text for other in others):
                raise UserError("the rubric has an item of these words already")
            return [item]

        self._term.ledger.decide(decide)


def _item_version(item: RubricItem) -> str:
    return f"{item.points:g}|{item.removed}|{item.text}"


def _see(points: float | None, with_items: bool, answer: Answer) -> None:
    most = answer.written.most
    lowest = -most if with_items else 0.0
    if points is not None and not (math.isfinite(points) and lowest <= points <= most):
        raise UserError(f"points for {answer.question} are a number from {lowest:g} to {most:g}, not {points:g}")
