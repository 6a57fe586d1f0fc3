"""Class lists of learning systems, with what people do to such files."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from autograder.errors import UserError
from autograder.term import class_list
from autograder.term.class_list import ClassList
from autograder.term.roster import Person, Roster

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Week 1 (4711),Final Score
,,,,,Manual Posting,
    Points Possible,,,,,100,(read only)
"Núñez, Ana",77,0042,anunez,A and B,12,
"Lee, Bo",78,0043,blee,A,,
"Student, Test",80,,x,A,,
"""
MOODLE = """\
First name,Last name,Email address,Groups,Roles
Ana,Núñez,ana@example.org,A,Student
Bo,Lee,bo@example.org,B,Student
Tea,Cher,tea@example.org,,Teacher
"""
GRADESCOPE = """\
First Name,Last Name,SID,Email,Role,Section
Ana,Núñez,0042,ana@example.org,Student,A
Bo,Lee,,bo@example.org,Student,B
Tea,Cher,1,tea@example.org,Instructor,
"""
WORKSHEET = """\
Identifier,Full name,ID number,Email address,Status,Grade
Participant 555,Ana Núñez,0042,ana@example.org,Submitted,
"""


def read(tmp_path: Path, data: str | bytes, id_column: str = "") -> ClassList:
    path = tmp_path / "list.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8-sig"))
    return class_list.read(path, id_column)


def test_canvas(tmp_path: Path) -> None:
    found = read(tmp_path, CANVAS)
    assert (found.kind, found.said) == ("Canvas", [])
    assert found.people == [
        Person("anunez", "Ana Núñez", "Núñez, Ana", "A and B", lms={"canvas": "77", "sis": "0042"}),
        Person("blee", "Bo Lee", "Lee, Bo", "A", lms={"canvas": "78", "sis": "0043"}),
    ]
    assert [person.id for person in read(tmp_path, CANVAS, "SIS User ID").people] == ["0042", "0043"]


def test_moodle(tmp_path: Path) -> None:
    found = read(tmp_path, MOODLE)
    assert found.kind == "Moodle" and [person.id for person in found.people] == ["ana@example.org", "bo@example.org"]
    assert found.people[0] == Person("ana@example.org", "Ana Núñez", "Núñez, Ana", "A", "ana@example.org")
    assert "1 with the role 'Teacher' left out" in found.said[0]
    german = MOODLE.replace(
        "First name,Last name,Email address,Groups,Roles", "Vorname;Nachname;E-Mail-Adresse;Gruppen;Rollen"
    )
    assert read(tmp_path, german.replace(",", ";").replace("Student", "Teilnehmer/in")).people == found.people
    assert read(tmp_path, WORKSHEET).people[0].lms == {"moodle": "555"}


def test_gradescope(tmp_path: Path) -> None:
    found = read(tmp_path, GRADESCOPE)
    assert found.kind == "Gradescope" and [person.id for person in found.people] == ["0042", "bo@example.org"]
    assert any("Bo Lee has no sid; the e-mail address is the id" in line for line in found.said)
    assert found.people[0].lms == {"gradescope": "0042"}


def test_a_plain_file(tmp_path: Path) -> None:
    found = read(tmp_path, "id\tname\ttimezone\tmoodle\n0042\tNúñez, Ana\tAmerica/Lima\t5\n")
    assert found.people == [Person("0042", "Ana Núñez", "Núñez, Ana", timezone="America/Lima", lms={"moodle": "5"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_accents_in_any_form(tmp_path: Path, encoding: str) -> None:
    found = read(tmp_path, unicodedata.normalize("NFD", CANVAS).encode(encoding))
    assert found.people[0].name == "Ana Núñez" and found.said == []


def test_accents_that_went_wrong_are_made_good_and_said(tmp_path: Path) -> None:
    found = read(tmp_path, CANVAS.encode("utf-8").decode("cp1252"))
    assert found.people[0].name == "Ana Núñez" and "'Ana Núñez'" in found.said[0]
    found = read(tmp_path, CANVAS.encode("cp1252"))
    assert found.people[0].name == "Ana Núñez" and "is not in UTF-8" in found.said[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,name\n0042,A\n42,B\n", "the ids 0042 and 42 differ in leading zeros alone"),
        ("id,name\na,Bo Lee\nb,bo lee\n", "Bo Lee is the name of a and b"),
        ("id,name,email\na,A,x@y\nb,B,X@y\n", "x@y is the e-mail address of a and b"),
        ("id,name\na,A\na,A\n", "line 3: A (a) stands in line 2, too, and is taken once"),
        ("id,name\n12.0,A\n", "the id '12.0' is read as '12'"),
    ],
)
def test_what_could_be_confused_is_said(tmp_path: Path, text: str, said: str) -> None:
    found = read(tmp_path, text)
    assert any(said in line for line in found.said), found.said


def test_a_name_is_no_command_for_a_terminal(tmp_path: Path) -> None:
    (person,) = read(tmp_path, "id,name\nada,Ada\x1b[2J\x07 \x9bLovelace\n").people
    assert person.name == "Ada[2J Lovelace"


def test_a_person_in_two_sections_has_both(tmp_path: Path) -> None:
    assert read(tmp_path, "id,name,section\na,A,one\na,A,two\n").people[0].section == "one; two"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("id,name\na,Ann\nA,Bo\n", "line 3: the id 'A' is that of Ann in line 2, and of Bo here"),
        ("id,name\n1.23457E+11,A\n", "a spreadsheet has shortened"),
        ("id,name\n,A\n", "nothing says who A is"),
        ("colour,size\nred,1\n", "is no class list that is known here"),
        ("id,name\n", "holds no class list"),
        ("", "holds no class list"),
        (b"PK\x03\x04rest", "save it as CSV"),
        ("First Name,Last Name,SID,Email,Role\nT,C,1,t@c,Instructor\n", "names no student"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(tmp_path: Path, data: str | bytes, said: str) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, data)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_an_unknown_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no column 'Matr'; it has: Student, ID"):
        read(tmp_path, CANVAS, "Matr")


def merge(roster: Roster, *people: Person, kind: class_list.Kind = "Moodle") -> class_list.Merged:
    return class_list.merge(roster, ClassList(kind, list(people)), "roster.csv")


def test_a_second_list_brings_people_up_to_date_and_keeps_their_ids(tmp_path: Path) -> None:
    roster = Roster(read(tmp_path, CANVAS).people)
    found = merge(roster, *read(tmp_path, MOODLE).people)
    assert {person.id: person.email for person in found.people} == {
        "anunez": "ana@example.org",
        "blee": "bo@example.org",
    }
    assert (len(found.added), len(found.changed), found.kept) == (0, 2, [])
    again = merge(Roster(found.people), *read(tmp_path, MOODLE).people)
    assert (again.added, again.changed) == ([], []) and Roster(again.people).find("bo@example.org") is not None


def test_moodles_numbers_of_several_assignments_are_kept(tmp_path: Path) -> None:
    roster = Roster(read(tmp_path, WORKSHEET).people)
    found = merge(roster, *read(tmp_path, WORKSHEET.replace("555", "777")).people)
    assert found.people[0].lms["moodle"] == "555 777"
    assert Roster(found.people).find("777") == found.people[0]


def test_a_namesake_with_another_address_is_another_person() -> None:
    roster = Roster([Person("bo", "Bo Lee", email="bo@example.org")])
    found = merge(roster, Person("lee@example.org", "Bo Lee", email="lee@example.org"))
    assert [person.id for person in found.added] == ["lee@example.org"]
    assert any("Bo Lee is the name of" in line for line in found.said)


def test_two_namesakes_in_a_list_are_not_guessed() -> None:
    roster = Roster([Person("bo", "Bo Lee")])
    found = merge(roster, Person("x1", "Bo Lee"), Person("x2", "Bo Lee"))
    assert len(found.people) == 3


def test_who_is_not_in_the_list_stays(tmp_path: Path) -> None:
    roster = Roster([Person("gone", "Gone"), Person("bo", "Bo Lee")])
    found = merge(roster, Person("bo", "Bo Lee"))
    assert found.kept == [roster.by_id["gone"]] and len(found.people) == 2
