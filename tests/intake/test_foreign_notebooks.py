"""Notebooks that are not submissions to our weeks: nbgrader's own fixtures, old formats. Each ends in a verdict with its reason."""

from __future__ import annotations

from pathlib import Path

import nbgrader
import pytest

from autograder.grading import batch
from benchmarks.attacks import WEEK

FIXTURES = sorted((Path(nbgrader.__file__).parent / "tests").rglob("*.ipynb"))


@pytest.mark.sandbox
@pytest.mark.skipif(not FIXTURES, reason="this nbgrader came without its tests")
def test_the_fixtures_of_nbgrader_end_in_verdicts(tmp_path: Path) -> None:
    for number, path in enumerate(FIXTURES):
        folder = tmp_path / "submitted" / f"{number:03}" / WEEK
        folder.mkdir(parents=True)
        (folder / f"{WEEK}.ipynb").write_bytes(path.read_bytes())
        (tmp_path / "submitted" / f"{number:03}-{path.name}").write_bytes(path.read_bytes())  # no week in its name
    results = batch.grade_folder(tmp_path / "submitted", to=tmp_path / "grades", kind="bwrap", jobs=1)
    assert len(results) == 2 * len(FIXTURES)
    assert {(result.verdict, result.score) for result in results} == {("invalid", 0)}
    reasons = {result.warnings[0] for result in results}
    assert not [reason for reason in reasons if "grader itself" in reason or "Traceback" in reason], reasons
