"""Marks of written answers through a spreadsheet: out, filled in by people, and into the ledger."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from in_term import ANSWER, ONE, QUESTION, refused, result, term

from autograder.errors import UserError
from autograder.publish.export import marks
from autograder.term.folder import Term
from autograder.term.ledger import Mark
from autograder.term.points import Standing, standings
from autograder.term.roster import Person

PEOPLE = (Person("0042", "Ana Núñez"), Person("bo", "Bo Lee"), Person("cy", "Cy"))
RESULTS = [
    result("0042", text="=1+1"),
    result("bo", text="text of bo"),
    result("cy", text="YOUR ANSWER HERE"),
    refused("zoe"),
]


@pytest.fixture
def there(tmp_path: Path) -> Term:
    return term(tmp_path, "", PEOPLE)


def now(there: Term, results: list[object] | None = None) -> list[Standing]:
    return standings(results or RESULTS, there)  # type: ignore[arg-type]


def filled(there: Term, points: dict[str, tuple[str, str]], *, everything: bool = False, name: str = "m.csv") -> Path:
    """The exported file with points and comments filled in."""
    assert there.folder is not None
    rows = list(csv.DictReader(marks.table(now(there), everything=everything).splitlines()))
    for row in rows:
        row["points"], row["comment"] = points.get(row["student"], (row["points"], row["comment"]))
    path = there.folder / name
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(there: Term, *paths: Path, replace: bool = False) -> marks.Import:
    return marks.read(paths, now(there), there, "ann", replace=replace)


def test_what_waits_is_exported_with_question_and_answer(there: Term) -> None:
    rows = list(csv.DictReader(marks.table(now(there)).splitlines()))
    assert [row["student"] for row in rows] == ["0042", "bo"], "a blank answer waits for nobody"
    assert rows[0]["answer"] == "'=1+1" and rows[0]["name"] == "Ana Núñez" and rows[0]["of"] == "10"
    assert "Correlation or convolution?" in rows[0]["asked"]
    assert len(list(csv.DictReader(marks.table(now(there), everything=True).splitlines()))) == 3


def test_the_round_trip(there: Term) -> None:
    found = read(there, filled(there, {"0042": ("7,5", "'=good"), "bo": ("3", "see the notes")}))
    assert [(m.student, m.points, m.comment, m.grader) for m in found.marks] == [
        ("0042", 7.5, "=good", "ann"),
        ("bo", 3, "see the notes", "ann"),
    ]
    there.ledger.append(*found.marks)
    assert {one.student: one.raw for one in now(there) if one.student in ("0042", "bo")} == {"0042": 97.5, "bo": 93}
    again = read(there, filled(there, {}, everything=True))
    assert (again.marks, again.same, again.conflicts) == ([], 2, [])


def test_two_files_both_count(there: Term) -> None:
    one = filled(there, {"0042": ("7", "")}, name="one.csv")
    two = filled(there, {"bo": ("3", "")}, name="two.csv")
    assert [m.student for m in read(there, one, two).marks] == ["0042", "bo"]


def test_two_files_that_differ_are_refused_as_a_whole(there: Term) -> None:
    one, two = (filled(there, {"bo": (points, "")}, name=f"{points}.csv") for points in ("3", "4"))
    with pytest.raises(UserError, match=r"4\.csv, line \d+: .* has 4 here and 3 in .*3\.csv, line"):
        read(there, one, two)


def test_marks_that_somebody_gave_meanwhile_are_not_overwritten(there: Term) -> None:
    path = filled(there, {"bo": ("3", "")})
    there.ledger.append(Mark(student="bo", week=ONE.id, question=QUESTION, points=8, grader="cy"))
    found = read(there, path)
    assert not found.marks and "has 8 points by cy already, not 3" in found.conflicts[0]
    assert [m.points for m in read(there, path, replace=True).marks] == [3]


def test_a_mark_may_be_changed_in_an_export_that_shows_it(there: Term) -> None:
    there.ledger.append(*read(there, filled(there, {"bo": ("3", "")})).marks)
    found = read(there, filled(there, {"bo": ("5", "better")}, everything=True))
    assert [(m.points, m.comment) for m in found.marks] == [(5, "better")] and not found.conflicts


def test_an_answer_that_changed_is_not_marked_by_an_old_file(there: Term) -> None:
    path = filled(there, {"bo": ("3", "")})
    newer = [RESULTS[0], result("bo", text="a later text")]
    found = marks.read([path], now(there, newer), there, "ann")  # type: ignore[arg-type]
    assert not found.marks and "changed the answer since" in found.conflicts[0]


def test_a_changed_answer_is_exported_with_its_earlier_mark(there: Term) -> None:
    there.ledger.append(*read(there, filled(there, {"bo": ("3", "short")})).marks)
    rows = list(csv.DictReader(marks.table(now(there, [result("bo", text="a later text")])).splitlines()))
    assert "changed after it was marked: it had 3 (short)" in rows[0]["note"] and rows[0]["points"] == ""


def test_a_spreadsheet_that_dropped_zeros(there: Term) -> None:
    path = there.folder / "x.csv"  # type: ignore[operator]
    path.write_text(f"student;week;question;points\n42;{ONE.id};{QUESTION};2,5\n")
    found = read(there, path)
    assert [(m.student, m.points) for m in found.marks] == [("0042", 2.5)]
    assert "42 is read as 0042" in found.said[0]


def test_a_comment_without_points_is_said(there: Term) -> None:
    assert "a comment without points is left out" in read(there, filled(there, {"bo": ("", "hm")})).said[0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"eve,{ONE.id},{QUESTION},1", "'eve' has no graded submission"),
        (f"bo,{ONE.id},conv2d,1", "no written question 'conv2d'"),
        (f"bo,{ONE.id},{QUESTION},99", "a number from 0 to"),
        (f"bo,{ONE.id},{QUESTION},nan", "a number from 0 to"),
        (f"bo,{ONE.id},{QUESTION},many", "a number from 0 to"),
        (f"bo,{ONE.id},{QUESTION},1_0", "a number from 0 to"),
        (f"bo,{ONE.id}", "ends before its points"),
        (f"bo,{ONE.id},{QUESTION},1\nbo,{ONE.id},{QUESTION},2", "has 2 here and 1 in"),
    ],
)
def test_a_wrong_line_is_named(there: Term, line: str, said: str) -> None:
    path = there.folder / "x.csv"  # type: ignore[operator]
    path.write_text(f"student,week,question,points\n{line}\n")
    with pytest.raises(UserError, match=said) as caught:
        read(there, path)
    assert f"{path}, line " in str(caught.value)


def test_a_column_that_is_there_twice_is_named(there: Term) -> None:
    path = there.folder / "x.csv"  # type: ignore[operator]
    path.write_text(f"student,week,question,points,points\nbo,{ONE.id},{QUESTION},1,2\n")
    with pytest.raises(UserError, match="each once"):
        read(there, path)


def test_the_version_names_an_answer() -> None:
    assert marks.version(ANSWER) == marks.version(f"{ANSWER}\r\n") != marks.version("other")


def test_a_file_that_is_not_there_is_named_in_plain_words(there: Term, tmp_path: Path) -> None:
    with pytest.raises(UserError) as problem:
        read(there, tmp_path / "nope.csv")
    assert str(problem.value) == f"{tmp_path / 'nope.csv'} cannot be read: No such file or directory"


def test_one_long_answer_does_not_keep_the_others_from_their_marks(there: Term) -> None:
    """`csv` reads no cell of more than 131,072 characters: a longer answer made the file unreadable for the whole class."""
    found = now(there, [result("ada", text="why? " * 60_000), result("bo")])
    path = there.ledger.folder / "long.csv"
    path.write_text(
        marks.table(found).replace(f"{ONE.id},{QUESTION},10,", f"{ONE.id},{QUESTION},10,7"), encoding="utf-8-sig"
    )
    taken = marks.read([path], found, there, "me")
    assert sorted((mark.student, mark.points) for mark in taken.marks) == [("ada", 7.0), ("bo", 7.0)]
