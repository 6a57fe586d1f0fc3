"""Points handed on: the same numbers in every form, and no name that a spreadsheet computes."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from in_term import ONE, QUESTION, TWO, refused, result, term

from autograder.cli import cli
from autograder.errors import UserError
from autograder.publish.export import tables
from autograder.results import Result
from autograder.results.records import Writer
from autograder.term.ledger import Mark, Override, answer_hash
from autograder.term.roster import Person

RESULTS = [
    result("ada", ONE, text=""),
    result("ada", TWO, 3, text=""),
    result("=cmd|'/c calc'!A1", ONE, 5, text=""),
    result("mo", ONE),
    refused("zoe"),
]
PEOPLE = (
    Person("ada", "Ada Byron", "Byron, Ada", "B"),
    Person("mo", "Mo Li"),
    Person("none", "Nobody Yet"),
    Person("zoe"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("AUTOGRADER_TERM", raising=False)
    monkeypatch.delenv("AUTOGRADER_GRADEBOOK", raising=False)
    record(tmp_path / "grades", RESULTS)
    return tmp_path


def record(to: Path, results: list[Result]) -> None:
    with Writer(to) as writer:
        for one in results:
            writer.append(f"{one.student}{one.week}", one)


def export(folder: Path, form: str, *more: str) -> Path:
    to = folder / "out" / f"{form}.csv"
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
    export(folder, form)
    cells = [cell for path in (folder / "out").iterdir() for row in rows(path) for cell in row]
    assert cells and not [cell for cell in cells if cell.startswith(tables.FORMULA)]
    assert form == "by-hand" or any(cell.startswith("'=cmd") for cell in cells)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n=1", "|x", "%0A", "＝1+1", "＠SUM(A1)"]
)
def test_safe(text: str) -> None:
    assert tables.safe(text).startswith("'")
    assert tables.safe("Zoë O'Neil-Smith") == "Zoë O'Neil-Smith"


@pytest.mark.parametrize("text", ["Ada;=1+1", "Ada; =cmd|'/c calc'!A1", "a;-2+3;@x"])
def test_no_formula_begins_behind_a_semicolon(text: str) -> None:
    """Where a comma is the decimal mark, spreadsheets part the cells of a CSV file at semicolons."""
    assert not [part for part in tables.safe(text).split(";") if part.strip().startswith(tables.FORMULA)]
    assert tables.unsafe(tables.safe(text)) == text


@given(st.text("=+-@;|' aé＝\t", max_size=8))
def test_a_guarded_cell_gives_its_text_back(text: str) -> None:
    line = " ".join(text.split())
    assert line.startswith(tables.FORMULA) <= tables.safe(line).startswith("'")
    assert tables.unsafe(tables.safe(line)) == line


def test_a_week_that_is_called_like_a_formula_is_none(folder: Path) -> None:
    """The folder that a student calls as they like stands as the week where no week can be told."""
    record(folder / "grades", [Result("eve", "=HYPERLINK(1)", "invalid", 0, 0, (), ("no week of the course",))])
    cells = [cell for row in rows(export(folder, "csv")) for cell in row]
    assert "'=HYPERLINK(1)" in cells and not [cell for cell in cells if cell.startswith(tables.FORMULA)]


def test_the_table_shows_raw_points_penalty_and_final_points_apart(folder: Path) -> None:
    late = "[late]\npercent_per_day = 10\n[due]\n1 = 2027-01-17T23:59:00\n"
    there = term(folder, late, PEOPLE)
    record(folder / "grades", [result("mo", ONE, handed_in="2027-01-19T12:00:00+00:00")])
    there.ledger.append(
        Mark(
            student="mo", week=ONE.id, question=QUESTION, points=7.5, answer=answer_hash(RESULTS[3].answers[QUESTION])
        ),
        Override(student="zoe", week=ONE.id, check=None, points=40, reason="shown in class"),
    )
    header, *lines = rows(export(folder, "csv", "--term", str(folder), "--week", "1"))
    found = {line[0]: dict(zip(header, line, strict=True)) for line in lines}
    assert {
        name: found["mo"][name] for name in ("by checks", "by hand", "raw", "penalty", "final", "of", "days late")
    } == {
        "by checks": "90",
        "by hand": "7.5",
        "raw": "97.5",
        "penalty": "19.5",
        "final": "78",
        "of": "100",
        "days late": "2",
    }
    assert (found["ada"]["name"], found["ada"]["section"], found["ada"]["state"]) == ("Ada Byron", "B", "complete")
    assert (found["none"]["state"], found["none"]["final"]) == ("not handed in", "")
    assert found["zoe"]["final"] == "40" and "override: shown in class" in found["zoe"]["noticed"]


def test_what_waits_is_named_and_not_handed_on(folder: Path) -> None:
    to = folder / "out" / "canvas.csv"
    command = ["export", "--format", "canvas", "--records", str(folder / "grades"), "--to", str(to), "--week", "1"]
    done = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert "1 waits for marks of written answers, left out" in done.stderr and ": mo" in done.stderr
    assert "1 could not be graded, left out: zoe" in done.stderr
    assert {row[3] for row in rows(to)[2:]} == {"ada", "'=cmd|'/c calc'!A1"}
    done = CliRunner().invoke(cli, [*command, "--unfinished"], catch_exceptions=False)
    assert "handed on as they stand: mo" in done.stderr
    assert {row[3]: row[5] for row in rows(to)[2:]}["mo"] == "90"


def test_the_option_of_old_says_what_to_do(folder: Path) -> None:
    done = CliRunner().invoke(cli, ["export", "--records", str(folder / "grades"), "--by-hand", "x.csv"])
    assert isinstance(done.exception, UserError) and "autograder marks import x.csv" in str(done.exception)


def test_without_records(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["export", "--records", str(tmp_path / "none")])
    assert isinstance(done.exception, UserError) and "autograder grade" in str(done.exception)


@pytest.mark.skipif(os.geteuid() == 0, reason="the root user may write everywhere")
def test_a_place_that_may_not_be_written_is_one_sentence(folder: Path) -> None:
    done = CliRunner().invoke(cli, ["export", "--records", str(folder / "grades"), "--to", "/proc/1/x.csv"])
    assert isinstance(done.exception, UserError) and "cannot be written" in str(done.exception)
