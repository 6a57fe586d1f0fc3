"""Automatic wrong answers: one small change each to a reference answer, as a typing mistake would make it.

A mutant that no check notices is a question to the author: is a check missing, or is the change without effect?
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from autograder.weeks import marks

_SWAPS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_NAMES = {"min": "max", "max": "min", "floor": "ceil", "ceil": "floor", "any": "all", "all": "any", "zeros": "ones"}


@dataclass(frozen=True)
class Mutant:
    """One changed answer. `line`: of the answer cell; `change`: "before → after"."""

    line: int
    change: str
    source: str


def mutants(answer: str, most: int | None = None, seed: int = 0) -> list[Mutant]:
    """Mutants of the solution regions of an answer cell, in order of their lines, without repetitions.

    most: keep a random sample of this size, the same for the same seed.
    Raises SyntaxError where the answer does not parse.
    """
    lines = marks.solution_lines(answer)
    found: dict[str, Mutant] = {}
    original = ast.unparse(ast.parse(answer))
    for index, node in enumerate(ast.walk(ast.parse(answer))):
        if getattr(node, "lineno", -1) not in lines:
            continue
        for number in range(len(_changes(node))):
            tree = ast.parse(answer)
            target = _node(tree, index)
            if _unseen(tree, target):
                continue
            before = ast.unparse(target)
            _changes(target)[number]()
            source = ast.unparse(ast.fix_missing_locations(tree))
            if source != original and source not in found:
                found[source] = Mutant(target.lineno, f"{_first(before)} → {_first(ast.unparse(target))}", source)
    ordered = sorted(found.values(), key=lambda m: (m.line, m.change))
    if most is not None and len(ordered) > most:
        ordered = sorted(random.Random(seed).sample(ordered, most), key=lambda m: (m.line, m.change))
    return ordered


def _first(text: str) -> str:
    line = text.splitlines()[0]
    return line if len(line) <= 90 else line[:89] + "…"


def _node(tree: ast.AST, index: int) -> ast.expr | ast.stmt:
    for number, node in enumerate(ast.walk(tree)):
        if number == index:
            assert isinstance(node, (ast.expr, ast.stmt))
            return node
    raise IndexError(index)


def _unseen(tree: ast.AST, target: ast.AST) -> bool:
    """Whether `target` is in a place where a change deliberately has no effect: in an error's text, a docstring, an annotation."""
    for node in ast.walk(tree):
        quiet: list[ast.AST | None] = []
        if isinstance(node, ast.Raise):
            quiet = [node.exc, node.cause]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            quiet = [node.value]
        elif isinstance(node, ast.arg):
            quiet = [node.annotation]
        elif isinstance(node, (ast.FunctionDef, ast.AnnAssign)):
            quiet = [node.returns if isinstance(node, ast.FunctionDef) else node.annotation]
        for part in quiet:
            if part is not None and any(inner is target for inner in ast.walk(part)):
                return True
    return False


def _changes(node: ast.AST) -> list[Callable[[], None]]:
    """Functions that each change `node` in place."""
    return list(_all_changes(node))


def _all_changes(node: ast.AST) -> Iterator[Callable[[], None]]:
    def put(**values: object) -> Callable[[], None]:
        def change() -> None:
            for name, value in values.items():
                setattr(node, name, value)

        return change

    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _SWAPS:
        yield put(op=_SWAPS[type(node.op)]())
    elif isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            if type(op) in _COMPARISONS:
                changed = [*node.ops[:place], _COMPARISONS[type(op)](), *node.ops[place + 1 :]]
                yield put(ops=changed)
    elif isinstance(node, ast.BoolOp):
        yield put(op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield put(op=ast.UAdd())
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield put(value=not node.value)
        elif isinstance(node.value, int):
            yield put(value=node.value + 1)
            yield put(value=node.value - 1)
        elif isinstance(node.value, float):
            yield put(value=node.value * 2 + 1)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) >= 2:
        yield put(elts=[node.elts[1], node.elts[0], *node.elts[2:]])
    elif isinstance(node, ast.Call):
        if len(node.args) >= 2 and not any(isinstance(a, ast.Starred) for a in node.args[:2]):
            yield put(args=[node.args[1], node.args[0], *node.args[2:]])
        if isinstance(node.func, ast.Name) and node.func.id in _NAMES:
            yield put(func=ast.Name(_NAMES[node.func.id], ast.Load()))
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _NAMES:
            yield put(func=ast.Attribute(node.func.value, _NAMES[node.func.attr], ast.Load()))
    elif isinstance(node, ast.If):
        # A guard that is never reached, a branch that is always taken.
        yield put(test=ast.Constant(False))
        yield put(test=ast.Constant(True))
    elif isinstance(node, ast.IfExp):
        yield put(body=node.orelse, orelse=node.body)
