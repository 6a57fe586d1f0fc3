"""Gradescope: results in its form, and the zip by which it runs our grader, run as its container would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from classroom import notebook
from in_term import ANSWER, ONE, QUESTION, refused, result, term

from autograder.paths import ROOT
from autograder.publish.export import gradescope, gradescope_run
from autograder.results import CheckResult, Result
from autograder.term.folder import Term
from autograder.term.ledger import Mark, Override, answer_hash
from autograder.term.points import standings

VISIBILITY = {"visible", "hidden", "after_due_date", "after_published"}
OF_RESULTS = {"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format"}
OF_RESULTS |= {"visibility", "stdout_visibility", "extra_data", "tests", "leaderboard"}
OF_TESTS = {
    "score",
    "max_score",
    "status",
    "name",
    "name_format",
    "number",
    "output",
    "output_format",
    "tags",
    "visibility",
}


def accepted(found: dict[str, Any]) -> None:
    """The rules of Gradescope's specification for a results.json."""
    assert found.keys() <= OF_RESULTS
    assert "score" in found or all("score" in test for test in found["tests"])
    for name in ("visibility", "stdout_visibility"):
        assert found.get(name, "visible") in VISIBILITY
    for test in found["tests"]:
        assert test.keys() <= OF_TESTS and test.get("visibility", "visible") in VISIBILITY
        assert test.get("status", "passed") in ("passed", "failed")
        assert all(isinstance(test[name], (int, float)) for name in ("score", "max_score"))
        assert isinstance(test["name"], str) and isinstance(test["output"], str)


def test_results_hold_what_counts(tmp_path: Path) -> None:
    there = term(tmp_path, "[late]\npercent_per_day = 10\n")
    there.ledger.append(
        Mark(student="ada", week=ONE.id, question=QUESTION, points=8, comment="clear", answer=answer_hash(ANSWER)),
        Override(student="ada", week=ONE.id, check=ONE.checks[0].id, points=1, reason="r"),
    )
    given = [result("ada", handed_in="2027-01-18T12:00:00+00:00"), result("../bo"), refused("cy")]
    assert gradescope.write(tmp_path / "out", standings(given, Term.read(tmp_path))) == 3
    files = sorted((tmp_path / "out").rglob("results.json"))
    assert len(files) == 3 and all(tmp_path / "out" / ONE.id in path.parents for path in files)
    found = {path.parent.name: json.loads(path.read_text()) for path in files}
    for each in found.values():
        accepted(each)
    ada = found["ada"]
    raw = 98 - ONE.checks[0].points + 1
    assert ada["score"] == pytest.approx(raw * 0.9) and "Late by 1 day" in ada["output"]
    assert sum(test["score"] for test in ada["tests"]) == raw
    assert "(changed by a person)" in ada["tests"][0]["output"] and ada["tests"][-1]["output"] == "clear"
    bo = next(value for name, value in found.items() if name.startswith("bo"))
    assert bo["score"] == 90 and QUESTION in bo["output"]
    assert "could not be graded" in found["cy"]["output"] and found["cy"]["tests"] == []


def test_what_is_hidden_stays_hidden_until_grades_are_published() -> None:
    checks = tuple(
        CheckResult(name, "fail", 0, 1, "the idea", hidden=hidden) for name, hidden in (("a", False), ("b", True))
    )
    found = gradescope.results_of(Result("s", ONE.id, "fail", 0, 2, checks))
    assert [test["visibility"] for test in found["tests"]] == ["visible", "after_published"]


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_zip_grades_as_gradescope_runs_it(tmp_path: Path) -> None:
    path = tmp_path / "week.zip"
    names = gradescope.harness(ONE, path, "bwrap")
    assert not [name for name in names if name.startswith("solutions/") and ONE.id not in name]
    base = tmp_path / "autograder"
    with zipfile.ZipFile(path) as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
        archive.extractall(base / "source")
    assert modes["setup.sh"] == modes["run_autograder"] == 0o100755, "at the root of the zip, and executable"
    (base / "submission").mkdir()
    (base / "results").mkdir()
    submission = base / "submission" / "my homework (1).ipynb"
    environment = {**os.environ, "AUTOGRADER_BASE": str(base), "AUTOGRADER_PYTHON": sys.executable, "PYTHONPATH": ""}

    def graded(data: bytes) -> dict[str, Any]:
        submission.write_bytes(data)
        command = ["bash", str(base / "source" / "run_autograder")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400, check=False)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads((base / "results" / "results.json").read_text())
        accepted(found)
        return found

    good = graded(notebook(pool2d="def pool2d(image, size):\n    return image"))
    assert 0 < good["score"] < 90 and {test["status"] for test in good["tests"]} == {"passed", "failed"}
    bad = graded(b"no notebook")
    assert bad["score"] == 0 and "could not be graded" in bad["output"]


@pytest.mark.parametrize("where", [f"{ONE.id}.ipynb", "homework.ipynb", f"{ONE.id}/{ONE.id}.ipynb"])
def test_a_link_in_a_repository_that_is_handed_in_leads_nowhere(tmp_path: Path, where: str) -> None:
    """Gradescope takes repositories, and git keeps links: one to the solution that lies in the container earned all points."""
    (tmp_path / "results").mkdir()
    link = tmp_path / "submission" / where
    link.parent.mkdir(parents=True)
    link.symlink_to(ROOT / "solutions" / ONE.id / f"{ONE.id}.ipynb")
    found = gradescope_run.run(tmp_path, ONE.id, "none")
    assert (found.verdict, found.score) == ("invalid", 0) and "link" in found.warnings[0], found.warnings


def test_links_that_lead_to_folders_or_nowhere_are_no_end_of_the_grader(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "loop").symlink_to(folder)
    (folder / "nowhere.ipynb").symlink_to("/nowhere")
    (folder / "secrets").symlink_to(ROOT / "solutions")
    found = gradescope_run.run(tmp_path, ONE.id, "none")
    assert (found.verdict, found.score) == ("invalid", 0)
