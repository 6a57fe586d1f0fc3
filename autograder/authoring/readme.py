"""The parts of README.md that are generated: the table of weeks, and what is tried on the checks of each.

Each stands between two marks, `<!-- NAME: begin … -->` and `<!-- NAME: end -->`; everything else is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UserError
from autograder.paths import ROOT
from course.files import write_text
from course.syllabus import WeekPlan

if TYPE_CHECKING:
    from autograder.weeks import Week

README = ROOT / "README.md"


def weeks_table(plans: Iterable[WeekPlan]) -> str:
    """A row for each week: what is built, the bound that the real data hold it to, and the time of a full run."""
    rows = [
        "| Week | Title | You build | Bound, on the real data | Full run | Points |",
        "|--:|---|---|---|--:|--:|",
    ]
    for plan in plans:
        rows.append(
            f"| {plan.number} | {plan.title} | {plan.build} | {plan.bound_in_words or '–'} | {plan.full_run} | {plan.points} |"
        )
    return "\n".join(rows)


def audit_table(weeks: Iterable[Week]) -> str:
    """A row for each week: its exercises, and the wrong and right answers that `autograder audit` tries on their checks."""
    rows = [
        "| Week | Exercises | Mistakes, all caught by name | Alternatives, all with full points |",
        "|--:|--:|--:|--:|",
    ]
    counts = []
    for week in weeks:
        answers = [cell.id for cell in week.answers]
        mistakes, alternatives = week.mistakes(), week.alternatives()
        tried = [sum(len(found.get(name, {})) for name in answers) for found in (mistakes, alternatives)]
        counts.append([len(answers), *tried])
        rows.append(f"| {week.plan.number} | {' | '.join(map(str, counts[-1]))} |")
    rows.append(f"| all | {' | '.join(f'{sum(column):,}' for column in zip(*counts, strict=True))} |")
    return "\n".join(rows)


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


def parts(plans: Iterable[WeekPlan], weeks: Iterable[Week]) -> dict[str, str]:
    """What stands between the marks, by their name."""
    return {"weeks": weeks_table(plans), "audit": audit_table(weeks)}


def is_outdated(wanted: Mapping[str, str], path: Path = README) -> bool:
    """Whether README.md differs from `wanted` between its marks."""
    text = path.read_text(encoding="utf-8")
    return any(part(text, name) != body for name, body in wanted.items())


def write(wanted: Mapping[str, str], path: Path = README) -> bool:
    """Put `wanted` between the marks, the whole file or nothing; returns whether something changed."""
    old = new = path.read_text(encoding="utf-8")
    for name, body in wanted.items():
        new = with_part(new, name, body)
    if new == old:
        return False
    write_text(path, new)
    return True
