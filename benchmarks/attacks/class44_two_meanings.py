"""Class 44: cells that mean one thing to whoever reads them and another to who runs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.attacks.case import HONEST, WRONG, Attack, check_cells, edited, whole

_ANY = (
    "class _Any(float):\n    __eq__ = lambda s, o: True\n    shape = (1,)\n    __array__ = lambda s, *a, **k: None\n"
    "def pool2d(*a, **k): return _Any()"
)
Edit = Callable[[dict[str, Any]], None]


def _behind_checks(code: str, which: str = "pool2d") -> Edit:
    """`code` behind the whole text of each check of an exercise, in its cell."""

    def edit(document: dict[str, Any]) -> None:
        for cell in check_cells(document):
            if cell["id"].startswith(which):
                cell["source"] += f"\n\n{code}"

    return edit


def _text_as_code(document: dict[str, Any]) -> None:
    for cell in document["cells"]:
        if cell["id"] in ("task-pool", "idea-pixels", "closing"):
            cell.update(cell_type="code", source=_ANY, outputs=[], execution_count=None)


def _names_of_another_week(document: dict[str, Any]) -> None:
    from autograder import weeks

    for number, cell in enumerate(weeks.load(2).cells):
        about = {"grade_id": cell.id, "grade": cell.role == "check", "points": 50, "solution": cell.role == "answer"}
        own = {"cell_type": "code", "id": f"other{number}", "metadata": {"nbgrader": {**about, "locked": True}}}
        document["cells"].append({**own, "source": _ANY, "outputs": [], "execution_count": None})


def _source_twice() -> bytes:
    """The right answer and then a wrong one as the source of one cell: JSON readers take the last."""
    document = whole()
    cell = next(cell for cell in document["cells"] if cell["id"] == "pool2d")
    text = json.dumps(document)
    right = json.dumps(cell["source"])
    return text.replace(f'"source": {right}', f'"source": {right}, "source": {json.dumps(WRONG)}', 1).encode()


def _western(document: dict[str, Any]) -> bytes:
    """In Windows' encoding, with bytes that are a quote and a line end in other ones."""
    text = json.dumps(document, ensure_ascii=False).replace(
        '"metadata": {}', '"metadata": {"note": "ÿþ «\u201d» …"}', 1
    )
    return text.encode("cp1252", "replace")


def _nameless_right_behind(document: dict[str, Any]) -> None:
    """Without names: a wrong answer where it belongs, and one that equals everything behind the checks."""
    for cell in document["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    document["nbformat_minor"] = 4
    own: dict[str, Any] = {"cell_type": "code", "metadata": {}, "source": _ANY, "outputs": [], "execution_count": None}
    document["cells"].append(own)


def attacks() -> Iterator[Attack]:
    yield edited(44, "an answer behind a check, in its cell", _behind_checks(_ANY))
    yield edited(44, "a patch behind an earlier check, in its cell", _behind_checks(
        "import course.checks, numpy\nfor name in dir(course.checks):\n    setattr(course.checks, name, lambda *a, **k: None)\n"
        "numpy.allclose = lambda *a, **k: True", "conv2d-lecture"))  # fmt: skip
    yield edited(44, "texts turned into code", _text_as_code)
    yield edited(44, "names of another week's cells", _names_of_another_week)
    yield Attack(44, "two sources in one cell", raw=_source_twice(), low=HONEST, high=HONEST)
    document = whole()
    next(cell for cell in document["cells"] if cell["id"] == "pool2d")["source"] = WRONG
    yield Attack(44, "an encoding that hides ends", raw=_western(document), low=HONEST, high=HONEST)
    yield edited(44, "no names, and another answer behind everything", _nameless_right_behind)
    letters = "ｐｏｏｌ２ｄ = type('ｘ', (float,), {'__eq__': lambda *a: True, '__call__': lambda s, *a, **k: s})()"
    yield Attack(44, "letters that Python takes for others", {"pool2d": f"{WRONG}\n{letters}"})
