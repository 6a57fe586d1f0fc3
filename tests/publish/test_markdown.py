"""A student's Markdown: shown as it was meant, and able to do nothing."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.publish.report import markdown

ATTRIBUTES = {"class", "start"}


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def assert_harmless(html: str) -> None:
    page = _Page(html)
    assert not page.open
    for tag, attributes in page.tags:
        assert tag in markdown.TAGS and attributes.keys() <= ATTRIBUTES, (tag, attributes)
        assert str(attributes.get("class", "md-")).startswith("md-") and (attributes.get("start") or "1").isdigit()


def test_what_is_meant_is_shown() -> None:
    html = markdown.render(
        "# A\n\n**b** *c* `d`\n\n3. x\n4. y\n\n| p | q |\n|--|:-:|\n| 1 | 2 |\n\n```\ncode <\n```\n\n> said"
    )
    for part in (
        '<p class="md-heading">A</p>',
        "<strong>b</strong> <em>c</em> <code>d</code>",
        '<ol start="3"><li>x</li>',
        "<td>1</td>",
        "<pre><code>code &lt;\n</code></pre>",
        "<blockquote><p>said</p></blockquote>",
    ):
        assert part in html, part


def test_a_line_ends_where_the_student_ended_it() -> None:
    assert markdown.render("one\ntwo") == "<p>one<br>two</p>"
    assert markdown.render("one\ntwo", lines=False) == "<p>one\ntwo</p>"


def test_formulas_stay_as_they_were_typed() -> None:
    html = markdown.render("$x_i * y_j * z$ costs \\$5\n\n$$\na_b\n$$")
    assert '<code class="md-math">x_i * y_j * z</code> costs $5' in html and ">a_b</code>" in html


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![p](http://example.invalid/x.png)",
        '![p" onerror="alert(1)](http://example.invalid/x.png "t")',
        "[l](javascript:alert(1))",
        "[l](data:text/html;base64,PHNjcmlwdD4=)",
        '[l](http://example.invalid/"onmouseover="alert(1))',
        "<http://example.invalid/>",
        "[l]: javascript:alert(1)\n[l]",
        "<a href='x'>y</a>\n\n<iframe src=x>\n\n<style>*{}</style>",
        "$<script>$ $$</code><script>$$",
        "```<script>\n</code></pre><script>\n```",
        "\u202egnp.exe \x1b[31m \x00 \ud800",
        "&lt;script&gt; &#60;script&#62;",
    ],
)
def test_nothing_does_anything(evil: str) -> None:
    assert_harmless(markdown.render(evil))


def test_an_address_is_written_out_and_a_picture_is_not_fetched() -> None:
    html = markdown.render("[here](http://example.invalid/a) ![a cat](http://example.invalid/cat.png)")
    assert "here</span> ⟨http://example.invalid/a⟩" in html and "[picture: a cat]" in html and "cat.png" not in html


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="<>[]()!*_`~#|-+=$\\&\"' \n1.abjs:/", max_size=80))
def test_any_text_is_harmless(text: str) -> None:
    assert_harmless(markdown.render(text))


@pytest.mark.parametrize("part", ["[", "*a ", "![a](", ">", "- ", "|a", "$$a\n", "<a ", "`"])
def test_a_text_made_to_take_long_does_not(part: str) -> None:
    began = time.process_time()
    markdown.render(part * 20_000)
    assert time.process_time() - began < 10
