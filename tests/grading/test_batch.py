"""Folders of submissions: found in every layout, graded once, recorded whole, whatever one of them holds."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from classroom import WEEK, fill, lines, notebook, put
from click.testing import CliRunner

from autograder import weeks
from autograder.cli import cli
from autograder.errors import UserError
from autograder.grading import batch
from autograder.intake.submissions import discover, locate, read
from autograder.intake.work import Work
from autograder.results import CheckResult, Result, Verdict, records
from benchmarks.attacks import HONEST, POINTS
from course import limits


def result(student: str = "ada", verdict: Verdict = "pass", **changes: Any) -> Result:
    earned = 2 if verdict == "pass" else 0
    check = CheckResult("conv2d-lecture", verdict, earned, 2, hidden=False)
    return Result(student, WEEK, verdict, earned, 2, (check,), **changes)


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


@pytest.mark.parametrize(
    "name",
    [
        f"ada/{WEEK}.ipynb",
        "ada/week01.ipynb",
        "ada/homework.ipynb",
        f"ada/{WEEK}/{WEEK}/{WEEK}.ipynb",
        f"ada/{WEEK}/{WEEK.upper()}.IPYNB",
        f"ada-{WEEK} (1).ipynb",
        "ada-Week01.ipynb",
        f"ada_{WEEK}-Copy2.ipynb",
    ],
)
def test_a_notebook_is_found_wherever_platforms_put_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(notebook())
    (found,) = discover(tmp_path)
    assert (found.student, found.week, found.problem) == ("ada", WEEK, "") and found.data == notebook()


@pytest.mark.parametrize("name", [f"ada-{WEEK}.tar.gz", "ada/homework.rar", "ada/homework.7z"])
def test_an_archive_of_another_kind_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"x")
    (found,) = discover(tmp_path)
    assert found.student == "ada" and "archives of this kind are not read, zips are" in found.problem


def test_a_zip_of_windows_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / f"ada-{WEEK}.zip", "w") as archive:
        for name, data in ((f"w\\{WEEK}.IPYNB", b"1"), (f"w\\.ipynb_checkpoints\\{WEEK}-checkpoint.ipynb", b"0")):
            member = zipfile.ZipInfo("x")
            member.filename = name  # past the constructor, which would put it right
            archive.writestr(member, data)
        archive.writestr("w/artefacts/tiny-quick.npz", b"2")
    (found,) = discover(tmp_path)
    assert (found.data, found.artefacts) == (b"1", {"tiny-quick.npz": b"2"})


def test_of_two_notebooks_the_one_that_is_left_out_is_named(tmp_path: Path) -> None:
    for name in (f"{WEEK}.ipynb", f"{WEEK}-Copy1.ipynb"):
        put(tmp_path, "ada", b"1", name=name)
    with zipfile.ZipFile(tmp_path / f"bao-{WEEK}.zip", "w") as archive:
        for name in (f"{WEEK}.ipynb", f"{WEEK}-Copy1.ipynb"):
            archive.writestr(name, b"1")
    for found in discover(tmp_path):
        assert found.warnings == (f"another notebook was left out: {WEEK}-Copy1.ipynb",)


def test_a_linked_folder_of_nets_is_not_taken(tmp_path: Path) -> None:
    put(tmp_path, "ada", notebook())
    put(tmp_path, "bao", b"x", name="artefacts/tiny-quick.npz")
    (tmp_path / "ada" / WEEK / "artefacts").symlink_to(tmp_path / "bao" / WEEK / "artefacts")
    found = next(s for s in discover(tmp_path) if s.student == "ada")
    assert not found.artefacts and "it is a link" in found.warnings[0]


def test_modules_beside_the_notebook_are_part_of_the_work(tmp_path: Path) -> None:
    files = {"mine.py": b"1", "random.py": b"2", "numpy.py": b"3", "course.py": b"4", "a b.py": b"5"}
    put(tmp_path, "ada", b"1")
    for name, data in files.items():
        put(tmp_path, "ada", data, name=name)
    (tmp_path / "ada" / WEEK / "linked.py").symlink_to(tmp_path / "ada" / WEEK / "mine.py")
    with zipfile.ZipFile(tmp_path / f"bao-{WEEK}.zip", "w") as archive:
        for name, data in {f"{WEEK}.ipynb": b"1", **files}.items():
            archive.writestr(f"w/{name}", data)
        archive.writestr("elsewhere/other.py", b"6")
    for found in discover(tmp_path):
        assert found.modules == {"mine.py": b"1"}
        said = "\n".join(found.warnings)
        assert "random.py was not taken" in said and "numpy.py was not taken" in said and "course.py was not" in said


def test_modules_are_bounded_and_part_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MODULES", 2)
    monkeypatch.setattr(limits, "MODULE_BYTES", 10)
    put(tmp_path, "ada", b"1")
    for name, data in {"a.py": b"x" * 6, "b.py": b"x" * 6, "c.py": b"x", "d.py": b"x"}.items():
        put(tmp_path, "ada", data, name=name)
    (found,) = discover(tmp_path)
    assert set(found.modules) == {"a.py", "c.py"} and len(found.warnings) == 2
    week = weeks.load(1)
    keys = {records.key(week, Work(modules={"a.py": data}), "quick", "none") for data in (b"1", b"2")}
    assert len(keys) == 2


def test_of_notebooks_alike_the_exact_name_wins_and_then_the_newest(tmp_path: Path) -> None:
    put(tmp_path, "ada", b"old", name=f"{WEEK.upper()}.ipynb")
    put(tmp_path, "ada", b"new")
    put(tmp_path, "bao", b"old", name=f"{WEEK.upper()}.ipynb")
    put(tmp_path, "bao", b"new", name=f"{WEEK.title()}.ipynb")
    for student, name in (("ada", WEEK), ("bao", WEEK.upper())):
        os.utime(tmp_path / student / WEEK / f"{name}.ipynb", (1, 1))
    with zipfile.ZipFile(tmp_path / f"cem-{WEEK}.zip", "w") as archive:
        archive.writestr(f"{WEEK.upper()}.ipynb", b"old")
        archive.writestr(f"{WEEK}.ipynb", b"new")
    for found in discover(tmp_path):
        assert found.data == b"new" and any("left out" in warning for warning in found.warnings)


def test_linked_folders_are_named(tmp_path: Path) -> None:
    put(tmp_path, "ada", notebook())
    (tmp_path / "bao").symlink_to(tmp_path / "ada")
    (tmp_path / "cem").mkdir()
    (tmp_path / "cem" / WEEK).symlink_to(tmp_path / "ada" / WEEK)
    (tmp_path / "dee").symlink_to(tmp_path / "gone")
    (tmp_path / f"eva-{WEEK}.zip").symlink_to(tmp_path / "gone.zip")
    for only in ((), (WEEK,)):
        found = {place.student: read(place) for place in locate(tmp_path, only)}
        assert set(found) == {"ada", "bao", "cem", "dee", "eva"} and not found["ada"].problem
        for student in ("bao", "cem", "dee", "eva"):
            assert "is a link, and links are not followed" in found[student].problem
        assert not only or {one.week for one in found.values()} == {WEEK}


def test_names_that_print_alike_stay_two(tmp_path: Path) -> None:
    for name in ("new\nline", "new\\nline", "new\\\\nline"):
        put(tmp_path, name, notebook())
    assert len({found.student for found in discover(tmp_path)}) == 3


def test_nothing_to_grade_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no submissions"):
        discover(tmp_path)
    with pytest.raises(UserError, match="does not exist"):
        discover(tmp_path / "nowhere")


# --- recording -------------------------------------------------------------------------------------------------------


def test_records_survive_a_torn_line_and_the_latest_counts(tmp_path: Path) -> None:
    with records.Writer(tmp_path) as writer:
        writer.append("k1", result(verdict="fail"))
        writer.append("k2", result())
    path = tmp_path / records.FILE
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    assert [r.score for r in records.read(tmp_path)] == [2]
    with records.Writer(tmp_path) as writer:
        writer.append("k3", result("bao"))
    assert path.read_bytes().startswith(whole)
    troubles: list[records.Trouble] = []
    assert [r.student for r in records.read(tmp_path, troubles.append)] == ["ada", "bao"]
    assert troubles == []


def test_a_last_line_without_its_end_is_kept(tmp_path: Path) -> None:
    """Some editors drop the line end of the last line; the next run once deleted that record."""
    with records.Writer(tmp_path) as writer:
        writer.append("k1", result("ada"))
        writer.append("k2", result("bao"))
    path = tmp_path / records.FILE
    whole = path.read_bytes()
    path.write_bytes(whole.rstrip(b"\n"))
    assert [r.student for r in records.read(tmp_path)] == ["ada", "bao"]
    with records.Writer(tmp_path) as writer:
        writer.append("k3", result("chidi"))
    troubles: list[records.Trouble] = []
    assert [r.student for r in records.read(tmp_path, troubles.append)] == ["ada", "bao", "chidi"]
    assert path.read_bytes().startswith(whole) and troubles == []


def edited(tmp_path: Path, edit: Callable[[dict[str, Any]], None]) -> str:
    """The export's standard error after an edit of the first of two records, and a third line that is none."""
    with records.Writer(tmp_path) as writer:
        writer.append("k1", result("ada", verdict="fail"))
        writer.append("k2", result("bao"))
    first, second = (tmp_path / records.FILE).read_text().splitlines()
    record = json.loads(first)
    edit(record)
    (tmp_path / records.FILE).write_text("\n".join([json.dumps(record, sort_keys=True), second, "[" * 100_000, ""]))
    done = CliRunner().invoke(cli, ["export", "--records", str(tmp_path), "--to", str(tmp_path / "grades.csv")])
    assert done.exit_code == 0
    assert "line 3 is not a record" in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("score", 9),
        ("max_score", "9"),
        ("student", 3),
        ("week", ["week01"]),
        ("by_hand", []),
        ("by_hand", {"question": "two"}),
        ("answers", 4),
        ("warnings", [1]),
        ("verdict", "great"),
        ("checks", [{"id": "a", "verdict": "pass", "max_points": "1"}]),
        ("checks", [{"id": "a", "verdict": "pass", "max_points": float("nan")}]),
        ("outputs", {"cell": [5]}),
        ("extra", 1),
    ],
)
def test_a_record_of_another_form_is_named_and_left_out(tmp_path: Path, field: str, value: object) -> None:
    said = edited(tmp_path, lambda record: record["result"].update({field: value}))
    assert "line 1 " in said
    if field not in ("score", "max_score"):  # which are not read
        assert "line 1 is not a record" in said
        assert "ada" not in (tmp_path / "grades.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    "edit",
    [
        lambda record: record["result"]["checks"][0].update(verdict="pass"),
        lambda record: record["result"]["checks"][0].update(max_points=50),
        lambda record: record["result"]["checks"].append({**record["result"]["checks"][0], "id": "more"}),
        lambda record: record["result"].update(verdict="pass"),
        lambda record: record["result"].update(student="eve"),
        lambda record: record["result"].update(warnings=["none"]),
        lambda record: record.update(key="k9"),
        lambda record: record["timing"].update(seconds=0.5),
        lambda record: record.update(link="0" * 32),
        lambda record: record.pop("link"),
    ],
)
def test_an_edit_of_any_field_breaks_the_link_and_is_named(
    tmp_path: Path, edit: Callable[[dict[str, Any]], None]
) -> None:
    assert "line 1 (" in edited(tmp_path, edit)


def test_a_removed_record_is_noticed_at_the_next_one(tmp_path: Path) -> None:
    with records.Writer(tmp_path) as writer:
        for name in ("ada", "bao", "chidi"):
            writer.append(f"k-{name}", result(name))
    path = tmp_path / records.FILE
    kept = path.read_text().splitlines(keepends=True)
    path.write_text(kept[0] + kept[2])
    troubles: list[records.Trouble] = []
    records.read(tmp_path, troubles.append)
    assert [trouble.line for trouble in troubles] == [2] and "chidi" in str(troubles[0])


def test_a_score_is_never_read(tmp_path: Path) -> None:
    """It follows from the checks: a `score` of 90 beside checks that failed was once believed."""
    with records.Writer(tmp_path) as writer:
        writer.append("k1", result(verdict="fail"))
    record = json.loads((tmp_path / records.FILE).read_text())
    record["result"].update(score=90, verdict="pass")
    record["result"]["checks"][0]["points"] = 90
    (tmp_path / records.FILE).write_text(json.dumps(record) + "\n")
    (found,) = records.read(tmp_path)
    assert (found.score, found.verdict) == (0, "fail")


@pytest.mark.parametrize("change", ["replaced", "truncated", "longer", "removed"])
def test_records_that_change_while_grading_are_not_written_to(tmp_path: Path, change: str) -> None:
    path = tmp_path / records.FILE
    with records.Writer(tmp_path) as writer:
        writer.append("k1", result("ada"))
        whole = path.read_bytes()
        if change == "replaced":
            (tmp_path / "other").write_bytes(whole)
            (tmp_path / "other").replace(path)
        elif change == "removed":
            path.unlink()
        else:
            path.write_bytes(whole[:-10] if change == "truncated" else whole + b"{}\n")
        with pytest.raises(UserError, match="changed by another program"):
            writer.append("k2", result("bao"))
        with pytest.raises(UserError, match="another grader"):
            records.Writer(tmp_path)


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
def test_a_batch_grades_all_whatever_one_holds_and_nothing_twice(tmp_path: Path, here: None, impatient: None) -> None:
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
    assert by_name["ada"].verdict == "pass" and by_name["ada"].score == by_name["ada"].max_score == POINTS
    assert by_name["bao"].verdict == "invalid" and "cut off" in by_name["bao"].warnings[0]
    assert by_name["chidi"].verdict == "invalid" and "empty" in by_name["chidi"].warnings[0]
    assert 0 < by_name["dana"].score < POINTS
    assert by_name["eli"].verdict == "timeout" and by_name["eli"].score == HONEST
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
    from autograder.isolation import sandbox

    monkeypatch.setattr(sandbox, "bwrap_problem", lambda: "bubblewrap is not installed: " + sandbox.INSTALL_HINT)
    put(tmp_path, "ada", b"{}")
    with pytest.raises(UserError, match="apt-get install bubblewrap"):
        batch.grade_folder(tmp_path, to=tmp_path / "grades")


# --- one at a time, or many ------------------------------------------------------------------------------------------


@pytest.mark.sandbox
def test_records_are_the_same_however_many_slots_there_are(tmp_path: Path) -> None:
    fill(tmp_path / "submitted", 10)
    seen: list[str] = []
    one = batch.grade(tmp_path / "submitted", to=tmp_path / "one", jobs=1)
    two = batch.grade(tmp_path / "submitted", to=tmp_path / "two", jobs=2, on_result=lambda r: seen.append(r.student))
    assert lines(tmp_path / "one") == lines(tmp_path / "two")
    assert seen == sorted(seen) and one == two
    assert one.count == 10 and one.verdicts["invalid"] == 1 and one.failed == 0
    again = batch.grade(tmp_path / "submitted", to=tmp_path / "two", jobs=2)
    assert again.unchanged == 10 and len(lines(tmp_path / "two")) == 10


@pytest.mark.sandbox
def test_a_second_folder_for_the_same_week_is_named_and_left_out(tmp_path: Path, here: None) -> None:
    put(tmp_path, "ada", notebook())
    put(tmp_path, "ada", b"other", week="1", name=f"{WEEK}.ipynb")
    (found,) = discover(tmp_path)
    assert found.data == notebook() and "1 was left out" in found.warnings[0]
    put(tmp_path, "ada", notebook(), week="homework")  # recognised by its cells: another attempt
    (result,) = batch.grade_folder(tmp_path, to=tmp_path / "grades")
    assert result.verdict == "pass" and len(result.attempts) == 2
    assert any("homework was left out" in warning for warning in result.warnings)


def test_a_bug_of_ours_is_shown_and_not_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "submitted", "ada", notebook())

    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(batch.sanitize, "sanitize", broken)
    (found,) = batch.grade_folder(tmp_path / "submitted", to=tmp_path / "grades")
    assert found.verdict == "invalid" and "the grader itself failed" in found.warnings[0]
    assert lines(tmp_path / "grades") == []


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with records.Writer(tmp_path) as writer:
        writer.append("k1", result())
        whole = (tmp_path / records.FILE).read_bytes()
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 100, before[1]))
        try:
            with pytest.raises(UserError, match=r"bao.*make room"):
                writer.append("k2", result("bao"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert (tmp_path / records.FILE).read_bytes() == whole
        writer.append("k2", result("bao"))
    assert [r.student for r in records.read(tmp_path)] == ["ada", "bao"]


def test_trained_nets_are_taken_by_name_and_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(limits, "ARTEFACT_BYTES", 100)
    put(tmp_path, "ada", notebook())
    nets = tmp_path / "ada" / WEEK / "artefacts"
    nets.mkdir()
    (nets / "tiny-quick.npz").write_bytes(b"x" * 60)
    (nets / "wide-quick.npz").write_bytes(b"x" * 60)
    (nets / "..\\evil.npz").write_bytes(b"")
    (nets / "link.npz").symlink_to("/etc/passwd")
    (found,) = discover(tmp_path)
    assert found.artefacts == {"tiny-quick.npz": b"x" * 60}
    assert len(found.warnings) == 3 and any("larger" in w for w in found.warnings)
    with zipfile.ZipFile(tmp_path / f"bao-{WEEK}.zip", "w") as archive:
        archive.writestr(f"{WEEK}.ipynb", notebook())
        archive.writestr("artefacts/tiny-quick.npz", b"y" * 60)
        archive.writestr("artefacts/../../wide-quick.npz", b"y" * 60)
    found = next(s for s in discover(tmp_path) if s.student == "bao")
    assert found.artefacts == {"tiny-quick.npz": b"y" * 60} and "wide-quick" in found.warnings[0]
