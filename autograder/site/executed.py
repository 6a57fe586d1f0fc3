"""Where the lessons' figures come from: executed solution notebooks, kept until something that makes them changes."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring import solution_notebook, text_of
from autograder.authoring.solve import OnCell, Outcome, jobs_for, solve
from autograder.errors import UserError
from autograder.paths import COURSE, ROOT
from autograder.weeks import Week
from course.files import write_text

LOCK = ROOT / "autograder" / "authoring" / "for_students" / "requirements.lock"

PATIENCE = 20
"""How many times the seconds of the syllabus a cell may take: they are for students' work, this is for a machine that is busy."""


def executed(
    weeks: list[Week], folder: Path, *, jobs: int | None = None, on_cell: OnCell = lambda week, done, total: None
) -> dict[str, Any]:
    """{week id: executed solution notebook}, in the quick profile. What is in `folder` already and still fits is not run again.

    Raises UserError where a cell other than a check fails: its figure would be a traceback.
    """
    stale = [week for week in weeks if not _fits(week, folder)]
    jobs = min(jobs or jobs_for(), len(stale)) or 1

    def run(week: Week) -> None:
        threads = max(1, (os.cpu_count() or 1) // jobs)
        limits = {week.id: PATIENCE * week.plan.seconds["quick"]}
        place = folder / week.id
        (outcome,) = solve([week], folder=place, jobs=1, limits=limits, threads=threads, pages=False, on_cell=on_cell)
        _refuse_failures(week, outcome)
        write_text(_key_path(week, folder), _key(week))  # at once, so that a run that is stopped goes on from here

    with ThreadPoolExecutor(jobs) as pool:
        for _ in pool.map(run, stale):
            pass
    return {week.id: nbformat.read(_notebook_path(week, folder), as_version=4) for week in weeks}


def _refuse_failures(week: Week, outcome: Outcome) -> None:
    checks = {cell.id for cell in week.checks}
    failed = [cell for cell in outcome.failures if cell.id not in checks]
    if outcome.problem or failed:
        what = outcome.problem or f"cell {failed[0].id} failed: {failed[0].message}"
        raise UserError(f"{week.id}: {what}; see it with `autograder solve {week.plan.number}`, no site was built")


def _notebook_path(week: Week, folder: Path) -> Path:
    return folder / week.id / f"{week.id}.ipynb"


def _key_path(week: Week, folder: Path) -> Path:
    return folder / week.id / "key"


def _fits(week: Week, folder: Path) -> bool:
    path = _key_path(week, folder)
    return path.is_file() and path.read_text(encoding="utf-8") == _key(week) and _notebook_path(week, folder).is_file()


def _key(week: Week) -> str:
    """Of everything that can change a figure: the notebook, the package `course`, the lock, and Python."""
    digest = hashlib.sha256(text_of(solution_notebook(week)).encode("utf-8"))
    digest.update(_surroundings())
    return digest.hexdigest()


@functools.cache
def _surroundings() -> bytes:
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    lasting = [path for path in sorted(COURSE.rglob("*")) if path.suffix in (".py", ".toml")]
    for path in (LOCK, *lasting):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.digest()
