"""`autograder release`: the zip for the students."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import click

from autograder import weeks as weeks_module
from autograder.authoring import find_problems
from autograder.authoring import release as release_module
from autograder.errors import UserError


@click.command()
@click.argument("weeks", nargs=-1)
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    help="The zip to write.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(weeks: tuple[str, ...], path: Path, as_json: bool) -> None:
    """Write the zip that students receive, with the notebooks of WEEKS (default: all).

    Nothing is written when a week has a problem, is a draft, or when an answer or a hidden check would show.
    """
    chosen = weeks_module.select(weeks)
    drafts = [week for week in chosen if week.plan.draft]
    # What a draft still lacks is what a finished week would be refused for.
    problems = [problem for week in chosen for problem in find_problems(week, replace(week.plan, draft=False))]
    if problems:
        for problem in problems:
            click.echo(str(problem), err=True)
        click.echo(f"{len(problems)} problem(s): nothing was released", err=True)
        raise SystemExit(1)
    if drafts:
        named = ", ".join(week.id for week in drafts)
        raise UserError(f"{named} is complete: take `draft = true` out of the syllabus, and release it then")
    files = release_module.release(chosen, path)
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if as_json:
        click.echo(json.dumps({"file": str(path), "bytes": len(data), "sha256": digest, "files": sorted(files)}))
    else:
        click.echo(f"wrote {path}: {len(files)} files, {len(data) / 1e6:.1f} MB, sha256 {digest}")
