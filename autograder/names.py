"""Names that a piece of code reads but does not define: what a check cell expects from the student."""

from __future__ import annotations

import ast
import builtins
import symtable


def free_names(source: str) -> list[str]:
    """Names read at module level or in nested scopes of `source` and bound nowhere in it, built-ins left out, sorted.

    Raises SyntaxError where `source` does not parse.
    """
    ast.parse(source)
    top = symtable.symtable(source, "<cell>", "exec")
    bound = bound_names(source)
    free: set[str] = set()

    def visit(table: symtable.SymbolTable) -> None:
        for symbol in table.get_symbols():
            name = symbol.get_name()
            global_here = table is top or symbol.is_global()
            if symbol.is_referenced() and global_here and name not in bound and not hasattr(builtins, name):
                free.add(name)
        for child in table.get_children():
            visit(child)

    visit(top)
    return sorted(free)


def bound_names(source: str) -> set[str]:
    """Names that `source` defines at its top level. Raises SyntaxError."""
    top = symtable.symtable(source, "<cell>", "exec")
    return {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
