"""The README names only what is there, and its table of weeks is the syllabus."""

from __future__ import annotations

import re

import pytest

from autograder.cli import cli as autograder_cli
from autograder.paths import ROOT
from course import syllabus
from course.cli import cli as course_cli

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_weeks_is_the_syllabus() -> None:
    table = README.split("<!-- weeks: begin")[1].split("<!-- weeks: end")[0]
    rows = [line for line in table.splitlines() if re.match(r"\| \d", line)]
    assert rows == [f"| {p.number} | {p.title} | {p.build} | {p.points} |" for p in syllabus.load().values()]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"(?:`|^)autograder ([a-z]+)", README, re.MULTILINE))))
def test_every_autograder_command_exists(name: str) -> None:
    assert autograder_cli.get_command(None, name) is not None  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`course ([a-z]+)", README))))
def test_every_course_command_exists(name: str) -> None:
    assert name in course_cli.commands


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|^)make ([a-z-]+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_folder_exists() -> None:
    for folder in re.findall(r"^\| `([a-z]+)/` \|", README, re.MULTILINE):
        assert (ROOT / folder).is_dir(), folder
