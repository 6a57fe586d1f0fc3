"""What learning platforms let an instructor download, as {path: bytes}, for tests of finding submissions."""

from __future__ import annotations

import functools
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from course import syllabus

Files = dict[str, bytes]
"""{path in a folder: content}."""


@functools.cache
def tiny(week: str, of: str = "") -> bytes:
    """A notebook of a few hundred bytes with the ids of a week's answer cells, and the name of whose it is."""
    cells = [
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": name, "solution": True}}, "source": f"# {of}"}
        for name in syllabus.load()[week].exercises
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def lay(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write `files` into `folder`; a name that ends in / is an empty folder. Returns `folder`."""
    for name, data in files.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def within(folder: str, files: Mapping[str, bytes]) -> Files:
    return {f"{folder}/{name}": data for name, data in files.items()}


def nbgrader(week: str, students: list[str]) -> Files:
    files = {f"{one}/{week}/{week}.ipynb": tiny(week, one) for one in students}
    files |= {f"{one}/{week}/timestamp.txt": b"2027-01-12 10:00:00.5 UTC" for one in students}
    return files


def week_first(week: str, students: list[str]) -> Files:
    return {f"{week}/{one}/work.ipynb": tiny(week, one) for one in students}


def submitted_zips(week: str, students: list[str]) -> Files:
    return {f"{one}-{week}.zip": zipped({f"{week}.ipynb": tiny(week, one), "mine.py": b"x = 1"}) for one in students}


def moodle(week: str, students: list[str]) -> Files:
    files: Files = {}
    for number, one in enumerate(students, start=700):
        files[f"{one}_{number}_assignsubmission_file/{week}.ipynb"] = tiny(week, one)
        files[f"{one}_{number}_assignsubmission_onlinetext/onlinetext.html"] = b"<p>Done.</p>"
    return files


def moodle_older(week: str, students: list[str]) -> Files:
    return {f"{one}_{n}_assignsubmission_file_/hw.ipynb": tiny(week, one) for n, one in enumerate(students, start=700)}


def moodle_flat(week: str, students: list[str]) -> Files:
    files = {f"{one}_{n}_assignsubmission_file_hw.ipynb": tiny(week, one) for n, one in enumerate(students, start=700)}
    files[f"{students[0]}_700_assignsubmission_onlinetext_onlinetext.html"] = b"<p>Done.</p>"
    return files


def canvas(week: str, students: list[str]) -> Files:
    files: Files = {}
    for number, one in enumerate(students):
        late = "_LATE" if number % 2 else ""
        files[f"{one}{late}_{4000 + number}_{90000 + number}_{week}-1.ipynb"] = tiny(week, one)
    return files


def gradescope(week: str, students: list[str]) -> Files:
    lines = ["---"]
    files: Files = {}
    for number, one in enumerate(students, start=86175589):
        lines += [
            f"submission_{number}:",
            "  :submitters:",
            f"  - :name: {one} Somebody",
            f"    :sid: '{one}'",
            f"    :email: {one}@example.edu",
            "  :created_at: 2027-01-12 10:00:00.365935000 Z",
            "  :score: 0.0",
            "  :status: processed",
        ]
        files[f"submission_{number}/{week}.ipynb"] = tiny(week, one)
    return {"submission_metadata.yml": "\n".join(lines).encode(), **files}


def blackboard(week: str, students: list[str]) -> Files:
    files: Files = {}
    for one in students:
        start = f"Homework {week}_{one}_attempt_2027-01-12-10-00-00"
        files[f"{start}.txt"] = b"Name: somebody"
        files[f"{start}_{week}.ipynb"] = tiny(week, one)
    return files


def ilias(week: str, students: list[str]) -> Files:
    return {f"Some_Body_{one}_{n}/{week}.ipynb": tiny(week, one) for n, one in enumerate(students, start=300)}


LAYOUTS: dict[str, Callable[[str, list[str]], Files]] = {
    "nbgrader": nbgrader,
    "week first": week_first,
    "course submit": submitted_zips,
    "Moodle": moodle,
    "Moodle before 4": moodle_older,
    "Moodle without folders": moodle_flat,
    "Canvas": canvas,
    "Gradescope": gradescope,
    "Blackboard": blackboard,
    "ILIAS": ilias,
}
