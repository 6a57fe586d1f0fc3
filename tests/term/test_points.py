"""The one truth about points: checks, marks, overrides, lateness, people who handed nothing in."""

from __future__ import annotations

from pathlib import Path

from in_term import ANSWER, ONE, QUESTION, TWO, refused, result, term

from autograder.term.folder import Term
from autograder.term.ledger import Change, DueDate, Entry, Mark, Override, RubricItem, answer_hash
from autograder.term.points import Standing, standings
from autograder.term.roster import Person

ANA, BO = Person("ana", "Ana Núñez", "Núñez, Ana"), Person("bo", "Bo Lee", "Lee, Bo")
LATE = """
timezone = 'Europe/Berlin'
[late]
percent_per_day = 10
free_days = 3
cutoff_days = 7
[due]
1 = 2027-01-17T23:59:00
2 = 2027-01-24T23:59:00
"""
CHECK = ONE.checks[0].id


def mark(student: str, points: float | None, text: str = ANSWER, **more: object) -> Mark:
    return Mark(student=student, week=ONE.id, question=QUESTION, points=points, answer=answer_hash(text), **more)  # type: ignore[arg-type]


def one(tmp_path: Path, given: object, *entries: Entry, text: str = "") -> Standing:
    found = term(tmp_path, text, (ANA, BO))
    found.ledger.append(*entries)
    return next(s for s in standings([given], found) if s.result is not None)  # type: ignore[list-item]


def test_a_perfect_notebook_waits_for_its_written_answer(tmp_path: Path) -> None:
    found = one(tmp_path, result("ana"))
    assert (found.state, found.raw, found.most, found.waiting, found.waiting_points) == (
        "waiting",
        90,
        100,
        (QUESTION,),
        10,
    )
    assert found.written[QUESTION].reason == "not marked yet" and found.person == ANA


def test_a_mark_counts(tmp_path: Path) -> None:
    found = one(tmp_path, result("ana"), mark("ana", 7.5, comment="good"))
    assert (found.state, found.automatic, found.by_hand, found.raw, found.final) == ("complete", 90, 7.5, 97.5, 97.5)
    assert found.written[QUESTION].comment == "good"


def test_a_changed_answer_waits_again_and_shows_its_old_mark(tmp_path: Path) -> None:
    found = one(tmp_path, result("ana", text="another answer"), mark("ana", 7.5))
    assert found.state == "waiting" and found.raw == 90
    previous = found.written[QUESTION].previous
    assert previous is not None and previous.points == 7.5
    assert "changed" in found.written[QUESTION].reason


def test_a_blank_answer_waits_for_nobody(tmp_path: Path) -> None:
    for text in ("", "YOUR ANSWER HERE", "question\n\nYOUR ANSWER HERE\n"):
        found = one(tmp_path / str(len(text)), result("ana", text=text))
        assert (found.state, found.raw, found.written[QUESTION].reason) == ("complete", 90, "not answered")
    found = one(tmp_path / "marked", result("ana", text=""), mark("ana", 2, text=""))
    assert found.raw == 92, "a person may give points all the same"


def test_rubric_items_count_in_every_mark(tmp_path: Path) -> None:
    item = RubricItem(week=ONE.id, question=QUESTION, id="flip", text="names the flip", points=6)
    assert one(tmp_path, result("ana"), item, mark("ana", 1, rubric=("flip",))).raw == 97
    assert (
        one(tmp_path, result("ana"), RubricItem(week=ONE.id, question=QUESTION, id="flip", text="x", points=2)).raw
        == 93
    )


def test_overrides_of_a_check_and_of_the_week(tmp_path: Path) -> None:
    check = Override(student="ana", week=ONE.id, check=CHECK, points=2, reason="appeal")
    found = one(tmp_path, result("ana", passed=0, text=""), check)
    assert (found.automatic, found.raw, found.check_points(CHECK), found.overrides) == (0, 2, 2, (check,))
    whole = Override(student="ana", week=ONE.id, check=None, points=55, reason="orally")
    found = one(tmp_path, result("ana", passed=0), whole)
    assert (found.raw, found.state, found.waiting) == (55, "complete", ())


def test_an_override_of_earlier_code_or_of_no_check_is_said(tmp_path: Path) -> None:
    check = Override(student="ana", week=ONE.id, check=CHECK, points=2, reason="appeal", answer=answer_hash("old code"))
    gone = Override(student="ana", week=ONE.id, check="gone", points=2, reason="appeal")
    found = one(tmp_path, result("ana", passed=0, text=""), check, gone)
    assert found.raw == 2
    assert any("earlier code" in note for note in found.notes) and any("no such check" in note for note in found.notes)


def test_an_override_of_more_than_a_check_gives_is_said(tmp_path: Path) -> None:
    """The release was corrected since, or the ledger edited by hand."""
    check = ONE.checks[0]
    found = one(tmp_path, result("ada"), Override(student="ada", week=ONE.id, check=check.id, points=50, reason="r"))
    assert any(
        f"the override of {check.id} gives 50 points, and the check has {check.points:g} now" in n for n in found.notes
    )
    enough = Override(student="ada", week=ONE.id, check=check.id, points=check.points, reason="r")
    assert not one(tmp_path / "2", result("ada"), enough).notes


def test_what_cannot_be_graded_is_said_and_can_be_decided(tmp_path: Path) -> None:
    found = one(tmp_path, refused("ana"))
    assert (found.state, found.raw, found.waiting) == ("not gradable", 0, ())
    whole = Override(student="ana", week=ONE.id, check=None, points=40, reason="shown in the laboratory")
    assert one(tmp_path, refused("ana"), whole).final == 40


def test_lateness_is_shown_apart(tmp_path: Path) -> None:
    found = one(tmp_path, result("ana", text="", handed_in="2027-01-22T23:00:00+00:00"), text=LATE)
    assert (found.lateness.days, found.lateness.free_days_used, found.lateness.penalty_percent) == (6, 3, 30)
    assert (found.raw, found.penalty, found.final) == (90, 27, 63)


def test_free_days_are_used_up_over_the_weeks(tmp_path: Path) -> None:
    late = [
        result("ana", ONE, text="", handed_in="2027-01-19T22:00:00+00:00"),
        result("ana", TWO, text="", handed_in="2027-01-26T22:00:00+00:00"),
    ]
    found = standings(late, term(tmp_path, LATE), weeks=[TWO.id])
    assert [s.week for s in found] == [TWO.id]
    assert (found[0].lateness.days, found[0].lateness.free_days_used) == (2, 1)


def test_an_extension_and_a_cutoff(tmp_path: Path) -> None:
    late = result("ana", text="", handed_in="2027-01-27T00:00:00+00:00")
    found = one(tmp_path, late, text=LATE)
    assert found.lateness.cut_off and (found.raw, found.penalty, found.final) == (90, 90, 0)
    due = DueDate(student="ana", week=ONE.id, until="2027-01-27T23:59:00+01:00", reason="ill")
    found = one(tmp_path, late, due, text=LATE)
    assert found.lateness.days == 0 and found.final == 90


def test_a_file_s_own_time_alone_costs_nothing_unless_the_term_says_so(tmp_path: Path) -> None:
    late = result("ana", text="", handed_in="2027-01-19T00:00:00+00:00", handed_in_by="file")
    found = one(tmp_path, late, text=LATE)
    assert found.penalty == 0 and "time of its file alone" in found.notes[0]
    trusting = LATE.replace("[late]", "[late]\ntrust_file_times = true").replace("free_days = 3", "")
    assert one(tmp_path, late, text=trusting).penalty == 18


def test_a_system_s_mark_without_time_is_one_day(tmp_path: Path) -> None:
    late = result("ana", text="", handed_in_by="", marked_late=True)
    strict = LATE.replace("free_days = 3", "")
    found = one(tmp_path, late, text=strict)
    assert found.penalty == 9 and "counted as one day" in found.notes[0]
    found = one(tmp_path, late, DueDate(student="ana", week=ONE.id, until="2027-01-27T23:59:00+01:00"), text=strict)
    assert found.penalty == 0 and "extension" in found.notes[0]


def test_without_a_term_nothing_is_late_and_marks_lie_beside_the_records(tmp_path: Path) -> None:
    there = Term.none(tmp_path)
    there.ledger.append(mark("u1", 5))
    found = standings([result("u1", handed_in="2099-01-01T00:00:00+00:00")], there)
    assert [(s.student, s.final, s.penalty) for s in found] == [("u1", 95, 0)]


def test_who_handed_nothing_in_is_there_by_name(tmp_path: Path) -> None:
    found = standings([result("ana"), result("stranger")], term(tmp_path, "", (ANA, BO)))
    assert [(s.student, s.state, s.final) for s in found] == [
        ("bo", "not handed in", None),
        ("ana", "waiting", 90),
        ("stranger", "waiting", 90),
    ]
    assert standings([], term(tmp_path, "", (ANA, BO)), weeks=[TWO.id])[0].most == 100


def test_one_person_under_two_names_has_one_submission(tmp_path: Path) -> None:
    old = result("nunezana", passed=3, handed_in="2027-01-16T00:00:00+00:00")
    new = result("Ana Núñez", handed_in="2027-01-17T00:00:00+00:00")
    for order in ([old, new], [new, old]):
        found = [s for s in standings(order, term(tmp_path, "", (ANA, BO))) if s.result]
        assert [s.automatic for s in found] == [90]
        assert "nunezana" in found[0].notes[0]


def test_changes_by_regrades_come_with_the_standing(tmp_path: Path) -> None:
    change = Change(student="ana", week=ONE.id, before=83, after=90, checks={CHECK: (0, 7)}, reason="check mended")
    assert one(tmp_path, result("ana"), change).changes == (change,)
