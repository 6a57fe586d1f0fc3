"""Which names a cell needs from outside, and which it leaves behind: read from its code, without running it."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator

from IPython.core.inputtransformer2 import TransformerManager

_BUILTIN = frozenset(dir(builtins)) | {"get_ipython", "display", "In", "Out", "__name__", "__file__"}


def plain(source: str) -> str:
    """Cell source as Python: magics and shell lines become calls, one line for one line."""
    return TransformerManager().transform_cell(source)


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def defined(source: str) -> set[str]:
    """Names bound at the top level of a cell: assignments, definitions, imports, loop variables, walrus targets.

    Raises SyntaxError where the cell is no Python.
    """
    root = symtable.symtable(plain(source), "<cell>", "exec")
    names = {s.get_name() for s in root.get_symbols() if s.is_assigned() or s.is_imported()}
    for table in _tables(root):
        if table is not root:  # `global x` in a function binds at the top level too
            names |= {s.get_name() for s in table.get_symbols() if s.is_declared_global() and s.is_assigned()}
    return names


def free(source: str) -> dict[str, int]:
    """{name: first line} of the names that a cell reads but nobody in it binds; built-ins left out.

    Scopes are Python's own (symtable): comprehension variables, parameters and locals of functions are bound.
    Raises SyntaxError where the cell is no Python.
    """
    code = plain(source)
    root = symtable.symtable(code, "<cell>", "exec")
    bound = defined(source)
    wanted = set()
    for table in _tables(root):
        for symbol in table.get_symbols():
            outside = symbol.is_global() if table is not root else not (symbol.is_assigned() or symbol.is_imported())
            if symbol.is_referenced() and outside:
                wanted.add(symbol.get_name())
    wanted -= bound | _BUILTIN
    lines: dict[str, int] = {}
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name) and node.id in wanted:
            lines[node.id] = min(lines.get(node.id, node.lineno), node.lineno)
    return {name: lines.get(name, 1) for name in sorted(wanted)}


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
