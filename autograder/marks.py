"""The marks inside cells: where an answer stands, where a hidden check stands, and what is left when they go."""

from __future__ import annotations

import re

BEGIN_SOLUTION = "### BEGIN SOLUTION"
END_SOLUTION = "### END SOLUTION"
BEGIN_HIDDEN = "### BEGIN HIDDEN TESTS"
END_HIDDEN = "### END HIDDEN TESTS"

CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"
"""The stubs are nbgrader's defaults, so a release that we build and one that nbgrader builds are the same."""

_HIDDEN = re.compile(rf"^[ \t]*{BEGIN_HIDDEN}.*?{END_HIDDEN}[ \t]*\n?", re.MULTILINE | re.DOTALL)

_SOLUTION = re.compile(rf"^[ \t]*{BEGIN_SOLUTION}.*?{END_SOLUTION}[ \t]*\n?", re.MULTILINE | re.DOTALL)


def has_hidden(source: str) -> bool:
    return BEGIN_HIDDEN in source


def without_hidden(source: str) -> str:
    """The check cell as a student sees it: hidden regions removed, as nbgrader's ClearHiddenTests does."""
    return _HIDDEN.sub("", source).rstrip("\n")


def without_solution(source: str) -> str:
    """An answer cell without the lines of its solution: what of it is shown to a student as it stands."""
    return _SOLUTION.sub("", source)


def hidden_lines(source: str) -> set[int]:
    """1-based numbers of the lines inside hidden regions."""
    inside, lines = False, set()
    for number, line in enumerate(source.splitlines(), start=1):
        if BEGIN_HIDDEN in line:
            inside = True
        if inside:
            lines.add(number)
        if END_HIDDEN in line:
            inside = False
    return lines
