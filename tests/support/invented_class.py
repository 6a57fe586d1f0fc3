"""An invented class as results, made without grading: for tests of pages and tables, and for looking at them.

    python tests/support/invented_class.py FOLDER [STUDENTS] [WEEK …]

makes a term in FOLDER, with a roster and its records, so that `autograder report --term FOLDER` shows it.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder import weeks
from autograder.results import CheckResult, Result, records, verdicts
from autograder.term import roster
from autograder.term.roster import Person
from autograder.weeks import Week, marks

GIVEN = "Ada Bao Chidi Dilara Emeka Freya Goran Hana Ines Jun Kofi Lucía Mårten Noor Olu Priya Quentin Rosa Søren Tuğba"
FAMILY = (
    "Abebe Brown Castellanos Dvořák Eriksen Fernández Ghosh Haddad Ivanova Jansen Kowalski Lim Mensah Nowak O’Neill"
)

TERM = """
name = "Spring 2027"
timezone = "Europe/Berlin"
[late]
percent_per_day = 10
free_days = 1
"""


def student(number: int) -> str:
    return f"s{1000 + number}"


def name(number: int) -> str:
    """A name as a roster has it; two of them are the same from the 300th student on."""
    given, family = GIVEN.split(), FAMILY.split()
    return f"{given[number % len(given)]} {family[number // len(given) % len(family)]}"


def results(students: int = 200, names: Sequence[str | int] = (1, 2, 3), seed: int = 0) -> list[Result]:
    """Everybody's results: some did not hand in, some files cannot be graded, some had checks changed."""
    chosen = [weeks.load(each) for each in names]
    rng = random.Random(seed)
    found = []
    for number in range(students):
        skill = rng.gauss(0, 1)
        for order, week in enumerate(chosen):
            drawn = rng.random()
            if drawn < 0.03 + 0.03 * order:
                continue
            if drawn > 0.985:
                found.append(_invalid(student(number), week))
                continue
            found.append(_one(student(number), week, skill, rng))
    return found


def _invalid(who: str, week: Week) -> Result:
    reason = "the file ends in the middle (line 217): it was cut off; ask for it again"
    most = sum(check.points for check in week.checks)
    return Result(who, week.id, "invalid", 0.0, most, warnings=(reason,), source=f"{who}/{week.id}.ipynb")


def _one(who: str, week: Week, skill: float, rng: random.Random) -> Result:
    mistakes, alternatives = week.mistakes(), week.alternatives()
    checks: list[CheckResult] = []
    answers: dict[str, str] = {}
    for order, answer in enumerate(week.answers):
        hardness = -2.2 + 2.6 * ((order * 5) % 7) / 6
        missing = rng.random() < 1 / (1 + math.exp(3.2 + skill - 0.12 * order))
        right = rng.random() < 1 / (1 + math.exp(hardness - 1.3 * skill))
        wrongs = list(mistakes.get(answer.id, {}).values())
        # In every other exercise one mistake is far commoner than the others, as an idea is that a lecture left out.
        weights = [9 if order % 2 else 2, 3, 2, 1, 1, 1][: len(wrongs)]
        wrong = rng.choices(wrongs[:6], weights)[0] if wrongs and not right else None
        answers[answer.id] = _source(answer.source, alternatives.get(answer.id, {}), wrong, missing, rng)
        for check in week.checks:
            if week.exercise_of(check.id) == answer.id:
                checks.append(_check(check.id, check.points, check.hidden, missing, wrong))
    by_hand = {cell.id: cell.points for cell in week.written}
    answers |= {
        cell.id: rng.choice(("", "Because the kernel is learned, it may be learned flipped.")) for cell in week.written
    }
    tampered = rng.random() < 0.02
    return Result(
        who,
        week.id,
        verdicts.of_submission(checks, tampered),
        verdicts.score(checks),
        verdicts.max_score(checks),
        tuple(checks),
        warnings=("the check conv2d-lecture had been edited; it was restored",) if tampered else (),
        by_hand=by_hand,
        answers=answers,
        seconds=round(rng.uniform(0.3, 2.0), 1),
        handed_in=_time(week, rng).isoformat(),
        handed_in_by="lms",
        attempts=tuple(f"{week.id} ({n}).ipynb" for n in range(1, 1 + (rng.random() < 0.25) * rng.randint(1, 4))),
    )


def _time(week: Week, rng: random.Random) -> datetime:
    """Most come in the last evening, some days before, some late."""
    hours = rng.expovariate(1 / 30) if rng.random() < 0.93 else -rng.uniform(0.1, 70)
    due = week.plan.due
    return (due if due.tzinfo else due.replace(tzinfo=UTC)) - timedelta(hours=round(hours, 2))


def _source(
    reference: str, others: dict[str, str], wrong: dict[str, object] | None, missing: bool, rng: random.Random
) -> str:
    if missing:
        return marks.CODE_STUB
    return str(wrong["code"]) if wrong else rng.choice([reference, *others.values()])


def _check(id: str, points: float, hidden: bool, missing: bool, wrong: dict[str, object] | None) -> CheckResult:
    if missing:
        return CheckResult(id, "missing", 0.0, points, hidden=hidden)
    if wrong is None or id not in wrong["caught_by"]:  # type: ignore[operator]
        return CheckResult(id, "pass", points, points, hidden=hidden)
    says = wrong["says"]
    words = ", ".join(says) if isinstance(says, list | tuple) else str(says)
    return CheckResult(id, "fail", 0.0, points, f"{id}: {words}\nexpected 3.0\nfound {points}", hidden=hidden)


def term(folder: Path, students: int = 200, text: str = "") -> Path:
    """A term's folder with a roster of `students` in four sections; two more are on it who hand nothing in."""
    people = [
        Person(student(number), name(number), section=f"Group {number % 4 + 1}") for number in range(students + 2)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "term.toml").write_text(text or TERM, encoding="utf-8")
    roster.write(folder / roster.FILE, people)
    return folder


def write(folder: Path, given: Sequence[Result]) -> None:
    """`given` as the records of `folder`, in place of any that are there."""
    (folder / records.FILE).unlink(missing_ok=True)
    with records.Writer(folder) as writer:
        for number, each in enumerate(given):
            writer.append(f"invented-{number}", each)


if __name__ == "__main__":
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    write(term(Path(sys.argv[1]), count) / "grades", results(count, sys.argv[3:] or (1, 2, 3)))
