"""Cells of CSV files that a spreadsheet shows and does not compute: names, comments and answers come from students."""

from __future__ import annotations

import re

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
"""First characters that make a spreadsheet compute; such a cell gets an apostrophe in front (OWASP, CSV injection)."""
_STARTS = r"[=+\-@|%＝＋－＠]"
_BEHIND = re.compile(rf"(;\s*)(?={_STARTS})")
"""The same behind a semicolon, which parts cells where a comma is the decimal mark."""
_GUARDED = re.compile(rf"(;\s*)'(?={_STARTS})")


def safe(text: str) -> str:
    """`text` as a cell that shows what it says, on one line. `unsafe` gives it back."""
    line = _BEHIND.sub(r"\1'", " ".join(text.replace("\0", "").split()))
    return f"'{line}" if text.startswith(FORMULA) or line.startswith(FORMULA) else line


def unsafe(cell: str) -> str:
    """The text of a cell, without the apostrophes that `safe` puts before formulas."""
    plain = cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell
    plain = _GUARDED.sub(r"\1", plain)
    return plain if safe(plain) == cell else cell
