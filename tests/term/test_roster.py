"""The roster: its file, and the ways in which submissions call people."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from autograder.errors import UserError
from autograder.term import roster
from autograder.term.roster import Person, Roster
from autograder.term.spreadsheet import FORMULA

ANA = Person(
    "0042", "Ana Núñez", "Núñez, Ana", "A", "ana@example.org", "America/Lima", {"canvas": "77", "moodle": "5 9"}
)
BO = Person("bo", "Bo Lee", "Lee, Bo", email="bo@example.org")
BO_TWO = Person("bo2", "Bo Lee", "Lee, Bo", email="lee@example.org")


def test_the_file_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    roster.write(path, [ANA, BO])
    found = roster.read(path)
    assert found.people == (BO, ANA)
    assert (len(found), bool(found), bool(Roster())) == (2, True, False)


def test_a_name_that_is_a_formula_is_none_in_a_spreadsheet(tmp_path: Path) -> None:
    """Learning systems let people choose their names."""
    path = tmp_path / "roster.csv"
    eve = Person("eve", "=HYPERLINK(1)", "+1", "@A;=2", "-eve@example.org", lms={"canvas": "＝1"})
    roster.write(path, [eve])
    cells = [part for line in path.read_text().splitlines() for cell in line.split(",") for part in cell.split(";")]
    assert not [cell for cell in cells if cell.startswith(FORMULA)]
    assert roster.read(path).people == (eve,)


@pytest.mark.parametrize(
    "student",
    [
        "0042",
        "ANA@example.org",
        "77",
        "9",
        "Ana Núñez",
        unicodedata.normalize("NFD", "ana núñez"),
        "Núñez, Ana",
        "nunezana",
    ],
)
def test_people_are_found_by_what_systems_call_them(student: str) -> None:
    assert Roster([ANA, BO]).find(student) == ANA


@pytest.mark.parametrize("student", ["42", "", "   ", "nobody", "Ana"])
def test_who_is_not_in_it_is_not_guessed(student: str) -> None:
    assert Roster([ANA, BO]).find(student) is None


def test_two_people_of_one_name_are_told_apart_by_ids_alone() -> None:
    both = Roster([BO, BO_TWO])
    assert both.find("Bo Lee") is None and both.find("leebo") is None
    assert both.find("bo") == BO and both.find("lee@example.org") == BO_TWO


def test_ids_that_came_with_a_submission_lead() -> None:
    both = Roster([ANA, Person("x", "Ana Núñez", lms={"canvas": "78"})])
    assert both.find("nunezana") is None
    assert both.find("nunezana", {"canvas": "78"}) == both.by_id["x"]
    assert both.find("nunezana", {"canvas": "1"}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,email\nA,b\n", "`id` among them"),
        ("id,name,name\n1,A,B\n", "each once"),
        ("id,name\nu1,A\nU1,B\n", "line 3: the id 'U1' is that of line 2"),
        ("id,name\n,A\n", "line 2: the id is missing"),
        ("id,timezone\nu1,Berlin\n", "line 2: 'Berlin' is no time zone"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=said):
        roster.read(path)


def test_a_spreadsheet_may_have_saved_it(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes("\ufeffid;name;canvas\r\n0042;Núñez;\r\n;;\r\n".encode())
    assert roster.read(path).people == (Person("0042", "Núñez"),)
