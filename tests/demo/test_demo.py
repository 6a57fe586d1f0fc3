"""The demo: a small class goes through the real path; what it says and its exit status when something is off."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import paths, weeks
from autograder.authoring import notebooks
from autograder.authoring.notebooks import release_notebook
from autograder.cli import cli
from autograder.cli import demo as demo_command
from autograder.demo import answers, cheats, sample_class
from autograder.demo import run as demo
from autograder.demo.answers import Submission
from autograder.errors import UserError
from autograder.grading import batch
from autograder.isolation import sandbox
from autograder.results import CheckResult, Result


def outcome_of(member: Submission, kind: str = "bwrap") -> Result:
    """A made-up result that is just what the member's expectation asks for."""
    expect = member.expect
    verdict = sorted(expect.verdicts)[0]
    checks = []
    for cell in member.week.checks:
        passed = cell.id not in expect.fails and verdict != "invalid"
        checks.append(
            CheckResult(
                cell.id, "pass" if passed else "fail", cell.points * passed, cell.points, "" if passed else "wrong"
            )
        )
    score = min(max(sum(c.points for c in checks), expect.low), expect.high)
    top = answers.all_points(member.week)
    graded = () if verdict == "invalid" else tuple(checks)
    return Result(member.student, member.week.id, verdict, score, top, graded, expect.says, sandbox=kind)  # type: ignore


@pytest.fixture
def fake_grading(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Result]:
    """Grading that gives each sample what it should get, unless `changed` says otherwise."""
    changed: dict[str, Result] = {}
    everyone = sample_class.submissions(weeks.select(demo_command.WEEKS))

    def grade_folder(path: Path, *, kind: str, on_found=lambda n: None, on_result=lambda r: None, **_: object) -> list:
        there = [m for m in everyone if (path / m.student / m.week.id / f"{m.week.id}.ipynb").exists()]
        on_found(len(there))
        results = [changed.get(f"{m.student}/{m.week.id}", outcome_of(m, kind)) for m in there]
        for result in results:
            on_result(result)
        return results

    monkeypatch.setattr(batch, "grade_folder", grade_folder)
    monkeypatch.setattr(demo_command, "BUILD", tmp_path / "build")
    monkeypatch.setattr(sandbox, "bwrap_works", lambda: True)
    monkeypatch.setattr(notebooks, "outdated", lambda week: [])
    return changed


def run(tmp_path: Path, *options: str) -> tuple[int, str]:
    ran = CliRunner().invoke(cli, ["demo", "--no-solve", "--to", str(tmp_path / "report"), *options])
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return ran.exit_code, ran.stdout


def test_all_as_it_must_be(fake_grading: dict[str, Result], tmp_path: Path) -> None:
    status, shown = run(tmp_path)
    assert status == 0, shown
    assert "came out as they must" in shown and "Forged points: 0" in shown and "index.html" in shown
    assert (tmp_path / "report" / "index.html").exists()


def test_forged_points_are_counted_and_end_in_status_1(fake_grading: dict[str, Result], tmp_path: Path) -> None:
    nemo = next(m for m in sample_class.submissions(weeks.select(demo_command.WEEKS)) if m.student == "nemo")
    fake_grading[f"nemo/{nemo.week.id}"] = replace(outcome_of(nemo), score=nemo.expect.high + 7)
    status, shown = run(tmp_path)
    assert status == 1 and "Forged points: 7" in shown and "nemo" in shown
    status, said = run(tmp_path, "--json")
    answer = json.loads(said)
    assert status == 1 and answer["good"] is False and answer["forged_points"] == 7


def test_a_lost_submission_ends_in_status_1(
    fake_grading: dict[str, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = batch.grade_folder
    monkeypatch.setattr(batch, "grade_folder", lambda *a, **k: whole(*a, **k)[1:])
    status, shown = run(tmp_path)
    assert status == 1 and "was not graded" in shown


def test_without_a_sandbox_the_hostile_three_are_left_out_and_it_says_so(
    fake_grading: dict[str, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "bwrap_works", lambda: False)
    status, shown = run(tmp_path)
    assert status == 0 and "No sandbox here" in shown and "bubblewrap" in shown
    written = list((tmp_path / "build" / "demo" / "submissions").iterdir())
    assert not {"mallory", "nemo", "oscar"} & {p.name for p in written}
    assert "Graded without a sandbox" in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")


def test_an_old_release_is_one_clear_sentence(
    fake_grading: dict[str, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebooks, "outdated", lambda week: [week.release_path])
    with pytest.raises(UserError, match="autograder build"):
        run(tmp_path)


@pytest.mark.sandbox
def test_the_real_path_on_one_week(tmp_path: Path, here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right, wrong, damaged and hostile submissions of the quickest week, really graded in the sandbox."""
    monkeypatch.setattr(answers, "released", release_notebook)
    everyone = sample_class.submissions(weeks.select(demo_command.WEEKS))
    picked = [m for m in everyone if (m.student, m.week.plan.number) in {("ada", 3), ("dilara", 3), ("kofi", 3)}]
    data, expect = cheats.agreeable(picked[0].week)
    picked.append(
        Submission("nemo", picked[0].week, data, expect, "returns objects that equal everything", hostile=True)
    )
    monkeypatch.setattr(sample_class, "submissions", lambda _: picked)
    outcome = demo.grade_class([], folder=tmp_path / "demo", to=tmp_path / "report", kind="bwrap")
    assert [one.mismatches for one in outcome.graded] == [[]] * len(picked)
    assert outcome.good and outcome.forged == 0
    assert paths.BUILD not in outcome.report.index.parents
