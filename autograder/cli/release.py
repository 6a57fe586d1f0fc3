"""`autograder release`: the zip for the students."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import click

from autograder import weeks as weeks_module
from autograder.authoring import find_problems
from autograder.authoring import release as release_module


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

    Nothing is written when a week has a problem, or when an answer or a hidden check would show.
    """
    chosen = weeks_module.select(weeks)
    problems = [problem for week in chosen for problem in find_problems(week, week.plan)]
    if problems:
        for problem in problems:
            click.echo(str(problem), err=True)
        click.echo(f"{len(problems)} problem(s): nothing was released", err=True)
        raise SystemExit(1)
    files = release_module.release(chosen, path)
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if as_json:
        click.echo(json.dumps({"file": str(path), "bytes": len(data), "sha256": digest, "files": sorted(files)}))
    else:
        click.echo(f"wrote {path}: {len(files)} files, {len(data) / 1e6:.1f} MB, sha256 {digest}")
