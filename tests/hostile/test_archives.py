"""Class 25: hostile archives and files. Each is named with its reason, nothing is written outside, others are graded."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from autograder.grading import batch
from benchmarks.attacks import POINTS, WEEK, Attack

GOOD = Attack(0, "").notebook()
NAME = f"{WEEK}.ipynb"


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", how) as archive:
        for name, data in members:
            archive.writestr(name, data, compress_type=how)
    return stream.getvalue()


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target.encode()


def lying_about_its_size(data: bytes) -> bytes:
    """The notebook's member says 10 bytes in the directory, and unpacks to many."""
    raw = bytearray(zipped((NAME, data)))
    at = raw.rindex(b"PK\x01\x02")
    struct.pack_into("<I", raw, at + 24, 10)
    return bytes(raw)


def overlapping() -> bytes:
    """Many directory entries for one stored member."""
    raw = zipped((NAME, GOOD))
    at = raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    entry = raw[at:end]
    count = 60_000
    return (
        raw[:at] + entry * count + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(entry) * count, at, 0)
    )


REFUSED: dict[str, bytes] = {
    "a symbolic link as the notebook": zipped(link(NAME, "/etc/passwd")),
    "a bomb": zipped((NAME, b'{"cells": "' + bytes(200_000_000) + b'"}')),
    "nothing inside": zipped(),
    "no notebook inside": zipped(("README.md", b"done")),
    "two notebooks": zipped((f"a/{NAME}", GOOD), (f"b/{NAME}", GOOD)),
    "no archive at all": b"PK\x03\x04" + os.urandom(200),
    "cut": zipped((NAME, GOOD))[:2000],
    "a size that lies": lying_about_its_size(GOOD),
    "sixty thousand entries": overlapping(),
}

# Nothing is ever unpacked, so a name inside can do no harm.
GRADED: dict[str, bytes] = {
    "a path upwards": zipped((f"../../{NAME}", GOOD)),
    "an absolute path": zipped((f"/tmp/{NAME}", GOOD)),
    "plain": zipped((NAME, GOOD)),
    "in a folder, with what an operating system adds": zipped(
        (f"{WEEK}/{NAME}", GOOD), ("__MACOSX/._x.ipynb", b"\0"), (f"{WEEK}/.ipynb_checkpoints/{NAME}", b"{}")
    ),
    "a link beside the notebook": zipped((NAME, GOOD), link("data", "/etc")),
}


@pytest.mark.sandbox
def test_archives(tmp_path: Path) -> None:
    folder, to = tmp_path / "in" / "submitted", tmp_path / "grades"
    folder.mkdir(parents=True)
    for number, data in enumerate([*REFUSED.values(), *GRADED.values()]):
        (folder / f"{number:02}_{WEEK}.zip").write_bytes(data)
    before = sorted(tmp_path.rglob("*"))
    results = batch.grade_folder(folder, to=to, kind="bwrap", jobs=2)
    assert sorted(p for p in tmp_path.rglob("*") if to not in [p, *p.parents]) == before, "nothing is unpacked"
    got = dict(zip([*REFUSED, *GRADED], results, strict=True))
    assert {name: (got[name].verdict, got[name].score) for name in GRADED} == dict.fromkeys(GRADED, ("pass", POINTS))
    assert {name: (got[name].verdict, got[name].score) for name in REFUSED} == dict.fromkeys(REFUSED, ("invalid", 0))
    for name in REFUSED:
        reason = got[name].warnings[0]
        assert "Traceback" not in reason and len(reason) > 20, (name, reason)


def fifo(path: Path) -> None:
    os.mkfifo(path)


def to_elsewhere(path: Path) -> None:
    outside = path.parents[3] / "secret.ipynb"
    outside.write_bytes(GOOD)
    path.symlink_to(outside)


def to_itself(path: Path) -> None:
    path.symlink_to(path)


def a_folder(path: Path) -> None:
    path.mkdir()


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.sandbox
def test_notebooks_that_are_no_files(tmp_path: Path) -> None:
    """Read as a file each of these would hang the grader or show it what is not the student's."""
    kinds = (fifo, to_elsewhere, to_itself, a_folder, a_device)
    for make in kinds:
        path = tmp_path / "submitted" / make.__name__ / WEEK / NAME
        path.parent.mkdir(parents=True)
        make(path)
    Attack(0, "").write(tmp_path / "submitted" / "zoe" / WEEK)
    results = batch.grade_folder(tmp_path / "submitted", to=tmp_path / "grades", kind="bwrap", jobs=1)
    expected = {make.__name__: ("invalid", 0) for make in kinds} | {"zoe": ("pass", POINTS)}
    assert {r.student: (r.verdict, r.score) for r in results} == expected


@pytest.mark.sandbox
def test_names_that_are_commands_or_markup(tmp_path: Path) -> None:
    names = ["$(touch hacked)", "<b>bold", "=1+1", "line\nbreak", "-rf", "a" * 200, "\x1b[2Jclear", "\u202ereversed"]
    for name in names:
        Attack(0, "").write(tmp_path / "submitted" / name / WEEK)
    (tmp_path / "submitted" / os.fsdecode(b"latin-\xe9")).mkdir()
    Attack(0, "").write(tmp_path / "submitted" / os.fsdecode(b"latin-\xe9") / WEEK)
    results = batch.grade_folder(tmp_path / "submitted", to=tmp_path / "grades", kind="bwrap", jobs=1)
    assert [r.score for r in results] == [POINTS] * (len(names) + 1)
    assert all(r.student.isprintable() and r.student.encode() for r in results), [r.student for r in results]
    assert len({r.student for r in results}) == len(results)
