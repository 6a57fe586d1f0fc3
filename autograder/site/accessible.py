"""What a page needs besides the theme to be used without a mouse: blocks that scroll can be reached by the keyboard."""

from __future__ import annotations

import re
from typing import Any

_SCROLLS = re.compile(r"<pre(?=[ >])(?![^>]*tabindex)")
_TABLE = re.compile(r'(<table class="docutils.*?</table>)', re.DOTALL)


def reachable(body: str) -> str:
    """`body` (HTML) with wide tables in boxes of their own, and everything that scrolls sideways in the order of tabs."""
    body = _SCROLLS.sub('<pre tabindex="0"', body)
    return _TABLE.sub(r'<div class="wide" tabindex="0">\1</div>', body)


def _page(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if "body" in context:
        context["body"] = reachable(context["body"])


def setup(app: Any) -> dict[str, bool]:
    app.connect("html-page-context", _page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
