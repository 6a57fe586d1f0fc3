"""The marks inside cells: where an answer stands, where a hidden check stands, and what is left when they go.

A line is a mark where it holds one, as nbgrader reads it. The build refuses lines that hold more than the mark.
"""

from __future__ import annotations

from collections.abc import Iterator

BEGIN_SOLUTION = "### BEGIN SOLUTION"
END_SOLUTION = "### END SOLUTION"
BEGIN_HIDDEN = "### BEGIN HIDDEN TESTS"
END_HIDDEN = "### END HIDDEN TESTS"

CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"
"""The stubs are nbgrader's defaults, so a release that we build and one that nbgrader builds are the same."""


def _scan(source: str, begin: str, end: str) -> Iterator[tuple[int, str, bool, bool]]:
    """(number from 1, line, whether in a region, its marks included, whether it is a mark) for each line of a cell."""
    inside = False
    for number, line in enumerate(source.splitlines(), start=1):
        begins, ends = begin in line, end in line
        inside = inside or begins
        yield number, line, inside or ends, begins or ends
        if ends:
            inside = False


def has_hidden(source: str) -> bool:
    return BEGIN_HIDDEN in source


def without_hidden(source: str) -> str:
    """The check cell as a student sees it: hidden regions removed, as nbgrader's ClearHiddenTests does."""
    shown = (line for _, line, inside, _ in _scan(source, BEGIN_HIDDEN, END_HIDDEN) if not inside)
    return "\n".join(shown).rstrip("\n")


def hidden_lines(source: str) -> set[int]:
    """1-based numbers of the lines inside hidden regions, the marks included."""
    return {number for number, _, inside, _ in _scan(source, BEGIN_HIDDEN, END_HIDDEN) if inside}


def solution_lines(source: str) -> set[int]:
    """1-based numbers of the lines inside solution regions, without the marks."""
    return {number for number, _, inside, mark in _scan(source, BEGIN_SOLUTION, END_SOLUTION) if inside and not mark}


def without_marks(source: str) -> str:
    """An answer cell of ours as a student could have written it: the solution without its marks."""
    return "\n".join(line for _, line, _, mark in _scan(source, BEGIN_SOLUTION, END_SOLUTION) if not mark)


def without_solution(source: str) -> str:
    """An answer cell without the lines of its solution: what of it is shown to a student as it stands."""
    return "\n".join(line for _, line, inside, _ in _scan(source, BEGIN_SOLUTION, END_SOLUTION) if not inside)


def regions(source: str, begin: str, end: str) -> list[list[str]]:
    """The marked regions of a cell, each as its lines without the marks."""
    found: list[list[str]] = []
    for _, line, inside, mark in _scan(source, begin, end):
        if mark and begin in line:
            found.append([])
        elif inside and not mark:
            found[-1].append(line)
    return found


def stub(source: str) -> str:
    """The answer cell as the release shows it: each solution region replaced by nbgrader's stub."""
    lines: list[str] = []
    for _, line, inside, mark in _scan(source, BEGIN_SOLUTION, END_SOLUTION):
        if mark and BEGIN_SOLUTION in line:
            indent = line[: len(line) - len(line.lstrip())]
            lines += [indent + part for part in CODE_STUB.splitlines()]
        elif not inside:
            lines.append(line)
    return "\n".join(lines)
