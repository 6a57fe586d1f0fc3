"""What was done to a check cell: whether what it tests was changed, and how to describe that."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.weeks import names

MAX_READ = 20_000
"""Characters of an edited check up to which it is compared as code: ours are far shorter."""
_SHOWS = frozenset({"print", "display"})
_REACH = frozenset({"setattr", "delattr", "exec", "eval", "globals", "locals", "vars", "compile", "__import__"})
"""What could change a test from within a print."""


@dataclass(frozen=True)
class Edit:
    """text: what was done, "" where nothing was. matters: whether the cell tests something else than ours."""

    text: str
    matters: bool


def of_check(source: str, ours: Sequence[str]) -> Edit:
    """What was done to our check to make it `source`. ours: the forms in which it is right.

    Layout, comments, magics and prints test nothing; nor does a cell that is no longer valid Python.
    """
    if any(_lines(source) == _lines(text) for text in ours):
        return Edit("", False)
    if behind(source, ours):
        return Edit("code of your own stands behind it, and runs after it", False)
    if len(source) > MAX_READ:
        return Edit(f"it holds more than {MAX_READ:,} characters", True)
    try:
        theirs = ast.parse(names.plain(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Edit("it is no Python any more", False)
    for strip, text in ((False, "its layout or comments only"), (True, "prints and what is only shown")):
        if any(_code(theirs, strip) == _code(ast.parse(names.plain(text_of_ours)), strip) for text_of_ours in ours):
            return Edit(text, False)
    return Edit(_first_change(source, ours[0]), True)


def behind(source: str, ours: Sequence[str]) -> str:
    """The code that stands in an edited check behind the whole of ours, and changes nothing that is tested; "" for none."""
    theirs = _lines(source)
    for text in sorted(ours, key=len, reverse=True):
        mine = _lines(text)
        if mine and theirs[: len(mine)] == mine and len(theirs) > len(mine):
            rest = "\n".join(theirs[len(mine) :]).strip("\n")
            try:
                ast.parse(names.plain(rest))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return ""
            return rest
    return ""


def _code(tree: ast.Module, strip: bool) -> str:
    try:
        return ast.dump(_Tests().visit(ast.parse(ast.unparse(tree))) if strip else tree)
    except RecursionError:
        return ""


class _Tests(ast.NodeTransformer):
    """Leaves of a cell what tests something."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if _only_shows(node.value) else node

    def visit_Pass(self, node: ast.Pass) -> None:
        return None


def _only_shows(value: ast.expr) -> bool:
    inside = list(ast.walk(value))
    if any(isinstance(node, (ast.NamedExpr, ast.Await, ast.Yield, ast.Lambda)) for node in inside):
        return False
    if any(isinstance(node, ast.Name) and node.id in _REACH for node in inside):
        return False
    if any(isinstance(node, ast.Attribute) and node.attr.startswith("__") for node in inside):
        return False
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in _SHOWS
    return not any(isinstance(node, ast.Call) for node in inside)


def _lines(source: str) -> list[str]:
    return [line.rstrip() for line in source.strip().splitlines()]


def _first_change(source: str, ours: str) -> str:
    """The first line that is not ours, or that of ours which is missing."""
    one, other = _lines(ours), _lines(source)
    for kind, start, end, begin, stop in difflib.SequenceMatcher(None, one[:500], other[:500], False).get_opcodes():
        if kind in ("insert", "replace"):
            line = next((line.strip() for line in other[begin:stop] if line.strip()), "")
            if line:
                return f"what it tests was changed, first in the line {line[:80]!r}"
        if kind in ("delete", "replace") and any(line.strip() for line in one[start:end]):
            return "what it tests was changed: lines of it are missing"
    return "what it tests was changed"
