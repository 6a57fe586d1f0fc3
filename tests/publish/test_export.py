"""Grades handed on: the same numbers in every form, and no name that a spreadsheet computes."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder import weeks
from autograder.cli import cli
from autograder.errors import UserError
from autograder.publish.export import hand, tables
from autograder.results import CheckResult, Result
from autograder.results.records import Writer

ONE, TWO = weeks.load(1), weeks.load(2)


def result(student: str, week: weeks.Week, passed: int, **more: object) -> Result:
    """The first `passed` checks of `week` pass."""
    checks = tuple(
        CheckResult(c.id, "pass" if n < passed else "fail", c.points if n < passed else 0, c.points)
        for n, c in enumerate(week.checks)
    )
    score, most = (sum(getattr(c, name) for c in checks) for name in ("points", "max_points"))
    by_hand = {cell.id: cell.points for cell in week.written}
    verdict = "pass" if passed >= len(checks) else "fail"
    return Result(student, week.id, verdict, score, most, checks, by_hand=by_hand, **more)  # type: ignore[arg-type]


RESULTS = [
    result("ada", ONE, 99),
    result("ada", TWO, 3),
    result("=cmd|'/c calc'!A1", ONE, 5),
    Result("zoe", ONE.id, "invalid", 0, 90, (), ("the file ends too early",), {c.id: c.points for c in ONE.written}),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Writer(tmp_path / "grades") as writer:
        for one in RESULTS:
            writer.append(f"{one.student}{one.week}", one)
    return tmp_path


def export(folder: Path, form: str, *more: str) -> Path:
    to = folder / "out" / form
    done = CliRunner().invoke(
        cli,
        ["export", "--format", form, "--records", str(folder / "grades"), "--to", str(to), *more],
        catch_exceptions=False,
    )
    assert done.exit_code == 0, done.output
    return to


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


@pytest.mark.parametrize("form", ["csv", "moodle", "canvas", "by-hand"])
def test_no_cell_is_a_formula(folder: Path, form: str) -> None:
    cells = [cell for row in rows(export(folder, form)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(tables.FORMULA)]
    assert any(cell.startswith("'=cmd") for cell in cells)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n=1", "|x", "%0A"])
def test_safe(text: str) -> None:
    assert tables.safe(text).startswith("'")
    assert tables.safe("Zoë O'Neil-Smith") == "Zoë O'Neil-Smith"


def test_numbers_by_week(folder: Path) -> None:
    header, *lines = rows(export(folder, "moodle"))
    assert header == ["username", f"Week 1: {ONE.plan.title}", f"Week 2: {TWO.plan.title}"]
    found = {line[0]: line[1:] for line in lines}
    assert found["ada"] == ["90", f"{RESULTS[1].score:g}"]
    assert found["zoe"] == ["0", ""], "what was not handed in stays empty: 0 is a grade"
    header, possible, *lines = rows(export(folder, "canvas"))
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert possible[5:] == [f"{ONE.plan.points}", f"{TWO.plan.points}"]


def test_points_by_hand_are_added_everywhere(folder: Path) -> None:
    template = export(folder, "by-hand")
    question = ONE.written[0]
    lines = rows(template)
    assert len(lines) == 1 + sum(len(one.by_hand) for one in RESULTS)
    filled = folder / "points.csv"
    with filled.open("w", newline="") as stream:
        csv.writer(stream).writerows(
            [lines[0], *([*r[:4], "2.5", *r[5:]] if (r[0], r[2]) == ("ada", question.id) else r for r in lines[1:])]
        )
    plain = rows(export(folder, "csv", "--by-hand", str(filled)))
    ada = next(row for row in plain if row[:2] == ["ada", ONE.id])
    assert ada[3:6] == ["90", "2.5", "92.5"]
    assert rows(export(folder, "moodle", "--by-hand", str(filled)))[2][:2] == ["ada", "92.5"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"bob,{ONE.id},{ONE.written[0].id},1", "'bob' has no graded submission"),
        (f"ada,{ONE.id},conv2d,1", "no written question 'conv2d'"),
        (f"ada,{ONE.id},{ONE.written[0].id},99", "a number from 0 to"),
        (f"ada,{ONE.id},{ONE.written[0].id},nan", "a number from 0 to"),
        (f"ada,{ONE.id},{ONE.written[0].id},many", "a number from 0 to"),
        (f"ada,{ONE.id},{ONE.written[0].id},1_0", "a number from 0 to"),
        (f"ada,{ONE.id}", "ends before its points"),
        (f"ada,{ONE.id},{ONE.written[0].id},1\nada,{ONE.id},{ONE.written[0].id},2", "points already"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "points.csv"
    path.write_text(f"student,week,question,points\n{line}\n")
    with pytest.raises(UserError, match=said) as caught:
        hand.read(path, RESULTS)
    assert f"{path}, line " in str(caught.value)


def test_points_from_a_spreadsheet_of_another_country(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(f"student;week;question;points\nada;{ONE.id};{ONE.written[0].id};2,5\n")
    assert hand.read(path, RESULTS) == {("ada", ONE.id): {ONE.written[0].id: 2.5}}


def test_a_column_that_is_there_twice_is_named(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(f"student,week,question,points,points\nada,{ONE.id},{ONE.written[0].id},1,2\n")
    with pytest.raises(UserError, match="each once"):
        hand.read(path, RESULTS)


def test_the_gradebook_has_the_same_scores_and_keeps_what_a_person_entered(folder: Path) -> None:
    path = export(folder, "nbgrader")
    url = f"sqlite:///{path}"
    question = ONE.written[0].id
    with Gradebook(url) as book:
        scores = {(s.student.id, s.assignment.name): s.score for s in book.assignment_submissions(ONE.id)}
        assert scores == {(r.student, r.week): r.score for r in RESULTS if r.week == ONE.id}
        assert book.find_assignment(ONE.id).max_score == ONE.plan.points
        assert book.find_submission(ONE.id, "zoe").needs_manual_grade, "a file that could not be read"
        grade = book.find_grade(question, ONE.id, ONE.id, "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        book.db.commit()
    export(folder, "nbgrader")
    with Gradebook(url) as book:
        assert book.find_submission(ONE.id, "ada").score == 91.5
        assert len(book.find_submission(ONE.id, "ada").notebooks[0].grades) == len(ONE.checks) + len(ONE.written)


def test_a_submission_to_no_week_does_not_stop_the_gradebook(tmp_path: Path) -> None:
    grades, path = tmp_path / "grades", tmp_path / "gradebook.db"
    with Writer(grades) as writer:
        for one in (*RESULTS, Result("eve", "notes", "invalid", 0, 0, ())):
            writer.append(f"{one.student}{one.week}", one)
    done = CliRunner().invoke(cli, ["export", "--format", "nbgrader", "--records", str(grades), "--to", str(path)])
    assert done.exit_code == 0, done.output
    assert "left out: eve's notes, which is not a week of the course" in done.stderr
    with Gradebook(f"sqlite:///{path}") as book:
        assert len(book.assignment_submissions(ONE.id)) == sum(r.week == ONE.id for r in RESULTS)


def test_a_file_that_is_no_gradebook_is_one_sentence(folder: Path) -> None:
    path = folder / "other.db"
    path.write_text("no database at all, but long enough to be taken for one" * 100)
    done = CliRunner().invoke(
        cli, ["export", "--format", "nbgrader", "--records", str(folder / "grades"), "--to", str(path)]
    )
    assert isinstance(done.exception, UserError) and "other.db" in str(done.exception)
    assert path.read_text().startswith("no database")


@pytest.mark.skipif(
    not Path("/proc/1").is_dir() or os.access("/proc/1", os.W_OK),
    reason="there is no folder here that nobody may write",
)
def test_a_gradebook_where_nothing_may_be_written_is_one_sentence(folder: Path) -> None:
    done = CliRunner().invoke(
        cli, ["export", "--format", "nbgrader", "--records", str(folder / "grades"), "--to", "/proc/1/gradebook.db"]
    )
    assert isinstance(done.exception, UserError) and "may not be written" in str(done.exception)


def test_without_records(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["export", "--records", str(tmp_path / "none")])
    assert isinstance(done.exception, UserError) and "autograder grade" in str(done.exception)
