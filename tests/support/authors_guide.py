"""The finished example of an authors' guide, made a week of a course of one's own: what the guide shows is what is tried."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.paths import CHECKOUT
from course.files import write_text

GUIDES = CHECKOUT / "docs" / "authors"
_HEAD = """# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

"""


def blocks(guide: str, language: str) -> list[str]:
    """The fenced blocks of `language` in a guide, in order."""
    text = (GUIDES / guide).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def write_week(week_id: str, course: Path, *guides: str, before: str = "", entry: str = "") -> Path:
    """Write the week that guides show, one after the other, into the folder of a course: syllabus, cells, mistakes, alternatives.

    before, entry: cells and an entry of the syllabus that the guides do not show.
    """
    shown = [block for guide in guides for block in blocks(guide, "python")]
    cells = [cell for cell in (before, *shown) if cell.startswith("# %%")]
    entry += "\n".join(block for guide in guides for block in blocks(guide, "toml"))
    syllabus = course / "syllabus.toml"
    write_text(syllabus, syllabus.read_text(encoding="utf-8").rstrip() + "\n\n" + entry)
    home = course / "solutions" / week_id
    home.mkdir(parents=True)
    write_text(home / f"{week_id}.py", _HEAD + "\n".join(cells))
    for name in ("mistakes", "alternatives"):
        tables = [block for block in shown if block.startswith(f"{name.upper()} = ")]
        write_text(home / f"{name}.py", "\n".join(tables) or f"{name.upper()} = {{}}\n")
    return home / f"{week_id}.py"
