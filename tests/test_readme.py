"""The README names only what is there, and its table of weeks is the syllabus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder import weeks
from autograder.authoring import readme
from autograder.cli import COMMANDS
from autograder.cli import cli as autograder_cli
from autograder.errors import UserError
from autograder.paths import ROOT
from benchmarks.__main__ import BENCHMARKS
from course import syllabus
from course.cli import cli as course_cli

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_syllabus_and_the_weeks() -> None:
    assert not readme.is_outdated(readme.parts(syllabus.load().values(), weeks.all_weeks())), "run `autograder build`"


def test_a_part_is_replaced_and_the_rest_is_left(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("a\n<!-- weeks: begin (generated) -->\nold\n<!-- weeks: end -->\nb\n", encoding="utf-8")
    assert readme.is_outdated({"weeks": "new"}, path)
    assert readme.write({"weeks": "new"}, path) and not readme.write({"weeks": "new"}, path)
    assert path.read_text(encoding="utf-8") == "a\n<!-- weeks: begin (generated) -->\nnew\n<!-- weeks: end -->\nb\n"


def test_missing_marks_are_named() -> None:
    with pytest.raises(UserError, match="lacks the marks <!-- weeks: begin -->"):
        readme.with_part("no marks", "weeks", "table")


PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
WRITTEN = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"(?:`|^)autograder ([a-z]+)", WRITTEN, re.MULTILINE))))
def test_every_autograder_command_exists(name: str) -> None:
    assert autograder_cli.get_command(None, name) is not None  # type: ignore[arg-type]


def test_every_command_that_help_lists_can_be_loaded() -> None:
    """`serve` was once in the list, and nowhere else."""
    for name in COMMANDS:
        command = autograder_cli.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None and command.help, name


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`course ([a-z]+)", WRITTEN))))
def test_every_course_command_exists(name: str) -> None:
    assert name in course_cli.commands


@pytest.mark.parametrize("name", sorted(set(re.findall(r"python -m benchmarks\s+([a-z]+)", WRITTEN))))
def test_every_benchmark_exists(name: str) -> None:
    assert name in BENCHMARKS


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|^)make ([a-z-]+)", WRITTEN, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_folder_exists() -> None:
    for folder in re.findall(r"^\| `([a-z]+)/` \|", README, re.MULTILINE):
        assert (ROOT / folder).is_dir(), folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_and_path_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), target
    rooms = [ROOT, ROOT / "autograder"]
    for path in re.findall(r"`([a-z_]+(?:/[a-z_0-9]+)+\.(?:py|toml|md|sh))`", text):
        assert any((room / path).exists() for room in rooms), path


def test_test_modules_have_names_of_their_own() -> None:
    """Pytest imports them by their bare names: of two with one name it collects the first."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
