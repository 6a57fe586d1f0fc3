"""A term and results in it for tests: invented people, week 1 and 2, no grading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder import weeks
from autograder.results import CheckResult, Result
from autograder.term import roster
from autograder.term.folder import Term
from autograder.term.roster import Person

ONE, TWO = weeks.load(1), weeks.load(2)
QUESTION = ONE.written[0].id
ANSWER = "The kernel is not flipped, so it is cross-correlation."


def result(student: str, week: weeks.Week = ONE, passed: int = 99, *, text: str = ANSWER, **more: Any) -> Result:
    """The first `passed` checks of `week` pass; `text` answers every written question."""
    checks = tuple(
        CheckResult(c.id, "pass" if n < passed else "fail", c.points if n < passed else 0, c.points)
        for n, c in enumerate(week.checks)
    )
    score, most = (sum(getattr(c, name) for c in checks) for name in ("points", "max_points"))
    by_hand = {cell.id: cell.points for cell in week.written}
    answers = {cell.id: text for cell in week.written}
    verdict = "pass" if passed >= len(checks) else "fail"
    more = {"handed_in_by": "lms", **more}
    return Result(student, week.id, verdict, score, most, checks, by_hand=by_hand, answers=answers, **more)  # type: ignore[arg-type]


def refused(student: str, week: weeks.Week = ONE) -> Result:
    """A submission that could not be read."""
    by_hand = {cell.id: cell.points for cell in week.written}
    return Result(student, week.id, "invalid", 0, 90, (), ("the file ends too early",), by_hand)


def term(folder: Path, text: str = "", people: tuple[Person, ...] = ()) -> Term:
    """A term in `folder` whose `term.toml` is `text`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "term.toml").write_text(text, encoding="utf-8")
    if people:
        roster.write(folder / roster.FILE, people)
    return Term.read(folder)
