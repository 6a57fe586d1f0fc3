"""Which names a cell needs from outside, and which it leaves behind: read from its code, without running it.

The build and the grader read them here, so that what one accepts is what the other binds.
"""

from __future__ import annotations

import ast
import builtins
import functools
import re
import symtable
from collections.abc import Iterator

_BUILTIN = frozenset(dir(builtins)) | {"get_ipython", "display", "In", "Out", "__name__", "__file__"}
_MAGIC_LINE = re.compile(r"^([ \t]*)(?:%%?\w+|!|\?).*$|^([ \t]*)[\w.]+\?{1,2}[ \t]*$", re.MULTILINE)
"""A line for IPython: `%%time`, `%matplotlib inline`, `!ls`, `?print`, `print?`."""
_MAGIC_VALUE = re.compile(r"^([ \t]*+[\w.,][\w., \t]*+=[ \t]*+)(?:%\w+|!).*$", re.MULTILINE)
"""`files = !ls`, `took = %timeit -o f()`. Possessive: a line of blanks is gone through once, not once for each blank."""

MAX_READ = 8000
"""Characters of a student's cell up to which its names are read: `symtable` takes the square of a cell's functions."""

_IDENTIFIER = re.compile(r"[^\W\d]\w*")


def plain(source: str) -> str:
    """Cell source as Python, line for line: what is meant for IPython does nothing, and the body of a cell magic stays."""
    if "%" not in source and "!" not in source and "?" not in source:
        return source
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _MAGIC_VALUE.sub(r"\1None", _MAGIC_LINE.sub(r"\1\2pass", source))
    return source  # a modulo or a string at the start of a line is no magic


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def defined(source: str) -> set[str]:
    """Names bound at the top level of a cell: assignments, definitions, imports, loop variables, walrus targets.

    Raises SyntaxError where the cell is not valid Python.
    """
    root = symtable.symtable(plain(source), "<cell>", "exec")
    names = {s.get_name() for s in root.get_symbols() if s.is_assigned() or s.is_imported()}
    for table in _tables(root):
        if table is not root:  # `global x` in a function binds at the top level too
            names |= {s.get_name() for s in table.get_symbols() if s.is_declared_global() and s.is_assigned()}
    return names


def free(source: str) -> dict[str, int]:
    """{name: first line} of the names that a cell reads but nobody in it binds, sorted; built-ins left out.

    Scopes are Python's own (symtable): comprehension variables, parameters and locals of functions are bound.
    Raises SyntaxError where the cell is not valid Python.
    """
    code = plain(source)
    tree = ast.parse(code)
    root = symtable.symtable(code, "<cell>", "exec")
    wanted = set()
    for table in _tables(root):
        for symbol in table.get_symbols():
            outside = symbol.is_global() if table is not root else not (symbol.is_assigned() or symbol.is_imported())
            if symbol.is_referenced() and outside:
                wanted.add(symbol.get_name())
    wanted -= defined(source) | _BUILTIN
    lines: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in wanted:
            lines[node.id] = min(lines.get(node.id, node.lineno), node.lineno)
    return {name: lines.get(name, 1) for name in sorted(wanted)}


@functools.lru_cache(maxsize=4096)
def of_student(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names that a student's cell defines and reads; every word of it where it is not valid Python, or too long to be read."""
    try:
        if len(source) > MAX_READ:
            raise ValueError("too long")
        return frozenset(defined(source)), frozenset(free(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        words = frozenset(_IDENTIFIER.findall(source))
        return words, words


def words(source: str) -> list[str]:
    """Every identifier in `source`, in order, keywords and words of strings and comments too."""
    return _IDENTIFIER.findall(source)


@functools.lru_cache(maxsize=2048)
def top_level(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """(functions and classes, these and what is assigned) at the top level of `source`; none where it does not parse.

    Branches count: what an `if`, a `try` or a `with` defines is there afterwards. Imports do not: an answer is written.
    """
    python = plain(source)
    if "def " not in python and "class " not in python and "=" not in python:
        return frozenset(), frozenset()
    try:
        waiting: list[ast.AST] = [ast.parse(python)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(), frozenset()
    functions: set[str] = set()
    assigned: set[str] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            functions.add(node.name)
        elif isinstance(node, ast.Name):
            assigned.add(node.id)
        elif isinstance(node, ast.Assign):
            waiting += node.targets
        elif isinstance(node, ast.AnnAssign):
            waiting.append(node.target)
        elif isinstance(node, (ast.Module, ast.If, ast.Try, ast.With)):
            waiting += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
    return frozenset(functions), frozenset(functions | assigned)


def definitions(source: str) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """{name: node} of the functions and classes defined at the top level of a cell. Raises SyntaxError."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name: node for node in ast.parse(plain(source)).body if isinstance(node, kinds)}


def modules(source: str) -> dict[str, int]:
    """{top-level module: line} of what a cell imports. Raises SyntaxError."""
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(plain(source))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.setdefault(alias.name.partition(".")[0], node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.setdefault(node.module.partition(".")[0], node.lineno)
    return found
