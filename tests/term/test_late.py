"""How late work is: days of the wall clock, across clock changes, with free days, a cutoff and minutes of grace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.term.late import Lateness, Policy, at, days_begun, lateness

BERLIN = ZoneInfo("Europe/Berlin")
DUE = datetime(2027, 1, 17, 23, 59, tzinfo=BERLIN)
TEN = Policy(percent_per_day=10)


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (timedelta(0), 0),
        (timedelta(seconds=1), 1),
        (timedelta(hours=24), 1),
        (timedelta(hours=24, seconds=1), 2),
        (timedelta(days=30), 30),
        (-timedelta(days=3), 0),
    ],
)
def test_each_day_begun_counts(after: timedelta, days: int) -> None:
    found = lateness((DUE + after).astimezone(UTC), DUE, TEN, BERLIN)
    assert (found.days, found.penalty_percent) == (days, min(100, 10 * days))


@pytest.mark.parametrize(
    ("due", "hours"),
    [
        (datetime(2026, 10, 24, 23, 59, tzinfo=BERLIN), 25),
        (datetime(2027, 3, 27, 23, 59, tzinfo=BERLIN), 23),
    ],
)
def test_the_night_of_a_clock_change_is_one_day(due: datetime, hours: int) -> None:
    same_time_next_day = due.astimezone(UTC) + timedelta(hours=hours)
    assert same_time_next_day.astimezone(BERLIN).hour == 23
    assert days_begun(same_time_next_day, due, BERLIN) == 1
    assert days_begun(same_time_next_day + timedelta(seconds=1), due, BERLIN) == 2
    assert days_begun(same_time_next_day + timedelta(days=5), due, BERLIN) == 6


def test_an_hour_that_comes_twice_or_never_is_the_student_s() -> None:
    assert at(datetime(2026, 10, 25, 2, 30), BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert at(datetime(2027, 3, 28, 2, 30), BERLIN) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert at(datetime(2027, 1, 17, 23, 59), BERLIN) == datetime(2027, 1, 17, 22, 59, tzinfo=UTC)


def test_free_days_cost_nothing_and_are_counted() -> None:
    found = lateness(DUE + timedelta(days=3), DUE, TEN, BERLIN, free_days_left=2)
    assert (found.days, found.free_days_used, found.penalty_percent) == (3, 2, 10)


def test_after_the_cutoff_nothing_counts_and_no_free_day_is_spent() -> None:
    policy = Policy(percent_per_day=10, cutoff_days=3)
    assert not lateness(DUE + timedelta(days=3), DUE, policy, BERLIN, 9).cut_off
    found = lateness(DUE + timedelta(days=3, seconds=1), DUE, policy, BERLIN, 9)
    assert (found.cut_off, found.penalty_percent, found.free_days_used) == (True, 100, 0)


def test_minutes_of_grace_are_in_time_and_do_not_move_the_days() -> None:
    policy = Policy(percent_per_day=10, grace_minutes=5)
    assert lateness(DUE + timedelta(minutes=5), DUE, policy, BERLIN) == Lateness(due=DUE)
    assert lateness(DUE + timedelta(minutes=6), DUE, policy, BERLIN).days == 1


def test_what_is_not_known_is_not_late() -> None:
    assert lateness(None, DUE, TEN, BERLIN).days == 0
    assert lateness(DUE, None, TEN, BERLIN).days == 0


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
    st.integers(1, 40 * 86400),
)
def test_days_are_those_of_the_calendar(name: str, wall: datetime, seconds: int) -> None:
    zone = ZoneInfo(name)
    due = at(wall, zone)
    came = due + timedelta(seconds=seconds)
    days = days_begun(came, due, zone)
    shown = due.astimezone(zone).replace(tzinfo=None)
    assert came <= at(shown + timedelta(days=days), zone)
    assert days == 1 or came > at(shown + timedelta(days=days - 1), zone)
