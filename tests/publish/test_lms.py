"""Files for Canvas and Moodle, read by the rules of their importers: nothing is cleared, nobody is made, nothing ends early."""

from __future__ import annotations

from pathlib import Path

import importers
import pytest
from in_term import ONE, TWO, result, term

from autograder import weeks
from autograder.errors import UserError
from autograder.publish.export import lms
from autograder.term.class_list import ClassList
from autograder.term.folder import Term
from autograder.term.ledger import DueDate, Override
from autograder.term.points import Standing, standings
from autograder.term.roster import Person

ANA = Person("anunez", "Ana Núñez", "Núñez, Ana", "A", "ana@example.org", lms={"canvas": "77", "sis": "0042"})
BO = Person("blee", "Bo Lee", "Lee, Bo", "A", "bo@example.org", lms={"canvas": "78", "sis": "0043"})
BO_TWO = Person("blee2", "Bo Lee", "Lee, Bo", "B", "lee@example.org", lms={"canvas": "79"})
EVERYONE = (ANA, BO, BO_TWO)
CANVAS = [("77", "Núñez, Ana", "0042", "anunez"), ("78", "Lee, Bo", "0043", "blee"), ("79", "Lee, Bo", "", "blee2")]
ASSIGNMENTS = {"4711": f"Week 1: {ONE.plan.title}", "4712": "Lab of week 02", "4713": "Essay"}

DOWNLOADED = f"""\
Student,ID,SIS User ID,SIS Login ID,Section,Week 1: {ONE.plan.title} (4711),Lab of week 02 (4712),Essay (4713),Final Score
,,,,,Manual Posting,,,
    Points Possible,,,,,100.00,100.00,10.00,(read only)
"Lee, Bo",78,0043,blee,A,55.00,44.00,7.00,50
"Lee, Bo",79,,blee2,B,EX,33.00,6.00,50
"Núñez, Ana",77,0042,anunez,A,,12.50,5.00,50
"Student, Test",80,,5f3,A,,,,
"""
NOW = {
    ("78", "4711"): "55.00",
    ("79", "4711"): "EX",
    ("78", "4712"): "44.00",
    ("79", "4712"): "33.00",
    ("77", "4712"): "12.50",
}


def standing(tmp_path: Path, *results: object, people: tuple[Person, ...] = EVERYONE) -> list[Standing]:
    return standings(results, term(tmp_path, "", people))  # type: ignore[arg-type]


def full(student: str, week: object = ONE, passed: int = 99) -> object:
    return result(student, week, passed, text="")  # type: ignore[arg-type]


@pytest.fixture
def gradebook(tmp_path: Path) -> lms.CanvasGradebook:
    path = tmp_path / "canvas-download.csv"
    path.write_text(DOWNLOADED, encoding="utf-8")
    return lms.CanvasGradebook.read(path)


def test_canvas_with_its_gradebook_changes_our_cells_alone(tmp_path: Path, gradebook: lms.CanvasGradebook) -> None:
    given = standing(
        tmp_path, full("anunez"), full("blee", passed=0), full("blee2"), full("anunez", TWO), full("stranger")
    )
    handed = lms.canvas_with(gradebook, given)
    found = importers.canvas(handed.files[""], CANVAS, ASSIGNMENTS, NOW)
    assert found == importers.Outcome({("78", "4711"): "0", ("77", "4711"): "90", ("77", "4712"): "85"})
    assert any("blee2 is excused in Canvas" in line for line in handed.said)
    assert any("left out: stranger" in line for line in handed.said)
    assert "Essay" not in handed.files[""] and handed.count == 3


def test_without_care_an_empty_cell_would_clear_a_grade(gradebook: lms.CanvasGradebook) -> None:
    careless = "Student,ID,SIS User ID,SIS Login ID,Section,Lab of week 02 (4712)\nLee,78,,,A,\n"
    assert importers.canvas(careless, CANVAS, ASSIGNMENTS, NOW).cleared == [("78", "4712")]


def test_canvas_knows_people_by_number_login_or_a_name_that_is_theirs_alone(
    tmp_path: Path, gradebook: lms.CanvasGradebook
) -> None:
    people = (Person("0042x", "Ana Núñez"), Person("blee"), Person("other", "Bo Lee"))
    handed = lms.canvas_with(gradebook, standing(tmp_path, full("0042x"), full("blee"), full("other"), people=people))
    found = importers.canvas(handed.files[""], CANVAS, ASSIGNMENTS, NOW)
    assert set(found.grades) == {("77", "4711"), ("78", "4711")}
    assert any("left out: other" in line for line in handed.said), "two people of that name"


def test_an_assignment_that_cannot_be_told_is_asked_for(tmp_path: Path, gradebook: lms.CanvasGradebook) -> None:
    three = full("anunez", weeks.load(3))
    handed = lms.canvas_with(gradebook, standing(tmp_path, three))
    assert not handed.files and any("--canvas-assignment 3=ID" in line for line in handed.said)
    handed = lms.canvas_with(gradebook, standing(tmp_path, three), {"week03_parameters": "4713"})
    assert importers.canvas(handed.files[""], CANVAS, ASSIGNMENTS, NOW).grades.keys() == {("77", "4713")}
    assert any("gives 10.00 points in Canvas, and 100 here" in line for line in handed.said)


def test_canvas_without_gradebook_has_no_empty_cell(tmp_path: Path) -> None:
    handed = lms.canvas(standing(tmp_path, full("anunez"), full("blee"), full("anunez", TWO)))
    assert set(handed.files) == {"week01", "week02"}
    for text in handed.files.values():
        found = importers.canvas(text, CANVAS, {"4711": f"Week 1: {ONE.plan.title}"}, NOW)
        assert not found.cleared and not found.failed
    found = importers.canvas(handed.files["week01"], CANVAS, ASSIGNMENTS, NOW)
    assert found.grades == {("77", "4711"): "90", ("78", "4711"): "90"} and not found.made
    whole = lms.canvas(standing(tmp_path, full("anunez"), full("anunez", TWO)))
    assert set(whole.files) == {""}


def test_a_file_that_is_no_gradebook_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("name,points\na,1\n")
    with pytest.raises(UserError, match="is no gradebook of Canvas"):
        lms.CanvasGradebook.read(path)


MOODLE = {"anunez", "blee", "blee2"}


def test_moodle_takes_the_file_as_it_is(tmp_path: Path) -> None:
    handed = lms.moodle(
        standing(tmp_path, full("anunez"), full("blee", passed=0), full("stranger"), full("anunez", TWO))
    )
    assert set(handed.files) == {"week01", "week02"}
    found = importers.moodle(handed.files["week01"], MOODLE, "username")
    item = f"Week 1: {ONE.plan.title}"
    assert found == importers.Outcome({("anunez", item): "90", ("blee", item): "0"})
    assert any("not in the roster, and left out: stranger" in line for line in handed.said)
    emails = {"ana@example.org", "bo@example.org"}
    assert not importers.moodle(handed.files["week01"], emails, "email address").failed


def test_one_unknown_user_would_end_moodles_import(tmp_path: Path) -> None:
    careless = "username,w\nanunez,1\nstranger,2\n"
    assert "could not find user stranger" in importers.moodle(careless, MOODLE, "username").failed
    careless = "username,w\nanunez,1\n,2\n"
    assert importers.moodle(careless, MOODLE, "username").grades == {("anunez", "w"): "2"}, "the line before gets it"


def test_who_left_moodle_is_left_out_where_its_participants_are_given(tmp_path: Path) -> None:
    there = ClassList("Moodle", [Person("anunez", "Ana Núñez", email="ana@example.org")])
    handed = lms.moodle(standing(tmp_path, full("anunez"), full("blee")), there)
    assert not importers.moodle(handed.files[""], {"anunez"}, "username").failed
    assert any("not in Moodle's participants, and left out: blee" in line for line in handed.said)


def test_a_column_of_users_is_full_or_not_there(tmp_path: Path) -> None:
    some = (ANA, Person("blee", "Bo Lee"))
    header = lms.moodle(standing(tmp_path, full("anunez"), full("blee"), people=some)).files[""].splitlines()[0]
    assert header.startswith("username,name")
    by_mail = (Person("ana@example.org", "Ana", email="ana@example.org"),)
    header = lms.moodle(standing(tmp_path / "mail", full("ana@example.org"), people=by_mail)).files[""].splitlines()[0]
    assert header.startswith("email address,name")


def test_one_address_for_two_people_is_refused(tmp_path: Path) -> None:
    two = (ANA, Person("blee", "Bo Lee", email="ANA@example.org"))
    with pytest.raises(UserError, match="have the same email address"):
        lms.moodle(standing(tmp_path, full("anunez"), full("blee"), people=two))


def test_a_grade_that_moodle_refuses_is_left_out(tmp_path: Path) -> None:
    there = term(tmp_path, "", EVERYONE)
    there.ledger.append(Override(student="blee", week=ONE.id, check=None, points=101, reason="bonus"))
    handed = lms.moodle(standings([full("anunez"), full("blee")], there))  # type: ignore[list-item]
    assert not importers.moodle(handed.files[""], MOODLE, "username").failed
    assert any("101 is more than Moodle takes" in line for line in handed.said)


def test_lateness_is_handed_on(tmp_path: Path) -> None:
    there = term(tmp_path, "[late]\npercent_per_day = 10\n", EVERYONE)
    late = [result(who, ONE, text="", handed_in="2027-01-18T12:00:00+00:00") for who in ("anunez", "blee")]
    there.ledger.append(DueDate(student="blee", week=ONE.id, until="2027-01-19T00:00:00+00:00"))
    text = lms.moodle(standings(late, Term.read(tmp_path))).files[""]
    assert sorted(importers.moodle(text, MOODLE, "username").grades.values()) == ["81", "90"]
