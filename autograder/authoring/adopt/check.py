"""A check of an nbgrader assignment, made to stand by itself: its imports and data, its title, the line when it passes."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.weeks import marks, names

_NOSE = re.compile(r"^(\s*)from nose\.tools import ", re.MULTILINE)
_TITLE = 70


@dataclass(frozen=True)
class Statement:
    """A statement at the top level of a cell: its text, the names that it binds, those that it changes in place, and those
    that it reads. module: of `from module import *`, whose names are the bound ones."""

    text: str
    binds: frozenset[str]
    changes: frozenset[str]
    reads: frozenset[str]
    module: str = ""


def statements(cell: str) -> list[Statement]:
    """The statements at the top level of a cell, in order; none of one that is not valid Python."""
    code = names.plain(cell)
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return []
    found: list[Statement] = []
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found += _imported(node)
            continue
        text = ast.unparse(node) if getattr(node, "decorator_list", None) else ast.get_source_segment(code, node) or ""
        found.append(Statement(text, frozenset(names.defined(text)), _changed(node), frozenset(names.free(text))))
    return found


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[Statement]:
    """One statement for each name that is imported."""
    none: frozenset[str] = frozenset()
    for alias in node.names:
        if isinstance(node, ast.ImportFrom) and alias.name == "*":
            yield Statement("", frozenset(_all_of(str(node.module))), none, none, str(node.module))
            continue
        one = ast.Import([alias]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [alias], node.level)
        yield Statement(ast.unparse(one), frozenset([alias.asname or alias.name.partition(".")[0]]), none, none)


def _changed(statement: ast.stmt) -> frozenset[str]:
    """Names whose objects a statement changes: `a[0] = 1`, `a.size = 1`, `a += 1`, `a.append(1)`; not what it only defines."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return frozenset()
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            found.add(_base(node))
        elif isinstance(node, ast.AugAssign):
            found.add(_base(node.target))
        elif (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Attribute)
        ):
            found.add(_base(node.value.func))
    return frozenset(found - {""})


def _base(node: ast.expr) -> str:
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def imports(source: str) -> str:
    """The import statements at the top level of a cell; nothing of one that is not valid Python."""
    try:
        tree = ast.parse(names.plain(source))
    except SyntaxError:
        return ""
    return "\n".join(ast.unparse(node) for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom)))


def _all_of(module: str) -> list[str]:
    """What `from module import *` brings; nothing where it cannot be imported here."""
    if module == "nose.tools":
        module = "course.asserts"
    try:
        found = importlib.import_module(module)
    except Exception:
        return []
    return list(getattr(found, "__all__", None) or [name for name in vars(found) if not name.startswith("_")])


@dataclass(frozen=True)
class SelfContained:
    """A check that needs no other cell. brought: names whose definitions were brought along from given cells. missing: names
    that nobody defines. changed: other changes, in words."""

    source: str
    brought: tuple[str, ...]
    missing: tuple[str, ...]
    changed: tuple[str, ...]


def self_contained(source: str, before: Sequence[Statement], students: Iterable[str]) -> SelfContained:
    """`source` with those of the statements `before` it that it needs: what defines and changes the names that it reads.

    students: names that the student's cells define, which stay free. Raises SyntaxError.
    """
    theirs = set(students)
    text, count = _NOSE.subn(r"\1from course.asserts import ", source)
    changed = ["nose.tools is no longer maintained: course.asserts has the same assertions"] if count else []
    needed = set(names.free(text)) - theirs
    kept: list[str] = []
    brought: set[str] = set()
    for statement in reversed(before):
        bound = statement.binds & needed
        if not bound and not statement.changes & needed:
            continue
        if statement.module:
            kept.append(f"from {statement.module} import {', '.join(sorted(bound))}")
        else:
            kept.append(statement.text)
        brought |= bound
        needed = (needed - (bound - statement.changes)) | (statement.reads - theirs)  # `a += 1` needs an `a` before it
    missing = sorted(needed - brought)
    lines = list(dict.fromkeys(_NOSE.sub(r"\1from course.asserts import ", line) for line in reversed(kept)))
    whole = "\n".join([*lines, *([""] if lines else []), text.strip("\n")])
    return SelfContained(whole, tuple(sorted(brought)), tuple(missing), tuple(changed))


def finished(source: str, check_id: str, points: float) -> str:
    """`source` with a title as its first line, and the line that says that it passed, with its points, as its last."""
    words, body = _title(source, check_id)
    visible = marks.without_hidden(body).strip()
    hidden = marks.has_hidden(body)
    number = f"{points:g}"
    what = repr(words[0].lower() + words[1:])
    if hidden and not _does_something(visible):
        closing = f"checks.when_graded({what}, points={number})"
    elif hidden:
        closing = f'checks.passed({what}, points={number}, later="the hidden part of this check")'
    else:
        closing = f"checks.passed({what}, points={number})"
    return f"# {words}\nfrom course import checks\n\n{body.strip(chr(10))}\n{closing}"


def _title(source: str, check_id: str) -> tuple[str, str]:
    """(a title, the rest): the docstring or comment that the check begins with, else its id in words."""
    lines = source.strip("\n").splitlines()
    first = lines[0].strip() if lines else ""
    quoted = re.fullmatch(r"(\"\"\"|''')(.+?)\1", first)
    if quoted:
        words, rest = quoted[2], "\n".join(lines[1:])
    elif first.startswith("#") and "###" not in first:
        words, rest = first.lstrip("# "), "\n".join(lines[1:])
    else:
        words, rest = re.sub(r"[-_]+", " ", check_id), "\n".join(lines)
    words = words.strip().rstrip(".") or check_id
    return (words if len(words) <= _TITLE else words[: _TITLE - 1].rstrip() + "…"), rest


def _does_something(visible: str) -> bool:
    try:
        return bool(names.free(visible))
    except SyntaxError:
        return True
