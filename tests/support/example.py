"""The example week of tests/fixtures, read with its own syllabus, and edited copies of it."""

from __future__ import annotations

import tomllib
from pathlib import Path

from autograder import weeks
from course import syllabus

FIXTURES = Path(__file__).parents[1] / "fixtures"
EXAMPLE = FIXTURES / "week00_example"
PLAN = syllabus.parse(tomllib.loads((FIXTURES / "syllabus.toml").read_text(encoding="utf-8")))[0]
TEXT = (EXAMPLE / "week00_example.py").read_text(encoding="utf-8")


def copy(folder: Path, *edits: tuple[str, str], files: dict[str, str] | None = None) -> weeks.Week:
    """The example week in `folder`, with (old, new) replacements in its text and other files overwritten."""
    home = folder / "solutions" / "week00_example"
    home.mkdir(parents=True, exist_ok=True)
    text = TEXT
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    (home / "week00_example.py").write_text(text, encoding="utf-8")
    for name in ("mistakes.py", "alternatives.py", "hints.toml"):
        source = (EXAMPLE / name).read_text(encoding="utf-8")
        (home / name).write_text((files or {}).get(name, source), encoding="utf-8")
    return weeks.parse(home / "week00_example.py")
