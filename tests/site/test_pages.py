"""Links between files become links between pages, and formulas become MathML."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder import weeks
from autograder.authoring.notebooks import cheatsheet_path
from autograder.site import links
from autograder.site.mathematics import mathml
from autograder.site.pages import glossary_term, relink

SOURCE, PAGE = "assignments/week02_receptive_field/week02_receptive_field.ipynb", "lessons/week02_receptive_field"
PAGES = {
    "assignments/week01_convolution/week01_convolution.ipynb": "lessons/week01_convolution",
    "course/glossary.md": "glossary",
    "docs/architecture/index.md": "architecture/index",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Week 1](../week01_convolution/week01_convolution.ipynb)", "[Week 1](week01_convolution.md)"),
        ("[`conv2d`](../week01_convolution/week01_convolution.ipynb#x)", "[`conv2d`](week01_convolution.md#x)"),
        ("Words: [glossary](../../course/glossary.md).", "Words: [glossary](../glossary.md)."),
        ("a [kernel](../../course/glossary.md)", "a {term}`kernel <kernel>`"),
        ("[Kernels](../../course/glossary.md)", "{term}`Kernels <kernel>`"),
        ("([global\naverage pooling](../../course/glossary.md))", "({term}`global average pooling <global average pooling>`)"),
        ("[verdicts](../../docs/architecture/index.md#verdicts)", "[verdicts](../architecture/index.md#verdicts)"),
        ("[the syllabus](../../course/syllabus.toml)", "the syllabus"),
        ("[nothing](../../course/nothing.md)", "[nothing](../../course/nothing.md)"),
        ("[elsewhere](https://example.org/a.md)", "[elsewhere](https://example.org/a.md)"),
        ("[below](#below)", "[below](#below)"),
        ("```\n[a](../../course/glossary.md)\n```\n", "```\n[a](../../course/glossary.md)\n```"),
    ],
)  # fmt: skip
def test_links(text: str, expected: str) -> None:
    assert relink(text, SOURCE, PAGE, PAGES) == expected


def test_text_after_a_fence_is_prose_again() -> None:
    text = "```text\n[x](y.md)\n```\nsee [kernel](../../course/glossary.md)"
    assert relink(text, SOURCE, PAGE, PAGES).endswith("```\nsee {term}`kernel <kernel>`")


def test_what_is_no_word_of_the_glossary() -> None:
    assert glossary_term("week 3") == glossary_term("`kernel`") == ""
    assert glossary_term("Fan-in") == "fan-in, fan-out"


def test_every_formula_of_the_course_is_understood() -> None:
    seen = 0
    for week in weeks.all_weeks():
        texts = [cell.source for cell in week.of_role("text")] + [cheatsheet_path(week).read_text(encoding="utf-8")]
        for text in texts:
            prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
            for block, inline in re.findall(r"\$\$(.+?)\$\$|\$([^$]+?)\$", prose, flags=re.DOTALL):
                made = mathml(block or inline, block=bool(block))
                assert made.startswith("<math") and made.endswith("</math>")
                seen += 1
    assert seen > 400


def test_what_latex_escapes_is_shown_without_the_backslash() -> None:
    assert "fan_in" in mathml(r"\text{fan\_in}", block=False)


@pytest.mark.parametrize("bad", [r"\left( x", r"\undefinedcommand{x}"])
def test_a_formula_that_cannot_be_shown_is_named(bad: str) -> None:
    with pytest.raises(ValueError, match="cannot be shown") as caught:
        mathml(bad, block=False)
    assert bad in str(caught.value)


def test_broken_links_and_what_needs_a_network_are_found(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.html").write_text(
        '<a href="deep/b.html#here">good</a><a href="deep/b.html#gone">1</a><a href="c.html">2</a><a href="#x">3</a>'
        '<a href="https://example.org/">good</a><a href="mailto:a@example.org">good</a><a href="deep/b.html?q=1">good</a>'
        '<img src="d.png"><script src="https://example.org/x.js"></script><link rel="stylesheet" href="//example.org/x.css">'
        '<img src="data:image/png;base64,AA">'
    )
    (tmp_path / "deep" / "b.html").write_text('<p id="here"><a href="../a.html">good</a></p>')
    assert links.broken(tmp_path) == [
        "a.html: d.png leads to no file",
        "a.html: loads https://example.org/x.js, which needs a network",
        "a.html: loads //example.org/x.css, which needs a network",
        "a.html: deep/b.html#gone leads to a page without that place",
        "a.html: c.html leads to no file",
        "a.html: #x leads to a page without that place",
    ]
