"""What works on the student's machine and not where their work is graded, seen in the text of a notebook."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
from pathlib import Path
from typing import Any

from course.desk import environment, given, notebooks

_FOLDER = re.compile(r"^[ \t]*%cd\b|\bos\.chdir\(", re.MULTILINE)
_INSTALL = re.compile(r"^[ \t]*[%!](?:pip|conda|mamba|uv)\b", re.MULTILINE)
_MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)


def find(notebook: Any, path: Path) -> list[str]:
    """One sentence for each: names that shadow ours, `%cd`, `input()`, `%pip`, packages that the course does not have."""
    found = [
        f"{name} beside {path.name} is imported in place of the course's own module; rename yours."
        for name in given.shadows(path.parent)
    ]
    if notebooks.signed_by(notebook) == "":
        found.append(
            "STUDENT is empty in the first cell of code: your work is graded with the numbers that belong to your id; type it."
        )
    absent: dict[str, str] = {}
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or notebooks.is_check(cell):
            continue
        where = f"cell {number}" + (f" ({notebooks.name_of(cell)})" if notebooks.about(cell) else "")
        if _FOLDER.search(cell.source):
            found.append(
                f"{where} changes the folder (%cd): where your work is graded, that folder is not there, and the nets you "
                "trained are not found from another one."
            )
        if _INSTALL.search(cell.source):
            found.append(f"{where} installs packages: there is no network where your work is graded.")
        names, calls = _read(cell.source)
        if "input" in calls:
            found.append(
                f"{where} calls input(): nobody types when your work is graded; write the value into the cell."
            )
        for name in names:
            absent.setdefault(name, where)
    ours = environment.locked()
    for name, where in absent.items():
        if ours and (said := _not_ours(name, ours, path.parent)):
            found.append(f"{where} imports {name}: {said}")
    return found


def _read(source: str) -> tuple[list[str], set[str]]:
    """Top-level modules that a cell imports, and names that it calls."""
    try:
        tree = ast.parse(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError):
        return [], set()
    modules, calls = [], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules += [alias.name.partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.append(node.module.partition(".")[0])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            calls.add(node.func.id)
    return modules, calls


def _not_ours(name: str, ours: dict[str, str], folder: Path) -> str:
    """Why a module is not there when the work is graded, empty where it is."""
    if name in sys.stdlib_module_names or name in ("course", "google") or (folder / f"{name}.py").is_file():
        return ""
    if (folder / name).is_dir():
        return "a folder beside the notebook is not handed in; single .py files are."
    packages = [environment.canonical(one) for one in importlib.metadata.packages_distributions().get(name, ())]
    if any(one in ours for one in packages) or environment.canonical(name) in ours:
        return ""
    return "it is not among the course's packages, so it is not there when your work is graded."
