"""Late work: how late it is, in days of the wall clock where the student lives, and what that costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

import msgspec


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What late work costs: the table `[late]` of a term, or that of one week in it.

    percent_per_day: per cent of the points that each day begun costs. of: of the points earned, or of all that the week
    gives. free_days: days of a student's that cost nothing, over the whole term. cutoff_days: later than that many days
    after the due date nothing counts (None: no such end). grace_minutes: so late is still in time.
    trust_file_times: count a submission late by the time of its file, too, where no system says when it came in; a file
    that was copied or unpacked may have got a new time.
    """

    percent_per_day: float = 0.0
    of: Literal["earned", "possible"] = "earned"
    free_days: int = 0
    cutoff_days: int | None = None
    grace_minutes: float = 0.0
    trust_file_times: bool = False

    def problem(self) -> str:
        """What is wrong with the numbers, in words; "" where they make sense."""
        if not 0 <= self.percent_per_day <= 100:  # nan too
            return f"`percent_per_day` is a number from 0 to 100, not {self.percent_per_day:g}"
        if self.free_days < 0:
            return f"`free_days` is 0 or more, not {self.free_days}"
        if self.cutoff_days is not None and self.cutoff_days < 0:
            return f"`cutoff_days` is 0 or more, not {self.cutoff_days}"
        if not 0 <= self.grace_minutes < math.inf:
            return f"`grace_minutes` is 0 or more, not {self.grace_minutes:g}"
        return ""


@dataclass(frozen=True)
class Lateness:
    """How late a submission is, and what follows. note: what a person should know about it, "" for nothing.

    days: days begun after the due date, before free days. penalty_percent: what the days that are not free cost, up to 100.
    """

    days: int = 0
    seconds_late: float = 0.0
    penalty_percent: float = 0.0
    free_days_used: int = 0
    cut_off: bool = False
    due: datetime | None = None
    """The due date that counted, extensions included, in the student's zone."""
    note: str = ""


def lateness(
    handed_in: datetime | None, due: datetime | None, policy: Policy, zone: tzinfo, free_days_left: int = 0
) -> Lateness:
    """How late work is that came at `handed_in` (None: not known) and was due at `due` (None: never). Both have a zone."""
    if due is None or handed_in is None:
        return Lateness(due=due)
    late = (handed_in - due).total_seconds()
    if late <= 60 * policy.grace_minutes:
        return Lateness(due=due)
    return of_days(days_begun(handed_in, due, zone), late, due, policy, free_days_left)


def of_days(days: int, seconds: float, due: datetime | None, policy: Policy, free_days_left: int) -> Lateness:
    """What it costs to be `days` late."""
    if policy.cutoff_days is not None and days > policy.cutoff_days:
        return Lateness(days, seconds, 100.0, 0, True, due)
    free = min(days, free_days_left)
    return Lateness(days, seconds, min(100.0, policy.percent_per_day * (days - free)), free, False, due)


def days_begun(handed_in: datetime, due: datetime, zone: tzinfo) -> int:
    """Days begun after `due`, by the wall clock of `zone`: the n-th ends n days later at the same time of the clock, be
    the night of a clock change 23 or 25 hours long.
    """
    wall = due.astimezone(zone).replace(tzinfo=None)
    days = max(0, math.floor((handed_in - due) / timedelta(days=1)) - 1)
    while handed_in > at(wall + timedelta(days=days), zone, due if days == 0 else None):
        days += 1
    return days


def at(wall: datetime, zone: tzinfo, known: datetime | None = None) -> datetime:
    """The moment at which a clock in `zone` shows `wall`, in UTC. Of the hour that comes twice when clocks go back the
    second one, and for one that is left out the later moment: what is in doubt is the student's.
    """
    if known is not None:
        return known
    return max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
