"""`course doctor`: what is wrong with this machine's set-up, and what to do."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from course.desk.errors import UsageError
from course.desk.folders import assignments_folder, notebooks

_MARKS = {"good": "ok", "careful": "careful", "wrong": "WRONG"}


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
@click.pass_obj
def command(folder: Path | None, as_json: bool) -> None:
    """Look at Python, packages, kernel, disk, memory, data and write access: what was found, and what to do.

    Nothing is changed or downloaded. Exit status: 0 when nothing is wrong, 1 when something is.
    """
    from course.desk import health

    try:
        home = assignments_folder(folder)
    except UsageError:
        if folder is not None:
            raise
        home = None
    found = []
    for finding in health.look(home, notebooks(home) if home else []):
        found.append(finding)
        if not as_json:
            click.echo(f"{_MARKS[finding.state]:8}{finding.about + ':':13}{finding.found}")
            if finding.advice:
                click.echo(f"{'':8}{'':13}{finding.advice[0].upper()}{finding.advice[1:]}")
    if as_json:
        click.echo(json.dumps({"findings": [asdict(one) for one in found]}))
    if any(one.state == "wrong" for one in found):
        raise SystemExit(1)
