"""Feedback that is handed out: it stands alone, shows what people gave, and lies where each system looks for it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from in_term import refused
from in_term import term as made
from written import ANSWERS, QUESTION, WEEK, hand_in, result

from autograder.cli import cli
from autograder.errors import UserError
from autograder.publish import feedback, report
from autograder.publish.feedback import layouts
from autograder.results import Result
from autograder.term import roster
from autograder.term.folder import Term
from autograder.term.ledger import Mark, Override, RubricItem, answer_hash
from autograder.term.roster import Person

TWO = "week02_receptive_field"


def downloaded(student: str, number: str, week: str = WEEK) -> Result:
    return result(student, "text", week, lms={"moodle": number} if number else {})


@pytest.fixture
def term(tmp_path: Path) -> Term:
    return Term.none(tmp_path / "grades")


def mark(term: Term, student: str, points: float, text: str = "", **more: object) -> None:
    term.ledger.append(
        Mark(
            student=student,
            week=WEEK,
            question=QUESTION,
            points=points,
            answer=answer_hash(text or ANSWERS[student]),
            **more,
        )  # type: ignore[arg-type]
    )


def page(term: Term, results: list[Result], student: str, to: Path) -> str:
    feedback.write(results, "pages", to, term)
    return (to / f"{student}.html").read_text(encoding="utf-8")


def test_it_stands_alone(term: Term, tmp_path: Path) -> None:
    hostile = [result(name, text, sandbox="none", seconds=99.5) for name, text in ANSWERS.items()]
    delivery = feedback.write(hostile, "pages", tmp_path / "out", term)
    assert [path.name for path in delivery.files] == [f"{name}.html" for name in sorted(ANSWERS)]
    for path in delivery.files:
        html = path.read_text(encoding="utf-8")
        assert set(re.findall(r'href="([^"]*)"', html)) <= {"#main", *re.findall(r'href="(#i-\w+)"', html)}
        assert "Class report" not in html and "sandbox" not in html and "99.5" not in html
        others = [name for name in ANSWERS if name != path.stem and re.search(rf"\b{name}\b", html)]
        assert not others
    assert delivery.waiting == 4 and not delivery.left_out


def test_what_people_gave_is_shown(term: Term, tmp_path: Path) -> None:
    for id, text, points in (("a", "Both <b>axes</b>", 3), ("b", "A transpose", -1), ("c", "gone", 5)):
        term.ledger.append(RubricItem(week=WEEK, question=QUESTION, id=id, text=text, points=points))
    term.ledger.append(RubricItem(week=WEEK, question=QUESTION, id="c", text="gone", points=5, removed=True))
    mark(term, "ada", 0.5, rubric=("a", "b", "c"), comment="Well said.\nRead (2) <again>.")
    ada = result("ada", ANSWERS["ada"], passed=5)
    html = page(term, [ada], "ada", tmp_path / "out")
    for words in (
        '<span class="tag">2.5 of 10</span>',
        '<b class="worth">+3</b> <bdi>Both &lt;b&gt;axes&lt;/b&gt;</bdi>',
        '<b class="worth">−1</b> <bdi>A transpose</bdi>',
        '<b class="worth">+0.5</b> beside these',
        "Well said.\nRead (2) &lt;again&gt;.",
        "It <strong>turns</strong> the kernel",
        f"{ada.score + 2.5:g} of 100 points",
    ):
        assert words in html, words
    assert "gone" not in html and "still come" not in html


def test_what_waits_is_said(term: Term, tmp_path: Path) -> None:
    html = page(term, [result("ada", ANSWERS["ada"])], "ada", tmp_path / "out")
    assert "90 of 100 points; 10 may still come from written answers" in html and "not marked yet, 10 points" in html
    mark(term, "ada", 3, "another text")
    assert "the answer changed after it was marked" in page(
        term, [result("ada", ANSWERS["ada"])], "ada", tmp_path / "out"
    )


def test_points_that_people_set(term: Term, tmp_path: Path) -> None:
    one = result("bo", ANSWERS["bo"], passed=0)
    first = one.checks[0]
    term.ledger.append(Override(student="bo", week=WEEK, check=first.id, points=first.max_points, reason="SECRET"))
    html = page(term, [one], "bo", tmp_path / "out")
    assert f"Checks {first.max_points:g} of 90" in html and ">by hand<" in html and "SECRET" not in html
    term.ledger.append(Override(student="bo", week=WEEK, check=None, points=42, reason="SECRET"))
    html = page(term, [one], "bo", tmp_path / "out")
    assert "42 of 100 points" in html and "Set by a person for the whole week" in html
    term.ledger.append(Override(student="zoe", week=WEEK, check=None, points=40, reason="SECRET"))
    html = page(term, [refused("zoe")], "zoe", tmp_path / "out")
    assert "could not be graded" in html and html.count("Set by a person for the whole week") == 2


def test_late_work(tmp_path: Path) -> None:
    late_term = made(tmp_path / "term", "[late]\npercent_per_day = 10\n[due]\n1 = 2026-10-01T23:59:00Z\n")
    late = result("ada", ANSWERS["ada"], handed_in="2026-10-03T12:00:00+00:00", handed_in_by="lms")
    html = page(late_term, [late], "ada", tmp_path / "out")
    assert "72 of 100 points" in html and "2 days late: −18" in html


def test_names_of_the_roster(tmp_path: Path) -> None:
    with_names = made(tmp_path / "term", 'name = "Autumn"\n', (Person("ada", "Ada Lovelace"), Person("bo", "Bo Li")))
    html = page(with_names, [result("ada", "x"), result("ada", "x", TWO)], "ada", tmp_path / "out")
    assert "<h1><bdi>Ada Lovelace</bdi></h1>" in html and "<bdi>Autumn</bdi>" in html
    assert not (tmp_path / "out" / "bo.html").exists()  # who handed in nothing has nothing to read


def test_a_week_that_was_not_handed_in_is_on_the_page(tmp_path: Path) -> None:
    with_names = made(tmp_path / "term", "", (Person("ada"), Person("bo")))
    html = page(with_names, [result("ada", "x"), result("bo", "x", TWO)], "ada", tmp_path / "out")
    assert '<span class="of">not handed in</span>' in html


def test_pages_of_an_earlier_run_are_not_handed_out(term: Term, tmp_path: Path) -> None:
    to = tmp_path / "out"
    feedback.write([result("ada", "x"), result("bo", "x")], "pages", to, term)
    (to / "notes.html").write_text("<p>an instructor's own")
    feedback.write([result("ada", "x"), result("bo", "x")], "pages", to, term, students=["ada"])
    assert (to / "bo.html").exists()  # only a part was asked for
    feedback.write([result("ada", "x")], "pages", to, term)
    assert sorted(path.name for path in to.iterdir()) == ["ada.html", "notes.html"]


def test_a_part_of_it(term: Term, tmp_path: Path) -> None:
    given = [result("ada", "x"), result("ada", "x", TWO), result("bo", "x")]
    delivery = feedback.write(given, "pages", tmp_path / "out", term, weeks=[TWO])
    assert [path.name for path in delivery.files] == ["ada.html"]
    html = delivery.files[0].read_text(encoding="utf-8")
    assert "Week 2" in html and "Week 1" not in html
    with pytest.raises(UserError, match="nobody of that name"):
        feedback.write(given, "pages", tmp_path / "out", term, students=["zoe"])


def test_a_zip_for_each_student(term: Term, tmp_path: Path) -> None:
    given = [result("ada", "x"), result("ada", "x", TWO), result("../bo", "x")]
    delivery = feedback.write(given, "zips", tmp_path / "out", term)
    assert all(path.parent == tmp_path / "out" for path in delivery.files)
    with zipfile.ZipFile(tmp_path / "out" / "ada.zip") as archive:
        assert archive.namelist() == [f"{WEEK}.html", f"{TWO}.html"]
        assert "Week 2" not in archive.read(f"{WEEK}.html").decode()
    before = [path.read_bytes() for path in delivery.files]
    again = feedback.write(given, "zips", tmp_path / "again", term)
    assert [path.read_bytes() for path in again.files] == before


def moodle_reads(name: str, participants: set[int]) -> tuple[int, str] | None:
    """The participant and the file's name that Moodle's importer takes from a path in the zip (importziplib.php)."""
    parts = name.split("/")
    if parts[-1].startswith((".", "~")):
        return None
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) < 4 or not re.fullmatch(r"\d+", info[1]) or int(info[1]) not in participants:
            continue
        if (info[2], info[3]) != ("assignsubmission", "file"):  # plugins that every Moodle has
            continue
        return int(info[1]), "/".join([info[4] if len(info) == 5 else "", *parts]).strip("/")
    return None


def test_moodle_finds_every_student(tmp_path: Path) -> None:
    people = (
        Person("a_b", "Ada_Byron 7_8 Lovelace"),
        Person("u2", "../Bo: <Li>"),
        Person("u3", "___"),
        Person("ü", "Zoë"),
    )
    roster.write(tmp_path / "term" / roster.FILE, people)
    (tmp_path / "term" / "term.toml").write_text("")
    term = Term.read(tmp_path / "term")
    given = [downloaded(person.id, str(100 + n)) for n, person in enumerate(people)]
    given += [
        downloaded("a_b", "77", TWO),
        downloaded("u2", "", TWO),
        downloaded("u3", "77", TWO),
        downloaded("ü", "9", TWO),
    ]
    delivery = feedback.write(given, "moodle", tmp_path / "out", term)
    assert [path.name for path in delivery.files] == [f"{WEEK}.zip", f"{TWO}.zip"]
    with zipfile.ZipFile(delivery.files[0]) as archive:
        read = [moodle_reads(name, {100, 101, 102, 103}) for name in archive.namelist()]
        assert sorted(read) == [(100 + n, f"feedback-{WEEK}.html") for n in range(4)]  # type: ignore[type-var]
        [hers] = [name for name in archive.namelist() if "_100_" in name]
        assert b"Ada_Byron" in archive.read(hers)
    # Of two under one number neither gets a page, which might be the other's.
    assert {(one.student, one.week) for one in delivery.left_out} == {("a_b", TWO), ("u2", TWO), ("u3", TWO)}


def test_moodle_without_its_numbers(term: Term, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="download of Moodle's"):
        feedback.write([result("ada", "x")], "moodle", tmp_path / "out", term)


def collected(submitted: Path, student: str, week: str = WEEK) -> None:
    folder = submitted / student / week
    folder.mkdir(parents=True)
    for name in layouts.NEEDED:
        (folder / name).write_text(f"{name} of {student}")


def test_nbgrader_s_folder(term: Term, tmp_path: Path) -> None:
    given = [result("ada", "x"), result("bo", "x"), result("../x", "x")]
    to, submitted = tmp_path / "feedback", tmp_path / "submitted"
    delivery = feedback.write(given, "nbgrader", to, term, submitted=submitted)
    assert [path.relative_to(to) for path in delivery.files] == [Path(s, WEEK, f"{WEEK}.html") for s in ("ada", "bo")]
    assert [one.student for one in delivery.left_out] == ["../x"] and not (tmp_path / "x").exists()
    # As soon as one was collected by nbgrader, a page that it cannot release would stop it.
    collected(submitted, "ada")
    delivery = feedback.write(given, "nbgrader", tmp_path / "again", term, submitted=submitted)
    assert [path.parent.parent.name for path in delivery.files] == ["ada"]
    assert [one.student for one in delivery.left_out] == ["../x", "bo"]
    assert (tmp_path / "again" / "ada" / WEEK / "submission_secret.txt").read_text() == "submission_secret.txt of ada"


def test_nbgrader_releases_it(term: Term, tmp_path: Path) -> None:
    from nbgrader.auth import Authenticator
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange.default import ExchangeReleaseFeedback
    from nbgrader.utils import notebook_hash
    from traitlets.config import Config

    collected(tmp_path / "submitted", "ada")
    feedback.write([result("ada", "x")], "nbgrader", tmp_path / "feedback", term, submitted=tmp_path / "submitted")
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    config.CourseDirectory.course_id = "course"
    config.Exchange.root = str(tmp_path / "exchange")
    config.Exchange.path_includes_course = False
    config.CourseDirectory.assignment_id = WEEK
    (tmp_path / "exchange").mkdir()
    (tmp_path / "exchange").chmod(0o777)  # as nbgrader asks for
    ExchangeReleaseFeedback(
        coursedir=CourseDirectory(config=config), authenticator=Authenticator(config=config), config=config
    ).start()
    secret = (tmp_path / "submitted" / "ada" / WEEK / "submission_secret.txt").read_text()
    released = tmp_path / "exchange" / "course" / "feedback" / f"{notebook_hash(secret=secret, notebook_id=WEEK)}.html"
    assert "not marked yet" in released.read_text(encoding="utf-8")


def test_on_the_command_line(tmp_path: Path) -> None:
    hand_in(tmp_path / "grades")

    def run(*more: str) -> tuple[int, str]:
        done = CliRunner().invoke(
            cli, ["feedback", "--records", str(tmp_path / "grades"), "--to", str(tmp_path / "out"), *more]
        )
        return done.exit_code, done.output

    code, said = run()
    assert code == 0 and "5 files" in said and "4 written answers not marked yet" in said
    assert run("--student", "ada", "--week", "1") == (
        0,
        said.replace("5 files", "1 file").replace("4 written answers", "1 written answer"),
    )
    collected(tmp_path / "submitted", "bo")
    code, said = run("--format", "nbgrader", "--submitted", str(tmp_path / "submitted"))
    assert code == 1 and "left out: ada, week01_convolution: nbgrader did not collect it" in said


def test_the_report_s_pages_lead_back_to_the_class(term: Term, tmp_path: Path) -> None:
    report.write([result("ada", "x")], tmp_path / "report", term)
    html = (tmp_path / "report" / "students" / "ada.html").read_text(encoding="utf-8")
    assert '<a href="../index.html">Class report</a>' in html
