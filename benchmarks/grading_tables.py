"""What the grading bench has measured, round by round: ratios with their spread, what is promised, and the page of results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.table import Table

LOADS = ("idle", "busy")
"""busy: one core is kept busy by a program of the bench's own."""
BUSY_SHARE = 2 / 3
"""Of the ratio that is promised on an idle machine: what is promised beside another program."""
BARS = {
    ("import_only", 40): 45.0,
    ("import_only", 16): 30.0,
    ("import_only", 1): 4.0,
    ("training", 20): 8.0,
    ("training", 6): 5.0,
    ("building", 12): 8.0,
    ("residual", 6): 8.0,
}
"""{(class, submissions): how many times longer stock nbgrader has to take}."""


@dataclass(frozen=True)
class Run:
    """One round: the same class graded by us and by stock nbgrader, one after the other.

    ours, stock: wall-clock seconds of the whole class. short_ours, short_stock: right submissions that did not get full points.
    others: cores that other programs used in the second before, the bench's own load left out.
    """

    kind: str
    week: str
    submissions: int
    load: str
    round: int
    ours: float
    stock: float
    short_ours: int = 0
    short_stock: int = 0
    others: float = 0.0
    when: str = ""
    command: str = ""

    @property
    def key(self) -> tuple[str, int, str, int]:
        return self.kind, self.submissions, self.load, self.round

    @property
    def ratio(self) -> float:
        return self.stock / self.ours


@dataclass(frozen=True)
class Row:
    """The rounds of one class on one kind of machine. seconds: medians, a submission. ratio: the median over rounds, each round's
    two runs being neighbours; low, high: its spread. bar: what is promised, 0 where nothing is."""

    kind: str
    week: str
    submissions: int
    load: str
    rounds: int
    seconds_ours: float
    seconds_stock: float
    ratio: float
    low: float
    high: float
    bar: float
    short: int

    @property
    def holds(self) -> bool:
        return self.ratio >= self.bar

    def as_dict(self) -> dict[str, Any]:
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}


def bar_of(kind: str, submissions: int, load: str) -> float:
    bar = BARS.get((kind, submissions), 0.0)
    return bar * BUSY_SHARE if load == "busy" else bar


def rows(runs: Iterable[Run]) -> list[Row]:
    """A row for each class, size and load, in the order in which they were measured first."""
    together: dict[tuple[str, int, str], list[Run]] = defaultdict(list)
    for run in runs:
        together[run.key[:3]].append(run)
    found = []
    for (kind, submissions, load), rounds in together.items():
        ratios = [run.ratio for run in rounds]
        found.append(
            Row(
                kind,
                rounds[0].week,
                submissions,
                load,
                len(rounds),
                median(run.ours for run in rounds) / submissions,
                median(run.stock for run in rounds) / submissions,
                median(ratios),
                min(ratios),
                max(ratios),
                bar_of(kind, submissions, load),
                sum(run.short_ours + run.short_stock for run in rounds),
            )
        )
    return found


HEADINGS = (
    "class",
    "week",
    "submissions",
    "machine",
    "rounds",
    "ours",
    "stock nbgrader",
    "ratio",
    "spread",
    "promised",
)


def _cells(row: Row) -> list[str]:
    promised = f"{row.bar:.3g}{'' if row.holds else ', falls short'}" if row.bar else ""
    return [
        row.kind,
        row.week,
        str(row.submissions),
        row.load,
        str(row.rounds),
        f"{row.seconds_ours:.2f}",
        f"{row.seconds_stock:.2f}",
        f"{row.ratio:.1f}",
        f"{row.low:.1f} to {row.high:.1f}",
        promised,
    ]


def table(found: Iterable[Row]) -> Table:
    """For the terminal."""
    shown = Table(title="Seconds a submission, and how many times longer stock nbgrader takes", title_justify="left")
    for heading in HEADINGS:
        shown.add_column(heading, justify="left" if heading in ("class", "week", "machine") else "right")
    for row in found:
        shown.add_row(*_cells(row))
    return shown


def markdown(results: Mapping[str, Any]) -> str:
    """The page beside the file of results."""
    runs = [Run(**run) for run in results["runs"]]
    lines = [
        "# Grading, ours and stock nbgrader's",
        "",
        "Seconds a submission; the ratio is the median over rounds.",
        "",
    ]
    lines += ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
    lines += ["| " + " | ".join(_cells(row)) + " |" for row in rows(runs)]
    lines += [
        "",
        "Every round:",
        "",
        "| class | submissions | machine | round | ours | stock | ratio | other programs | when |",
    ]
    lines += ["|" + "---|" * 9]
    lines += [
        f"| {r.kind} | {r.submissions} | {r.load} | {r.round} | {r.ours:.1f} s | {r.stock:.1f} s | {r.ratio:.1f} "
        f"| {r.others:.1f} cores | {r.when} |"
        for r in runs
    ]
    lines += ["", *(f"- {name}: {value}" for name, value in results["environment"].items())]
    return "\n".join(lines) + "\n"
