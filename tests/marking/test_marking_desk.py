"""The desk: what waits, what a decision does, and that no grader overwrites another without knowing it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from written import ANSWERS, QUESTION, WEEK, hand_in, result

from autograder.errors import UserError
from autograder.marking.answers import Answers
from autograder.marking.desk import Conflict, Desk, ItemEdit, Save
from autograder.results import records
from autograder.results.records import Writer
from autograder.term.folder import Term
from autograder.term.ledger import Mark, Override
from autograder.term.points import standings


class Room:
    """A folder of records, and a desk for each grader who asks for one, as separate processes would have."""

    def __init__(self, folder: Path) -> None:
        self.term = Term.none(hand_in(folder))
        self.desk = self.another()

    def another(self, names: bool = False) -> Desk:
        return Desk(self.term, Answers(self.term), names)

    def id_of(self, student: str) -> str:
        """Told by name, for the test alone."""
        answers = Answers(self.term).current().values()
        return next(a.id for a in answers if (a.student, a.week, a.question) == (student, WEEK, QUESTION))

    def shown(self, student: str, desk: Desk | None = None, grader: str = "ada") -> dict:
        return (desk or self.desk).answer(self.id_of(student), grader)

    def save(
        self, student: str, points: float | None, *, grader: str = "ada", desk: Desk | None = None, **more
    ) -> None:
        version = more.pop("version", None) or self.shown(student, desk, grader)["version"]
        (desk or self.desk).save(self.id_of(student), Save(version, points, **more), grader)

    def item(self, text: str, points: float, **more) -> dict:
        """Makes or changes an item of the rubric; returns it."""
        self.desk.edit(ItemEdit(WEEK, QUESTION, text, points, **more), "ada")
        return next((i for i in self.rubric() if i["text"] == text), {})

    def rubric(self) -> list[dict]:
        return self.desk.question(WEEK, QUESTION, "ada")["rubric"]  # type: ignore[return-value]

    def states(self) -> dict[str, int]:
        return self.desk.overview()["weeks"][0]["questions"][0]["states"]  # type: ignore[index]

    def points(self, student: str) -> float | None:
        """What everybody else reads."""
        found = standings(records.read(self.term.records), self.term)
        return next(s for s in found if s.student == student).written[QUESTION].points


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "grades")


def test_progress(room: Room) -> None:
    assert room.states() == {"waiting": 4, "changed": 0, "blank": 1, "settled": 0, "marked": 0}
    room.save("bo", 3)
    assert room.states() == {"waiting": 3, "changed": 0, "blank": 1, "settled": 0, "marked": 1}
    assert room.points("bo") == 3


def test_what_waits_comes_first_and_in_an_order_that_says_nothing(room: Room) -> None:
    room.save("ada", 9)
    lines = room.desk.question(WEEK, QUESTION, "ada")["answers"]
    assert [line["state"] for line in lines] == ["waiting"] * 3 + ["blank", "marked"]  # type: ignore[index]
    many = Room(room.term.records.parent / "many")
    hand_in(many.term.records, {f"s{n:02}": "text" for n in range(30)})
    ids = [line["id"] for line in many.another().question(WEEK, QUESTION, "ada")["answers"]]  # type: ignore[index]
    names = [answer.student for answer in Answers(many.term).current().values() if answer.id in ids]
    assert names != sorted(names) and names != sorted(names, reverse=True)


def test_no_name_without_the_option(room: Room) -> None:
    said = json.dumps([room.desk.overview(), room.desk.question(WEEK, QUESTION, "x"), room.shown("chi", grader="x")])
    assert not [name for name in ANSWERS if f'"{name}"' in said]
    assert room.shown("chi", room.another(names=True))["name"] == "chi"


def test_question_and_model_answer_stand_beside(room: Room) -> None:
    question = room.desk.question(WEEK, QUESTION, "ada")
    assert "mathematician" in str(question["text"]) and "flips it along both axes" in str(question["model"])
    assert "SOLUTION" not in str(question["model"]) and question["points"] == 10


def test_a_mark_by_items_is_their_sum_with_an_adjustment(room: Room) -> None:
    both, wrong = room.item("both axes", 3), room.item("a transpose", -1)
    room.save("bo", -0.5, rubric=(both["id"], wrong["id"]), comment=" Read (2) again. ")
    shown = room.shown("bo")
    assert shown["points"] == 1.5 and shown["mark"]["comment"] == "Read (2) again."  # type: ignore[index]
    assert room.points("bo") == 1.5


def test_changing_an_item_changes_every_mark(room: Room) -> None:
    item = room.item("both axes", 3)
    for student in ("ada", "bo"):
        room.save(student, None, rubric=(item["id"],))
    changed = room.item("flips along both axes", 4, id=item["id"], version=item["version"])
    assert changed["used"] == 2
    assert [room.points(student) for student in ("ada", "bo")] == [4, 4]
    room.item("flips along both axes", 4, id=item["id"], version=changed["version"], removed=True)
    assert room.rubric() == [] and room.points("ada") == 0


def test_two_graders_of_one_item(room: Room) -> None:
    item = room.item("both axes", 3)
    room.item("both axes", 2, id=item["id"], version=item["version"])
    with pytest.raises(Conflict):
        room.item("both axes", 5, id=item["id"], version=item["version"])
    assert [i["points"] for i in room.rubric()] == [2]


def test_a_second_grader_sees_the_first_mark_before_replacing_it(room: Room) -> None:
    other = room.another()
    seen = room.shown("bo", other, "bea")["version"]
    room.save("bo", 6)
    with pytest.raises(Conflict):
        room.save("bo", 2, grader="bea", desk=other, version=seen)
    assert room.points("bo") == 6  # nothing was overwritten
    there = room.shown("bo", other, "bea")
    assert there["mark"]["grader"] == "ada" and there["points"] == 6  # type: ignore[index]
    room.save("bo", 2, grader="bea", desk=other)
    assert room.points("bo") == 2
    marks = [entry for entry in room.term.ledger.entries() if isinstance(entry, Mark)]
    assert [(mark.grader, mark.points) for mark in marks] == [("ada", 6), ("bea", 2)]


def test_a_changed_answer_waits_again_and_shows_the_earlier_mark(room: Room) -> None:
    room.save("bo", 6, comment="well")
    seen = room.shown("bo")["version"]
    hand_in(room.term.records, {"bo": "An answer with more words."})
    fresh = room.another()
    shown = room.shown("bo", fresh)
    assert shown["state"] == "changed" and shown["points"] is None
    assert shown["mark"]["points"] == 6 and shown["mark"]["comment"] == "well"  # type: ignore[index]
    with pytest.raises(Conflict):  # who marked what stood there before has not read this one
        room.save("bo", 7, desk=fresh, version=seen)
    room.save("bo", 7, desk=fresh)
    assert room.shown("bo", fresh)["state"] == "marked" and room.points("bo") == 7


def test_regraded_work_with_the_same_answer_keeps_its_mark(room: Room) -> None:
    room.save("bo", 6)
    with Writer(room.term.records) as writer:
        writer.append("another key", result("bo", ANSWERS["bo"] + "  \n", passed=3))
    assert room.shown("bo", room.another())["state"] == "marked"


def test_a_withdrawn_mark_waits_again(room: Room) -> None:
    room.save("bo", 6)
    room.save("bo", None)
    assert room.shown("bo")["state"] == "waiting" and room.points("bo") is None


def test_a_blank_answer_gives_nothing_unless_somebody_says_so(room: Room) -> None:
    assert room.shown("dee")["state"] == "blank" and room.points("dee") == 0
    room.save("dee", 1)
    assert room.points("dee") == 1


def test_the_points_of_a_whole_week_leave_nothing_to_mark(room: Room) -> None:
    room.term.ledger.append(Override(student="bo", week=WEEK, check=None, points=50, reason="appeal"))
    assert room.shown("bo")["state"] == "settled" and room.states()["waiting"] == 3


@pytest.mark.parametrize("points", [11, -1, float("nan"), float("inf")])
def test_points_out_of_range(room: Room, points: float) -> None:
    with pytest.raises(UserError, match="a number from 0 to 10"):
        room.save("bo", points)
    assert room.points("bo") is None


def test_nothing_to_save(room: Room) -> None:
    with pytest.raises(UserError, match="no points to save"):
        room.save("bo", None, comment="only words")


@pytest.mark.parametrize("text", ["", "   ", "x" * 501])
def test_an_item_says_what_it_is_for(room: Room, text: str) -> None:
    with pytest.raises(UserError, match="1 to 500 characters"):
        room.item(text, 1)


def test_items_of_the_same_words_are_one(room: Room) -> None:
    room.item("both axes", 3)
    with pytest.raises(UserError, match="already"):
        room.item(" both  axes ", 2)


def test_a_damaged_submission_has_nothing_to_mark(room: Room) -> None:
    with Writer(room.term.records) as writer:
        writer.append("k", result("zoe", "text", passed=0))
        damaged = result("bo", "text", passed=0)
        object.__setattr__(damaged, "verdict", "invalid")
        writer.append("l", damaged)
    desk = room.another()
    lines = desk.question(WEEK, QUESTION, "ada")["answers"]
    assert len(lines) == len(ANSWERS)  # type: ignore[arg-type]  # zoe's came, bo's went


def test_another_grader_s_open_answer_is_said(room: Room) -> None:
    room.shown("bo", grader="bea")
    assert room.shown("bo", grader="ada")["open"] == "bea"
    assert room.shown("chi", grader="ada")["open"] is None  # who went on has it open no more
    assert room.shown("bo", grader="bea")["open"] is None
