"""What the warm parent imports for a submission before its workers are forked: what our own cells import."""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
from collections.abc import Iterable

from autograder.grading.plan import Step
from autograder.weeks import Week

_KERAS = re.compile(r"^\s*(?:import|from)\s+(?:keras|tensorflow)\b", re.MULTILINE)
"""A student's own import of it, by habit perhaps, in a week that does without: seconds for each worker, were it not shared."""
_LOADS = re.compile(r"""\bdatasets\.load\(\s*(?:["'](\w+)["'])?""")


def sets_of(week: Week) -> list[str]:
    """Names of the data sets that the cells of `week` load."""
    return sorted({name for cell in week.cells for name in _LOADS.findall(cell.source) if name})


def of_steps(week: Week, steps: Iterable[Step]) -> list[str]:
    """Names of modules that the cells among `steps` import, as authored, and Keras where a student's do. Checks run elsewhere."""
    cells = [step for step in steps if not step.is_check]
    ours = {cell.id for cell in week.cells}
    found = dict.fromkeys(name for step in cells if step.cell.id in ours for name in _of_cell(step.cell.source))
    if "keras" not in found and any(_KERAS.search(step.source) for step in cells):
        found["keras"] = None
    return list(found)


@functools.lru_cache(maxsize=2048)
def _of_cell(source: str) -> tuple[str, ...]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a cell with magics is not plain Python
        return ()
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(dict.fromkeys(alias.name for alias in node.names))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found[node.module] = None
            if node.module == "course":
                inside = (f"course.{alias.name}" for alias in node.names)
                found.update(dict.fromkeys(name for name in inside if importlib.util.find_spec(name)))
    return tuple(found)
