"""The README names only what is there, and its table of weeks is the syllabus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder import weeks
from autograder.audit import Audit, Row
from autograder.authoring import readme
from autograder.cli import cli as autograder_cli
from autograder.errors import UserError
from autograder.paths import ROOT
from course import syllabus
from course.cli import cli as course_cli

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_weeks_is_the_syllabus() -> None:
    assert readme.part(README, "weeks") == readme.weeks_table(syllabus.load().values())


def test_a_part_is_replaced_and_the_rest_is_left(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("a\n<!-- weeks: begin (generated) -->\nold\n<!-- weeks: end -->\nb\n", encoding="utf-8")
    assert readme.is_outdated("new", path)
    assert readme.write("weeks", "new", path) and not readme.write("weeks", "new", path)
    assert path.read_text(encoding="utf-8") == "a\n<!-- weeks: begin (generated) -->\nnew\n<!-- weeks: end -->\nb\n"


def test_an_audit_is_a_row_a_week_and_their_sum() -> None:
    rows = [
        Row("week01_convolution", "conv2d", 25, mistakes=(3, 3), alternatives=(2, 2), mutants=(4, 5)),
        Row("week01_convolution", "pool2d", 15, mistakes=(1, 2), alternatives=(1, 1)),
        Row("week02_receptive_field", "branches", 0, mistakes=(1, 1), alternatives=(1, 1)),
    ]
    assert readme.audit_table(Audit(rows)).splitlines()[2:] == [
        "| 1 | 2 | 4 of 5 | 3 of 3 | 4 of 5 |",
        "| 2 | 1 | 1 of 1 | 1 of 1 | – |",
        "| all | 3 | 5 of 6 | 4 of 4 | 4 of 5 |",
    ]


def test_missing_marks_are_named() -> None:
    with pytest.raises(UserError, match="lacks the marks <!-- weeks: begin -->"):
        readme.with_part("no marks", "weeks", "table")


def test_the_audit_in_the_readme_is_of_these_mistakes_and_alternatives() -> None:
    for week in weeks.all_weeks():
        answers = [cell.id for cell in week.answers]
        mistakes = sum(len(week.mistakes().get(name, {})) for name in answers)
        alternatives = sum(len(week.alternatives().get(name, {})) for name in answers)
        (row,) = (
            line for line in readme.part(README, "audit").splitlines() if line.startswith(f"| {week.plan.number} |")
        )
        wanted = [len(answers), f"{mistakes} of {mistakes}", f"{alternatives} of {alternatives}"]
        assert row.split(" | ")[1:4] == [str(cell) for cell in wanted], "run `autograder audit --readme` again"


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
