"""Whether a check can run apart from the student's process: only results of calls and plain data cross to it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from autograder.weeks import names


@dataclass(frozen=True)
class Finding:
    """Something in a check that looks into the student's process. what: the thing; instead: what to do about it."""

    line: int
    what: str
    instead: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}; {self.instead}"


@dataclass(frozen=True)
class Students:
    """Names that the student's cells define: all of them, functions, those that yield, classes."""

    names: frozenset[str]
    functions: frozenset[str]
    generators: frozenset[str]
    classes: frozenset[str]


_INSIDE = {
    "globals": "reads the student's variables by name",
    "locals": "reads the student's variables by name",
    "vars": "reads the inside of an object",
    "get_ipython": "asks the notebook's shell",
    "In": "reads the student's cells",
    "Out": "reads the student's outputs",
    "_": "reads the last output",
    "inspect": "reads the student's source code",
    "mock": "replaces parts of the student's process",
    "patch": "replaces parts of the student's process",
    "capsys": "is a fixture of pytest's",
}
_INSTEAD = {"capsys": "use checks.printed(lambda: …)"}
_USE_RESULTS = "let the function return what is to be checked, and check that"
_ATTRIBUTES = {"__code__", "__globals__", "__closure__", "__wrapped__", "__dict__", "__source__"}
_AXES = {"gca", "gcf", "get_axes", "get_lines", "get_xlabel", "get_ylabel", "get_title", "get_legend"}


def findings(source: str, students: Students) -> list[Finding]:
    """What in a check cannot be asked from outside the student's process, in the order of its lines. Raises SyntaxError."""
    own = names.defined(source)
    found = dict.fromkeys(finding for finding in _findings(ast.parse(source), students, own))
    return sorted(found, key=lambda finding: finding.line)


def _findings(tree: ast.Module, students: Students, own: Collection[str]) -> Iterator[Finding]:
    """own: names that the check itself binds; a variable of the student's that it sets anew is its own."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 1)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del) and node.id in students.names:
            yield Finding(line, f"removes the student's {node.id}", "ask in a written question how it is made")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in students.functions:
            yield Finding(line, f"replaces the student's {node.id}", "use another name, or ask in a written question")
        elif isinstance(node, ast.ClassDef) and (bases := students.classes & {_name(base) for base in node.bases}):
            yield Finding(line, f"derives a class from the student's {min(bases)}", "use objects of the class itself")
        elif students.classes and isinstance(node, ast.Call) and _name(node.func) == "type" and len(node.args) == 1:
            yield Finding(line, "type(…) asks for the exact type of an object", "use isinstance")
        elif students.generators and isinstance(node, ast.Attribute) and node.attr in ("send", "throw"):
            yield Finding(line, f".{node.attr} talks to a generator", "let a function return list(…) of it")
        elif isinstance(node, ast.Name) and node.id in _INSIDE and node.id not in own:
            yield Finding(line, f"{node.id} {_INSIDE[node.id]}", _INSTEAD.get(node.id, _USE_RESULTS))
        elif isinstance(node, ast.Attribute) and node.attr in _ATTRIBUTES:
            yield Finding(line, f".{node.attr} reads the inside of a function or object", _USE_RESULTS)
        elif isinstance(node, ast.Attribute) and node.attr in _AXES:
            yield Finding(line, f".{node.attr} looks at a figure", "let a function return the numbers that are drawn")
        elif isinstance(node, ast.Attribute) and node.attr in _INSIDE and node.attr != "_":
            yield Finding(line, f".{node.attr} {_INSIDE[node.attr]}", _USE_RESULTS)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
            for name in ("inspect", "unittest.mock", "mock"):
                if modules & {name, name.removeprefix("unittest.")}:
                    yield Finding(line, f"imports {name}, which looks into the process", _USE_RESULTS)
                    break


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def unnamed_classes(source: str, students: Students) -> list[str]:
    """The student's classes that a check has to name, since it uses attributes of what the student's code made, and names none."""
    tree = ast.parse(source)
    if not students.classes or students.classes & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}:
        return []
    theirs = students.names - students.classes
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and {one.id for one in ast.walk(node.value) if isinstance(one, ast.Name)} & theirs
        ):
            return sorted(students.classes)
    return []


_WALKS = {"iter", "list", "tuple", "set", "sum", "sorted", "min", "max", "any", "all", "enumerate", "zip", "len"}


def iterated(source: str, students: Students) -> str:
    """`source` with iter(…) around calls of the student's generators, which arrive as lists; in a notebook it changes nothing."""
    tree = ast.parse(source)
    walked = {id(node.iter) for node in ast.walk(tree) if isinstance(node, (ast.For, ast.comprehension))}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _WALKS:
            walked |= {id(one) for one in node.args}
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node.func) in students.generators and id(node) not in walked
    ]
    for node in sorted(found, key=lambda one: (one.lineno, one.col_offset), reverse=True):
        assert node.end_lineno is not None and node.end_col_offset is not None
        for line, column, text in (
            (node.end_lineno - 1, node.end_col_offset, b")"),
            (node.lineno - 1, node.col_offset, b"iter("),
        ):
            lines[line] = lines[line][:column] + text + lines[line][column:]
    return b"".join(lines).decode()
