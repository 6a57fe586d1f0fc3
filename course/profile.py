"""The profile of this run: "quick" (embedded data, seconds) or "full" (real data, the published bounds).

A notebook's setup cell says `training.start(PROFILE, SEED)`, which calls `use`. The grader calls `use` on its own side, so
a check that asks `current()` or `bound(…)` gets the grader's answer there, whatever a notebook says.
"""

from __future__ import annotations

from course import syllabus

PROFILES = ("quick", "full")
_current = "quick"


def use(profile: str) -> None:
    """Set the profile of this process. Raises ValueError when there is none of that name."""
    global _current
    if profile not in PROFILES:
        raise ValueError(f'there is no profile {profile!r}: choose "quick" or "full"')
    _current = profile


def current() -> str:
    """ "quick" or "full"."""
    return _current


def bound(week: str | int, name: str) -> float:
    """The bound `name` of a week in the current profile, as `syllabus.toml` has it. Raises KeyError with what there is."""
    bounds = syllabus.week(week).bounds.get(current(), {})
    if name not in bounds:
        raise KeyError(f"week {week} has no bound {name!r} in the profile {current()}; there are: {', '.join(bounds)}")
    return bounds[name]
