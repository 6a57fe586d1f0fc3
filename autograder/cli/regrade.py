"""`autograder regrade`: what changes when work is graded again, and then, with a reason, let it count."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from autograder.cli.in_term import results_of, student_of, time_named, week_named, with_term
from autograder.errors import UserError
from autograder.term.folder import Term
from autograder.term.ledger import whoami


@click.command(name="regrade")
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option("--week", "named", multiple=True, help="This week only (id or number; may be repeated).")
@click.option("--student", "who", multiple=True, help="This student only (may be repeated).")
@click.option("--check", "checks", multiple=True, help="Only this check counts anew; the others keep their results.")
@click.option("--since", help="Only work that was handed in from then on, such as 2027-01-20.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--reason", default="", help="Why it is graded again; kept in the ledger with every change.")
@click.option("--yes", is_flag=True, help="Let the changes count without asking.")
@click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
@click.option("--sandbox", type=click.Choice(["bwrap", "none"]), help="How workers are confined (default: bwrap).")
@click.option("--jobs", type=click.IntRange(min=1), help="Submissions at a time (default: one per core).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_term
def command(
    term: Term,
    submissions: Path,
    named: tuple[str, ...],
    who: tuple[str, ...],
    checks: tuple[str, ...],
    since: str | None,
    dry_run: bool,
    reason: str,
    yes: bool,
    profile: str,
    sandbox: str | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Grade SUBMISSIONS again whose checks, or whose grader, changed since their records, and say what changes.

    The changes count once they are confirmed, and each goes into the ledger with --reason. Marks, overrides and the late
    policy stay as they are. New work is left to `autograder grade`. Exit status: 0 when nothing was left out, else 1.
    """
    from autograder.term import regrade

    if not dry_run and not reason.strip():
        raise UserError(
            "say --reason in a few words: it is kept with every change; or --dry-run to see what would change"
        )
    results = results_of(term)
    only = [week_named(name) for name in named]
    if checks:
        unknown = [name for name in checks if not regrade.check_ids([name], only)]
        if unknown:
            raise UserError(f"no week{' that was named' if only else ''} has the check {', '.join(unknown)}")
        only = regrade.check_ids(checks, only)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("grading again", total=None)
        try:
            found = regrade.look(
                submissions,
                term,
                only=only,
                students=[student_of(term, results, name) for name in who],
                checks=checks,
                since=time_named(since, term.timezone) if since else None,
                kind=sandbox,
                jobs=jobs,
                profile=profile,
                on_found=lambda count: progress.update(bar, total=count),
                on_result=lambda result: progress.advance(bar),
            )
        except OSError as problem:
            raise UserError(f"{submissions} cannot be read: {problem.strerror}") from problem
    for line in found.said:
        click.echo(line, err=True)
    _show(found, as_json)
    if not dry_run and found.renewed:
        if found.differences and not yes and not _agreed():
            click.echo("Nothing was changed.", err=True)
        else:
            regrade.apply(found, term, reason, whoami())
            count = len(found.changes(reason, ""))
            click.echo(f"The records are renewed; {count} changes stand in {term.ledger.path}.", err=True)
    if found.said:
        raise SystemExit(1)


def _agreed() -> bool:
    """Whether a person lets the changes count. Raises UserError where there is nobody to ask."""
    if not sys.stdin.isatty():
        raise UserError("nothing was changed: add --yes to let the changes count")
    return click.confirm("Let them count?", default=False, err=True)


def _show(found: object, as_json: bool) -> None:
    from autograder.term.regrade import Regrade

    assert isinstance(found, Regrade)
    moved = sorted(found.differences, key=lambda one: (one.after.week, one.after.student))
    if as_json:
        rows = [
            {
                "student": one.after.student,
                "week": one.after.week,
                "before": one.before.raw,
                "after": one.after.raw,
                "checks": one.checks,
                "verdicts": one.verdicts,
            }
            for one in moved
        ]
        click.echo(json.dumps({"count": found.count, "changes": rows, "left out": found.said}, indent=2))
        return
    lines = []
    several = len({one.after.week for one in moved}) > 1
    for one in moved:
        week = f" ({one.after.week})" if several else ""
        kept = "" if one.moves else " (an override keeps the points)" if one.checks else ""
        lines.append(
            f"{one.after.student}{week} {one.before.raw:g} → {one.after.raw:g}, {', '.join(one.checks) or 'late policy'}{kept}"
        )
    if not lines:
        click.echo(f"None of {found.count} changes.")
    elif len(lines) == 1:
        click.echo(f"1 of {found.count} changes: {lines[0]}")
    else:
        click.echo("\n  ".join([f"{len(lines)} of {found.count} change:", *lines]))
