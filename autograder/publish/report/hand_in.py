"""When and how often the class handed in, and who did not."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from autograder.publish.report.common import week_short
from autograder.publish.report.score_table import name_of
from autograder.term.points import Standing

BEFORE: tuple[tuple[str, timedelta], ...] = (
    ("over a week before", timedelta(days=7)),
    ("2 to 7 days before", timedelta(days=2)),
    ("1 to 2 days before", timedelta(days=1)),
    ("6 to 24 hours before", timedelta(hours=6)),
    ("in the last 6 hours", timedelta(0)),
)
LATE = "late"


@dataclass(frozen=True)
class HandIn:
    """Handing in, one week. expected: how many the roster has; None where there is no roster."""

    week: str
    handed_in: int
    expected: int | None
    missing: list[str]
    late: int
    lost: float
    """Points that lateness takes from all of them together."""
    times: list[tuple[str, int]]
    """How many came when, from early to late; empty where no time is known."""
    untimed: int
    by_file: int
    """Times that are those of the files, which a copy changes."""
    repeated: int
    """Students who handed in more than once."""
    attempts: int
    """Attempts that do not count, because a newer one does."""
    seconds: float | None
    """Median time that grading took."""
    slowest: float | None


def hand_in(week: str, standings: Sequence[Standing]) -> HandIn:
    """What the standings of one week say about handing in."""
    given = [one.result for one in standings if one.result is not None]
    timed = [
        (one, came)
        for one in standings
        if one.result is not None and one.lateness.due is not None and (came := _moment(one.result.handed_in))
    ]
    counts = dict.fromkeys([*(words for words, _ in BEFORE), LATE], 0)
    for one, came in timed:
        assert one.lateness.due is not None
        counts[_when(one.lateness.due - came)] += 1
    seconds = [result.seconds for result in given if result.verdict != "invalid"]
    return HandIn(
        week=week_short(week),
        handed_in=len(given),
        expected=sum(one.person is not None for one in standings) if any(one.person for one in standings) else None,
        missing=[name_of(one) for one in standings if one.result is None],
        late=sum(one.lateness.days > 0 for one in standings if one.result is not None),
        lost=sum(one.penalty or 0.0 for one in standings),
        times=list(counts.items()) if timed else [],
        untimed=len(given) - len(timed),
        by_file=sum(one.result is not None and one.result.handed_in_by == "file" for one, _ in timed),
        repeated=sum(bool(result.attempts) for result in given),
        attempts=sum(len(result.attempts) for result in given),
        seconds=statistics.median(seconds) if seconds else None,
        slowest=max(seconds, default=None),
    )


def _when(before: timedelta) -> str:
    return next((words for words, least in BEFORE if before >= least), LATE)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        return None
