"""`python -m benchmarks similar`: planted copies in an invented class. Which are found, how many others come before them?"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

import click
from rich.console import Console
from rich.table import Table

from autograder import weeks
from autograder.similar.compare import Comparison, compare
from benchmarks import copies
from benchmarks.copies import Copied

LISTED = (10, 30, 60)
PARTIAL = "three exercises"


@dataclass(frozen=True)
class Measured:
    """One class. ranks: {way: the places of its planted pairs, 1 for the first; None for pairs not listed at all}."""

    week: str
    students: int
    planted: int
    ranks: dict[str, list[int | None]]
    seconds: float
    processor: float
    others: list[float]
    """Closeness of the pairs that were not planted, from most to least."""

    def recall(self, way: str, within: int) -> float:
        places = self.ranks[way]
        return sum(place is not None and place <= within for place in places) / len(places)

    def precision(self, among: int) -> float:
        """The share of planted pairs among the first pairs, as many as were planted."""
        everywhere = [place for places in self.ranks.values() for place in places if place is not None]
        return sum(place <= among for place in everywhere) / among

    @property
    def whole(self) -> float:
        """The share of copies of a whole submission that stand among the first pairs, twice as many as were planted."""
        ways = [way for way in self.ranks if way != PARTIAL]
        return sum(self.recall(way, 2 * self.planted) for way in ways) / len(ways)


def measure(week: str | int, students: int, of_each: int, seed: int) -> Measured:
    """Plant copies, compare, and see where the planted pairs stand."""
    chosen = weeks.load(week)
    results, planted = copies.a_class(chosen, students, of_each, seed)
    began, worked = time.perf_counter(), time.process_time()
    found = compare(chosen, results, most=20 * len(planted))
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    return _judged(chosen.id, found, planted, students, seconds, processor)


def _judged(
    week: str, found: Comparison, planted: list[Copied], students: int, seconds: float, processor: float
) -> Measured:
    place = {frozenset((pair.one, pair.other)): number for number, pair in enumerate(found.pairs, start=1)}
    pairs = {frozenset((one.source, one.copy)) for one in planted}
    ranks = {
        way: [place.get(frozenset((one.source, one.copy))) for one in planted if one.way == way] for way in copies.WAYS
    }
    others = [pair.closeness for pair in found.pairs if frozenset((pair.one, pair.other)) not in pairs]
    return Measured(week, students, len(planted), ranks, seconds, processor, others)


@click.command()
@click.option("--week", "names", multiple=True, default=("1",), show_default=True, help="Week to take answers from.")
@click.option("--students", type=click.IntRange(min=20), default=300, show_default=True, help="Submissions.")
@click.option(
    "--copies", "of_each", type=click.IntRange(min=1), default=5, show_default=True, help="Copies of each way."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the invented class.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the tables.")
def command(names: tuple[str, ...], students: int, of_each: int, seed: int, as_json: bool) -> None:
    """Plant copies among honest students and print recall, precision and time of `autograder similar`.

    Honest students begin from the right alternatives and the mistakes of the week and write in their own way; a copy is
    disguised as its row says. Exit status 1 when fewer than nine of ten copies of a whole submission stand among the
    first pairs (twice as many as were planted), or 300 submissions would take more than a minute of processor time.
    """
    if students < 2 * of_each * len(copies.WAYS):
        raise click.BadParameter(
            f"{of_each} copies of each of {len(copies.WAYS)} ways need {2 * of_each * len(copies.WAYS)} students",
            param_hint="--copies",
        )
    found = [measure(name, students, of_each, seed) for name in names]
    if as_json:
        click.echo(json.dumps({"weeks": [_as_dict(each) for each in found]}))
    else:
        for each in found:
            _show(each)
    if any(each.whole < 0.9 or each.processor * 300 / each.students > 60 for each in found):
        raise SystemExit(1)


def _as_dict(each: Measured) -> dict[str, object]:
    return {
        "week": each.week,
        "students": each.students,
        "planted": each.planted,
        "recall": {way: [each.recall(way, each.planted), each.recall(way, 2 * each.planted)] for way in each.ranks},
        "precision": {among: round(each.precision(among), 3) for among in LISTED},
        "whole": round(each.whole, 3),
        "seconds": round(each.seconds, 1),
        "processor_seconds": round(each.processor, 1),
    }


def _show(each: Measured) -> None:
    title = f"{each.week}: {each.planted} copies among {each.students} submissions"
    table = Table(title=title, title_justify="left")
    table.add_column("how it was copied")
    for heading in (f"in the first {each.planted}", f"in the first {2 * each.planted}", "last place"):
        table.add_column(heading, justify="right")
    for way, places in each.ranks.items():
        last = "not listed" if None in places else str(max(place for place in places if place is not None))
        row = [f"{100 * each.recall(way, within):.0f} %" for within in (each.planted, 2 * each.planted)]
        table.add_row(way, *row, last)
    Console().print(table)
    shares = ", ".join(f"{100 * each.precision(among):.0f} % of the first {among}" for among in LISTED)
    click.echo(
        f"planted pairs: {shares}; of whole submissions {100 * each.whole:.0f} % in the first {2 * each.planted}"
    )
    click.echo(f"comparing took {each.seconds:.1f} s, {each.processor:.1f} s of them processor time")
