"""A student's text as tokens in which renaming, comments and layout leave no trace, each with its place in the text."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from pygments.lexers import PythonLexer
from pygments.token import Comment, Name, Number, Operator, Punctuation, String, Text, _TokenType

MOST = 60_000
"""Characters of a cell that are looked at; what comes after them is left out."""

_ALWAYS_KEPT = frozenset((*dir(builtins), *keyword.kwlist, "self"))
_BLANK_LINE = re.compile(r"^[^\S\n]+$", re.MULTILINE)
_WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """`text` as it is compared; `start` and `end` are where it stands in the cell, in characters."""

    text: str
    start: int
    end: int


def of_prose(source: str) -> list[Token]:
    """The words of a written answer, in small letters."""
    return [Token(found[0].casefold(), found.start(), found.end()) for found in _WORD.finditer(source[:MOST])]


def of_code(source: str, kept: Iterable[str] = ()) -> list[Token]:
    """The tokens of a code cell, whether it is valid Python or not.

    Comments, docstrings, blanks, brackets, commas and colons are left out, a string becomes `S`, and every name `v` but
    attributes, builtins and those in `kept` (what the week gives to everybody), unless the cell binds them anew. Numbers and
    operators stay.
    """
    known = _ALWAYS_KEPT.union(kept) - _bound(source[:MOST])
    found: list[Token] = []
    after_dot = False
    # From each line of nothing but blanks the lexer looks for a docstring behind all that follow; from an empty one it does not.
    read = _BLANK_LINE.sub(lambda found: "\n" * len(found[0]), source[:MOST])
    for start, kind, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens_unprocessed(read):
        shown = _shown(kind, text, after_dot, known)
        if kind in Text or kind in Comment or not text.strip():
            continue
        after_dot = text == "."
        if shown is None:
            continue
        if shown == "S" and found and found[-1].text == "S":
            found[-1] = Token("S", found[-1].start, start + len(text))
            continue
        found.append(Token(shown, start, start + len(text)))
    return found


def _shown(kind: _TokenType, text: str, after_dot: bool, known: frozenset[str]) -> str | None:
    if kind in String.Doc or kind in Comment or kind in Text:
        return None
    if kind in String.Interpol:
        return None
    if kind in String:
        return "S"
    if kind in Number:
        return text.lower().rstrip(".").replace("_", "")
    if kind in Punctuation:
        return None
    if kind in Name:
        return text if after_dot or text in known else "v"
    if kind in Operator and text == ".":
        return None
    return text


def _bound(source: str) -> set[str]:
    """Parameters and variables of a cell; nothing where it is not valid Python. They may be called like something of ours."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    nodes = list(ast.walk(tree))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.arg for node in nodes if isinstance(node, ast.arg)}


def given_names(sources: Iterable[str]) -> frozenset[str]:
    """The names that cells of ours import or define on their top level: everybody has them, so nobody renames them."""
    names: set[str] = set()
    for source in sources:
        try:
            body = ast.parse(source).body
        except (SyntaxError, ValueError):
            continue
        for node in body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(node.name)
    return frozenset(names)
