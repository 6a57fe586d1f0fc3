"""Cells of CSV files that a spreadsheet shows and does not compute: names, comments and answers come from students."""

from __future__ import annotations

import re

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
"""First characters that make a spreadsheet compute; such a cell gets an apostrophe in front (OWASP, CSV injection)."""
_PLACE = r"(^|;\s*)"
"""Where a cell begins: at a semicolon, too, which parts cells where a comma is the decimal mark."""
_BARE = re.compile(_PLACE + r"(?='*[=+\-@|%＝＋－＠])")
_GUARDED = re.compile(_PLACE + r"'(?='*[=+\-@|%＝＋－＠])")


def safe(text: str) -> str:
    """`text` as a cell that shows what it says, on one line. `unsafe` gives it back."""
    line = _BARE.sub(r"\1'", " ".join(text.replace("\0", "").split()))
    return f"'{line}" if text.startswith(FORMULA) and line[:1] != "'" else line


def unsafe(cell: str) -> str:
    """The text of a cell, without the apostrophes that `safe` puts before formulas."""
    return _GUARDED.sub(r"\1", cell)
