"""What became of every file of a folder that was graded: the end of the summary, in words and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from autograder.cli.console import counted

if TYPE_CHECKING:
    from autograder.grading.batch import Summary
    from autograder.intake.submissions import Account

MAX_LISTED = 20
"""Files of one kind that are named on the terminal; `--json` names all."""

_SAID = {
    "graded": "graded",
    "not gradable": "that could not be graded",
    "beside": "taken with them (nets and modules)",
    "not read": "beside them and not needed",
    "superseded": "other attempts",
    "left out": "left out",
    "not asked for": "not asked for",
    "system": "of operating systems",
    "opened": "zips that were opened",
}
"""What became of a file, in the order of the sum."""


def in_words(summary: Summary) -> Iterator[str]:
    """Lines for the terminal: what to look at, and the sum of all files."""
    yield from summary.notes
    for fate, title in (("superseded", "Other attempts, which do not count"), ("left out", "Left out")):
        of = [one for one in summary.files if one.fate == fate]
        if of:
            yield f"{title}:"
            yield from (f"  {one.file}: {one.reason}" for one in of[:MAX_LISTED])
            if len(of) > MAX_LISTED:
                yield f"  and {len(of) - MAX_LISTED} more, which --json names"
    if summary.gone:
        some = ", ".join(f"{student} {week}" for student, week in summary.gone[:5])
        rest = f" and {len(summary.gone) - 5} more" if len(summary.gone) > 5 else ""
        yield (
            f"Graded before and not in this folder now: {some}{rest}. The records stay; `autograder forget STUDENT WEEK` "
            "withdraws one."
        )
    yield total(summary.files, summary.repaired)


def total(files: list[Account], repaired: int = 0) -> str:
    """ "12 files: 10 graded (2 of them after a repair …), 1 left out, 1 of operating systems." """
    counts = Counter(one.fate for one in files)
    parts = [f"{counts[fate]:,} {said}" for fate, said in _SAID.items() if counts[fate]]
    if repaired and counts["graded"]:
        parts[0] += f" ({repaired:,} with something repaired or noticed)"
    return f"{counted(len(files), 'file')}: {', '.join(parts)}."


def as_object(summary: Summary) -> dict[str, Any]:
    """What `--json` adds to the results: the sum, and every file that was not simply graded, with its reason."""
    counts = Counter(one.fate for one in summary.files)
    return {
        "complete": summary.complete,
        "files": {"found": len(summary.files), **{fate.replace(" ", "_"): counts[fate] for fate in _SAID}},
        "accounts": [
            {"file": one.file, "fate": one.fate, "reason": one.reason} for one in summary.files if one.fate != "graded"
        ],
        "notes": summary.notes,
        "gone": [{"student": student, "week": week} for student, week in summary.gone],
    }
