"""Work graded again: what would change is shown first, then counts with a reason, and marks stay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from classroom import notebook, put
from click.testing import CliRunner, Result
from in_term import ONE, QUESTION, result, term

from autograder import weeks
from autograder.cli import cli
from autograder.grading import batch
from autograder.results import records
from autograder.term import regrade
from autograder.term.folder import Term
from autograder.term.ledger import Change, Mark, answer_hash
from autograder.term.points import standings
from autograder.term.roster import Person
from autograder.weeks import marks

BROKEN, OTHER = "pool2d-overlap", "zero_pad-any"
PEOPLE = (Person("ada", "Ada Byron"), Person("bob"), Person("cy"))


def broken(*names: str) -> weeks.Week:
    """Week 1 with checks that nobody passes."""
    fails = "from course import checks\nchecks.fail('nobody passes today')"
    cells = tuple(
        replace(cell, source=cell.source.replace(marks.END_HIDDEN, f"{fails}\n{marks.END_HIDDEN}"))
        if cell.id in names
        else cell
        for cell in ONE.cells
    )
    return replace(ONE, cells=cells)


@pytest.mark.sandbox
def test_a_check_is_mended(tmp_path: Path, here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    there = term(tmp_path / "term", "", PEOPLE)
    now = broken(BROKEN, OTHER)
    monkeypatch.setattr(weeks, "load", lambda name: now)
    monkeypatch.setattr(weeks, "all_weeks", lambda: iter([now]))
    monkeypatch.setenv("AUTOGRADER_GRADER", "ann")
    submitted = tmp_path / "submitted"
    put(submitted, "ada", notebook(**{QUESTION: "an answer"}))
    put(submitted, "bob", notebook(pool2d="def pool2d(image, size, stride=None, mode='max'):\n    return image"))
    batch.grade(submitted, to=there.records, kind="bwrap", jobs=1)
    there.ledger.append(Mark(student="ada", week=ONE.id, question=QUESTION, points=7, answer=answer_hash("an answer")))
    before = (there.records / records.FILE).read_bytes()
    put(submitted, "cy", notebook())
    now = ONE
    points = {check.id: check.points for check in ONE.checks}

    def say(*more: str) -> Result:
        command = ["regrade", str(submitted), "--term", str(there.folder), "--jobs", "1", *more]
        return CliRunner().invoke(cli, command)

    def raw(student: str) -> float | None:
        found = standings(records.read(there.records), Term.read(there.ledger.folder))
        return next(one.raw for one in found if one.student == student)

    start = 97 - points[BROKEN] - points[OTHER]
    assert raw("ada") == start
    done = say("--dry-run", "--check", BROKEN)
    assert f"1 of 2 changes: ada {start:g} → {start + points[BROKEN]:g}, {BROKEN}" in done.stdout, done.output
    assert done.exit_code == 0 and (there.records / records.FILE).read_bytes() == before

    assert "say --reason" in str(say("--check", BROKEN).exception)
    assert "add --yes" in str(say("--check", BROKEN, "--reason", "x").exception)
    assert "no week has the check nothing" in str(say("--check", "nothing", "--dry-run").exception)
    assert "None of 1 changes." in say("--student", "bob", "--check", BROKEN, "--dry-run").stdout
    assert "None of 0 changes." in say("--since", "2099-01-01", "--dry-run").stdout
    assert (there.records / records.FILE).read_bytes() == before

    done = say("--check", BROKEN, "--reason", "the stride was wrong", "--yes")
    assert done.exit_code == 0, done.output
    assert raw("ada") == start + points[BROKEN]
    changes = [entry for entry in there.ledger.entries() if isinstance(entry, Change)]
    assert [(c.student, c.before, c.after, c.checks, c.reason, c.grader) for c in changes] == [
        ("ada", start, start + points[BROKEN], {BROKEN: (0, points[BROKEN])}, "the stride was wrong", "ann")
    ]

    done = say("--reason", "and the frame", "--yes")
    assert f"  ada {97 - points[OTHER]:g} → 97, {OTHER}" in done.stdout, "the other check was left for now"
    assert "cy" not in {student for student, _ in records.known(there.records)}, (
        "new work is left to `autograder grade`"
    )
    assert raw("ada") == 97, "the mark has survived"
    assert "None of 2 changes." in say("--dry-run").stdout
    put(submitted, "bob", notebook())
    assert "handed in anew since; `autograder grade` grades it" in say("--dry-run").stderr


def test_what_a_run_of_the_grader_changed_is_noticed(tmp_path: Path) -> None:
    there = term(tmp_path, "", PEOPLE)
    with records.Writer(there.records) as writer:
        for who in ("ada", "bob", "cy"):
            writer.append(f"then {who}", result(who, passed=3))
    earlier = records.known(there.records)
    with records.Writer(there.records) as writer:
        writer.append("now ada", result("ada", passed=4))
        writer.append("now bob", result("bob", passed=4, text="another answer"))
        writer.append("now cy", result("cy", passed=3, handed_in="2027-01-10T00:00:00+00:00"))
    check = ONE.checks[3]
    found = regrade.noticed(there, earlier)
    assert [(c.student, c.checks) for c in found.changes("r", "g")] == [("ada", {check.id: (0, check.points)})]
