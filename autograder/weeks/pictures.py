"""Which given cells are pictures: they draw, or train for those that draw, and grading can do without them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from autograder.weeks import names
from autograder.weeks.model import Cell, Week

_DRAWS_OR_TRAINS = re.compile(
    r"\bplt\.|\bwidgets\.|\bbounds\.show\(|\bcourse\.progress\(|\bwaiting_for\(|\bplots\.(?!style\b)|\bfit\(|\btrained\("
)
_DRAWING = ("plt.", "plots.", "widgets.")
_NO_DRAWING = ("plots.style",)


def pictures_of(week: Week, theirs: Iterable[str]) -> frozenset[str]:
    """Ids of the given cells that only draw, or train or define something for those that draw: nothing else reads that.

    theirs: the student's sources. A cell that does anything else is never among them: it may import, or set a seed.
    """
    words = {name for source in theirs for name in names.of_student(source)[1]}
    pictures: set[str] = set()
    for cell in reversed([c for c in week.cells if c.kind == "code"]):
        defined, read = names.of_student(cell.source)
        idle = _DRAWS_OR_TRAINS.search(cell.source) or _only_functions(cell.source)
        if cell.role == "given" and idle and not defined & words:
            pictures.add(cell.id)
        else:
            words |= read
    return frozenset(pictures)


def _only_functions(source: str) -> bool:
    """Whether a cell does nothing but define functions."""
    try:
        body = ast.parse(names.plain(source)).body
    except SyntaxError:
        return False
    return bool(body) and all(isinstance(node, ast.FunctionDef) and not node.decorator_list for node in body)


def drawn_in_grading(week: Week) -> Iterator[tuple[Cell, set[str], Cell | None]]:
    """Given cells that draw and that grading has to run all the same, with the names for which it has to, and who reads them
    first: such a cell costs every submission the time of its picture.

    A cell without such names is one that draws by a function of ours only: nothing in it says so to the grader.
    """
    silent = pictures_of(week, [cell.source for cell in week.answers])
    code = [cell for cell in week.cells if cell.kind == "code"]
    for cell in _drawing(week):
        if cell.id in silent:
            continue
        defined = names.of_student(cell.source)[0]
        later = [other for other in code[code.index(cell) + 1 :] if other.id not in silent]
        readers = [(other, defined & names.of_student(other.source)[1]) for other in later]
        reader = next((other for other, read in readers if read), None)
        yield cell, set().union(*(read for _, read in readers)), reader


def _drawing(week: Week) -> Iterator[Cell]:
    """Given cells that draw when they run, by a call of their own or of a function that an earlier one defined."""
    functions: set[str] = set()
    for cell in week.of_role("given"):
        try:
            body = ast.parse(names.plain(cell.source)).body if cell.kind == "code" else []
        except SyntaxError:
            continue
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        functions |= {node.name for node in body if isinstance(node, kinds) and _draws(node, functions)}
        if any(_draws(node, functions) for node in body if not isinstance(node, kinds)):
            yield cell


def _draws(tree: ast.AST, functions: set[str]) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in functions or (name.startswith(_DRAWING) and name not in _NO_DRAWING):
                return True
    return False
