"""Where a page of feedback lies in each form: as the program or person who hands it out looks for it."""

from __future__ import annotations

import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.publish.report import safe
from autograder.results import Result
from autograder.term.points import Standing
from course.files import whole, write_bytes

Own = Mapping[str, list[Standing]]
"""{student: their standings}"""
Page = Callable[[list[Standing]], bytes]
"""The page on some standings of one student."""


@dataclass(frozen=True)
class LeftOut:
    """A submission whose feedback has no place in a form."""

    student: str
    week: str
    reason: str


def pages(own: Own, page: Page, to: Path) -> list[Path]:
    """A page for each student, all weeks in it: `<student>.html`."""
    files = []
    for student, theirs in own.items():
        path = to / f"{safe.file_name(student)}.html"
        write_bytes(path, page(theirs))
        files.append(path)
    return files


def zips(own: Own, page: Page, to: Path) -> list[Path]:
    """A zip for each student, a page for each week in it: `<student>.zip`."""
    files = []
    for student, theirs in own.items():
        path = to / f"{safe.file_name(student)}.zip"
        _pack(path, {f"{_plain(one.week)}.html": page([one]) for one in theirs if one.result})
        files.append(path)
    return files


def moodle(own: Own, page: Page, to: Path) -> tuple[list[Path], list[LeftOut]]:
    """A zip for each week, for Moodle's "Upload multiple feedback files in a zip": `<week>.zip`.

    Moodle finds a student by the folder's name, `<name>_<number>_assignsubmission_file_`, as in its own download: the
    number between the first two underscores is that student's in this one assignment, and the name is not looked at.
    """
    packed: dict[str, dict[str, bytes]] = defaultdict(dict)
    owners = Counter((one.week, _number(one)) for theirs in own.values() for one in theirs if one.result)
    left_out = []
    for student, theirs in own.items():
        for one in theirs:
            if one.result is None:
                continue
            number = _number(one)
            if not number:
                left_out.append(LeftOut(student, one.week, "it did not come from a download of Moodle's"))
            elif owners[one.week, number] > 1:  # one would read the other's
                left_out.append(LeftOut(student, one.week, f"others came under the same number of Moodle's, {number}"))
            else:
                folder = f"{_for_moodle(one.shown)}_{number}_assignsubmission_file_"
                packed[one.week][f"{folder}/feedback-{_plain(one.week)}.html"] = page([one])
    files = []
    for week, entries in packed.items():
        files.append(to / f"{_plain(week)}.zip")
        _pack(files[-1], entries)
    return files, left_out


NEEDED = ("timestamp.txt", "submission_secret.txt")
"""What `nbgrader release_feedback` reads beside a page; `nbgrader collect` puts it beside the submission."""


def nbgrader(own: Own, page: Page, to: Path, submitted: Path) -> tuple[list[Path], list[LeftOut]]:
    """nbgrader's feedback folder: `<student>/<week>/<week>.html`, and beside it what `nbgrader release_feedback` needs.

    submitted: nbgrader's folder of submissions. Where some of them were collected by nbgrader and others were not, the
    others are left out, for `nbgrader release_feedback` would stop at the first of them. The student is called as in
    nbgrader's tree, which is how the submission was found.
    """
    handed_in = [one for theirs in own.values() for one in theirs if one.result and _is_folder(one.result)]
    beside = {(one.student, one.week): _released_with(one.result, submitted) for one in handed_in if one.result}
    collected = any(beside.values())
    files, left_out = [], []
    for student, theirs in own.items():
        for one in theirs:
            if one.result is None:
                continue
            found = beside.get((student, one.week))
            if found is None:
                left_out.append(LeftOut(student, one.week, "nbgrader has no folder of that name"))
            elif collected and not found:
                left_out.append(
                    LeftOut(student, one.week, f"nbgrader did not collect it: no {NEEDED[1]} in {submitted}")
                )
            else:
                folder = to / one.result.student / one.week
                files.append(folder / f"{one.week}.html")
                write_bytes(files[-1], page([one]))
                for name, data in found.items():
                    write_bytes(folder / name, data)
    return files, left_out


def _released_with(result: Result, submitted: Path) -> dict[str, bytes]:
    """The files of `NEEDED` beside a submission; empty unless all are there."""
    folder = submitted / result.student / result.week
    if not all((folder / name).is_file() for name in NEEDED):
        return {}
    return {name: (folder / name).read_bytes() for name in NEEDED}


def _is_folder(result: Result) -> bool:
    """Whether student and week are names of one folder each, and lead nowhere else."""
    return all(map(safe.is_folder_name, (result.student, result.week)))


def _plain(week: str) -> str:
    return safe.file_name(week)


def _number(standing: Standing) -> str:
    """The number that Moodle gave the student in the week's assignment; "" where none came with the submission."""
    number = standing.result.lms.get("moodle", "") if standing.result else ""
    return number if re.fullmatch(r"[0-9]{1,18}", number) else ""


def _for_moodle(name: str) -> str:
    """A name without underscores, between which Moodle reads the number, and without what a path may not hold."""
    return re.sub(r'[_/\\:*?"<>|\0]+', " ", safe.name(name)).strip(" .~") or "participant"


def _pack(path: Path, entries: Mapping[str, bytes]) -> None:
    """A zip of `entries`, without times, so that the same feedback is the same file."""
    with whole(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            about = zipfile.ZipInfo(name)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            archive.writestr(about, data)
