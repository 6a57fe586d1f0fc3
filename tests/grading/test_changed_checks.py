"""A changed check is graded again, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from classroom import notebook, put

from autograder import weeks
from autograder.grading import batch
from autograder.grading.task import Task, grade_task
from autograder.results import Result, records
from autograder.weeks import Week, marks

EDITED = "pool2d-overlap"
NOT_EDITED = "conv2d"


def edited(week: Week, cell: str, code: str) -> Week:
    """`week` with `code` at the end of a check's hidden part, or of an answer."""

    def changed(source: str) -> str:
        end = marks.END_HIDDEN
        return source.replace(end, f"{code}\n{end}") if end in source else f"{source}\n{code}"

    cells = tuple(replace(c, source=changed(c.source)) if c.id == cell else c for c in week.cells)
    return replace(week, cells=cells)


@pytest.mark.sandbox
def test_only_the_changed_check_runs_again(tmp_path: Path, here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[frozenset[str] | None] = []

    def spy(task: Task) -> Result:
        asked.append(task.only)
        return grade_task(task)

    original = weeks.load(1)
    now = original
    monkeypatch.setattr(batch, "grade_task", spy)
    monkeypatch.setattr(weeks, "load", lambda name: now)
    put(tmp_path / "submitted", "ada", notebook())
    put(tmp_path / "submitted", "bob", notebook(zero_pad="def zero_pad(image, padding):\n    return image"))

    def grade() -> dict[str, Result]:
        asked.clear()
        results = batch.grade_folder(tmp_path / "submitted", to=tmp_path / "grades", kind="bwrap", jobs=1)
        return {result.student: result for result in results}

    first = grade()
    assert asked == [None, None] and first["ada"].verdict == "pass"
    assert grade() == first and asked == []

    now = edited(original, EDITED, "from course import checks\nchecks.fail('nobody passes today')")
    second = grade()
    assert asked == [frozenset({EDITED})] * 2
    for student in first:
        then = {check.id: check for check in first[student].checks}
        for check in second[student].checks:
            assert check == then[check.id] if check.id != EDITED else check.verdict == "fail"
        assert second[student].outputs == first[student].outputs
    points = original[EDITED].points
    assert second["ada"].score == first["ada"].score - points and second["ada"].verdict == "fail"

    now = original
    assert [replace(r, seconds=0) for r in grade().values()] == [replace(r, seconds=0) for r in first.values()]
    assert asked == [frozenset({EDITED})] * 2

    now = edited(original, NOT_EDITED, "# another reference answer: everything may depend on it")
    assert original[NOT_EDITED].role == "answer"
    grade()
    assert asked == [None, None]
    assert len(records.read(tmp_path / "grades")) == 2
