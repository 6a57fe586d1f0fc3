"""The week of the guide on variants: what is refused, and what a class gets for right and for copied work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from authors_guide import write_week

from autograder import weeks
from autograder.audit import run as audit
from autograder.authoring import find_problems, new
from autograder.errors import UserError
from autograder.grading import variants
from autograder.grading.plan import steps_of
from autograder.intake import sanitize
from autograder.intake.work import Work
from autograder.paths import CHECKOUT
from autograder.publish.export import gradescope_run
from autograder.results import CheckResult, Result, records
from course import decode, syllabus, variant

ID = "week02_decay"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    new.new_course(tmp_path / "physics", "Physics")
    write_week(ID, tmp_path / "physics", "variants.md")
    return tmp_path / "physics"


def planned(course: Path) -> syllabus.WeekPlan:
    return syllabus.parse(decode.toml(course / "syllabus.toml"))[1]


@pytest.fixture
def week(course: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[weeks.Week]:
    plan = planned(course)
    found = weeks.parse(course / "solutions" / ID / f"{ID}.py", ID)
    plans = {plan.id: plan}
    monkeypatch.setattr(syllabus, "load", lambda: plans)
    monkeypatch.setattr(weeks, "load", lambda name: found)
    yield found
    variant.forget()


def handed_in(week: weeks.Week, student: str, **answers: str) -> bytes:
    cells = []
    for cell, raw in zip(week.cells, week.notebook.cells, strict=True):
        source = answers.get(cell.id, cell.visible_source if cell.role == "check" else cell.source)
        source = source.replace('STUDENT = ""', f"STUDENT = {student}")
        cells.append({"cell_type": cell.kind, "id": cell.id, "metadata": dict(raw.metadata), "source": source})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def test_the_guides_week_has_no_problem(week: weeks.Week) -> None:
    assert find_problems(week, week.plan, topics=(), total=None) == []


@pytest.mark.parametrize(
    ("old", "now", "says"),
    [
        ('STUDENT = ""', "STUDENT = None", 'must set STUDENT = ""'),
        ('variant.start(STUDENT, "week02_decay")', 'variant.start("ada", 2)', "no given cell calls variant.start"),
    ],
)
def test_a_week_that_does_not_ask_or_draw_is_refused(course: Path, old: str, now: str, says: str) -> None:
    path = course / "solutions" / ID / f"{ID}.py"
    path.write_text(path.read_text().replace(old, now))
    problems = find_problems(weeks.parse(path, ID), planned(course), topics=(), total=None)
    assert any(says in str(problem) for problem in problems)


def test_drawing_without_variants_is_refused(course: Path) -> None:
    file = course / "syllabus.toml"
    file.write_text(file.read_text().partition("[week.variants]")[0])
    problems = find_problems(
        weeks.parse(course / "solutions" / ID / f"{ID}.py", ID), planned(course), topics=(), total=None
    )
    assert any("the syllabus has no [week.variants]" in str(problem) for problem in problems)


@pytest.mark.parametrize(
    ("typed", "signed"),
    [
        ('"ada"', "ada"),
        ("'O\"Hara'  # me", 'O"Hara'),
        ("12345", "12345"),
        ('""', ""),
        ('"a" * 10**9', ""),
        ('"a\\u0041"', ""),
    ],
)
def test_the_id_that_was_typed_is_read_as_text_and_no_edit(week: weeks.Week, typed: str, signed: str) -> None:
    work = sanitize.sanitize(handed_in(week, typed), week)
    assert work.signed == signed
    readable = bool(signed) or typed == '""'
    assert (work.warnings == []) == readable


def test_the_notebook_is_run_with_the_id_under_which_it_is_graded(week: weeks.Week) -> None:
    steps = steps_of(week, {}, {}, None, (), "quick", 'a"da\n')
    (parameters,) = (step for step in steps if "parameters" in step.cell.tags)
    scope: dict[str, Any] = {}
    exec(parameters.source, scope)
    assert (scope["STUDENT"], scope["PROFILE"]) == ('a"da\n', "quick")


def test_only_an_id_that_is_not_the_students_is_a_mismatch(week: weeks.Week) -> None:
    assert variants.mismatch(week, Work(signed=" ADA "), "ada") == ""
    assert "those of bob; it is graded with those of ada" in variants.mismatch(week, Work(signed="bob"), "ada")
    assert "STUDENT is empty" in variants.mismatch(week, Work(), "ada")
    assert "\x1b" not in variants.mismatch(week, Work(signed="\x1b[2J"), "ada")
    assert variants.mismatch(weeks.parse(week.path, week.id), Work(), "") == ""


def test_the_reason_stands_beside_what_it_explains(week: weeks.Week) -> None:
    checks = [CheckResult("activity-now", "fail", 0, 3, "the idea"), CheckResult("safe_after-hour", "pass", 4, 4)]
    told, other = variants.explained(week, checks, "it is bob's")
    assert told.message == "the idea\nIt is bob's." and other == checks[1]
    assert variants.explained(week, checks, "") == checks


def test_other_values_and_another_signature_are_graded_again(week: weeks.Week, course: Path) -> None:
    keys = {records.key(week, Work(signed=name), "quick", "none") for name in ("ada", "bob", "ada")}
    assert len(keys) == 2
    file = course / "syllabus.toml"
    file.write_text(file.read_text().replace("half_life = [4,", "half_life = [3,"))
    syllabus.load()[ID] = planned(course)
    assert records.key(weeks.parse(week.path, ID), Work(signed="ada"), "quick", "none") not in keys


def test_the_audit_takes_twenty_students_and_says_for_whom_it_falls_short(week: weeks.Week) -> None:
    tried = list(audit.cases(week))
    assert [case.kind for case in tried[:40]] == ["reference"] * 20 + ["empty"] * 20
    assert len({case.student for case in tried[:20]}) == 20
    assert {case.student for case in tried if case.kind == "mutant"} == {""}

    def outcome(verdict: str) -> Result:
        return Result("", ID, "fail", 0, 3, (CheckResult("activity-now", verdict, 0, 3, "no"),))  # type: ignore[arg-type]

    shown = audit.summarise((case, outcome("fail" if n in (6, 8) else "pass")) for n, case in enumerate(tried[:20]))
    assert shown.rows[0].reference is False
    (said,) = shown.shortfalls
    assert "fails activity-now: no, with the numbers of audit-07 (half_life = " in said and said.endswith(" and 1 more")


def test_gradescope_says_whose_numbers_they_are(week: weeks.Week, tmp_path: Path) -> None:
    said = tmp_path / "submission_metadata.json"
    said.write_text(json.dumps({"users": [{"email": "ada@example.org", "id": 1}]}))
    assert gradescope_run.student_of(tmp_path, week) == "ada@example.org"
    for users in ([], [{"email": "a@example.org"}, {"email": "b@example.org"}], [{"email": "../x@y"}], None):
        said.write_text(json.dumps({"users": users}))
        with pytest.raises(UserError, match="week02_decay draws numbers"):
            gradescope_run.student_of(tmp_path, week)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    environment["PYTHONPATH"] = str(CHECKOUT)
    command = [sys.executable, "-m", "autograder.cli", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.sandbox
def test_a_copied_notebook_has_its_authors_numbers_and_the_grader_says_so(course: Path) -> None:
    week = weeks.parse(course / "solutions" / ID / f"{ID}.py", ID)
    values = planned(course).variants
    names = [f"s{n}" for n in range(40)]
    hours = {
        name: first_hour({key: variant.of(ID, name, key, given) for key, given in values.items()}) for name in names
    }
    ada = names[0]
    bob = next(name for name in names if hours[name] != hours[ada])
    own = handed_in(week, f'"{ada}"', safe_after=f"safe_after = {hours[ada]}")
    for name, data in ((ada, own), (bob, own), ("nobody", handed_in(week, '""'))):
        home = course / "submitted" / name / ID
        home.mkdir(parents=True)
        (home / f"{ID}.ipynb").write_bytes(data)
    graded = run(course, "grade", "submitted", "--json", "--jobs", "1")
    found = {one["student"]: one for one in json.loads(graded.stdout)["results"]}
    assert found[ada]["score"] == 10 and not found[ada]["warnings"]
    assert found["nobody"]["score"] == 10 and "STUDENT is empty" in found["nobody"]["warnings"][0]
    assert found[bob]["score"] == 6
    (failed,) = (check for check in found[bob]["checks"] if check["verdict"] != "pass")
    assert failed["id"] == "safe_after-hour"
    assert (
        f"STUDENT is {ada} in this notebook" in failed["message"] and f"graded with those of {bob}" in failed["message"]
    )


def first_hour(mine: dict[str, Any]) -> int:
    return next(hour for hour in range(1000) if mine["dose"] * 0.5 ** (hour / mine["half_life"]) < 10)


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_guides_week_is_audited_with_twenty_students(course: Path) -> None:
    home = course / "solutions" / ID
    (home / "mistakes.py").write_text(
        'MISTAKES = {"activity": {"a line": {"caught_by": ["activity-later"], "says": ["straight line"], "code": """\n'
        'def activity(hours):\n    return mine.dose * (1 - hours / mine.half_life / 2)\n"""}}}\n'
    )
    tried = run(course, "audit", "2", "--no-mutants", "--json", "--jobs", "1")
    found = json.loads(tried.stdout)
    assert tried.returncode == 0 and found["shortfalls"] == [], tried.stderr
    assert found["rows"][0]["mistakes"] == [1, 1]
