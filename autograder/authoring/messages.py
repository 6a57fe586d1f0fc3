"""Every message of every check: what a student may read when a check does not hold, and when it does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.weeks import Cell, Week, marks, names

_SAYS = {"hint": "hint", "what": "what", "says": "hint", "idea": "idea", "later": "later"}
_POSITIONS = {
    "checks.fail": {0: "idea"},
    "checks.true": {1: "idea"},
    "checks.passed": {0: "passed"},
    "checks.when_graded": {0: "when graded"},
}


@dataclass(frozen=True)
class Message:
    """One text. kind: hint, unless, idea, what, passed, later or when graded. Names in f-strings are put in braces."""

    week: str
    check: str
    line: int
    hidden: bool
    kind: str
    text: str


def messages(week: Week) -> list[Message]:
    """All texts of the week's checks, in the order of the file. A table kept in a variable is found as well."""
    found: list[Message] = []
    for cell in week.checks:
        found += sorted(set(_of(week, cell)), key=lambda message: (message.line, message.kind))
    return found


def _of(week: Week, cell: Cell) -> Iterator[Message]:
    hidden = marks.hidden_lines(cell.source)
    try:
        tree = ast.parse(names.plain(cell.source))
    except SyntaxError:
        return
    tables = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        texts = [(kind, node.args[n]) for n, kind in _positions(node).items() if n < len(node.args)]
        for word in node.keywords:
            if word.arg in _SAYS:
                texts.append((_SAYS[word.arg], word.value))
            elif word.arg == "unless":
                table = tables.get(word.value.id) if isinstance(word.value, ast.Name) else word.value
                keys = table.keys if isinstance(table, ast.Dict) else []
                texts += [("unless", key) for key in keys if key is not None]
        for kind, value in texts:
            if text := _text(value):
                yield Message(week.id, cell.id, cell.line + value.lineno - 1, value.lineno in hidden, kind, text)


def _positions(call: ast.Call) -> dict[int, str]:
    return _POSITIONS.get(ast.unparse(call.func), {})


def _text(node: ast.expr) -> str:
    """A string or f-string as it reads, names in braces; empty for anything that is not text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"  # type: ignore[attr-defined]
            for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    return ""
