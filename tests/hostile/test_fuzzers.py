"""Zips, messages, records and ledgers damaged in every way that chance finds: each is read or refused, and nothing else happens.

A small share of each with every run, ten thousand with the slow tests; what failed once is kept in `corpus/`.
"""

from __future__ import annotations

import functools
import io
import json
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgpack
import numpy as np
import pytest
from classroom import WEEK, notebook
from fuzzing import CASES, damaged_bytes, damaged_json, fuzz
from hypothesis import strategies as st

from autograder.intake import submissions
from autograder.results import CheckResult, Result, records
from autograder.term import decisions as decided
from autograder.term import ledger, roster
from autograder.worker import wire
from course import limits

# Zips

NAMES = st.sampled_from(
    [
        f"{WEEK}.ipynb",
        f"w/{WEEK}.ipynb",
        f"W\\{WEEK.upper()}.IPYNB",
        "artefacts/tiny-quick.npz",
        "../../etc/passwd",
        "/abs.ipynb",
        "mine.py",
        "w/mine.py",
        "__MACOSX/._x.ipynb",
        "a" * 300 + ".ipynb",
        "",
        "folder/",
        "numpy.py",
    ]
) | st.text(max_size=12)


@functools.cache
def small_notebook() -> bytes:
    return json.dumps({"cells": json.loads(notebook())["cells"][:6], "metadata": {}, "nbformat": 4}).encode()


@st.composite
def zips(draw: st.DrawFn) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, warnings.catch_warnings(action="ignore"):  # two files of one name
        for _ in range(draw(st.integers(0, 5))):
            kind = draw(
                st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
            )
            name = draw(NAMES).encode("utf-8", "replace").decode()
            member = zipfile.ZipInfo(name)
            member.compress_type = kind
            member.external_attr = draw(st.sampled_from([0, 0o120777 << 16, 0o40755 << 16, 0o10644 << 16, 2**32 - 1]))
            member.comment = draw(st.binary(max_size=5))
            archive.writestr(
                member, draw(st.sampled_from([small_notebook(), b"", b"PK", bytes(10_000)]) | st.binary(max_size=50))
            )
        archive.comment = draw(st.binary(max_size=20))
    return stream.getvalue()


def a_zip_is_read_or_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"ada-{WEEK}.zip"
        path.write_bytes(data)
        (found,) = submissions.discover(path)
        assert list(Path(folder).iterdir()) == [path], "nothing is unpacked"
    assert bool(found.data) != bool(found.problem) or found.data == b""
    assert "\n" not in found.problem and found.problem.isprintable() and all(w.isprintable() for w in found.warnings)
    assert found.student == "ada" and len(found.data) <= limits.NOTEBOOK_BYTES
    assert sum(map(len, found.artefacts.values())) <= limits.ARTEFACT_BYTES and len(found.modules) <= limits.MODULES
    assert not any("/" in name or "\\" in name for name in (*found.artefacts, *found.modules))


# Messages

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=8)
    | st.binary(max_size=8)
    | st.builds(np.zeros, st.lists(st.integers(0, 3), max_size=3), st.sampled_from(["f8", "i2", "U3", "?"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
        | st.frozensets(st.integers(), max_size=3)
    ),
    max_leaves=8,
)
EXTENSIONS = st.builds(
    lambda code, data: msgpack.packb(msgpack.ExtType(code, data)), st.integers(0, 20), st.binary(max_size=40)
)
MESSAGES = damaged_bytes(
    PLAIN.map(lambda value: wire.encode({"id": 1, "value": value})) | EXTENSIONS | st.binary(max_size=40)
)
ARRIVES = (
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    list,
    tuple,
    dict,
    set,
    np.ndarray,
    np.generic,
    wire.Unsupported,
)


def a_message_is_data_or_an_error(data: bytes) -> None:
    try:
        found = wire.decode(data)
    except wire.WireError as problem:
        assert str(problem)
        return
    waiting = [found]
    while waiting:
        one = waiting.pop()
        assert isinstance(one, np.generic) or type(one) in ARRIVES
        if isinstance(one, np.ndarray):
            assert one.dtype.kind in "biufcUS" and not one.dtype.hasobject
        if isinstance(one, (list, tuple, set)):
            waiting += one
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
    wire.encode(found)


# Records


@functools.cache
def record_lines() -> tuple[bytes, ...]:
    """A file of five records, two of one student."""
    with tempfile.TemporaryDirectory() as folder:
        with records.Writer(Path(folder)) as writer:
            for number, student in enumerate(("ada", "bao", "ada", "größe", "ida")):
                checks = (CheckResult("conv2d-lecture", "pass" if number % 2 else "fail", number % 2, 1, "said\n<b>"),)
                writer.append(
                    f"{number:064}:abcd", Result(student, WEEK, "pass", number % 2, 1, checks, answers={"a": "é"})
                )
        return tuple((Path(folder) / records.FILE).read_bytes().splitlines(keepends=True))


def of_fields(line: bytes) -> st.SearchStrategy[bytes]:
    return damaged_json([line.decode()]).map(lambda one: json.dumps(one, sort_keys=True).encode() + b"\n")


FILES = st.deferred(
    lambda: damaged_bytes(
        st.lists(st.sampled_from(record_lines()) | st.one_of(*map(of_fields, record_lines())), max_size=6).map(
            b"".join
        ),
        2,
    )
)


def records_are_read_and_go_on(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / records.FILE).write_bytes(data)
        troubles: list[records.Trouble] = []
        found = records.read(folder, troubles.append)
        assert all(isinstance(result, Result) and 0 <= result.score <= result.max_score for result in found)
        assert all(str(trouble).startswith("line ") for trouble in troubles)
        kept = {(result.student, result.week) for result in found}
        with records.Writer(folder) as writer:
            writer.append("k:abcd", Result("zoe", WEEK, "pass", 0, 0, ()))
        after = {(result.student, result.week) for result in records.read(folder)}
        assert after == kept | {("zoe", WEEK)}, "what was there is kept, and what comes is added"


# Ledgers


@functools.cache
def ledger_lines() -> tuple[bytes, ...]:
    """A ledger with an entry of each kind, two of them of one student."""
    with tempfile.TemporaryDirectory() as folder:
        written = ledger.Ledger(Path(folder))
        written.append(
            ledger.Mark(student="ada", week=WEEK, question="q", points=3, comment="é\n<b>", rubric=("a",)),
            ledger.Override(student="ada", week=WEEK, check=None, points=40.5, reason="r"),
            ledger.Change(student="bo", week=WEEK, before=1, after=2, checks={"c": (0, 1)}, reason="r"),
            ledger.RubricItem(week=WEEK, question="q", id="a", text="t", points=-1),
            ledger.DueDate(student="", week=WEEK, until="2027-01-17T23:59:00+01:00"),
        )
        return tuple(written.path.read_bytes().splitlines(keepends=True))


LEDGERS = st.deferred(
    lambda: damaged_bytes(
        st.lists(st.sampled_from(ledger_lines()) | st.one_of(*map(of_fields, ledger_lines())), max_size=6).map(
            b"".join
        ),
        2,
    )
)


def a_ledger_is_read_and_goes_on(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        book = ledger.Ledger(Path(name))
        book.path.write_bytes(data)
        troubles: list[ledger.Trouble] = []
        found = book.entries(troubles.append)
        assert all(str(trouble).startswith("line ") for trouble in troubles)
        decided.of(found, roster.Roster())
        book.append(ledger.Override(student="zoe", week=WEEK, check="c", points=1, reason="r"))
        assert book.entries()[: len(found)] == found and book.entries()[-1].student == "zoe"  # type: ignore[union-attr]


KINDS: dict[str, tuple[st.SearchStrategy[bytes], Callable[[bytes], None], int]] = {
    "zips": (damaged_bytes(zips()), a_zip_is_read_or_refused, 100),
    "messages": (MESSAGES, a_message_is_data_or_an_error, 500),
    "records": (FILES, records_are_read_and_go_on, 60),
    "ledgers": (LEDGERS, a_ledger_is_read_and_goes_on, 60),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_share_of_what_chance_damages(kind: str) -> None:
    made, holds, share = KINDS[kind]
    fuzz(kind, share, made, holds)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_ten_thousand_that_chance_damages(kind: str) -> None:
    made, holds, _ = KINDS[kind]
    fuzz(kind, CASES, made, holds)
