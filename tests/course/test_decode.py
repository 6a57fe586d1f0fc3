"""What is wrong with a file of the course is one sentence that names the file, the week and the key."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.paths import ROOT
from course import decode, syllabus

FAULTS = {
    "no `written`": (
        "[week.written]\ncorrelation-or-convolution = 2\n",
        "",
        "week00_example: the key `written` is missing",
    ),
    "a misspelt key": ('title = "', 'titles = "', "week00_example: the key `titles` is not known"),
    "bad TOML": ("number = 0", "number = ", "is not valid TOML"),
    "a date of another form": (
        "due = 2027-01-10T23:59:00+00:00",
        'due = "10.1.2027"',
        "week00_example: `due`: invalid RFC3339",
    ),
    "a date without a zone": ("due = 2027-01-10T23:59:00+00:00", "due = 2027-01-10T23:59:00", "week00_example: `due`:"),
    "points in words": (
        "conv2d = 5",
        'conv2d = "five"',
        "`exercises, one of its values`: expected `int | float`, got `str`",
    ),
    "one profile only": (
        "cell_seconds = 30",
        "cell_seconds = { quick = 30 }",
        "`cell_seconds` needs one number, or both",
    ),
    "a profile of another name": ("cell_seconds = 30", "cell_seconds = { quik = 30 }", "week00_example: "),
    "a bound that is not there": ("number = 0", 'number = 0\nbound = "≥ {good}"', "`bound` names 'good'"),
    "no weeks": ("[[week]]", "[[weeks]]", "the key `"),
    "an unknown table": ("[defaults]", "[default]", "the key `"),
}


def faulty(tmp_path: Path, name: str) -> Path:
    text = (ROOT / "tests/fixtures/syllabus.toml").read_text(encoding="utf-8")
    old, new, _ = FAULTS[name]
    assert old in text
    path = tmp_path / "syllabus.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_syllabus_is_one_sentence(tmp_path: Path, name: str) -> None:
    path = faulty(tmp_path, name)
    with pytest.raises(decode.FileError) as caught:
        syllabus.parse(decode.toml(path), path)
    sentence = str(caught.value)
    assert sentence.startswith(str(path)) and "\n" not in sentence
    assert FAULTS[name][2] in sentence


def test_two_weeks_of_one_number(tmp_path: Path) -> None:
    text = (ROOT / "tests/fixtures/syllabus.toml").read_text(encoding="utf-8")
    week = text[text.index("[[week]]") :]
    path = tmp_path / "syllabus.toml"
    path.write_text(text + week.replace("week00_example", "week00_other"), encoding="utf-8")
    with pytest.raises(decode.FileError, match="week00_other: its number or id is that of week00_example"):
        syllabus.parse(decode.toml(path), path)


@pytest.mark.parametrize("command", [["course.cli", "start"], ["autograder.cli", "build", "--check"]])
def test_both_commands_say_it_without_a_traceback(tmp_path: Path, command: list[str]) -> None:
    root = tmp_path / "repository"
    for folder in ("course", "autograder"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("assignments", "solutions", "data"):
        (root / folder).symlink_to(ROOT / folder)
    file = root / "course/syllabus.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("[week.written]", "[week.writ]", 1), encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(root)!r}); from {command[0]} import main; sys.argv[1:] = {command[1:]!r}; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "week01_convolution" in done.stderr and "`writ" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
