"""The commands of a term, as a person types them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from in_term import ONE, QUESTION, result

from autograder.cli import cli
from autograder.errors import UserError
from autograder.grading import batch
from autograder.paths import ROOT
from autograder.results.records import Writer
from autograder.term.folder import Term
from autograder.term.ledger import Change
from autograder.term.points import standings

LIST = "id,name,section,email\nana,Ana Núñez,A,ana@example.org\nbo,Bo Lee,B,\nbo2,Bo Lee,B,\n"
CHECK = ONE.checks[0]


def say(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A term of three people, of whom one has handed in week 1."""
    folder = tmp_path / "term"
    monkeypatch.delenv("AUTOGRADER_TERM", raising=False)
    done = say("init", folder, "--timezone", "Europe/Berlin")
    assert done.exit_code == 0, done.output
    monkeypatch.setenv("AUTOGRADER_TERM", str(folder))
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    assert "3 people were added" in say("roster", "import", tmp_path / "list.csv").stdout
    with Writer(folder / "grades") as writer:
        writer.append("k", result("ana"))
        writer.append("s", result("stranger"))
    return folder


def refused(*arguments: object) -> str:
    done = say(*arguments)
    assert isinstance(done.exception, UserError), done.output
    assert "\n" not in str(done.exception)
    return str(done.exception)


def test_init_writes_a_term_that_reads(tmp_path: Path, folder: Path) -> None:
    found = Term.read(folder)
    assert (found.name, str(found.timezone)) == ("term", "Europe/Berlin") and not found.dues
    # The syllabus's dates, in the clock time of the term, so that taking away the # moves nothing.
    assert "# 1 = 2027-01-18T00:59:00" in (folder / "term.toml").read_text(encoding="utf-8")
    assert found.policy.percent_per_day == 0 and found.due(ONE.id) == ONE.plan.due
    assert "already" in refused("init", folder)
    assert "lies in the repository" in refused("init", ROOT / "build" / "term")
    assert "no time zone" in refused("init", tmp_path / "x", "--timezone", "Mars")
    odd = tmp_path / 'a "b" \\c'
    assert say("init", odd).exit_code == 0 and Term.read(odd).name == odd.name
    free = re.sub(r"(?m)^# (?=[\w.]+ = |\[)", "", (folder / "term.toml").read_text())
    (folder / "term.toml").write_text(free)
    assert Term.read(folder).dues.keys() >= {ONE.id}, "every line in comments is right once it is none"


def test_the_roster_says_who_is_missing(folder: Path) -> None:
    done = say("roster", "--week", "1")
    assert done.stdout.splitlines() == ["bo\tBo Lee\tB", "bo2\tBo Lee\tB"]
    assert "2 of 3 have not handed in" in done.stderr and "Not in the roster, but handed in: stranger" in done.stderr
    assert "Ana Núñez" in say("roster").stdout
    found = json.loads(say("roster", "--json").stdout)
    assert found["weeks"][ONE.id] == {"not handed in": ["bo", "bo2"], "waiting": ["ana", "stranger"]}
    assert found["not in the roster"] == ["stranger"] and len(found["people"]) == 3
    assert "Bo" not in say("roster", "--section", "A").stdout


def test_an_import_can_be_tried(tmp_path: Path, folder: Path) -> None:
    before = (folder / "roster.csv").read_bytes()
    (tmp_path / "new.csv").write_text("id,name\ncy,Cy\nana,Ana Núñez\n")
    done = say("roster", "import", tmp_path / "new.csv", "--dry-run")
    assert "1 person would be added" in done.stdout and "In the roster, but not in" in done.stderr
    assert (folder / "roster.csv").read_bytes() == before


def test_more_time(folder: Path) -> None:
    assert "due Mon 18 Jan 2027, 00:59 CET → Thu 21 Jan 2027, 00:59 CET" in say("extend", "ana", 1, "--days", 3).stdout
    assert "→ Mon 25 Jan 2027, 18:00 CET" in say("extend", "ana@example.org", 1, "--until", "2027-01-25T18:00").stdout
    assert "→ Mon 18 Jan 2027, 00:59 CET" in say("extend", "ana", 1, "--withdraw").stdout
    assert "has no extension" in refused("extend", "ana", 1, "--withdraw")
    assert "is no extension" in refused("extend", "ana", 1, "--until", "2027-01-02")
    assert "is no date" in refused("extend", "ana", 1, "--until", "tomorrow")
    assert "name of 2 people: say which by the id (bo, bo2)" in refused("extend", "Bo Lee", 1, "--days", 3)
    assert "did you mean" in refused("extend", "anna", 1, "--days", 3)
    assert "there is no week '99'" in refused("extend", "ana", 99, "--days", 3)
    assert say("extend", "ana", 1).exit_code == 2


def test_a_due_date_moves(folder: Path) -> None:
    assert "→ Wed 20 Jan 2027, 23:59 CET" in say("due", 1, "--until", "2027-01-20", "--reason", "snow").stdout
    say("extend", "ana", 1, "--days", 1)
    assert "Wed 20 Jan 2027, 23:59 CET   no penalty, 1 extended" in say("due").stdout.splitlines()[0]
    assert "Mon 18 Jan" in say("due", 1, "--withdraw").stdout
    assert "was not moved" in refused("due", 1, "--withdraw")
    assert say("due", "--until", "2027-01-20").exit_code == 2


def test_an_override(folder: Path) -> None:
    done = say("override", "Ana Núñez", 1, "--check", CHECK.id, "--points", 1, "--reason", "the text was unclear")
    assert f"90 of 100 → {90 - CHECK.points + 1:g} of 100" in done.stdout
    assert "→ 90 of 100" in say("override", "ana", 1, "--check", CHECK.id, "--withdraw", "--reason", "no").stdout
    assert "nothing → 40 of 100" in say("override", "bo", 1, "--points", 40, "--reason", "shown in class").stdout
    assert "from 0 to" in refused("override", "ana", 1, "--check", CHECK.id, "--points", 99, "--reason", "x")
    assert "is a written answer" in refused("override", "ana", 1, "--check", QUESTION, "--points", 1, "--reason", "x")
    said = refused("override", "ana", 1, "--check", "x", "--points", 1, "--reason", "x")
    assert "has no check 'x' for ana; it has: zero_pad" in said
    assert "leave --check out" in refused("override", "bo2", 1, "--check", CHECK.id, "--points", 1, "--reason", "x")
    assert "there is no override" in refused("override", "bo2", 1, "--withdraw", "--reason", "x")
    assert "--reason is empty" in refused("override", "bo2", 1, "--points", 1, "--reason", " ")


def test_marks_go_out_and_come_in(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "marks.csv"
    assert "2 answers wait for marks" in say("marks", "export", "--to", file).stdout
    text = file.read_text(encoding="utf-8-sig").replace(
        f"ana,Ana Núñez,{ONE.id},{QUESTION},10,,", f"ana,,{ONE.id},{QUESTION},10,8,"
    )
    file.write_text(text, encoding="utf-8")
    assert "1 mark would be entered" in say("marks", "import", file, "--dry-run").stdout
    assert "1 mark entered" in say("marks", "import", file, "--grader", "ann").stdout
    there = Term.read(folder)
    found = next(one for one in standings([result("ana")], there) if one.student == "ana")
    assert (found.raw, found.written[QUESTION].mark.grader) == (98, "ann")  # type: ignore[union-attr]
    file.write_text(text.replace(",10,8,", ",10,5,"), encoding="utf-8")
    again = say("marks", "import", file)
    assert again.exit_code == 1 and "has 8 points by ann already, not 5" in again.stderr
    assert say("marks", "import").exit_code == 2
    assert "there is no gradebook" in refused("marks", "import", "--from-gradebook", tmp_path / "none.db")


def test_grading_uses_the_term(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def grade(path: Path, **options: Any) -> batch.Summary:
        seen.update(options)
        return batch.Summary()

    monkeypatch.setattr(batch, "grade", grade)
    assert say("grade", tmp_path).exit_code == 0
    assert seen["to"] == folder / "grades" and str(seen["zone"]) == "Europe/Berlin"
    assert (seen["who"]("Ana Núñez", {}), seen["who"]("guest", {})) == ("ana", "guest")
    say("grade", tmp_path, "--to", tmp_path / "elsewhere")
    assert seen["to"] == tmp_path / "elsewhere"


def test_a_record_that_is_withdrawn_stands_in_the_ledger(folder: Path) -> None:
    assert say("forget", "Ana Núñez", 1, "--reason", "wrong file").exit_code == 0
    change = Term.read(folder).ledger.entries()[-1]
    assert isinstance(change, Change) and (change.student, change.before, change.reason) == (
        "ana",
        90,
        "withdrawn: wrong file",
    )
    assert "ana" in say("roster", "--week", "1").stdout


def test_without_a_term_the_commands_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGRADER_TERM", raising=False)
    monkeypatch.chdir(tmp_path)
    for command in (["roster"], ["due"], ["extend", "a", "1", "--days", "1"]):
        assert "no term is named" in refused(*command)


def test_a_ledger_that_was_edited_is_named(folder: Path) -> None:
    say("extend", "ana", 1, "--days", 3, "--reason", "ill")
    path = folder / "ledger.jsonl"
    path.write_text(path.read_text().replace("ill", "well"))
    assert f"{path}: line 1 was edited" in say("due").stderr
