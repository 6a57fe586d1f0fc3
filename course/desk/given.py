"""What was handed out and is not to be changed: the checks of a notebook, and our modules' names."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course.desk import notebooks

if TYPE_CHECKING:
    from course.syllabus import WeekPlan


def changed_checks(notebook: Any) -> list[str]:
    """Ids of the checks that are not as they were handed out: the notebook keeps a checksum of each (nbgrader's)."""
    return [
        notebooks.name_of(cell)
        for cell in notebook.cells
        if notebooks.is_check(cell) and notebooks.about(cell).get("checksum") not in (None, _checksum(cell))
    ]


def _checksum(cell: Any) -> str:
    """`nbgrader.utils.compute_checksum`, without nbgrader's five seconds of import."""
    about = notebooks.about(cell)
    flags = [bool(about.get(name, False)) for name in ("grade", "solution", "locked")]
    parts = [cell.source, cell.cell_type, *map(str, flags), str(about.get("grade_id"))]
    if flags[0]:
        parts.append(str(float(about.get("points", 0))))
    return hashlib.md5("".join(parts).encode("utf-8"), usedforsecurity=False).hexdigest()


def missing_checks(notebook: Any, plan: WeekPlan | None) -> list[str]:
    """What is gone from a notebook, in words, by exercise: "conv2d: checks worth 10 of 25 points".

    plan: the week's; without one only a notebook that has no check left is noticed.
    """
    here = {notebooks.name_of(cell): float(notebooks.about(cell).get("points", 0)) for cell in checks_of(notebook)}
    if plan is None:
        return [] if here else ["all checks"]
    left = dict.fromkeys(plan.exercises, 0.0)
    for name, points in here.items():
        owners = [exercise for exercise in left if name == exercise or name.startswith(f"{exercise}-")]
        if owners:
            left[max(owners, key=len)] += points
    found = [
        f"{exercise}: checks worth {points - left[exercise]:g} of {points:g} points"
        for exercise, points in plan.exercises.items()
        if left[exercise] < points
    ]
    texts = notebooks.written(notebook)
    return found + [f"{name}: the cell of the written answer" for name in plan.written if name not in texts]


def checks_of(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if notebooks.is_check(cell)]


def shadows(folder: Path) -> list[str]:
    """What lies beside a notebook and is imported in place of the package `course`, each a sentence's subject.

    A checks.py does no harm: notebooks import `checks` from `course`.
    """
    import course

    ours = Path(course.__file__).resolve().parent
    found = []
    for place in (folder / "course", folder / "course.py"):
        if place.exists() and place.resolve() != ours:
            found.append(place.name + ("/" if place.is_dir() else ""))
    return found
