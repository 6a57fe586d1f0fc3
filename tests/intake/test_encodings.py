"""Notebooks in the encodings and with the damage that editors and crashes leave: read, and what was repaired is said."""

from __future__ import annotations

import json

import pytest

from autograder import weeks
from autograder.intake.sanitize import Unreadable, sanitize
from benchmarks.attacks import attacks
from benchmarks.attacks.case import whole

WEEK = weeks.load(1)
TEXT = json.dumps(whole(), ensure_ascii=False)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_what_json_may_be_written_in_is_read(encoding: str) -> None:
    found = sanitize(TEXT.encode(encoding), WEEK)
    assert found.sources["pool2d"] == WEEK["pool2d"].source and found.warnings == []


def test_the_encoding_of_windows_is_read_and_said() -> None:
    found = sanitize(TEXT.encode("cp1252", "replace"), WEEK)
    assert found.sources["pool2d"].splitlines()[:3] == WEEK["pool2d"].source.splitlines()[:3]
    assert "western encoding of Windows" in found.warnings[0]


def test_a_lost_byte_is_no_other_encoding() -> None:
    found = sanitize(TEXT.encode().replace("×".encode(), b"\xc3", 1), WEEK)
    assert found.warnings[0] == "the file is not sound UTF-8: 1 letters of it are lost"
    assert found.sources == {cell.id: cell.source for cell in WEEK.answers}


@pytest.mark.parametrize("behind", [b"\0" * 4096, b"\r\n\x1a"])
def test_what_a_crash_leaves_behind_the_end(behind: bytes) -> None:
    found = sanitize(TEXT.encode() + behind, WEEK)
    assert len(found.sources) == len(WEEK.answers) and "behind the end" in found.warnings[0]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not text in UTF-8"),
        (b"\0" * 5000, "is empty"),
        ("{'é': 1}".encode("cp1252"), "not text in UTF-8"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        sanitize(data, WEEK)


def _of(name: str) -> bytes:
    return next(one for one in attacks() if one.number == 42 and one.name == name).notebook()


def test_of_two_definitions_without_names_the_one_before_the_checks_counts() -> None:
    found = sanitize(_of("without names, and an answer that was tried again"), WEEK)
    assert found.sources["conv2d"] == WEEK["conv2d"].source
    assert any("faster?" in source for own in found.extras.values() for source in own), "the other runs where it stands"


def test_an_answer_that_was_joined_with_other_cells_is_found() -> None:
    with_text = sanitize(_of("an answer that was joined with the text before it"), WEEK)
    assert "def pool2d(" in with_text.sources["pool2d"]
    with_check = sanitize(_of("a check that was joined with the next answer"), WEEK)
    assert "def conv2d(" in with_check.extras["zero_pad-any"][0] and with_check.sources["conv2d"] == ""
    assert not with_check.tampered and any("code of your own stands behind it" in line for line in with_check.warnings)
