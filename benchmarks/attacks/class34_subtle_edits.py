"""Class 34: checks edited where nobody looks."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.attacks.case import (
    Attack,
    check_cells,
    edited,
)


def _changed(change: Callable[[str], str]) -> Callable[[dict[str, Any]], None]:
    def edit(document: dict[str, Any]) -> None:
        for cell in check_cells(document):
            if cell["id"].startswith("pool2d"):
                cell["source"] = change(cell["source"])

    return edit


def _told(**nbgrader: Any) -> Callable[[dict[str, Any]], None]:
    """nbgrader's own marks on the checks of pool2d."""

    def edit(document: dict[str, Any]) -> None:
        for cell in check_cells(document):
            if cell["id"].startswith("pool2d"):
                cell["metadata"]["nbgrader"].update(nbgrader)
                cell["metadata"]["tags"] = ["raises-exception", "skip-execution", "remove-cell", "parameters"]

    return edit


def _split(document: dict[str, Any]) -> None:
    """Each check in two halves of the same name, the second without what fails."""
    for cell in [cell for cell in check_cells(document) if cell["id"].startswith("pool2d")]:
        at = document["cells"].index(cell)
        lines = cell["source"].splitlines()
        other = copy.deepcopy(cell)
        cell["source"], other["source"] = "\n".join(lines[:3]), "pass"
        document["cells"].insert(at + 1, other)


def _names_swapped(document: dict[str, Any]) -> None:
    """The answer bears the name of its check, and the check that of the answer."""
    answer = next(cell for cell in document["cells"] if cell["id"] == "pool2d")
    check = next(cell for cell in check_cells(document) if cell["id"].startswith("pool2d"))
    for one, other in (("id", "id"), ("metadata", "metadata")):
        answer[one], check[other] = check[other], answer[one]
    check["source"] = "def pool2d(*a, **k): return True"


def _released_again(document: dict[str, Any]) -> None:
    """Checks that say they are of another release: nbgrader's checksum of what stands there is no secret."""
    import hashlib

    for cell in check_cells(document):
        if cell["id"].startswith("pool2d"):
            about = cell["metadata"]["nbgrader"]
            cell["source"] = "assert True"
            about["points"] = 30
            parts = [cell["source"], "code", *(str(bool(about[key])) for key in ("grade", "solution", "locked"))]
            text = "".join([*parts, about["grade_id"], str(float(about["points"]))])
            about["checksum"] = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def attacks() -> Iterator[Attack]:
    for name, change in {
        "wider tolerances": lambda text: text.replace("checks.close(", "checks.close.__call__(").replace("1e-4", "1e9"),
        "a name that looks like ours": lambda text: text.replace("checks.", "\u0441hecks.").replace(
            "from course import checks", "from course import checks as \u0441hecks"
        ),
        "a stub behind the import": lambda text: text.replace(
            "from course import checks",
            "from course import checks\nchecks = type('C', (), {'__getattr__': lambda s, n: lambda *a, **k: None})()",
        ),
        "in a branch that is never taken": lambda text: (
            "if False:\n" + "\n".join("    " + t for t in text.splitlines())
        ),
        "a magic that runs nothing": lambda text: "%%script false\n" + text,
        "a line end that editors do not show": lambda text: text.replace("checks.", "#\u2028checks."),
        "ended before it begins": lambda text: "raise SystemExit(0)\n" + text,
        "swallowed": lambda text: (
            "try:\n" + "\n".join("    " + t for t in text.splitlines()) + "\nexcept BaseException: pass"
        ),
        "marks of the hidden part around all of it": lambda text: (
            "### BEGIN HIDDEN TESTS\n" + text + "\n### END HIDDEN TESTS"
        ),
    }.items():
        yield edited(34, name, _changed(change))
    yield edited(
        34, "other marks of nbgrader's", _told(task=True, remove=True, schema_version=99, cell_type="markdown")
    )
    yield edited(34, "a checksum of what they say now", _released_again)
    yield edited(34, "cut in two", _split)
    yield edited(34, "under the name of the answer", _names_swapped, low=0)
