"""What one recipe of `python -m benchmarks bounds` runs: the cells that lead to the checks of an accuracy, and these checks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from autograder.weeks import Week, names
from benchmarks.bounds_recipes import REFERENCE, recipes


@dataclass(frozen=True)
class Plan:
    """cells: [(cell id, source)] in their order. checks: cell ids. code: a hash of all of them, but for seed and profile."""

    cells: list[tuple[str, str]]
    checks: list[str]
    code: str


def plan(week: Week, recipe: str) -> Plan:
    """The plan of a recipe: for the reference all checks of an accuracy, for others those that what they change leads to.

    Raises KeyError where the week has no such recipe.
    """
    every = recipes(week)
    sources = every[recipe]
    changed = {answer for answer, source in sources.items() if source != every[REFERENCE][answer]}
    checks = [
        check
        for check in asking(week)
        if recipe == REFERENCE or changed & {cell for cell, _ in cells_for(week, sources, [check])}
    ]
    cells = cells_for(week, sources, checks)
    digest = hashlib.sha256()
    for text in [source for cell, source in cells if cell != "parameters"] + [week[check].source for check in checks]:
        digest.update(text.encode() + b"\0")
    return Plan(cells, checks, digest.hexdigest()[:12])


def asking(week: Week) -> list[str]:
    """The checks with points that ask for an accuracy."""
    return [c.id for c in week.checks if c.points and ("bands.on_" in c.source or "profile.bound(" in c.source)]


def cells_for(week: Week, sources: dict[str, str], checks: list[str]) -> list[tuple[str, str]]:
    """[(cell id, source)] of what has to run before `checks`: the cells that define what they read, and what those read."""
    code = [cell for cell in week.cells if cell.kind == "code" and cell.role in ("given", "answer", "check")]
    place = {cell.id: number for number, cell in enumerate(code)}
    text = {cell.id: sources.get(cell.id, cell.source) for cell in code}
    makers: dict[str, list[str]] = {}
    for draws in (False, True):  # what a cell that only draws leaves behind counts where no other defines it
        for cell in code:
            if cell.role != "check" and ("draw" in cell.tags) == draws:
                for name in names.defined(text[cell.id]):
                    if not draws or name not in makers:
                        makers.setdefault(name, []).append(cell.id)
    chosen = {cell.id for cell in code if cell.id in ("parameters", "imports")}
    waiting = [*chosen, *checks]
    end = max(place[check] for check in checks)
    while waiting:
        reader = waiting.pop()
        for name in names.free(text[reader]):
            earlier = [one for one in makers.get(name, []) if place[one] < end]
            before = [one for one in earlier if place[one] < place[reader]]
            for maker in {*earlier[-1:], *before[-1:]} - chosen:
                chosen.add(maker)
                waiting.append(maker)
    return [(one, text[one]) for one in sorted(chosen, key=place.__getitem__)]
