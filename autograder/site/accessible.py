"""What pages need besides the theme's own HTML, to be used without a mouse, without eyes, and on paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from course.files import write_text

_SCROLLS = re.compile(r"<pre(?=[ >])(?![^>]*tabindex)")
_TABLE = re.compile(r'<div class="table-wrapper(?=[^>]*>)(?![^>]*tabindex)')
_EMPTY_HEAD = re.compile(r"<th(?P<about>[^>]*)>\s*(<p>\s*</p>)?\s*</th>")

WHOLE_PAGE = {
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Contents">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    'class="caption" role="heading">': 'class="caption" role="heading" aria-level="2">',
}
"""The theme has two regions of one kind without names, and headings without a level."""

SEARCH = (
    '<article role="main" id="furo-main-content">',
    '<article role="main" id="furo-main-content">\n<h1>Search</h1>',
)


def reachable(body: str) -> str:
    """`body` (HTML) in which everything that scrolls sideways is in the order of tabs, and no table has an empty heading."""
    body = _SCROLLS.sub('<pre tabindex="0"', body)
    body = _TABLE.sub('<div tabindex="0" class="table-wrapper', body)
    return _EMPTY_HEAD.sub(r"<td\g<about>></td>", body)


def _page(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if "body" in context:
        body = reachable(context["body"])
        context["body"] = f'<div class="sheet">\n{body}\n</div>' if pagename.startswith("cheatsheets/") else body


def _finish(app: Any, problem: Exception | None) -> None:
    """The frame around the pages is the theme's template: it is corrected in the files."""
    for path in sorted(Path(app.outdir).rglob("*.html")) if problem is None else ():
        text = path.read_text(encoding="utf-8")
        for old, new in WHOLE_PAGE.items():
            text = text.replace(old, new)
        write_text(path, text.replace(*SEARCH) if path.name == "search.html" else text)


def setup(app: Any) -> dict[str, bool]:
    app.connect("html-page-context", _page, priority=900)  # after the theme, which wraps tables
    app.connect("build-finished", _finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
