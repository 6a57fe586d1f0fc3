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


def write_week(guide: str, week_id: str, course: Path) -> Path:
    """Write the week that a guide shows (its entry of the syllabus, its cells) into the folder of a course."""
    cells = [block for block in blocks(guide, "python") if block.startswith("# %%")]
    entry = "\n".join(block for block in blocks(guide, "toml"))
    syllabus = course / "syllabus.toml"
    write_text(syllabus, syllabus.read_text(encoding="utf-8").rstrip() + "\n\n" + entry)
    home = course / "solutions" / week_id
    home.mkdir(parents=True)
    write_text(home / f"{week_id}.py", _HEAD + "\n".join(cells))
    for name in ("mistakes", "alternatives"):
        write_text(home / f"{name}.py", f"{name.upper()} = {{}}\n")
    return home / f"{week_id}.py"
