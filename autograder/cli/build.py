"""`autograder build`: notebooks from the authored weeks, after a thorough look at them."""

from __future__ import annotations

import json
import math

import click
from rich import box
from rich.console import Console
from rich.table import Table

from autograder import weeks as weeks_module
from autograder.authoring import find_problems, outdated, readme, write
from autograder.authoring import lengths as measures
from autograder.authoring.topics import coverage, titles
from autograder.paths import OWN, ROOT
from course import syllabus


@click.command()
@click.argument("weeks", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; fail when a notebook is out of date.")
@click.option("--topics", is_flag=True, help="Print which weeks treat which topic, and build nothing.")
@click.option("--lengths", is_flag=True, help="Print how long the weeks are, and build nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(weeks: tuple[str, ...], check: bool, topics: bool, lengths: bool, as_json: bool) -> None:
    """Make the solution notebooks and the releases of WEEKS (default: all).

    Without WEEKS the README's tables are renewed as well.
    A week is refused, with file, line and cell, when something about it is wrong; nothing of it is written then. A week
    whose core is longer than it should be is reported.
    """
    chosen = weeks_module.select(weeks)
    if topics:
        _show_topics(chosen, as_json)
        return
    if lengths:
        _show_lengths(chosen, as_json)
        return
    console = Console(stderr=as_json)
    too_long = measures.reports(chosen)
    problems, stale, written, total = [], [], [], 0
    with console.status("building …") as status:
        for week in chosen:
            status.update(f"building {week.id} …")
            found = find_problems(week, week.plan)
            problems += found
            if found:
                continue
            total += 3
            if check:
                stale += outdated(week)
            else:
                written += write(week)
    if not weeks and not problems and not OWN:
        tables = readme.parts(syllabus.load().values(), chosen)
        total += 1
        if check:
            stale += [readme.README] if readme.is_outdated(tables) else []
        else:
            written += [readme.README] if readme.write(tables) else []
    if as_json:
        click.echo(
            json.dumps(
                {
                    "weeks": [week.id for week in chosen],
                    "problems": [
                        {"file": _short(p.path), "line": p.line, "cell": p.cell, "problem": p.what} for p in problems
                    ],
                    "too_long": too_long,
                    "out_of_date": [_short(path) for path in stale],
                    "written": [_short(path) for path in written],
                }
            )
        )
    else:
        for problem in problems:
            click.echo(str(problem).replace(f"{ROOT}/", ""))
        for sentence in too_long:
            click.echo(sentence)
        for path in stale:
            click.echo(f"{_short(path)}: out of date; run `autograder build`")
        for path in written:
            click.echo(f"wrote {_short(path)}")
        if problems or stale:
            click.echo(f"{len(problems)} problem(s), {len(stale)} file(s) out of date")
        elif not written:
            click.echo(f"{total} generated files of {len(chosen)} week(s) are up to date")
    if problems or stale:
        raise SystemExit(1)


def _short(path: object) -> str:
    return str(path).replace(f"{ROOT}/", "")


def _show_topics(chosen: list[weeks_module.Week], as_json: bool) -> None:
    where = coverage(chosen, titles())
    if as_json:
        click.echo(json.dumps({topic: [list(place) for place in places] for topic, places in where.items()}))
        return
    table = Table("Topic", "Title", "Treated in", title="The lectures' topics")
    numbers = {week_id: plan.number for week_id, plan in syllabus.load().items()}
    for topic, places in where.items():
        cells = ", ".join(f"{numbers.get(week, week)}·{cell}" for week, cell in places)
        table.add_row(topic, titles().get(topic, "?"), cells or "—")
    covered = sum(bool(places) for places in where.values())
    table.caption = f"{covered} of {len(where)} topics treated"
    Console().print(table)


def _show_lengths(chosen: list[weeks_module.Week], as_json: bool) -> None:
    measured = {week.id: measures.measure(week, week.plan) for week in chosen}
    if as_json:
        tables = {
            week_id: {"core": core.as_dict(), "stretch": stretch.as_dict(), "above": measures.above(core)}
            for week_id, (core, stretch) in measured.items()
        }
        click.echo(json.dumps({"weeks": tables, "bounds": measures.BOUNDS, "rule": measures.RULE}))
        return
    table = Table("Week", "", title="Lengths", header_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in (
        "Words",
        "Cells",
        "Exer-\ncises",
        "Writ-\nten",
        "Checks",
        "Lines\nopen",
        "\nfolded",
        "\nanswer",
        "Hours",
    ):
        table.add_column(name, justify="right")
    for week_id, (core, stretch) in measured.items():
        table.add_row(week_id.partition("_")[0].removeprefix("week"), "core", *_row(core, measures.BOUNDS))
        table.add_row("", "stretch", *_row(stretch, {}))
    console = Console()
    console.print(table)
    bounds = ", ".join(f"{value:,g} {name}" for name, value in measures.BOUNDS.items())
    console.print(f"The core of a week: at most {bounds}. What is above is marked with *.", highlight=False)
    console.print(measures.RULE, highlight=False)


def _row(part: measures.Length, bounds: dict[str, float]) -> list[str]:
    def cell(name: str, shown: str) -> str:
        return f"[red]{shown}*[/]" if getattr(part, name) > bounds.get(name, math.inf) else shown

    names = ("words", "cells", "exercises", "questions", "checks", "open_lines", "folded_lines", "answer_lines")
    return [*(cell(name, f"{getattr(part, name):,}") for name in names), cell("hours", f"{part.hours:.1f}")]
