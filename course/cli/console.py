"""Output on any console: one that cannot show a character gets the nearest that it can."""

from __future__ import annotations

import codecs
import sys

_PLAIN = {"–": "-", "—": "-", "·": "|", "…": "...", "×": "x", "→": "->", "≥": ">=", "≤": "<=", "✓": "+", "○": "o", "−": "-",
          "“": '"', "”": '"', "‘": "'", "’": "'", "≈": "~"}  # fmt: skip


def _nearest(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    text = problem.object[problem.start : problem.end]
    return "".join(_PLAIN.get(letter, "?") for letter in text), problem.end


def forgiving() -> None:
    """Let standard output and error write what their encoding has not (cp437 and cp1252 on Windows) as plain letters."""
    codecs.register_error("course.nearest", _nearest)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="course.nearest")
