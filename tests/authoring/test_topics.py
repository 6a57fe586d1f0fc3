"""The lectures' topics: each is treated somewhere, and a cell names none that does not exist."""

from __future__ import annotations

from autograder import weeks
from autograder.authoring.topics import coverage, titles


def test_every_topic_is_treated_and_known() -> None:
    where = coverage(weeks.all_weeks(), titles())
    assert [topic for topic, places in where.items() if not places] == []
    assert set(where) == set(titles())
