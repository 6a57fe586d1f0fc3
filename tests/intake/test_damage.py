"""What was seen to vanish or to become somebody: each is graded, or listed with its reason; and which attempt counts."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from downloads import canvas, gradescope, lay, moodle, nbgrader, submitted_zips, tiny, within, zipped

from autograder.errors import UserError
from autograder.intake import archives
from autograder.intake.submissions import Account, Collected, Submission, collect, discover, read

ONE, TWO = "week01_convolution", "week02_receptive_field"


def one(folder: Path, student: str = "ada") -> Submission:
    (place,) = [place for place in collect(folder).places if place.student == student]
    return read(place)


def account(collected: Collected, file: str) -> Account:
    (found,) = [one for one in collected.accounts() if one.file == file]
    return found


def at(path: Path, second: float) -> None:
    os.utime(path, (second, second))


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        f"{ONE}.ipynb.txt",
        f"{ONE}.ipynb.json",
        f"{ONE}.IPYNB.TXT",
        f"{ONE}.ipynb (1)",
        f"{ONE}.ipynb.download",
        f"{ONE} - Copy.ipynb",
        f"{ONE}.json",
        f"{ONE}.txt",
        "homework.ipynb.txt",
        "homework.json",
    ],
)
@pytest.mark.parametrize("place", [f"ada/{ONE}", "ada", "in a zip"])
def test_a_notebook_under_the_name_that_a_browser_gave_it(tmp_path: Path, name: str, place: str) -> None:
    if place == "in a zip":
        lay(tmp_path, {f"ada-{ONE}.zip": zipped({name: tiny(ONE, "ada")})})
    else:
        lay(tmp_path, {f"{place}/{name}": tiny(ONE, "ada"), f"{place}/more.json": b"{}"})
    found = one(tmp_path)
    assert (found.week, found.problem, found.data) == (ONE, "", tiny(ONE, "ada"))


def test_a_page_saved_instead_of_the_notebook_is_somebodys_and_named(tmp_path: Path) -> None:
    lay(tmp_path, {f"ada/{ONE}/{ONE}.html": b"<html>", **nbgrader(ONE, ["bao"])})
    assert "there is no notebook" in one(tmp_path).problem
    assert account(collect(tmp_path), f"ada/{ONE}/{ONE}.html").fate == "left out"


@pytest.mark.parametrize("beside", ["html", "pdf", "txt", "zip", "py"])
def test_what_was_made_of_a_notebook_does_not_count_beside_it(tmp_path: Path, beside: str) -> None:
    lay(tmp_path, {f"ada/{ONE}/{ONE}.ipynb.{beside}": b"x", f"ada/{ONE}/{ONE}.ipynb": tiny(ONE, "ada")})
    assert one(tmp_path).data == tiny(ONE, "ada")


GHOSTS = [
    "__MACOSX/._x.ipynb",
    "__MACOSX/ada/._week01.ipynb",
    ".DS_Store",
    "@eaDir/ada/week01.ipynb@SynoEAStream",
    "lost+found/#123.ipynb",
    "Thumbs.db",
    "thumbs.DB",
    "desktop.ini",
    ".ipynb_checkpoints/week01-checkpoint.ipynb",
    "$RECYCLE.BIN/x.ipynb",
    "System Volume Information/x",
    "#recycle/x.ipynb",
    ".git/config",
    "__pycache__/x.pyc",
    "~$notes.docx",
]


@pytest.mark.parametrize("ghost", GHOSTS)
@pytest.mark.parametrize("place", ["", "ada/", f"ada/{ONE}/", "in a zip"])
def test_what_a_system_leaves_is_nobody(tmp_path: Path, ghost: str, place: str) -> None:
    files = nbgrader(ONE, ["ada", "bao"])
    if place == "in a zip":
        lay(tmp_path, {"all.zip": zipped({**files, ghost: b"x"})})
    else:
        lay(tmp_path, {**files, f"{place}{ghost}": b"x"})
    collected = collect(tmp_path)
    assert [(place.student, place.week) for place in collected.places] == [("ada", ONE), ("bao", ONE)]
    assert all(not read(place).problem and not place.warnings for place in collected.places)
    assert [one.fate for one in collected.accounts() if one.fate not in ("submission", "not read", "opened")] == [
        "system"
    ]


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    lay(tmp_path, {**nbgrader(ONE, ["ada"]), "bao/": b"", f"cem/{ONE}/": b"", "dee/notes.pdf": b"x"})
    collected = collect(tmp_path)
    assert "empty" in account(collected, "bao").reason and account(collected, "bao").fate == "left out"
    assert account(collected, "dee/notes.pdf").fate == "left out"
    assert [(place.student, bool(read(place).problem)) for place in collected.places] == [("ada", False), ("cem", True)]


@pytest.mark.parametrize(
    "files", [{"bao/": b""}, {"notes.pdf": b"x"}, {"bao/notes.pdf": b"x"}, {"__MACOSX/x.ipynb": b"x"}]
)
def test_nothing_but_that_is_the_users_mistake_and_named(tmp_path: Path, files: dict[str, bytes]) -> None:
    lay(tmp_path, files)
    with pytest.raises(UserError, match=r"no submissions.*expected <student>"):
        collect(tmp_path)


def test_composed_and_decomposed_names_are_one_person(tmp_path: Path) -> None:
    name = "Jos\N{LATIN SMALL LETTER E WITH ACUTE}"
    lay(tmp_path, nbgrader(ONE, [name]))
    lay(tmp_path, nbgrader(TWO, [unicodedata.normalize("NFD", name)]))
    collected = collect(tmp_path)
    assert [(place.student, place.week) for place in collected.places] == [(name, ONE), (name, TWO)]
    assert any("accents" in note for note in collected.notes)
    assert len(collect(tmp_path, students=[name]).places) == 2


def test_names_that_differ_in_capitals_are_two_people_with_a_word(tmp_path: Path) -> None:
    lay(tmp_path, nbgrader(ONE, ["Case", "case"]))
    collected = collect(tmp_path)
    assert len(collected.places) == 2 and any(
        "Case and case differ only in capitals" in note for note in collected.notes
    )


def test_two_people_of_one_name_are_told_apart(tmp_path: Path) -> None:
    files = {f"Ada Ng_{number}_assignsubmission_file/{ONE}.ipynb": tiny(ONE, str(number)) for number in (7, 8)}
    files |= {f"ngada_{number}_1{number}_{ONE}.ipynb": tiny(ONE, str(number)) for number in (7, 8)}
    lay(tmp_path, files)
    found = {place.student: read(place).data for place in collect(tmp_path).places}
    assert set(found) == {"Ada Ng (7)", "Ada Ng (8)", "ngada (7)", "ngada (8)"}
    assert found["Ada Ng (8)"] == found["ngada (8)"] == tiny(ONE, "8")


def test_one_folder_of_one_student(tmp_path: Path) -> None:
    """`grade submitted/u003` once made the weeks into students."""
    lay(tmp_path, within("submitted", {**nbgrader(ONE, ["u003", "u004"]), **nbgrader(TWO, ["u003"])}))
    got = [(place.student, place.week) for place in collect(tmp_path / "submitted" / "u003").places]
    assert got == [("u003", ONE), ("u003", TWO)]
    for path in (f"u003/{ONE}", f"u003/{ONE}/{ONE}.ipynb"):
        (place,) = collect(tmp_path / "submitted" / path).places
        assert (place.student, place.week) == ("u003", ONE)
    assert len(collect(tmp_path / "submitted").places) == 3


def test_nbgraders_course_folder_is_what_was_submitted(tmp_path: Path) -> None:
    files = {f"{own}/ada/{ONE}/{ONE}.ipynb": b"x" for own in ("autograded", "feedback", "release", "source")}
    lay(tmp_path, {**files, "gradebook.db": b"x", **within("submitted", nbgrader(ONE, ["ada"]))})
    assert one(tmp_path).data == tiny(ONE, "ada")


def test_an_exchange_of_nbgrader(tmp_path: Path) -> None:
    for second, of in ((10, "old"), (30, "new"), (20, "older")):
        lay(tmp_path, {f"ada+{ONE}+2027-01-12 10:00:{second}.5 UTC+hash/{ONE}.ipynb": tiny(ONE, of)})
    (place,) = collect(tmp_path).places
    assert read(place).data == tiny(ONE, "new") and len(place.attempts) == 2
    assert (place.student, place.handed_in, place.handed_in_by) == ("ada", "2027-01-12T10:00:30+00:00", "nbgrader")


# --- layouts that are not recognised ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "files",
    [
        {f"12345-67890 - Ada Ng - Jan 3, 2027 1004 AM/{ONE}.ipynb": b"x"},
        {f"12345-67890 - Ada Ng - Jan 3, 2027 1004 AM - {ONE}.ipynb": b"x"},
        {f"{ONE}_ada.ipynb": b"x", "bao.ipynb": b"x"},
        {f"{ONE}/{ONE}.ipynb": b"x", f"ada/{ONE}/{ONE}.ipynb": b"x", f"{ONE}/x/": b""},
    ],
)
def test_a_layout_that_is_not_recognised_is_refused_as_a_whole(tmp_path: Path, files: dict[str, bytes]) -> None:
    lay(tmp_path, {**files, **within("more", moodle(TWO, ["bao"]))})
    with pytest.raises(UserError, match=r"nothing was graded, because whose work this is.*Expected <student>"):
        collect(tmp_path)


def test_metadata_that_cannot_be_read_are_refused_with_the_reason(tmp_path: Path) -> None:
    lay(tmp_path, {**gradescope(ONE, ["ada"]), "submission_metadata.yml": b"a: [1, 2"})
    with pytest.raises(UserError, match=r"submission_metadata.yml cannot be read .*export from Gradescope again"):
        collect(tmp_path)


# --- nobody hands in for others --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "planted",
    [
        {"mallory/evil.zip": zipped(moodle(ONE, ["ada"]))},
        {"mallory/evil.zip": zipped(submitted_zips(ONE, ["ada", "bao"]))},
        {"mallory.zip": zipped(submitted_zips(ONE, ["ada", "bao"])), "cem.ipynb": tiny(ONE, "cem")},
        {"mallory.zip": zipped(moodle(ONE, ["ada"]))},
        within("mallory", moodle(ONE, ["ada"])),
        within("mallory", gradescope(ONE, ["ada"])),
        within(f"mallory/{ONE}", moodle(ONE, ["ada"])),
        within(f"mallory/{ONE}", {"ada/x.ipynb": tiny(ONE, "m"), "bao/x.ipynb": tiny(ONE, "m")}),
        within("mallory", nbgrader(ONE, ["ada"])),
        {f"mallory-{ONE}.zip": zipped(moodle(ONE, ["ada"]))},
        {f"mallory-{ONE}.zip": zipped(nbgrader(ONE, ["ada", "bao"]))},
    ],
)
def test_no_student_hands_in_for_another(tmp_path: Path, planted: dict[str, bytes]) -> None:
    lay(tmp_path, nbgrader(ONE, ["ada"]))
    for path in (tmp_path / "ada").rglob("*.*"):
        at(path, 1)
    (tmp_path / "ada" / ONE / "timestamp.txt").unlink()
    lay(tmp_path, planted)
    collected = collect(tmp_path)
    assert {place.student for place in collected.places} <= {"ada", "mallory", "cem"}
    (ada,) = [place for place in collected.places if place.student == "ada"]
    assert read(ada).data == tiny(ONE, "ada") and not ada.attempts
    noticed = [one for one in collected.accounts() if one.file.startswith("mallory") and one.fate == "left out"]
    assert noticed or any(place.student == "mallory" for place in collected.places)


def test_where_the_layout_is_known_nothing_is_guessed(tmp_path: Path) -> None:
    """A student who is alone in the folder, and whose files look like a class's."""
    lay(tmp_path, within(f"mallory/{ONE}", {f"{who}/x.ipynb": tiny(ONE, who) for who in ("ada", "bao")}))
    lay(tmp_path, {**within("eve", moodle(ONE, ["ada"])), "fay/": b""})
    assert {place.student for place in collect(tmp_path, layout="nbgrader").places} == {"mallory", "eve"}


def test_a_students_zip_does_not_say_when_it_was_handed_in(tmp_path: Path) -> None:
    inner = zipped({f"{ONE}.ipynb": tiny(ONE), "timestamp.txt": b"2020-01-01 00:00:00 UTC"})
    lay(tmp_path, {f"ada-{ONE}.zip": inner, f"bao/{ONE}/hw.zip": inner})
    for place in collect(tmp_path).places:
        assert place.handed_in_by == "file" and place.handed_in > "2026"


# --- attempts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["zips", "notebooks", "in the folder of the week", "in the student's folder"])
def test_of_numbered_copies_the_newest_counts(tmp_path: Path, kind: str) -> None:
    """`(1)` once beat both the first and `(2)`."""
    form = {
        "zips": "ada-week01{}.zip",
        "notebooks": "ada-week01{}.ipynb",
        "in the folder of the week": f"ada/{ONE}/{ONE}{{}}.ipynb",
        "in the student's folder": "ada/week01{}.ipynb",
    }[kind]
    names = [form.format(mark) for mark in ("", " (1)", " (2)", " (10)")]
    for number, name in enumerate(names):
        data = tiny(ONE, str(number))
        lay(tmp_path, {name: zipped({f"{ONE}.ipynb": data}) if kind == "zips" else data})
    assert one(tmp_path).data == tiny(ONE, "3"), "the number, where the times are alike"
    at(tmp_path / names[1], 4_000_000_000)
    assert one(tmp_path).data == tiny(ONE, "1"), "the file's time before the number"
    collected = collect(tmp_path)
    (place,) = collected.places
    assert len(place.attempts) == 3 and all("file" in attempt for attempt in place.attempts)
    assert sorted(one.fate for one in collected.accounts()) == ["submission", *["superseded"] * 3]


def test_the_servers_time_comes_before_the_files(tmp_path: Path) -> None:
    for hour, of in ((9, "first"), (11, "last"), (10, "middle")):
        start = f"Homework_ada_attempt_2027-01-12-{hour:02}-00-00"
        lay(tmp_path, {f"{start}.txt": b"", f"{start}_{ONE}.ipynb": tiny(ONE, of)})
        at(tmp_path / f"{start}_{ONE}.ipynb", 4_000_000_000 - hour * 1000)
    (place,) = collect(tmp_path).places
    assert read(place).data == tiny(ONE, "last") and place.handed_in_by == "lms" and len(place.attempts) == 2


def test_the_number_of_the_upload_orders_canvass_files(tmp_path: Path) -> None:
    lay(tmp_path, {f"ngada_LATE_7_{number}_{ONE}-{9 - number}.ipynb": tiny(ONE, str(number)) for number in (4, 6, 5)})
    (place,) = collect(tmp_path).places
    assert read(place).data == tiny(ONE, "6") and place.marked_late and place.lms == {"canvas": "7"}
    assert place.handed_in == "", "times in Canvas's zips are those of the download"


def test_an_attempt_that_cannot_be_opened_is_left_out_and_said(tmp_path: Path) -> None:
    lay(tmp_path, {**submitted_zips(ONE, ["ada"]), f"ada-{ONE} (1).zip": b"PK\3\4 broken", f"ada/{ONE}.rar": b"x"})
    found = one(tmp_path)
    assert found.data == tiny(ONE, "ada") and len(found.warnings) == 2
    collected = collect(tmp_path)
    assert account(collected, f"ada-{ONE} (1).zip").fate == account(collected, f"ada/{ONE}.rar").fate == "left out"


def test_a_jupyter_copy_does_not_count_and_several_weeks_lie_in_one_zip(tmp_path: Path) -> None:
    files = {f"{ONE}.ipynb": tiny(ONE), f"{ONE}-Copy1.ipynb": b"x", "second.ipynb": tiny(TWO), "notes.md": b""}
    lay(tmp_path, {"ada.zip": zipped(files), **within("bao", files)})
    found = {(found.student, found.week): found.data for found in discover(tmp_path)}
    assert found == {(who, week): tiny(week) for who in ("ada", "bao") for week in (ONE, TWO)}


def test_zips_in_zips_of_one_student(tmp_path: Path) -> None:
    data = zipped({f"{ONE}.ipynb": tiny(ONE), "artefacts/tiny-quick.npz": b"net"})
    for depth in range(6):
        lay(tmp_path, {f"u{depth}-{ONE}.zip": data})
        data = zipped({"again.zip": data})
    found = {found.student: found for found in discover(tmp_path)}
    assert [bool(found[f"u{depth}"].problem) for depth in range(6)] == [False] * archives.MAX_DEPTH + [True] * 2
    assert found["u2"].artefacts == {"tiny-quick.npz": b"net"}


def test_a_zip_in_a_zip_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_NESTED", 1000)
    lay(tmp_path, {f"ada-{ONE}.zip": zipped({"x.zip": b"PK\3\4" + bytes(2000)}), **submitted_zips(ONE, ["bao"])})
    assert "too large" in one(tmp_path).problem


# --- what is kept of a submission ------------------------------------------------------------------------------------


def test_times_and_ids(tmp_path: Path) -> None:
    lay(tmp_path / "1", nbgrader(ONE, ["ada"]))
    lay(tmp_path / "2", gradescope(ONE, ["bao"]))
    lay(tmp_path / "3", moodle(ONE, ["cem"]))
    lay(tmp_path / "4", canvas(ONE, ["dee", "eva"]))
    lay(tmp_path / "5", {f"fay-{ONE}.ipynb": tiny(ONE)})
    at(tmp_path / "5" / f"fay-{ONE}.ipynb", 1_800_000_000)
    found = {place.student: place for folder in sorted(tmp_path.iterdir()) for place in collect(folder).places}
    told = {who: (place.handed_in, place.handed_in_by) for who, place in found.items()}
    assert told == {
        "ada": ("2027-01-12T10:00:00+00:00", "nbgrader"),
        "bao": ("2027-01-12T10:00:00+00:00", "lms"),
        "cem": ("", ""),
        "dee": ("", ""),
        "eva": ("", ""),
        "fay": ("2027-01-15T08:00:00+00:00", "file"),
    }
    assert [who for who, place in found.items() if place.marked_late] == ["eva"]
    assert found["bao"].lms == {"gradescope": "86175589", "email": "bao@example.edu"}
    assert found["cem"].lms == {"moodle": "700"} and found["eva"].lms == {"canvas": "4001"}
    assert found["cem"].source == f"cem_700_assignsubmission_file/{ONE}.ipynb"


def test_who_typed_a_text_and_handed_in_no_file_is_named(tmp_path: Path) -> None:
    lay(tmp_path / "m", {**moodle(ONE, ["ada"]), "Bao Li_9_assignsubmission_onlinetext/onlinetext.html": b"x"})
    lay(tmp_path / "c", {**canvas(ONE, ["ada"]), "libao_9_text.html": b"x", "dee_LATE_8_link.html": b"x"})
    for folder, missing in (("m", {"Bao Li"}), ("c", {"libao", "dee"})):
        found = {place.student: read(place) for place in collect(tmp_path / folder).places}
        assert {who for who, submission in found.items() if submission.problem} == missing
        assert all("typed" in found[who].problem and found[who].week == ONE for who in missing)


def test_who_hands_in_together_gets_the_same_work(tmp_path: Path) -> None:
    files = gradescope(ONE, ["ada"])
    more = b"  :submitters:\n  - :name: Bao\n    :sid: '0012'\n    :email: b@x.edu\n"
    files["submission_metadata.yml"] = files["submission_metadata.yml"].replace(b"  :submitters:\n", more)
    lay(tmp_path, files)
    assert [(found.student, found.data) for found in discover(tmp_path)] == [
        ("0012", tiny(ONE, "ada")),
        ("ada", tiny(ONE, "ada")),
    ]


def test_a_broken_notebook_in_a_download_has_the_week_of_the_others(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            **moodle(ONE, ["ada", "bao"]),
            "Cem_9_assignsubmission_file/hw.ipynb": b'{"cells": [',
            "Dee_8_assignsubmission_file/": b"",
        },
    )
    assert {(place.student, place.week) for place in collect(tmp_path).places} == {
        (who, ONE) for who in ("ada", "bao", "Cem", "Dee")
    }
