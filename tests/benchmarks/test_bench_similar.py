"""Planted copies: they still mean the same, and the measurement counts them."""

from __future__ import annotations

import ast
import json
import random

import numpy as np
import pytest
from click.testing import CliRunner

from autograder import weeks
from benchmarks import copies
from benchmarks.__main__ import command

SOURCE = """
def smooth(values, width, start=0):
    if width < 1:
        raise ValueError("width")
    total = np.zeros(len(values))
    edge = width // 2
    for index in range(len(values)):
        low = max(start, index - edge)
        high = min(len(values), index + edge + 1)
        total[index] += np.sum(values[low:high] * 2.0) / (high - low) + 0.5 * values[index] - start
    return total
"""


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("way", [*copies.WAYS[:-1], "habit"])
def test_a_disguise_changes_the_text_and_not_what_it_does(way: str, seed: int) -> None:
    rng = random.Random(seed)
    if way == "habit":
        text = copies.Habit(rng).of(SOURCE)
    else:
        text = "\n".join(reversed(copies.disguised({"smooth": SOURCE}, {}, way, rng).values()))
    ours, theirs = {"np": np}, {"np": np, "print": lambda *_: None}
    exec(SOURCE, ours)  # code of ours
    exec(text, theirs)
    values = np.arange(9.0) ** 2
    assert np.array_equal(ours["smooth"](values, 3, 1), theirs["smooth"](values, 3, 1))  # type: ignore[operator]
    assert way in ("as it is", "habit") or text != SOURCE


def test_every_answer_of_an_invented_class_is_python() -> None:
    results, planted = copies.a_class(weeks.load(1), 20, 1, seed=3)
    for result in results:
        for text in result.answers.values():
            ast.parse(text)
    assert {one.way for one in planted} == set(copies.WAYS) and len({one.copy for one in planted}) == len(copies.WAYS)


def test_a_short_name_is_never_a_keyword() -> None:
    habit = copies.Habit(random.Random(0))
    habit.names = "short"
    text = habit.of("def f(delta, notes, formula, total):\n    return delta + notes + formula + total")
    assert "def f(delta, notes, formula, tot)" in text
    ast.parse(text)


def test_the_measurement_finds_what_was_planted() -> None:
    ran = CliRunner().invoke(
        command, ["similar", "--students", "40", "--copies", "1", "--json"], catch_exceptions=False
    )
    assert ran.exit_code == 0, ran.output
    (found,) = json.loads(ran.stdout)["weeks"]
    assert found["planted"] == len(copies.WAYS) and found["whole"] >= 0.9 and set(found["recall"]) == set(copies.WAYS)


def test_too_many_copies_for_a_class_are_refused() -> None:
    ran = CliRunner().invoke(command, ["similar", "--students", "20", "--copies", "5"])
    assert ran.exit_code == 2 and "need 70 students" in ran.output
