"""The class's pages for a whole term: names, sections, lateness, who is missing, and 200 students that stay readable."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import invented_class
import pytest
from in_term import ANSWER, ONE, QUESTION, TWO, refused, result, term

from autograder.publish import report
from autograder.publish.report import class_page, hand_in
from autograder.term.ledger import Mark, Override, answer_hash
from autograder.term.roster import Person

PEOPLE = (
    Person("ana", "Ana Núñez", "Núñez, Ana", "Tuesday"),
    Person("bo", "Bo Lee", "Lee, Bo", "Friday"),
    Person("cy", "Cy Young", "Young, Cy", "Friday"),
    Person("dee", "Dee Dee", "Dee, Dee"),
)
LATE = """
name = "Spring <2027>"
timezone = "Europe/Berlin"
[late]
percent_per_day = 10
[due]
1 = 2027-01-17T23:59:00
2 = 2027-01-24T23:59:00
"""


def test_names_sections_lateness_and_who_is_missing(tmp_path: Path) -> None:
    spring = term(tmp_path / "spring", LATE, PEOPLE)
    spring.ledger.append(
        Mark(student="ana", week=ONE.id, question=QUESTION, points=8.0, answer=answer_hash(ANSWER)),
        Override(student="bo", week=ONE.id, check=ONE.checks[0].id, points=0.0, reason="not their own"),
    )
    results = [
        result("ana", handed_in="2027-01-18T22:00:00+00:00"),  # the next day: 10 % of 98
        result("bo", passed=5, handed_in="2027-01-17T20:00:00+00:00"),
        result("ana", TWO, handed_in="2027-01-10T20:00:00+00:00"),
        refused("dee"),
        result("eve"),
    ]
    view = class_page.class_view(results, spring)
    assert [(s.name, [r.name for r in s.rows]) for s in view.table.sections] == [
        ("Friday", ["Bo Lee", "Cy Young"]),
        ("Tuesday", ["Ana Núñez"]),
        ("", ["Dee Dee", "eve"]),
    ]
    ana = view.table.sections[1].rows[0]
    assert ana.scores[0] is not None and ana.id == "ana" and ana.href == "students/ana.html"
    first = ana.scores[0]
    assert (first.raw, first.penalty, first.final, first.days_late) == (98, 9.8, 88.2, 1)
    bo, cy = view.table.sections[0].rows
    assert bo.scores[0] is not None and bo.scores[0].decided
    assert cy.href == "" and [s.state for s in cy.scores if s] == ["not handed in"] * 2
    assert view.strangers == ["eve"]
    one, two = view.hand_ins
    assert (one.handed_in, one.expected, one.missing, one.late) == (4, 4, ["Cy Young"], 1)
    assert one.lost == pytest.approx(9.8)
    assert dict(one.times) == dict.fromkeys(dict(one.times), 0) | {"in the last 6 hours": 1, hand_in.LATE: 1}
    assert one.untimed == 2 and [each for each in two.times if each[1]] == [("over a week before", 1)]
    assert (view.missing, two.missing) == (4, ["Dee Dee", "Bo Lee", "Cy Young"])
    written = report.write(results, tmp_path / "report", spring)
    index, scores = (page.read_text(encoding="utf-8") for page in (written.index, written.scores))
    assert "Spring &lt;2027&gt;" in index and "Not on the roster: <bdi>eve</bdi>" in index
    assert (
        first.extras == ["98−9.8", "1 d late"]
        and "98−9.8," in scores
        and "by hand" in scores
        and "not on the roster" in scores
    )


def test_two_hundred_students_stay_readable(tmp_path: Path) -> None:
    results = invented_class.results(200, (1,))
    view = class_page.class_view(results)
    index = report.render("index.html.j2", view=view, term="")
    scores = report.render("scores.html.j2", table=view.table, term="")
    # What to teach again comes first, and no list of everybody is in its way.
    assert index.index('id="understood"') < index.index('id="spread"') and index.count("students/") < 40
    assert len(index) < 150_000 and len(view.first) == class_page.FIRST
    assert scores.count("<tr>") == len(view.rows) + 1 > 180 and 'class="scores stack"' in scores
    # On a narrow screen a table's rows become blocks; none is left that would have to be pushed sideways.
    for page in (index, scores):
        assert all("stack" in table for table in re.findall(r"<table[^>]*>", page)) and 'class="scroll"' not in page
    for exercise in view.exercises:
        assert exercise.item.tried + exercise.item.unanswered == sum(exercise.counts.values())
        assert exercise.advice.endswith(".") and exercise.item.discrimination is not None
        assert exercise.advice.replace("'", "&#39;") in index


def test_a_check_that_may_be_at_fault_is_named() -> None:
    # Who does well in the second exercise fails the first one's check.
    good = [result(f"g{n}") for n in range(30)]
    weak = [result(f"w{n}", passed=99) for n in range(30)]
    exercise = ONE.exercise_of(ONE.checks[0].id)
    mine = {check.id for check in ONE.checks if ONE.exercise_of(check.id) == exercise}

    def turned(given: object, fails: bool) -> object:
        checks = tuple(
            replace(c, verdict="fail" if (c.id in mine) == fails and c.max_points else "pass", points=0.0)
            if (c.id in mine) == fails
            else c
            for c in given.checks  # type: ignore[attr-defined]
        )
        return replace(given, checks=checks)  # type: ignore[type-var]

    results = [turned(one, True) for one in good] + [turned(one, False) for one in weak]
    view = class_page.class_view(results)  # type: ignore[arg-type]
    backwards = next(e for e in view.exercises if e.name == exercise)
    assert backwards.advice.startswith("Read the check before you teach")
    assert all(check.doubt for check in backwards.checks)
