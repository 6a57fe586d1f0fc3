"""Folders of submissions: found in every layout, graded once, recorded whole, whatever one of them holds."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder import weeks
from autograder.errors import UserError
from autograder.grading import batch, records
from autograder.grading.submissions import discover
from autograder.results import CheckResult, Result

WEEK = "week01_convolution"


def notebook(**sources: str) -> bytes:
    """A submission to week 1 with the given answers and the stubs elsewhere."""
    cells: list[dict[str, Any]] = []
    for cell, raw in zip(weeks.load(1).cells, weeks.load(1).notebook.cells, strict=True):
        source = sources.get(cell.id, cell.visible_source if cell.role == "check" else cell.source)
        cells.append({"cell_type": cell.kind, "id": cell.id, "metadata": dict(raw.metadata), "source": source})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def put(folder: Path, student: str, data: bytes, week: str = WEEK, name: str = "") -> None:
    path = folder / student / week / (name or f"{week}.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def result(student: str = "ada", **changes: Any) -> Result:
    check = CheckResult("conv2d-lecture", "pass", 2, 2, hidden=False)
    return Result(
        **{
            "student": student,
            "week": WEEK,
            "verdict": "pass",
            "score": 2,
            "max_score": 2,
            "checks": (check,),
            **changes,
        }
    )


# --- finding ---------------------------------------------------------------------------------------------------------


def test_nbgraders_layout_and_zips_are_found(tmp_path: Path) -> None:
    put(tmp_path, "ada", b"1")
    put(tmp_path, "bao", b"2", name="homework.ipynb")
    with zipfile.ZipFile(tmp_path / f"chidi-{WEEK}.zip", "w") as archive:
        archive.writestr(f"{WEEK}.ipynb", b"3")
        archive.writestr("../../evil.txt", b"x")
    found = {s.student: s for s in discover(tmp_path)}
    assert {name: s.data for name, s in found.items()} == {"ada": b"1", "bao": b"2", "chidi": b"3"}
    assert "homework.ipynb" in found["bao"].warnings[0]
    assert not (tmp_path.parent.parent / "evil.txt").exists()


def test_a_wrong_week_name_is_recognised_by_the_cells(tmp_path: Path) -> None:
    put(tmp_path, "ada", notebook(), week="homework-1")
    (found,) = discover(tmp_path)
    assert found.week == WEEK and any("recognised" in w for w in found.warnings)


@pytest.mark.parametrize("kind", ["nothing", "two notebooks", "fifo", "link", "bad zip", "empty zip", "zip of zips"])
def test_what_cannot_be_taken_is_named(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "ada" / WEEK
    folder.mkdir(parents=True)
    if kind == "two notebooks":
        (folder / "a.ipynb").write_bytes(b"1")
        (folder / "b.ipynb").write_bytes(b"2")
    elif kind == "fifo":
        os.mkfifo(folder / f"{WEEK}.ipynb")
    elif kind == "link":
        (folder / f"{WEEK}.ipynb").symlink_to("/etc/passwd")
    elif "zip" in kind:
        folder.rmdir()
        folder.parent.rmdir()
        target = tmp_path / f"ada-{WEEK}.zip"
        target.write_bytes(b"PK\3\4 no zip")
        if kind != "bad zip":
            with zipfile.ZipFile(target, "w") as archive:
                archive.writestr("more.zip", b"")
    (found,) = discover(tmp_path)
    assert (found.student, found.week) == ("ada", WEEK)
    assert found.problem and not found.data


def test_nothing_to_grade_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no submissions"):
        discover(tmp_path)
    with pytest.raises(UserError, match="does not exist"):
        discover(tmp_path / "nowhere")


# --- recording -------------------------------------------------------------------------------------------------------


def test_records_survive_a_torn_line_and_the_latest_counts(tmp_path: Path) -> None:
    with records.Writer(tmp_path) as writer:
        writer.append("k1", result(score=1))
        writer.append("k2", result(score=2))
    path = tmp_path / records.FILE
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    assert [r.score for r in records.read(tmp_path)] == [2]
    with records.Writer(tmp_path) as writer:
        writer.append("k3", result("bao"))
    assert path.read_bytes().startswith(whole)
    assert [r.student for r in records.read(tmp_path)] == ["ada", "bao"]


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    with records.Writer(tmp_path), pytest.raises(UserError, match="another grader"):
        records.Writer(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        records.Writer(tmp_path / "file" / "grades")


def test_results_come_back_from_records_as_they_were(tmp_path: Path) -> None:
    odd = result("=cmd|<b>\N{SNOWMAN}", warnings=("w",), outputs={"c": [{"output_type": "stream", "text": "é"}]})
    with records.Writer(tmp_path) as writer:
        writer.append("k", odd)
    assert records.read(tmp_path) == [odd]


# --- grading ---------------------------------------------------------------------------------------------------------


@pytest.mark.sandbox
def test_a_batch_grades_all_whatever_one_holds_and_nothing_twice(tmp_path: Path) -> None:
    folder, to = tmp_path / "submitted", tmp_path / "grades"
    reference = notebook()
    put(folder, "ada", reference)
    put(folder, "bao", reference[:2000])
    put(folder, "chidi", b"")
    put(folder, "dana", notebook(conv2d="import os\nos._exit(1)"))
    put(folder, "eli", notebook(pool2d="def pool2d(x, size, stride=None, mode='max'):\n    while True: pass"))
    seen: list[str] = []
    results = batch.grade_folder(folder, to=to, on_result=lambda r: seen.append(r.student))
    by_name = {r.student: r for r in results}
    assert by_name["ada"].verdict == "pass" and by_name["ada"].score == by_name["ada"].max_score == 90
    assert by_name["bao"].verdict == "invalid" and "cut off" in by_name["bao"].warnings[0]
    assert by_name["chidi"].verdict == "invalid" and "empty" in by_name["chidi"].warnings[0]
    assert 0 < by_name["dana"].score < 90
    assert by_name["eli"].verdict == "timeout" and by_name["eli"].score == 75
    assert sorted(seen) == ["ada", "bao", "chidi", "dana", "eli"]

    before = (to / records.FILE).read_bytes()
    again = batch.grade_folder(folder, to=to)
    assert (to / records.FILE).read_bytes() == before, "unchanged work is not graded again"
    assert [r.as_dict() for r in again] == [r.as_dict() for r in results]

    put(folder, "chidi", reference)
    third = {r.student: r for r in batch.grade_folder(folder, to=to)}
    assert third["chidi"].verdict == "pass"
    assert (to / records.FILE).read_bytes().startswith(before)


def test_without_a_sandbox_grading_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.grading import sandbox

    monkeypatch.setattr(sandbox, "bwrap_problem", lambda: "bubblewrap is not installed: " + sandbox.INSTALL_HINT)
    put(tmp_path, "ada", b"{}")
    with pytest.raises(UserError, match="apt-get install bubblewrap"):
        batch.grade_folder(tmp_path, to=tmp_path / "grades")
