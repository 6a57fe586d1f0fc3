"""The table of what an exercise asks for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel import running

from course import bounds, profile, syllabus

WEEK = {
    "number": 6, "id": "week06_cifar10", "title": "", "build": "", "due": "2027-02-21T23:59:00Z", "exercises": {}, "written": {},
    "seconds": 1, "cell_seconds": 1, "call_seconds": 1, "memory_mb": 1,
    "bounds": {
        "words": {"first": "test accuracy for the first 6 points", "weights": "weights, at most", "extra": "only full"},
        "quick": {"first": 0.8, "weights": 100_000, "silent": 0.5},
        "full": {"first": 0.705, "weights": 100_000, "extra": 2.5},
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def plan(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (week,) = syllabus.parse({"week": [WEEK]})
    monkeypatch.setattr(syllabus, "load", lambda: {week.id: week})
    yield
    profile.use("quick")


def test_words_are_no_bound() -> None:
    week = syllabus.week(6)
    assert week.bounds.keys() == {"quick", "full"} and week.bound_words["first"].startswith("test accuracy")
    assert profile.bound(6, "first") == 0.8


def test_both_profiles_and_the_one_in_force(capsys: pytest.CaptureFixture[str]) -> None:
    bounds.show("week06", "first", "weights", "extra")
    assert capsys.readouterr().out.splitlines() == [
        "                                      quick (this run)     full",
        "test accuracy for the first 6 points              80 %   70.5 %",
        "weights, at most                               100,000  100,000",
        "only full                                            –      2.5",
    ]
    profile.use("full")
    bounds.show(6, "first")
    assert "full (this run)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "sentence"), [("second", "no bound 'second'; there are: extra, first"), ("silent", "no words")]
)
def test_what_the_syllabus_does_not_have(name: str, sentence: str) -> None:
    with pytest.raises(KeyError, match=sentence):
        bounds.show(6, name)


def test_a_table_in_a_notebook(tmp_path: Path) -> None:
    with running(tmp_path) as kernel:
        kernel.run(
            "from course import bounds, syllabus\nplan = syllabus.week(6)\n"
            "object.__setattr__(plan, 'bound_words', {'first': 'accuracy <b>'})"
        )
        ran = kernel.run("bounds.show(6, 'first')")
    (shown,) = ran.displayed
    assert not ran.printed and "accuracy &lt;b&gt;" in shown["text/html"] and "accuracy <b>" in shown["text/plain"]
