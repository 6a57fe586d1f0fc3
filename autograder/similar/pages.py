"""The pages on similar submissions: a list of pairs, and each pair side by side. A person reads them and decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError
from autograder.publish import report
from autograder.publish.report import safe
from autograder.publish.report.common import anchor, week_short, week_title
from autograder.similar.compare import Cell, Comparison, Pair, marked
from course.files import write_text

GENERATOR = "autograder similar"
CLOSE = 2.0
"""Closeness from which a pair counts as close in another week, too."""
WORDS = {
    "not_a_verdict": "Two submissions can be alike for many reasons: work in pairs that you allowed, the same book or "
    "tutor, an idea that has few ways to be written, chance. The list says where to look first, not what happened; read "
    "both, and talk to both, before you conclude anything."
}


@dataclass(frozen=True)
class ShownShare:
    cell: str
    percent: int


@dataclass(frozen=True)
class ShownPair:
    one: str
    other: str
    closeness: float
    shares: list[ShownShare]
    others: str
    """Other weeks in which the two are close."""
    file: str


@dataclass(frozen=True)
class ShownWeek:
    anchor: str
    title: str
    submissions: int
    ungradable: int
    little: list[str]
    pairs: list[ShownPair]


@dataclass(frozen=True)
class ShownCell:
    id: str
    pieces: list[tuple[str, int]]


@dataclass(frozen=True)
class Row:
    """One answer of the first student, and the other's cells that have any of it."""

    cell: str
    percent: int
    left: list[ShownCell]
    right: list[ShownCell]


def write(
    comparisons: Sequence[Comparison], to: Path, names: Mapping[str, str], unread: Mapping[str, int], term: str = ""
) -> Path:
    """Write the pages into the folder `to` and return their index. Pages of ours that no longer belong are removed.

    names: {student: the name to show}. unread: {week: submissions that could not be graded}. Raises UserError where the
    folder cannot be written.
    """
    render = report.renderer("autograder.similar", Path(__file__).parent / "templates" / "similar.css", GENERATOR)
    weeks, kept = [], {to / "index.html"}
    close = _close(comparisons)
    try:
        (to / "pairs").mkdir(parents=True, exist_ok=True)
        for comparison in comparisons:
            week = comparison.week.id
            shown = []
            for number, pair in enumerate(comparison.pairs, start=1):
                path = to / "pairs" / f"{anchor(week)}-{number:03}.html"
                others = [w for w in close.get(frozenset((pair.one, pair.other)), ()) if w != week]
                view = ShownPair(
                    one=_name(pair.one, names),
                    other=_name(pair.other, names),
                    closeness=pair.closeness,
                    shares=[ShownShare(safe.name(s.cell), round(100 * s.part)) for s in pair.shares],
                    others=", ".join(week_short(w).lower() for w in others),
                    file=f"pairs/{path.name}",
                )
                rows = _rows(comparison, pair)
                values = {"pair": view, "rows": rows, "week": week_title(week), "home": "../index.html", "words": WORDS}
                write_text(path, render("pair.html.j2", **values))
                kept.add(path)
                shown.append(view)
            little = [_name(student, names) for student in comparison.little]
            count = len(comparison.cells)
            weeks.append(ShownWeek(anchor(week), week_title(week), count, unread.get(week, 0), little, shown))
        write_text(
            to / "index.html", render("pairs.html.j2", weeks=weeks, term=safe.name(term) if term else "", words=WORDS)
        )
        for old in (to / "pairs").glob("*.html"):
            if old not in kept and f'content="{GENERATOR}"' in old.read_text(encoding="utf-8", errors="replace")[:2000]:
                old.unlink()
    except OSError as problem:
        raise UserError(f"the pages cannot be written to {to}: {problem.strerror}; choose another --to") from problem
    return to / "index.html"


def _name(student: str, names: Mapping[str, str]) -> str:
    return safe.name(names.get(student, student))


def _close(comparisons: Sequence[Comparison]) -> dict[frozenset[str], list[str]]:
    """{two students: the weeks in which they are close}."""
    found: dict[frozenset[str], list[str]] = {}
    for comparison in comparisons:
        for pair in comparison.pairs:
            if pair.closeness >= CLOSE:
                found.setdefault(frozenset((pair.one, pair.other)), []).append(comparison.week.id)
    return found


def _rows(comparison: Comparison, pair: Pair) -> list[Row]:
    shared = comparison.shared(pair.one, pair.other)
    mine = {cell.id: cell for cell in comparison.cells[pair.one]}
    rows = []
    for share in pair.shares:
        cell = mine[share.cell]
        here = shared.intersection(cell.own)
        theirs = _holding(here, cell.id, comparison.cells[pair.other])
        left = [_shown(cell, comparison, here)]
        right = [_shown(other, comparison, here) for other in theirs]
        rows.append(Row(safe.name(share.cell), round(100 * share.part), left, right))
    return rows


def _holding(grams: frozenset[str], id: str, cells: Sequence[Cell]) -> list[Cell]:
    """The fewest cells that hold nine tenths of `grams`, at most four; of equals the answer to the same exercise first."""
    found: list[Cell] = []
    left = grams
    while len(left) > 0.1 * len(grams) and len(found) < 4:
        best = max(cells, key=lambda cell: (len(left.intersection(cell.own)), cell.id == id))
        if not left.intersection(best.own):
            break
        found.append(best)
        left = left.difference(best.own)
    return found


def _shown(cell: Cell, comparison: Comparison, shared: frozenset[str]) -> ShownCell:
    pieces = [(safe.text(text, safe.MAX_SOURCE), level) for text, level in marked(cell, comparison, shared)]
    if pieces:
        pieces[0] = (pieces[0][0].lstrip("\n"), pieces[0][1])
    return ShownCell(safe.name(cell.id), pieces)
