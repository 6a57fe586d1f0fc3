"""A check of an nbgrader assignment, made to stand by itself: its imports and data, its title, the line when it passes."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.weeks import marks, names

_NOSE = re.compile(r"^(\s*)from nose\.tools import ", re.MULTILINE)
_TITLE = 70


@dataclass(frozen=True)
class Source:
    """A statement of a given cell: its text, and the names that it reads."""

    text: str
    reads: frozenset[str]


def statements(cells: Iterable[str]) -> dict[str, Source]:
    """{name: the statement of `cells` that last defines it at their top level}; cells that are not Python are left out."""
    found: dict[str, Source] = {}
    for cell in cells:
        code = names.plain(cell)
        try:
            tree = ast.parse(code)
        except SyntaxError:
            continue
        for node in tree.body:
            text = ast.get_source_segment(code, node) or ""
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.decorator_list:
                text = ast.unparse(node)
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    if isinstance(node, ast.ImportFrom) and alias.name == "*":
                        module = str(node.module)
                        found |= {name: Source(f"from {module} import {name}", frozenset()) for name in _all_of(module)}
                        continue
                    one = (
                        ast.Import([alias])
                        if isinstance(node, ast.Import)
                        else ast.ImportFrom(node.module, [alias], node.level)
                    )
                    found[alias.asname or alias.name.partition(".")[0]] = Source(ast.unparse(one), frozenset())
            elif text:
                source = Source(text, frozenset(names.free(text)))
                found.update(dict.fromkeys(names.defined(text), source))
    return found


def imports(source: str) -> str:
    """The import statements at the top level of a cell; nothing of one that is not Python."""
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
class Standing:
    """A check that stands by itself. brought: names whose definitions were brought along from given cells. missing: names
    that nobody defines. changed: other changes, in words."""

    source: str
    brought: tuple[str, ...]
    missing: tuple[str, ...]
    changed: tuple[str, ...]


def standing(source: str, given: Mapping[str, Source], students: Iterable[str]) -> Standing:
    """`source` with the definitions of the given names that it reads, and of those that these read, before it.

    students: names that the student's cells define, which stay free. Raises SyntaxError.
    """
    theirs = set(students)
    changed = []
    text, count = _NOSE.subn(r"\1from course.asserts import ", source)
    if count:
        changed.append("nose.tools is no longer maintained: course.asserts has the same assertions")
    brought: dict[str, str] = {}
    missing: list[str] = []

    def bring(name: str) -> None:
        if name in theirs or name in brought or name in missing:
            return
        if (statement := given.get(name)) is None:
            missing.append(name)
            return
        brought[name] = ""
        for read in sorted(statement.reads):
            bring(read)
        brought[name] = statement.text
        brought[name] = brought.pop(name)  # after what it reads

    for name in names.free(text):
        bring(name)
    before = list(dict.fromkeys(_NOSE.sub(r"\1from course.asserts import ", text) for text in brought.values()))
    imports = [line for line in before if line.startswith(("import ", "from "))]
    others = [line for line in before if line not in imports]
    whole = "\n".join([*imports, *others, *([""] if before else []), text.strip("\n")])
    return Standing(whole, tuple(brought), tuple(missing), tuple(changed))


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
