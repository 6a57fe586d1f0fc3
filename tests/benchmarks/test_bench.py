"""The benches by their machinery: small runs, and what they would say. No test asserts a time."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from benchmarks import scale, trust
from benchmarks.__main__ import command
from benchmarks.attacks import HONEST, POINTS, Attack
from benchmarks.trust import Outcome


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (Outcome(HONEST), "right"),
        (Outcome(HONEST + 1), "forged"),
        (Outcome(HONEST - 1), "falsely zeroed"),
        (Outcome(None), "lost"),
        (Outcome(None, stopped=True), "batch aborted"),
    ],
)
def test_the_four_words(outcome: Outcome, word: str) -> None:
    assert outcome.judge(Attack(1, "")) == word


def test_a_damaged_file_without_a_score_is_not_lost() -> None:
    assert Outcome(None).judge(Attack(24, "", low=0, high=0)) == "right"


@pytest.mark.sandbox
def test_trust_counts_what_it_grades(here: None) -> None:
    done = CliRunner().invoke(command, ["trust", "--classes", "30", "--ours-only", "--json"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.output.strip().splitlines()[-1])
    ours = report["graders"]["autograder"]
    assert ours["run"] == report["attacks"] > 3 and not any(ours[word] for word in trust.OUTCOMES)


def test_trust_takes_so_many_of_each_class() -> None:
    kept = trust._selected("1,9,30", 2)
    assert [attack.number for attack in kept] == [1, 1, 9, 9, 30, 30]
    assert kept == [one for one in trust._selected("", 2) if one.number in (1, 9, 30)]


@pytest.mark.parametrize("classes", ["0", "99", "1;2", "all"])
def test_trust_names_a_wrong_option(classes: str) -> None:
    done = CliRunner().invoke(command, ["trust", "--classes", classes, "--ours-only"])
    assert "--classes takes numbers" in str(done.exception)


@pytest.mark.sandbox
def test_scale_takes_its_readings(here: None) -> None:
    points, unchanged = scale.measure(10, jobs=1, points=5)
    assert [one.submissions for one in points] == [2, 4, 6, 8, 10]
    assert all(one.driver_mb > 10 and one.seconds > 0 for one in points) and unchanged > 0


def test_small_submissions_differ() -> None:
    assert scale.small(1) != scale.small(2) and POINTS > HONEST
