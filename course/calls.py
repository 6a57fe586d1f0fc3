"""The call with which a check entered the student's code, as Python to paste into a cell."""

from __future__ import annotations

import ast
import dis
import inspect
import math
from types import CodeType, FrameType
from typing import Any

import numpy as np

SMALL = 32
"""An array or a list of at most this many values is written out."""
LONGEST = 600
"""A call of more characters is not shown."""


def of_cell(source: str, frame: FrameType, lasti: int) -> str:
    """The call that `frame` of a cell with `source` is in, small values written out in place of their names; or "".

    lasti: the instruction, as the traceback has it.
    """
    node = _call_at(source, frame.f_code, lasti)
    if node is None:
        return ""
    scope = {**frame.f_globals, **frame.f_locals}
    return _short(ast.unparse(ast.fix_missing_locations(_Spelled(scope).visit(node))))


def of_function(frame: FrameType) -> str:
    """The call that made `frame`, from its arguments; "" where the function has changed them since, or they are large."""
    names, extra, keywords, values = inspect.getargvalues(frame)
    if extra or keywords or _rebound(frame.f_code) & set(names):
        return ""
    spelled = [_spelled(values[name]) for name in names]
    return "" if None in spelled else _short(f"{frame.f_code.co_name}({', '.join(map(str, spelled))})")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else ""


def _rebound(code: CodeType) -> set[str]:
    """Local names that the function assigns to: their values are no longer those of the call."""
    return {str(step.argval) for step in dis.get_instructions(code) if step.opname.startswith("STORE_FAST")}


def _call_at(source: str, code: CodeType, lasti: int) -> ast.Call | None:
    """The call expression of an instruction, by the position in the source that Python keeps for it."""
    positions = list(code.co_positions())
    if not 0 <= lasti // 2 < len(positions):
        return None
    line, last, column, end = positions[lasti // 2]
    for node in ast.walk(ast.parse(source)):
        here = getattr(node, "lineno", None), getattr(node, "end_lineno", None), *_columns(node)
        if isinstance(node, ast.Call) and here == (line, last, column, end):
            return node
    return None


def _columns(node: ast.AST) -> tuple[int | None, int | None]:
    return getattr(node, "col_offset", None), getattr(node, "end_col_offset", None)


class _Spelled(ast.NodeTransformer):
    """Puts small values in the place of names; what is too large, a function or a module keeps its name."""

    def __init__(self, scope: dict[str, Any]) -> None:
        self.scope = scope

    def visit_Name(self, node: ast.Name) -> ast.AST:
        text = _spelled(self.scope.get(node.id, _spelled)) if isinstance(node.ctx, ast.Load) else None
        return ast.parse(text, mode="eval").body if text is not None else node


def _spelled(value: Any) -> str | None:
    """Python for a small value of plain data or a small array of numbers; None for anything else."""
    if type(value) in (bool, int, str, type(None)) or (type(value) is float and math.isfinite(value)):
        text = repr(value)
        return text if len(text) <= 80 else None
    if type(value) in (tuple, list):
        parts = [_spelled(item) for item in value[:SMALL]]
        if len(value) > SMALL or None in parts:
            return None
        inner = ", ".join(map(str, parts))
        return f"[{inner}]" if type(value) is list else f"({inner}{',' if len(value) == 1 else ''})"
    if type(value) is np.ndarray and value.size <= SMALL and value.dtype.kind in "biuf":
        if not np.isfinite(value).all():
            return None
        inner = repr(value.tolist())
        usual = value.dtype in (np.dtype(int), np.dtype(float), np.dtype(bool))
        return f"np.array({inner})" if usual else f"np.array({inner}, dtype=np.{value.dtype.name})"
    return None
