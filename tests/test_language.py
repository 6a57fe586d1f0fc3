"""The course's English: British spelling, and the words of the authors' page docs/authors/interface.md.

Spelling as such is codespell's (`make lint`). Looked at here is prose that readers get: text cells, hints, the glossary,
data sheets, guides. Of the weeks, those that have been converted to the authoring interface.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import codespell_lib
import pytest

from autograder import weeks
from autograder.authoring.notebooks import cheatsheet_path, hints_path
from autograder.paths import ROOT
from course import hints, syllabus

WORDS = {
    r"thousand million": "billion",
    r"\b(lying|upright) (edge|line|stripe|bar|kernel|filter)s?\b": "horizontal, vertical",
    r"\bstands? in `": "is defined in, are defined in",
    r"\bin all(?=[).,;:|*]|$)": "in total",
    r"\bdear(er|est)?\b": "expensive",
    r"\b(weight|number|parameter|map|image|pass|pixel|operation|value)(e?s)? an? (layer|class|unit|map|image|epoch|step)\b": "per",
    r"\bbehind (a|the|each|every) (\w+ )?(layer|convolution|pooling|block|activation|norm)\b": "after",
    r"\b(is|are|was|were) no (valid )?Python\b": "not valid Python",
    r"\bways round\b": "ways around",
}
AS_IN_BRITAIN = {
    "practice",
    "program",
    "programs",
    "story",
    "stories",
    "biased",
    "license",
    "licensed",
    "check",
    "checks",
}
"""Words that the dictionary takes for American and that are British as well, in one of their senses."""


def american() -> dict[str, str]:
    """{American spelling: the British one}, from codespell's dictionary the other way round."""
    path = Path(codespell_lib.__file__).parent / "data" / "dictionary_en-GB_to_en-US.txt"
    pairs = [line.split("->") for line in path.read_text(encoding="utf-8").splitlines() if "->" in line]
    found = {word.strip(): british for british, words in pairs for word in words.split(",") if word.strip()}
    return {word: british for word, british in found.items() if word not in AS_IN_BRITAIN}


AMERICAN = american()


def faults(text: str) -> Iterator[str]:
    """What is to be written otherwise in `text`. Code and the targets of links are not looked at."""
    for pattern, better in WORDS.items():
        for match in re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE):
            yield f"“{match.group()}”: {better}"
    prose = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|```.*?```|`[^`]*`|\]\([^)]*\)|https?://\S+", " ", text, flags=re.DOTALL)
    for word in re.findall(r"(?<![\w.])[A-Za-z]+(?!\w)", prose):
        if word.lower() in AMERICAN:
            yield f"“{word}”: {AMERICAN[word.lower()]}"


def prose() -> Iterator[tuple[str, str]]:
    """(place, prose) of everything that is looked at."""
    for folder, pattern in (
        ("data", "*.md"),
        ("course", "*.md"),
        ("docs", "**/*.md"),
        ("autograder", "**/for_students/README.md"),
    ):
        for path in sorted((ROOT / folder).glob(pattern)):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for week in weeks.all_weeks():
        yield f"{week.id}, the words for its bounds", "\n".join(week.plan.bound_words.values())
        for cell in week.cells:
            if cell.kind == "markdown":
                yield f"{week.id}, cell {cell.id}", cell.source
        for exercise, texts in hints.read(hints_path(week)).items():
            yield f"{week.id}, hints for {exercise}", "\n".join(texts)
        yield f"{week.id}, cheat sheet", cheatsheet_path(week).read_text(encoding="utf-8")


def test_prose_keeps_to_the_word_list() -> None:
    without_the_list = [(place, text) for place, text in prose() if not place.endswith("authors/interface.md")]
    assert len(without_the_list) > len(syllabus.load())
    found = [f"{place}: {fault}" for place, text in without_the_list for fault in faults(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2 thousand million operations", "billion"),
        ("a kernel for lying edges", "horizontal"),
        ("bounds stand in `syllabus.toml`", "defined in"),
        ("528,054 weights in all.", "in total"),
        ("large kernels are dear", "expensive"),
        ("nine weights a map", "per"),
        ("dropout behind a dense layer", "after"),
        ("the cell is no Python", "valid Python"),
        ("the color of a neighbor", "colour"),
        ("a gray image", "grey"),
    ],
)
def test_what_is_to_be_written_otherwise(text: str, fault: str) -> None:
    assert any(fault in said for said in faults(text))


@pytest.mark.parametrize(
    "text", ["in all twelve weeks", '`color="gray"`', "dearth", "in practice", "[the centre](center.md)"]
)
def test_what_may_stand(text: str) -> None:
    assert not list(faults(text))
