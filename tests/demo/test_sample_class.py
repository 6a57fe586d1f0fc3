"""The sample class: enough of every kind, the same bytes each time, and expectations that notice a wrong outcome."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from autograder import weeks
from autograder.authoring.notebooks import release_notebook
from autograder.demo import cheats, sample_class
from autograder.demo.sample_class import Expectation, Submission
from autograder.intake import sanitize, submissions
from autograder.results import CheckResult, Result
from autograder.weeks import marks


@pytest.fixture(scope="module")
def members() -> Iterator[list[Submission]]:
    # From the weeks as they are now, so that a week under work fails the build's tests and not these.
    with pytest.MonkeyPatch.context() as patch:
        made = {week.id: release_notebook(week) for week in weeks.select(("1", "2", "3"))}
        patch.setattr(answers, "released", lambda week: made[week.id])
        yield sample_class.submissions(weeks.select(("1", "2", "3")))


def test_the_class_has_every_kind(members: list[Submission]) -> None:
    assert len(members) >= 12 and {m.week.plan.number for m in members} == {1, 2, 3}
    assert len({m.student for m in members}) >= 12
    assert len({(m.student, m.week.id) for m in members}) == len(members)
    assert sum(m.hostile for m in members) == 3
    expected = {verdict for m in members for verdict in m.expect.verdicts}
    assert {"pass", "fail", "missing", "tampered", "invalid"} <= expected
    assert [(m.student, m.week.id) for m in members] == sorted((m.student, m.week.id) for m in members)


def test_the_same_weeks_give_the_same_bytes(members: list[Submission]) -> None:
    again = sample_class.submissions(weeks.select(("1", "2", "3")))
    assert [m.data for m in again] == [m.data for m in members]


def test_they_are_found_where_nbgrader_would_look(members: list[Submission], tmp_path: Path) -> None:
    paths = list(sample_class.write(members, tmp_path))
    assert all(p.relative_to(tmp_path).parts == (p.parts[-3], p.stem, f"{p.stem}.ipynb") for p in paths)
    found = submissions.discover(tmp_path)
    assert [(s.student, s.week) for s in found] == [(m.student, m.week.id) for m in members]
    assert [s.data for s in found] == [m.data for m in members] and not any(s.problem for s in found)


def test_damaged_files_are_damaged_and_the_others_are_notebooks(members: list[Submission]) -> None:
    for member in members:
        if member.expect.verdicts == {"invalid"}:
            with pytest.raises(sanitize.Unreadable) as problem:
                sanitize.sanitize(member.data, member.week)
            assert all(word in str(problem.value) for word in member.expect.says)
        else:
            work = sanitize.sanitize(member.data, member.week)
            assert set(work.sources) == {answer.id for answer in member.week.answers}, member.story
            assert work.tampered == (member.expect.verdicts == {"tampered"})


def test_answers_hold_no_marks_and_honest_notebooks_are_valid(members: list[Submission]) -> None:
    for member in members:
        if member.student in ("ada", "bao", "emeka"):
            notebook = nbformat.reads(member.data.decode(), as_version=4)
            nbformat.validate(notebook)
            assert not any(marks.BEGIN_SOLUTION in cell.source for cell in notebook.cells)
            assert not any(marks.BEGIN_HIDDEN in cell.source for cell in notebook.cells)


def test_attacks_are_drawn_of_their_sting() -> None:
    """What the attacks may do, wherever they run: look, print, knock at a closed local port, write in their own folder."""
    everything = cheats.BLIND_THE_CHECKS + cheats.ALWAYS_EQUAL + cheats.LOOK_AROUND + cheats.STEAL
    for forbidden in ("unlink", "rmtree", "remove(", "kill", "subprocess", "os.system", "rename", "chmod", "truncate"):
        assert forbidden not in everything, forbidden
    assert re.findall(r"create_connection\(\((.*?)\)", everything) == ['"127.0.0.1", 9']
    assert everything.count("write_text") == 1 and "TemporaryDirectory" in everything
    assert everything.count("os.fork()") == 1 and "range(5)" in everything
    for source in (cheats.BLIND_THE_CHECKS, cheats.ALWAYS_EQUAL, cheats.LOOK_AROUND):
        compile(source, "attack", "exec")


def _result(member: Submission, verdict: str = "pass") -> Result:
    checks = tuple(CheckResult(c.id, verdict, c.points, c.points) for c in member.week.checks)  # type: ignore[arg-type]
    points = sum(c.points for c in checks) if verdict == "pass" else 0.0
    return Result(member.student, member.week.id, verdict, points, points, checks)  # type: ignore[arg-type]


def test_a_forged_full_score_would_be_noticed(members: list[Submission]) -> None:
    for member in members:
        mismatches = member.expect.mismatches(_result(member), member.week)
        assert bool(mismatches) == (member.expect.verdicts.isdisjoint({"pass"})), (member.story, mismatches)
    assert all(member.expect.mismatches(None, member.week) == ["was not graded"] for member in members)


def test_what_is_mismatches_is_said(members: list[Submission]) -> None:
    member = next(m for m in members if m.student == "ada")
    good = _result(member)
    assert member.expect.mismatches(good, member.week) == []
    low = replace(good, score=good.score - 5)
    assert member.expect.mismatches(low, member.week) == [f"{low.score:g} points, expected {good.score:g}"]
    first = member.week.checks[0].id
    strict = Expectation(frozenset({"fail"}), 0, 100, fails=(first,), says=("flipped",))
    assert strict.mismatches(good, member.week) == [
        "verdict pass, expected fail",
        f"{first} should not pass",
        "should say “flipped”",
    ]


def test_kinds_of_damage_keep_the_rest(members: list[Submission]) -> None:
    old = next(m for m in members if "2014" in m.story)
    assert json.loads(old.data)["nbformat"] == 3
    twice = next(m for m in members if "share one id" in m.story)
    ids = [cell["id"] for cell in json.loads(twice.data)["cells"]]
    assert len(set(ids)) < len(ids)
