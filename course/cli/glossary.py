"""`course glossary`: what a word means here."""

from __future__ import annotations

import click

from course.desk.errors import UsageError


@click.command(name="glossary")
@click.argument("word", required=False)
def command(word: str | None) -> None:
    """Say what WORD means in this course, and which week introduces it; all words when none is given."""
    from course import glossary

    found = glossary.find(word) if word else glossary.entries()
    if not found:
        raise UsageError(f"the glossary has no {word!r}; `course glossary` lists all words.")
    for entry in found:
        click.echo(f"{click.style(entry.term, bold=True)} (week {entry.week}): {entry.meaning}")
