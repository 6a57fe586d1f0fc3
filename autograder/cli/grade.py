"""`autograder grade`: grade a folder of submissions."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from autograder import weeks
from autograder.cli import accounts
from autograder.cli.console import counted
from autograder.cli.in_term import term_option
from autograder.cli.report import tell
from autograder.errors import UserError
from autograder.results import Result
from autograder.term.folder import Term
from autograder.term.ledger import whoami

if TYPE_CHECKING:
    from autograder.grading.batch import Summary
    from autograder.intake.layouts.folders import Layout
    from autograder.results import records

MAX_CHANGES = 20
MAX_ROWS = 300
"""Of the table on the terminal; more than that is read in the report. Those that could not be graded are always named."""

_STYLE = {"pass": "green", "invalid": "bold red", "tampered": "magenta"}


def table(results: list[Result]) -> Table:
    """One row per submission: verdict, points, what did not pass, what was noticed."""
    rows = Table(title="Graded submissions", title_justify="left", header_style="bold")
    for name in ("student", "week", "verdict"):
        rows.add_column(name, overflow="fold")
    rows.add_column("points", justify="right")
    rows.add_column("not passed", overflow="fold")
    rows.add_column("noticed", overflow="fold")
    for result in results:
        wrong = [f"{check.id} ({check.verdict})" for check in result.checks if check.verdict != "pass"]
        shown = ", ".join(wrong[:4]) + (f" and {len(wrong) - 4} more" if len(wrong) > 4 else "")
        noticed = "; ".join(result.warnings[:2]) + (
            f"; {len(result.warnings) - 2} more" if len(result.warnings) > 2 else ""
        )
        points = f"{result.score:g} / {result.max_score:g}"
        style = _STYLE.get(result.verdict, "yellow")
        verdict = Text(result.verdict, style)
        rows.add_row(_plain(result.student), _plain(result.week), verdict, points, _plain(shown), _plain(noticed))
    return rows


def _plain(text: str) -> Text:
    """Text from a student, in which neither a terminal nor rich finds markup."""
    return Text("".join(c if c.isprintable() else "·" for c in text))


class _Verdicts(ProgressColumn):
    """Submissions per second, and how many got which verdict."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def render(self, task: Task) -> Text:
        rate = f"{task.speed:.1f}/s  " if task.speed else ""
        return Text(rate + "  ".join(f"{name} {count}" for name, count in sorted(self.counts.items())))


def _zone(context: click.Context, option: click.Parameter, name: str | None) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (LookupError, ValueError, OSError):
        raise click.UsageError(
            f"--time-zone: there is no zone called {name!r}; write it as Europe/Paris or UTC"
        ) from None


@click.command(name="grade")
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option("--week", "names", multiple=True, help="Grade this week only (id or number; may be repeated).")
@term_option
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    help="Folder of the records.  [default: the term's grades, or build/grades]",
)
@click.option("--sandbox", type=click.Choice(["bwrap", "none"]), help="How workers are confined (default: bwrap).")
@click.option("--jobs", type=click.IntRange(min=1), help="Submissions at a time (default: one per core).")
@click.option(
    "--executor",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="local: processes of this machine. dask: the workers of a cluster.",
)
@click.option("--cluster", metavar="ADDRESS", help="The dask scheduler, such as tcp://host:8786.")
@click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
@click.option("--pictures", is_flag=True, help="Run the cells that only draw, too, so that the report can show them.")
@click.option("--retrain", is_flag=True, help="Train every net anew instead of reading those that were handed in.")
@click.option("--force", is_flag=True, help="Grade unchanged work again.")
@click.option("--fail-short", is_flag=True, help="Exit status 1 also when a submission got fewer points than it could.")
@click.option(
    "--layout",
    type=click.Choice(["nbgrader"]),
    help="Say that every folder in SUBMISSIONS is a student's, as nbgrader lays them.  [default: the layout is found out]",
)
@click.option(
    "--time-zone",
    "zone",
    metavar="NAME",
    callback=_zone,
    help="Zone of the times that a download gives without one, such as Europe/Paris.  [default: the term's, or this machine's]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
def command(
    submissions: Path,
    names: tuple[str, ...],
    term_folder: Path | None,
    to: Path | None,
    sandbox: str | None,
    jobs: int | None,
    executor: str,
    cluster: str | None,
    profile: str,
    pictures: bool,
    retrain: bool,
    force: bool,
    fail_short: bool,
    layout: Layout | None,
    zone: tzinfo | None,
    as_json: bool,
) -> None:
    """Grade SUBMISSIONS: a folder <student>/<week>/<week>.ipynb (nbgrader's layout), zips of `course submit`, or what Moodle,
    Canvas, Gradescope, Blackboard or ILIAS let you download; of one week or several, zipped or not.

    Every submission gets a record, and every file is accounted for: the summary ends with the sum. Of several attempts the
    newest counts. Unchanged work is not graded again, and a run that was stopped goes on where it was.

    Exit status: 0 when everything that was handed in was graded, 1 when something could not be graded or was left out (with
    --fail-short, also when a submission fell short of its points), 2 on misuse.
    """
    from autograder.grading import batch
    from autograder.results import records

    if (executor == "dask") != (cluster is not None):
        raise click.UsageError("--executor dask and --cluster ADDRESS go together")
    term = Term.locate(term_folder, to)
    to = term.records
    zone = zone or (term.timezone if term.folder else None)
    console = Console(stderr=as_json)
    earlier = records.known(to) if term.folder else {}
    only = [week.id for week in weeks.select(names)] if names else []
    if sandbox == "none":
        console.print("[bold yellow]No sandbox:[/] the submitted code runs with your rights. Every record says so.")
    verdicts = _Verdicts()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        verdicts,
    )
    shown: list[Result] = []
    troubles: list[records.Trouble] = []

    def on_result(result: Result) -> None:
        verdicts.counts[result.verdict] += 1
        progress.advance(bar)
        # What the table shows, without the student's code and pictures: memory must not grow with them.
        brief = replace(result, answers={}, outputs={})
        if as_json or len(shown) < MAX_ROWS or result.verdict == "invalid":
            shown.append(brief)

    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("grading", total=None)
        try:
            summary = batch.grade(
                submissions,
                to=to,
                kind=sandbox,  # type: ignore[arg-type]
                jobs=jobs,
                cluster=cluster,
                profile=profile,
                pictures=pictures,
                retrain=retrain,
                force=force,
                only=only,
                zone=zone,
                who=term.called,
                layout=layout,
                on_found=lambda count: progress.update(bar, total=count),
                on_result=on_result,
                on_trouble=troubles.append,
            )
        except OSError as problem:
            raise UserError(f"{submissions} cannot be read: {problem.strerror}") from problem
        except KeyboardInterrupt:
            done = verdicts.counts.total()
            raise UserError(
                f"stopped after {counted(done, 'submission')}; the records are in {to}, and the same command continues from there"
            ) from None
    tell(troubles, to / records.FILE)
    if as_json:
        click.echo(json.dumps({**records.as_json(shown), **accounts.as_object(summary)}, indent=2))
    else:
        console.print(table(shown))
        console.print(_in_words(summary, len(shown), to), highlight=False)
        for line in accounts.in_words(summary):
            console.print(_plain(line), highlight=False)
    if earlier:
        _note_changes(term, earlier, console)
    if not summary.complete or (fail_short and summary.short):
        raise SystemExit(1)


def _note_changes(term: Term, earlier: dict[tuple[str, str], records.Known], console: Console) -> None:
    """Points of unchanged work that changed, because a check or the grader did: said, and kept in the ledger."""
    from autograder.term import regrade

    found = regrade.noticed(term, earlier)
    changes = found.changes("graded again: a check or the grader had changed", whoami())
    term.ledger.append(*changes)
    for change in changes[:MAX_CHANGES]:
        points = f"{change.before:g} → {change.after:g}, {', '.join(change.checks)}"
        console.print(_plain(f"{change.student}, {change.week}: the same work, graded again: {points}"))
    if len(changes) > MAX_CHANGES:
        console.print(f"and {len(changes) - MAX_CHANGES} more; the ledger {term.ledger.path} has all")


def _in_words(summary: Summary, shown: int, to: Path) -> str:
    parts = [f"{summary.verdicts['pass']} with every point", f"{summary.verdicts['invalid']} that could not be graded"]
    if summary.unchanged:
        parts.append(f"{summary.unchanged} unchanged since they were last graded")
    if summary.failed:
        parts.append(f"{summary.failed} that the grader itself failed on: run the same command again to grade them")
    rest = f" ({summary.count - shown} more are not shown.)" if shown < summary.count else ""
    return f"{counted(summary.count, 'submission')}: {', '.join(parts)}.{rest} Records: {to}"
