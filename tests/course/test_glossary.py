"""The glossary: readable by the command, in order, and true to the weeks it names."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from autograder import weeks
from course import glossary, syllabus
from course.cli import cli


def test_every_line_of_the_list_is_an_entry_and_they_are_in_order() -> None:
    lines = [line for line in glossary.GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("- ")]
    terms = [entry.term.casefold() for entry in glossary.entries()]
    assert len(terms) == len(lines) > 50
    assert terms == sorted(terms) and len(set(terms)) == len(terms)


@pytest.mark.parametrize("entry", glossary.entries(), ids=lambda entry: entry.term)
def test_the_week_that_an_entry_names_uses_the_word(entry: glossary.Entry) -> None:
    plan = syllabus.week(entry.week)
    text = "\n".join(cell.source for cell in weeks.load(plan.id).cells).casefold()
    # "batch normalisation" may also be written "batch norm" or "batch-normalised": the first word and a stem will do
    stems = [word[: max(4, len(word) - 4)] for word in re.findall(r"[a-z]+", entry.term.casefold())]
    assert all(stem in text for stem in stems), f"week {entry.week} does not speak of {entry.term}"


def test_the_command_finds_a_word_by_its_name_or_its_meaning() -> None:
    found = CliRunner().invoke(cli, ["glossary", "Jump"])
    assert found.exit_code == 0 and found.output.startswith("jump (week 2): ")
    by_meaning = CliRunner().invoke(cli, ["glossary", "flipped sideways"])
    assert by_meaning.exit_code == 2 and "has no 'flipped sideways'" in by_meaning.output
    assert "Grad-CAM" in CliRunner().invoke(cli, ["glossary", "last convolution"]).output


@pytest.mark.parametrize(
    ("asked", "term"),
    [
        ("convolutions", "convolution"),
        ("Kernels", "kernel"),
        ("strides", "stride"),
        ("bias", "bias"),
        ("batch-norm", "batch normalisation"),
        ("normalization", "batch normalisation"),
    ],
)
def test_a_word_is_found_in_the_plural_and_in_other_spellings(asked: str, term: str) -> None:
    assert term in [entry.term for entry in glossary.find(asked)]
