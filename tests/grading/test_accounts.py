"""The end of a run: what became of every file, the exit status, records that are renewed, withdrawn, or of work that is gone."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from classroom import WEEK, notebook, put
from click.testing import CliRunner
from click.testing import Result as Ran
from downloads import canvas, lay

from autograder import weeks
from autograder.cli import cli
from autograder.grading import executors
from autograder.grading.task import Task
from autograder.results import CheckResult, Result, records


class Instant(executors.Slots):
    """Gives every point, or none where the student's first answer is empty, without running anything."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        (task,) = arguments
        assert isinstance(task, Task)
        verdict = "fail" if "return None  # wrong" in task.work.sources.get("conv2d", "") else "pass"
        checks = tuple(
            CheckResult(c.id, verdict, c.points if verdict == "pass" else 0, c.points)  # type: ignore[arg-type]
            for c in weeks.load(task.week).checks
        )
        score, most = sum(c.points for c in checks), sum(c.max_points for c in checks)
        future: Future[Result] = Future()
        future.set_result(
            Result(task.student, task.week, verdict, score, most, checks, tuple(task.work.warnings), sandbox="none")  # type: ignore[arg-type]
        )
        return future


@pytest.fixture(autouse=True)
def _instant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "Local", lambda jobs: Instant())


def grade(folder: Path, *options: str) -> Ran:
    to = str(folder.parent / "grades")
    return CliRunner().invoke(cli, ["grade", str(folder), "--to", to, "--sandbox", "none", *options])


def as_json(folder: Path, *options: str) -> dict[str, Any]:
    ran = grade(folder, "--json", *options)
    return dict(json.loads(ran.stdout))


def forget(folder: Path, *words: str) -> Ran:
    return CliRunner().invoke(cli, ["forget", *words, "--records", str(folder.parent / "grades")])


WRONG = {"conv2d": "def conv2d(*arguments, **options):\n    return None  # wrong"}


def test_the_exit_status_says_whether_everything_was_graded(tmp_path: Path) -> None:
    folder = tmp_path / "submitted"
    put(folder, "ada", notebook())
    put(folder, "bao", notebook(**WRONG))
    assert grade(folder).exit_code == 0, "falling short is no failure of the run"
    assert grade(folder, "--fail-short").exit_code == 1
    assert grade(folder, "--time-zone", "Mars/Phobos").exit_code != 0
    (folder / "notes.pdf").write_bytes(b"x")
    ran = grade(folder)
    assert ran.exit_code == 1 and "notes.pdf: it is no notebook and no zip" in ran.stdout
    (folder / "notes.pdf").unlink()
    (folder / ".DS_Store").write_bytes(b"x")
    assert grade(folder).exit_code == 0
    put(folder, "cem", b"{")
    assert grade(folder).exit_code == 1


def test_the_summary_ends_with_the_sum(tmp_path: Path) -> None:
    folder = tmp_path / "submitted"
    put(folder, "ada", notebook())
    put(folder, "ada", notebook(), name=f"{WEEK} (1).ipynb")
    put(folder, "ada", b"net", name="artefacts/tiny-quick.npz")
    put(folder, "bao", notebook(), name="homework.ipynb")
    put(folder, "bao", b"x", name="picture.png")
    put(folder, "cem", b"{")
    (folder / "dee").mkdir()
    (folder / "Thumbs.db").write_bytes(b"x")
    ran = grade(folder)
    last = " ".join(ran.stdout[ran.stdout.index("Other attempts") :].split())
    assert last.endswith(
        "8 files: 2 graded (2 with something repaired or noticed), 1 that could not be graded, 1 taken with them (nets and "
        "modules), 1 beside them and not needed, 1 other attempts, 1 left out, 1 of operating systems."
    )
    assert f"ada/{WEEK}/{WEEK}.ipynb: another notebook beside" in last and "dee: the folder is empty" in last
    found = as_json(folder)
    assert not found["complete"] and found["files"]["found"] == 8
    assert sum(count for name, count in found["files"].items() if name != "found") == 8
    reasons = {one["file"]: one["reason"] for one in found["accounts"]}
    assert "cut off" in reasons[f"cem/{WEEK}/{WEEK}.ipynb"] and len(reasons) == 6


def test_where_the_work_came_from_is_in_its_record(tmp_path: Path) -> None:
    folder = tmp_path / "submitted"
    put(folder, "ada", notebook())
    path = folder / "ada" / WEEK / f"{WEEK}.ipynb"
    os.utime(path, (1_800_000_000, 1_800_000_000))
    assert grade(folder).exit_code == 0
    (result,) = records.read(tmp_path / "grades")
    assert (result.handed_in, result.handed_in_by) == ("2027-01-15T08:00:00+00:00", "file")
    assert result.sha256 == hashlib.sha256(notebook()).hexdigest()
    assert (result.source, result.lms, result.marked_late) == (f"ada/{WEEK}/{WEEK}.ipynb", {}, False)
    assert result.public()["sha256"] == result.sha256


def test_unchanged_work_with_another_time_is_recorded_and_not_graded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, to = tmp_path / "submitted", tmp_path / "grades"
    lay(folder, {f"ada-{WEEK}.ipynb": notebook()})
    assert grade(folder).exit_code == 0
    once = (to / records.FILE).read_bytes()
    assert grade(folder).exit_code == 0 and (to / records.FILE).read_bytes() == once
    monkeypatch.setattr(Instant, "submit", lambda *_: pytest.fail("it is not graded again"))
    os.utime(folder / f"ada-{WEEK}.ipynb", (1_800_000_000, 1_800_000_000))
    assert grade(folder).exit_code == 0
    (result,) = records.read(to)
    assert result.handed_in == "2027-01-15T08:00:00+00:00" and (to / records.FILE).read_bytes().startswith(once)


def test_a_record_from_before_these_fields_is_read(tmp_path: Path) -> None:
    with records.Writer(tmp_path) as writer:
        writer.append("k", Result("ada", WEEK, "invalid", 0, 90))
    line = json.loads((tmp_path / records.FILE).read_text())
    for name in Result("", "", "pass", 0, 0).provenance():
        del line["result"][name]
    (tmp_path / records.FILE).write_text(json.dumps(line) + "\n")
    assert records.read(tmp_path) == [Result("ada", WEEK, "invalid", 0, 90)]


def test_a_late_one_of_canvas(tmp_path: Path) -> None:
    folder = lay(tmp_path / "download", {name: notebook() for name in canvas(WEEK, ["ada", "bao"])})
    assert grade(folder).exit_code == 0
    assert [(one.student, one.marked_late, one.lms) for one in records.read(tmp_path / "grades")] == [
        ("ada", False, {"canvas": "4000"}),
        ("bao", True, {"canvas": "4001"}),
    ]


def test_a_submission_that_is_gone_is_said_and_its_record_stays(tmp_path: Path) -> None:
    folder = tmp_path / "submitted"
    for student in ("ada", "bao"):
        put(folder, student, notebook())
    assert grade(folder).exit_code == 0
    (folder / "bao" / WEEK / f"{WEEK}.ipynb").unlink()
    (folder / "bao" / WEEK).rmdir()
    (folder / "bao").rmdir()
    ran = grade(folder)
    assert ran.exit_code == 0 and f"not in this folder now: bao {WEEK}" in " ".join(ran.stdout.split())
    assert as_json(folder)["gone"] == [{"student": "bao", "week": WEEK}]
    assert [one.student for one in records.read(tmp_path / "grades")] == ["ada", "bao"]


def test_a_record_is_withdrawn_with_its_reason(tmp_path: Path) -> None:
    folder, to = tmp_path / "submitted", tmp_path / "grades"
    for student in ("ada", "bao"):
        put(folder, student, notebook())
    assert grade(folder).exit_code == 0
    before = (to / records.FILE).read_bytes()
    ran = forget(folder, "bao", "1", "--reason", "handed in by somebody else")
    assert ran.exit_code == 0 and f"withdrawn: bao, {WEEK} (90 of 90 points)" in ran.stdout
    written = (to / records.FILE).read_bytes()
    assert written.startswith(before) and b"handed in by somebody else" in written
    troubles: list[records.Trouble] = []
    assert [one.student for one in records.read(to, troubles.append)] == ["ada"] and not troubles
    assert grade(folder).exit_code == 0, "and it is graded anew where it still lies there"
    assert [one.student for one in records.read(to, troubles.append)] == ["ada", "bao"] and not troubles


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["baoo", "1", "--reason", "x"], "did you mean bao?"),
        (["bao", "2", "--reason", "x"], f"of bao it has {WEEK}"),
        (["bao", "1", "--reason", " "], "--reason is empty"),
    ],
)
def test_forgetting_what_is_not_there_is_misuse(tmp_path: Path, words: list[str], sentence: str) -> None:
    folder = tmp_path / "submitted"
    put(folder, "bao", notebook())
    grade(folder)
    ran = forget(folder, *words)
    assert ran.exit_code != 0 and sentence in ran.output + str(ran.exception)
    assert len(records.read(tmp_path / "grades")) == 1


def test_a_withdrawal_that_was_edited_does_not_count_and_is_named(tmp_path: Path) -> None:
    folder, to = tmp_path / "submitted", tmp_path / "grades"
    for student in ("ada", "bao"):
        put(folder, student, notebook())
    grade(folder)
    forget(folder, "bao", "1", "--reason", "x")
    path = to / records.FILE
    *kept, last = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*kept, last.replace("bao", "ada")]))
    troubles: list[records.Trouble] = []
    assert len(records.read(to, troubles.append)) == 2
    assert any("withdraws ada" in str(trouble) for trouble in troubles)
