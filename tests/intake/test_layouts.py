"""Every layout is recognised, alone and several weeks together, zipped and unzipped; and every file is accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from downloads import LAYOUTS, canvas, gradescope, lay, moodle, nbgrader, tiny, within, zipped

from autograder.errors import UserError
from autograder.intake.submissions import Collected, collect, read

ONE, TWO, THREE = "week01_convolution", "week02_receptive_field", "week03_parameters"
STUDENTS = ["ada", "bao", "cem"]


def found(collected: Collected) -> set[tuple[str, str]]:
    for place in collected.places:
        submission = read(place)
        assert not submission.problem, submission.problem
        assert submission.data == tiny(place.week, place.student), "everybody's own work"
    return {(place.student, place.week) for place in collected.places}


def fates(collected: Collected) -> Mapping[str, int]:
    return Counter(one.fate for one in collected.accounts())


def everything_on_disk(folder: Path) -> set[str]:
    """Files, links and empty folders, as accounts name them; what is in a zip is counted as well where it was opened."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir() or not any(path.iterdir())
    }


def said_of_each(folder: Path, collected: Collected) -> None:
    accounts = collected.accounts()
    named = [one.file for one in accounts]
    assert len(named) == len(set(named)), "nothing is counted twice"
    assert everything_on_disk(folder) <= set(named)
    assert all(one.fate for one in accounts)
    assert all(one.reason for one in accounts if one.fate in ("left out", "superseded", "system", "not read"))


@pytest.mark.parametrize("zips", ["unzipped", "zipped"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_week(tmp_path: Path, layout: str, zips: str) -> None:
    files = LAYOUTS[layout](ONE, STUDENTS)
    lay(tmp_path / "got", files if zips == "unzipped" else {"CONV101-week01-997.zip": zipped(files)})
    if zips == "zipped" and layout == "course submit":
        (tmp_path / "got" / "CONV101-week01-997.zip").rename(tmp_path / "got" / "download.zip")
    collected = collect(tmp_path / "got")
    assert found(collected) == {(one, ONE) for one in STUDENTS}
    assert not fates(collected).get("left out") and fates(collected)["submission"] == 3
    said_of_each(tmp_path / "got", collected)


@pytest.mark.parametrize("how", ["unzipped", "zips side by side", "a zip of zips", "a zip of folders"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_several_weeks_side_by_side(tmp_path: Path, layout: str, how: str) -> None:
    """Once 57 of 60 submissions were dropped so, with exit status 0."""
    weeks = {"assignment 1": ONE, "assignment 2": TWO, "assignment 3": THREE}
    each = {name: LAYOUTS[layout](week, STUDENTS) for name, week in weeks.items()}
    zips = {f"{name}.zip": zipped(files) for name, files in each.items()}
    folders = {path: data for name, files in each.items() for path, data in within(name, files).items()}
    laid = {
        "unzipped": folders,
        "zips side by side": zips,
        "a zip of zips": {"all.zip": zipped(zips)},
        "a zip of folders": {"all.zip": zipped(folders)},
    }
    lay(tmp_path / "got", laid[how])
    collected = collect(tmp_path / "got")
    assert found(collected) == {(one, week) for one in STUDENTS for week in weeks.values()}
    assert not fates(collected).get("left out") and fates(collected)["submission"] == 9
    said_of_each(tmp_path / "got", collected)
    only = collect(tmp_path / "got", only=[TWO], students=["bao"])
    assert found(only) == {("bao", TWO)} and not fates(only).get("left out")
    said_of_each(tmp_path / "got", only)


def test_downloads_of_different_platforms_side_by_side(tmp_path: Path) -> None:
    lay(tmp_path, {**within("canvas", canvas(ONE, ["ada"])), **within("gradescope", gradescope(TWO, ["bao", "cem"]))})
    lay(
        tmp_path,
        {**within("moodle 3", moodle(THREE, ["cem"])), "more.zip": zipped(within("x", moodle(THREE, ["dee"])))},
    )
    collected = collect(tmp_path)
    assert found(collected) == {("ada", ONE), ("bao", TWO), ("cem", TWO), ("cem", THREE), ("dee", THREE)}
    assert any("more.zip was opened" in note for note in collected.notes)
    said_of_each(tmp_path, collected)


def test_what_is_not_asked_for_is_counted(tmp_path: Path) -> None:
    lay(tmp_path, {**nbgrader(ONE, STUDENTS), **nbgrader(TWO, ["ada"]), "dee/homework/x.ipynb": b"broken"})
    collected = collect(tmp_path, only=[TWO])
    assert found(collected) == {("ada", TWO)}
    assert fates(collected)["not asked for"] == 3 and fates(collected)["left out"] == 1, "a week that cannot be told"
    with pytest.raises(UserError, match=r"no submissions for week03"):
        collect(tmp_path, only=[THREE], students=["ada"])


def test_a_term_with_all_its_damage(tmp_path: Path) -> None:
    """200 students over three weeks, in four layouts, with everything that was seen: each file is one of the sum."""
    everyone = [f"student{number:03}" for number in range(200)]
    laid: dict[str, bytes] = within("submitted", nbgrader(ONE, everyone[:50]))
    for week in (TWO, THREE):
        laid |= within("submitted", nbgrader(week, everyone[:50]))
    expected = {(one, week) for one in everyone for week in (ONE, TWO, THREE)}
    for number, week in enumerate((ONE, TWO, THREE), start=1):
        laid |= within(f"moodle/CONV-Homework {number}-99{number}", moodle(week, everyone[50:100]))
        laid[f"canvas/homework-{number}_submissions.zip"] = zipped(canvas(week, everyone[100:150]))
        laid |= within(f"gradescope/assignment_{number}_export", gradescope(week, everyone[150:]))

    damage = {
        "submitted/.DS_Store": b"x",
        "submitted/student000/.ipynb_checkpoints/x.ipynb": b"x",
        "submitted/__MACOSX/._student001": b"x",
        "submitted/empty/": b"",
        f"submitted/student001/{ONE}/picture.png": b"x",
        f"submitted/student002/{ONE}/{ONE} (1).ipynb": tiny(ONE, "student002"),
        f"submitted/student003/{TWO}/{TWO}-Copy1.ipynb": b"old",
        f"submitted/student004/{TWO}/artefacts/tiny-quick.npz": b"net",
        "submitted/grades.xlsx": b"x",
        "moodle/CONV-Homework 1-991/Thumbs.db": b"x",
        "moodle/CONV-Homework 1-991/Late Comer_999_assignsubmission_onlinetext/onlinetext.html": b"I forgot",
        f"moodle/CONV-Homework 2-992/{everyone[51]}_701_assignsubmission_file/notes.pdf": b"x",
        "gradescope/@eaDir/x.ipynb": b"x",
        "gradescope/assignment_1_export/submission_1/x.ipynb": b"nobody's",
    }
    vanished = [f"submitted/student005/{ONE}/{ONE}.ipynb", f"submitted/student006/{TWO}/{TWO}.ipynb"]
    laid[f"{vanished[0]}.txt"] = laid.pop(vanished[0])
    laid[f"{vanished[1]}.json"] = laid.pop(vanished[1])
    cut = f"submitted/student007/{THREE}/{THREE}.ipynb"
    laid[cut] = laid[cut][:100]
    lay(tmp_path, {**laid, **damage})
    (tmp_path / "submitted" / "student008" / THREE / "elsewhere").symlink_to("/etc")

    collected = collect(tmp_path)
    work = {(place.student, place.week): read(place) for place in collected.places}
    assert work.keys() - expected == {("Late Comer", ONE)} and "typed into Moodle" in work["Late Comer", ONE].problem
    assert not expected - work.keys()
    for (student, week), submission in work.items():
        if (student, week) not in (("Late Comer", ONE), ("student007", THREE)):
            assert submission.data == tiny(week, student), (student, week)
    assert work["student004", TWO].artefacts == {"tiny-quick.npz": b"net"}

    said_of_each(tmp_path, collected)
    accounts = {one.file: one.fate for one in collected.accounts()}
    # Moodle's and nbgrader's own files beside 150 each, Gradescope's three lists, the picture, the PDF and the link.
    left = {file for file, fate in accounts.items() if fate == "left out"}
    assert left == {
        "submitted/empty",
        "submitted/grades.xlsx",
        "gradescope/assignment_1_export/submission_1/x.ipynb",
        "moodle/CONV-Homework 1-991/Late Comer_999_assignsubmission_onlinetext/onlinetext.html",
    }
    assert Counter(accounts.values()) == {
        "submission": 600,
        "not read": 150 + 150 + 3 + 3,
        "beside": 1,
        "superseded": 2,
        "opened": 3,
        "system": 5,
        "left out": 4,
    }
