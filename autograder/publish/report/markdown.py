"""A student's Markdown as HTML that can do nothing: no HTML of theirs, no script, no link that leads away, no remote picture.

Every tag is one of ours and carries no attribute a student could choose, save the number a list begins with. Formulas stay
as they were typed.
"""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin

from autograder.publish.report import safe

TAGS = frozenset(
    [
        "p",
        "strong",
        "em",
        "s",
        "code",
        "pre",
        "ul",
        "ol",
        "li",
        "blockquote",
        "hr",
        "br",
        "span",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "div",
    ]
)
"""All that `render` ever writes; `span` and `div` with a class of ours."""


class _Writer:
    """Writes tokens as HTML, each kind by a rule of its own; a kind without a rule is written as its escaped text."""

    def __init__(self, softbreak: str) -> None:
        self._break = softbreak
        self._links: list[str] = []

    _SAME = frozenset(
        [
            "paragraph",
            "strong",
            "em",
            "s",
            "bullet_list",
            "list_item",
            "blockquote",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
        ]
    )

    def html(self, tokens: Sequence[Token]) -> str:
        return "".join(self._one(token) for token in tokens)

    def _one(self, token: Token) -> str:
        if token.hidden:  # the paragraphs of a list without empty lines
            return ""
        if token.type == "inline":
            return "".join(self._one(child) for child in token.children or ())
        kind, _, edge = token.type.rpartition("_")
        if kind in self._SAME:
            return f"<{token.tag}>" if edge == "open" else f"</{token.tag}>"
        rule = getattr(self, f"_{token.type}", None)
        return rule(token) if rule else str(escape(token.content))

    # Headings are no part of the outline of our page.
    def _heading_open(self, token: Token) -> str:
        return '<p class="md-heading">'

    def _heading_close(self, token: Token) -> str:
        return "</p>"

    def _ordered_list_open(self, token: Token) -> str:
        start = token.attrGet("start")
        return f'<ol start="{start}">' if isinstance(start, int) else "<ol>"

    def _ordered_list_close(self, token: Token) -> str:
        return "</ol>"

    # An address is shown, not followed: what it leads to would learn who marks, and when.
    def _link_open(self, token: Token) -> str:
        self._links.append(str(token.attrGet("href") or ""))
        return '<span class="md-link">'

    def _link_close(self, token: Token) -> str:
        return f"</span> ⟨{escape(safe.name(self._links.pop(), 300))}⟩"

    def _image(self, token: Token) -> str:
        words = safe.name(token.content, 200) if token.content else "without a description"
        return f'<span class="md-picture">[picture: {escape(words)}]</span>'

    def _code_inline(self, token: Token) -> str:
        return f"<code>{escape(token.content)}</code>"

    def _code_block(self, token: Token) -> str:
        return f"<pre><code>{escape(token.content)}</code></pre>"

    def _fence(self, token: Token) -> str:
        return self._code_block(token)

    def _math_inline(self, token: Token) -> str:
        return f'<code class="md-math">{escape(token.content)}</code>'

    def _math_inline_double(self, token: Token) -> str:
        return self._math_inline(token)

    def _math_block(self, token: Token) -> str:
        return f'<div class="md-formula"><code class="md-math">{escape(token.content.strip())}</code></div>'

    def _hr(self, token: Token) -> str:
        return "<hr>"

    def _hardbreak(self, token: Token) -> str:
        return "<br>"

    def _softbreak(self, token: Token) -> str:
        return self._break


_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_PARSER.use(dollarmath_plugin, allow_labels=False)


def render(source: str, lines: bool = True) -> Markup:
    """`source`, Markdown of anybody's, as harmless HTML; cut after `safe.MAX_SOURCE` characters with a note.

    lines: whether a line ends where the source ends it, as students mean it; without, our own wrapped text flows.
    """
    tokens = _PARSER.parse(safe.text(source, safe.MAX_SOURCE))
    return Markup(_Writer("<br>" if lines else "\n").html(tokens))
