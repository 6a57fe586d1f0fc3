"""nbgrader's gradebook: the same points in it, its formgrader finds the written answers, and what is entered there comes back."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from in_term import ANSWER, ONE, QUESTION, TWO, refused, result, term
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from traitlets.config import Config

from autograder.cli import cli
from autograder.errors import UserError
from autograder.publish.export import gradebook, gradebook_marks
from autograder.results import Result
from autograder.results.records import Writer
from autograder.term.folder import Term
from autograder.term.ledger import DueDate, Mark, Override, answer_hash
from autograder.term.points import standings
from autograder.term.roster import Person

RESULTS = [
    result("ada", ONE, handed_in="2027-01-18T12:00:00+00:00"),
    result("ada", TWO, 3),
    result("bo", ONE, 5, text="text of bo"),
    result("cy", ONE, text=""),
    refused("zoe"),
]
PEOPLE = (Person("ada", "Ada Byron", "Byron, Ada", email="ada@example.org"), Person("bo"), Person("cy"), Person("zoe"))
LATE = "[late]\npercent_per_day = 10\n"
CHECK = ONE.checks[0].id


@pytest.fixture
def there(tmp_path: Path) -> Term:
    return term(tmp_path / "term", LATE, PEOPLE)


def write(there: Term, root: Path, results: list[Result] = RESULTS) -> gradebook.Done:
    fresh = Term.read(there.ledger.folder)
    return gradebook.write(root / "gradebook.db", standings(results, fresh), fresh, root)


def take(there: Term, root: Path, results: list[Result] = RESULTS, *, replace: bool = False) -> gradebook_marks.Taken:
    return gradebook_marks.read(root / "gradebook.db", standings(results, there), there, replace=replace)


def scores(root: Path) -> dict[tuple[str, str], float]:
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        every = [s for a in book.assignments for s in a.submissions]
        # As nbgrader's own export has it: it shows points and the penalty apart, too.
        return {(s.student.id, s.assignment.name): max(0.0, s.score - s.late_submission_penalty) for s in every}


def enter(
    root: Path, cell: str, student: str, points: float | None, comment: str | None = None, extra: float | None = None
) -> None:
    """What the formgrader does when a person types points, extra credit and a comment."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        grade = book.find_grade(cell, ONE.id, ONE.id, student)
        grade.manual_score, grade.needs_manual_grade, grade.extra_credit = points, False, extra
        if comment is not None:
            book.find_comment(cell, ONE.id, ONE.id, student).manual_comment = comment
        book.db.commit()


def test_the_gradebook_has_the_points_of_the_ledger(there: Term, tmp_path: Path) -> None:
    there.ledger.append(
        Mark(student="ada", week=ONE.id, question=QUESTION, points=7.5, comment="good", answer=answer_hash(ANSWER)),
        Override(student="bo", week=ONE.id, check=ONE.checks[-1].id, points=0, reason="copied"),
        Override(student="zoe", week=ONE.id, check=None, points=40, reason="shown in class"),
    )
    assert write(there, tmp_path).submissions == len(RESULTS)
    expected = {(s.student, s.week): s.final for s in standings(RESULTS, there) if s.result}
    assert scores(tmp_path) == expected and expected["ada", ONE.id] == 97.5 - 9.75 and expected["zoe", ONE.id] == 40
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as book:
        assert book.find_assignment(ONE.id).max_score == ONE.plan.points
        ada = book.find_submission(ONE.id, "ada")
        assert ada.late_submission_penalty == 9.75 and ada.timestamp == datetime(2027, 1, 18, 12)
        assert (ada.student.first_name, ada.student.last_name) == ("Ada", "Byron")
        assert not ada.needs_manual_grade
        assert book.find_comment(QUESTION, ONE.id, ONE.id, "ada").manual_comment == "good"
        assert book.find_submission(ONE.id, "bo").needs_manual_grade
        assert not book.find_submission(ONE.id, "cy").needs_manual_grade, "a blank answer waits for nobody"


def test_due_dates_and_extensions(there: Term, tmp_path: Path) -> None:
    there.ledger.append(
        DueDate(student="", week=ONE.id, until="2027-01-20T12:00:00+01:00"),
        DueDate(student="ada", week=ONE.id, until="2027-01-22T12:00:00+01:00"),
    )
    write(there, tmp_path)
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as book:
        assert book.find_assignment(ONE.id).duedate == datetime(2027, 1, 20, 11)
        assert book.find_submission(ONE.id, "ada").extension == timedelta(days=2)


def test_manual_grading_lists_the_written_answers(there: Term, tmp_path: Path) -> None:
    write(there, tmp_path)
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    config.CourseDirectory.db_url = f"sqlite:///{tmp_path}/gradebook.db"
    api = NbGraderAPI(config=config)
    listed = api.get_notebook_submissions(ONE.id, ONE.id)
    assert {one["student"] for one in listed} == {"ada", "bo", "cy", "zoe"}
    assert {one["student"] for one in listed if one["needs_manual_grade"]} == {"ada", "bo", "zoe"}
    notebook = tmp_path / "autograded" / "bo" / ONE.id / f"{ONE.id}.ipynb"
    assert "text of bo" in notebook.read_text()
    assert (tmp_path / "autograded" / "ada" / ONE.id / "timestamp.txt").read_text() == "2027-01-18 12:00:00 UTC\n"


def test_a_submission_that_nbgrader_collected_counts_as_graded(there: Term, tmp_path: Path) -> None:
    folder = tmp_path / "submitted" / "ada" / ONE.id
    folder.mkdir(parents=True)
    (folder / f"{ONE.id}.ipynb").write_text("{}")
    (folder / "timestamp.txt").write_text("2027-01-18 13:00:00 CET")
    write(there, tmp_path)
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    assert "ada" in NbGraderAPI(config=config).get_autograded_students(ONE.id)


def test_what_is_entered_in_the_formgrader_comes_back(there: Term, tmp_path: Path) -> None:
    write(there, tmp_path)
    enter(tmp_path, QUESTION, "ada", 6, "see lecture 2")
    enter(tmp_path, CHECK, "bo", 0)
    assert write(there, tmp_path).kept == 2, "an export leaves it alone"
    found = take(there, tmp_path)
    mark, override = sorted(found.entries, key=lambda entry: not isinstance(entry, Mark))
    assert isinstance(mark, Mark) and (mark.student, mark.points, mark.comment) == ("ada", 6, "see lecture 2")
    assert isinstance(override, Override) and (override.check, override.points) == (CHECK, 0)
    there.ledger.append(*found.entries)
    assert write(there, tmp_path).kept == 0
    assert not take(there, tmp_path).entries
    assert scores(tmp_path) == {(s.student, s.week): s.final for s in standings(RESULTS, there) if s.result}


def test_a_mark_of_the_ledger_that_is_newer_than_the_gradebook_stays(there: Term, tmp_path: Path) -> None:
    write(there, tmp_path)
    there.ledger.append(Mark(student="ada", week=ONE.id, question=QUESTION, points=8, answer=answer_hash(ANSWER)))
    assert not take(there, tmp_path).entries, "nobody entered anything"
    enter(tmp_path, QUESTION, "ada", 5)
    found = take(there, tmp_path)
    assert not found.entries and "the ledger has 8 points since" in found.conflicts[0]
    assert [e.points for e in take(there, tmp_path, replace=True).entries if isinstance(e, Mark)] == [5]
    write(there, tmp_path)
    enter(tmp_path, QUESTION, "ada", 9)
    assert len(take(there, tmp_path, replace=True).entries) == 1


def test_a_mark_for_an_answer_that_changed_is_not_taken(there: Term, tmp_path: Path) -> None:
    write(there, tmp_path)
    enter(tmp_path, QUESTION, "ada", 5)
    newer = [result("ada", ONE, text="a later text"), *RESULTS[1:]]
    found = take(there, tmp_path, newer)
    assert not found.entries and "the answer has changed" in found.conflicts[0]


def test_a_withdrawn_mark_leaves_the_gradebook(there: Term, tmp_path: Path) -> None:
    mark = {"student": "ada", "week": ONE.id, "question": QUESTION, "answer": answer_hash(ANSWER)}
    there.ledger.append(Mark(points=8, **mark))  # type: ignore[arg-type]
    write(there, tmp_path)
    there.ledger.append(Mark(points=None, **mark))  # type: ignore[arg-type]
    write(there, tmp_path)
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as book:
        assert book.find_grade(QUESTION, ONE.id, ONE.id, "ada").manual_score is None
        assert book.find_submission(ONE.id, "ada").needs_manual_grade


def test_extra_credit_counts_up_to_the_question_s_points(there: Term, tmp_path: Path) -> None:
    write(there, tmp_path)
    enter(tmp_path, QUESTION, "ada", 9, extra=3)
    found = take(there, tmp_path)
    assert [e.points for e in found.entries if isinstance(e, Mark)] == [
        10
    ] and "12 points; 10 of them count" in found.said[0]


def run(folder: Path, *more: str) -> object:
    return CliRunner().invoke(cli, ["export", "--format", "nbgrader", "--records", str(folder / "grades"), *more])


@pytest.fixture
def graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("AUTOGRADER_TERM", raising=False)
    monkeypatch.delenv("AUTOGRADER_GRADEBOOK", raising=False)
    with Writer(tmp_path / "grades") as writer:
        for one in (*RESULTS, Result("eve", "notes", "invalid", 0, 0, ())):
            writer.append(f"{one.student}{one.week}", one)
    return tmp_path


def test_a_submission_to_no_week_does_not_stop_the_gradebook(graded: Path) -> None:
    done = run(graded, "--to", str(graded / "course"))
    assert done.exit_code == 0, done.output  # type: ignore[attr-defined]
    assert "left out: eve's notes, which is not a week of the course" in done.stderr  # type: ignore[attr-defined]
    assert len(scores(graded / "course")) == len(RESULTS)


def test_points_without_a_submission_are_named(graded: Path) -> None:
    there = term(graded / "term", "", PEOPLE)
    there.ledger.append(Override(student="cy", week=TWO.id, check=None, points=5, reason="shown in class"))
    done = run(graded, "--to", str(graded / "course"), "--term", str(there.folder))
    assert f"left out: cy's {TWO.id}, which has points and no submission" in done.stderr  # type: ignore[attr-defined]


def test_a_file_that_is_no_gradebook_is_one_sentence(graded: Path) -> None:
    path = graded / "other.db"
    path.write_text("no database at all, but long enough to be taken for one" * 100)
    done = run(graded, "--to", str(path))
    assert isinstance(done.exception, UserError) and "other.db" in str(done.exception)  # type: ignore[attr-defined]
    assert path.read_text().startswith("no database")


@pytest.mark.parametrize(
    ("url", "said"),
    [("postgresql+nodriver://u:secret@h/d", "nodriver"), ("sqlite:////proc/1/x.db", "cannot be used|may not")],
)
def test_a_database_that_cannot_be_reached_is_one_sentence(graded: Path, url: str, said: str) -> None:
    done = run(graded, "--db", url, "--to", str(graded / "course"))
    assert isinstance(done.exception, UserError), done.output  # type: ignore[attr-defined]
    assert "secret" not in str(done.exception) and "\n" not in str(done.exception)  # type: ignore[attr-defined]


@pytest.mark.skipif(
    not Path("/proc/1").is_dir() or os.access("/proc/1", os.W_OK),
    reason="there is no folder here that nobody may write",
)
def test_a_gradebook_where_nothing_may_be_written_is_one_sentence(graded: Path) -> None:
    done = run(graded, "--to", "/proc/1/gradebook.db")
    assert isinstance(done.exception, UserError) and "may not be written" in str(done.exception)  # type: ignore[attr-defined]


@pytest.mark.parametrize("student", ["..", ".", "a/../../b"])
def test_a_name_that_leads_elsewhere_writes_nothing_there(there: Term, tmp_path: Path, student: str) -> None:
    """A platform's display name becomes a folder's: the notebook of ".." lay beside `autograded`, in the course's own folder."""
    assert write(there, tmp_path / "root", [result(student)]).submissions == 1
    assert not list((tmp_path / "root").rglob("*.ipynb")) and not list(tmp_path.glob("*.ipynb"))
