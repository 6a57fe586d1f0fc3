"""The package that the weekly notebooks import.

Everything here reaches the students, so nothing here holds an answer. Importing `course` is cheap: Keras is imported by
the functions that need it, when they need it.
"""

from __future__ import annotations

__version__ = "0.1.0"

from course import needs

needs.see()

from course import quiet  # noqa: E402 (an older Python could not read it)

quiet.install()


def hint(exercise: str, number: int | None = None) -> None:
    """Show a hint for an exercise of this notebook: the first, at the next call the next, or that of `number`."""
    from course import hints

    hints.show(exercise, number)


def progress(week: str | int) -> None:
    """Show the points earned so far in this notebook, from the checks that have passed since the kernel started."""
    from course import score

    score.show(week)
