"""`autograder similar`: which submissions share more than a week makes everybody share."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.cli.console import counted
from autograder.cli.in_term import results_of, week_named, with_term
from autograder.errors import UserError
from autograder.paths import BUILD
from autograder.term.folder import Term
from autograder.term.roster import Person


@click.command()
@click.argument("week", required=False)
@with_term
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    default=BUILD / "similar",
    show_default="build/similar",
    help="Folder to write the pages into.",
)
@click.option(
    "--pairs", type=click.IntRange(1, 999), default=30, show_default=True, help="Pairs to show for each week."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with the pairs.")
def command(week: str | None, term: Term, to: Path, pairs: int, as_json: bool) -> None:
    """Rank pairs of submissions by what they share beyond the release, the reference and what everybody writes.

    Reads the answers in the grading records; nothing is graded again. Writes pages that show each pair side by side: where
    to look first, not what happened. WEEK: one week only (default: every week with records).
    """
    from autograder import weeks
    from autograder.similar import pages
    from autograder.similar.compare import compare
    from course import syllabus

    results = results_of(term)
    known = [id for id in syllabus.load() if any(result.week == id for result in results)]
    if week is not None:
        wanted = week_named(week)
        if wanted not in known:
            raise UserError(f"there is no graded submission of {wanted} in {term.records}")
        known = [wanted]
    comparisons = []
    for id in known:
        mine = [result for result in results if result.week == id and result.verdict != "invalid"]
        comparisons.append(compare(weeks.load(id), mine, pairs))
    unread = Counter(result.week for result in results if result.verdict == "invalid")
    names = _names({result.student: term.roster.find(result.student) for result in results})
    index = pages.write(comparisons, to, names, unread, term.name)
    if as_json:
        found = [
            {
                "week": each.week.id,
                "submissions": len(each.cells),
                "pairs": [
                    {
                        "students": [pair.one, pair.other],
                        "closeness": round(pair.closeness, 3),
                        "shares": {share.cell: round(share.part, 3) for share in pair.shares},
                    }
                    for pair in each.pairs
                ],
            }
            for each in comparisons
        ]
        click.echo(json.dumps({"index": str(index), "weeks": found}, ensure_ascii=False))
        return
    console = Console()
    for each in comparisons:
        table = Table(title=f"{each.week.id}: {counted(len(each.cells), 'submission')}", title_justify="left")
        table.add_column("closeness", justify="right")
        table.add_column("submissions")
        table.add_column("where")
        for pair in each.pairs[:10]:
            where = ", ".join(f"{share.cell} {100 * share.part:.0f} %" for share in pair.shares[:3])
            both = f"{names.get(pair.one, pair.one)}, {names.get(pair.other, pair.other)}"
            table.add_row(f"{pair.closeness:.1f}", escape(both), escape(where))
        console.print(table)
    console.print(
        "Closeness 1 is what a student's closest other submission usually reaches. Read both before you conclude."
    )
    console.print(f"[bold]{escape(str(index))}[/]", soft_wrap=True)


def _names(people: Mapping[str, Person | None]) -> dict[str, str]:
    """The name to show for each student of the roster; with the id where several have the name."""
    names = {student: person.shown for student, person in people.items() if person}
    count = Counter(names.values())
    return {student: f"{name} ({student})" if count[name] > 1 else name for student, name in names.items()}
