"""The parts of README.md that are generated: the table of weeks from the syllabus, the table of audits from a run.

Each stands between two marks, `<!-- NAME: begin … -->` and `<!-- NAME: end -->`; everything else is written by hand.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UserError
from autograder.paths import ROOT
from course import syllabus
from course.syllabus import WeekPlan

if TYPE_CHECKING:
    from autograder.audit import Audit, Row

README = ROOT / "README.md"


def weeks_table(plans: Iterable[WeekPlan]) -> str:
    """A row for each week: what is built, the bound that the real data hold it to, and the time of a full run."""
    rows = ["| Week | Title | You build | Bound, on the real data | Full run | Points |", "|--:|---|---|---|--:|--:|"]
    for plan in plans:
        rows.append(
            f"| {plan.number} | {plan.title} | {plan.build} | {plan.bound_in_words or '–'} | {plan.full_run} | {plan.points} |"
        )
    return "\n".join(rows)


def audit_table(audit: Audit) -> str:
    """A row for each week: what was tried on its checks, and how many came out as they must."""
    rows = [
        "| Week | Exercises | Mistakes caught | Alternatives that pass | Mutants noticed |",
        "|--:|--:|--:|--:|--:|",
    ]
    weeks = {row.week: None for row in audit.rows}  # in order, each once
    for name in weeks:
        rows.append(_audit_row(str(syllabus.week(name).number), [row for row in audit.rows if row.week == name]))
    rows.append(_audit_row("all", audit.rows))
    return "\n".join(rows)


def _audit_row(label: str, rows: Sequence[Row]) -> str:
    def total(pairs: Iterable[tuple[int, int]]) -> str:
        good, every = map(sum, zip(*pairs, strict=True))
        return f"{good} of {every}" if every else "–"

    counts = (total(getattr(row, kind) for row in rows) for kind in ("mistakes", "alternatives", "mutants"))
    return f"| {label} | {len(rows)} | {' | '.join(counts)} |"


def part(text: str, name: str) -> str:
    """What stands between the marks of `name`. Raises UserError where README.md lacks them."""
    return _marked(text, name)[2]


def with_part(text: str, name: str, body: str) -> str:
    """`text` with `body` between the marks of `name`. Raises UserError where README.md lacks them."""
    start, end, _ = _marked(text, name)
    return f"{text[:start]}\n{body}\n{text[end:]}"


def _marked(text: str, name: str) -> tuple[int, int, str]:
    found = re.search(rf"<!-- {name}: begin.*?-->(.*?)<!-- {name}: end -->", text, re.DOTALL)
    if found is None:
        raise UserError(f"README.md lacks the marks <!-- {name}: begin --> and <!-- {name}: end -->; put them back")
    return found.start(1), found.end(1), found.group(1).strip("\n")


def is_outdated(table: str, path: Path = README) -> bool:
    """Whether the table of weeks in README.md is another than `table`."""
    return part(path.read_text(encoding="utf-8"), "weeks") != table


def write(name: str, body: str, path: Path = README) -> bool:
    """Put `body` between the marks of `name`, the whole file or nothing; returns whether something changed."""
    old = path.read_text(encoding="utf-8")
    new = with_part(old, name, body)
    if new == old:
        return False
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    unfinished.write_text(new, encoding="utf-8")
    unfinished.replace(path)
    return True
