"""The referee by itself: what a check's own chance may not do."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
from grading_example import WEEK

from autograder.grading import referee


@pytest.mark.parametrize(
    "draw",
    [
        "import random; drawn = random.random()",
        "import numpy as np; drawn = float(np.random.rand())",
        "import keras; drawn = float(keras.layers.Dense(1).compute_output_shape((1, 1))[1]) + float(keras.random.uniform(()))",
        "import keras\nnet = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])\ndrawn = net.get_weights()[0].tolist()",
    ],
)
def test_a_check_draws_the_same_in_every_regrade(draw: str) -> None:
    """A net that a check builds with fresh weights once began, by luck, with everything right: a mistake passed."""
    keras.utils.set_random_seed(int(np.random.default_rng().integers(2**31)))
    seen: list[object] = []
    check = replace(WEEK.checks[0], source=f"{draw}\nseen.append(drawn)\n")
    for _ in range(2):
        assert referee.run(check, {"seen": seen}).verdict == "pass"
    assert seen[0] == seen[1]


def right(image, kernel):  # type: ignore[no-untyped-def]
    """The answer of the example week."""
    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        raise ValueError("kernel too large")
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijkl,kl->ij", windows, kernel.astype(float))


def test_what_a_check_says_for_the_student_is_no_part_of_a_record(capsys: pytest.CaptureFixture[str]) -> None:
    for check in WEEK.checks:
        assert "checks.passed(" in check.source
        result = referee.run(check, {"conv2d": right})
        assert (result.verdict, result.points, result.message, result.detail) == ("pass", check.points, "", "")
    assert capsys.readouterr() == ("", "")


def test_a_visible_part_keeps_its_values_and_a_hidden_one_its_secret() -> None:
    visible, hidden = WEEK.checks
    shown = referee.run(visible, {"conv2d": lambda image, kernel: right(image, kernel) + 1})
    assert shown.message.startswith("the values are not the expected ones\nexpected [[12, 12, 17],\n")
    withheld = referee.run(hidden, {"conv2d": lambda image, kernel: right(image, kernel) + 1})
    assert withheld.message == "the values are not the expected ones" and "expected [[" in withheld.detail


HELPER = """
from course import checks
def judge(value):
    checks.equal(value, 5, hint="five")
    return look(value)
judge(5)
### BEGIN HIDDEN TESTS
{hidden}
### END HIDDEN TESTS
checks.equal(secret if "secret" in globals() else 5, 5, hint="five")
"""


@pytest.mark.parametrize(
    "hidden",
    [
        "judge(31415)",
        "for value in (5, 31415): judge(value)",
        "list(map(judge, [31415]))",
        "judge.__call__(value=31415)",
        "secret = 31415",
    ],
)
def test_a_visible_helper_that_a_hidden_part_calls_shows_no_value(hidden: str) -> None:
    """Its innermost frame is a visible line; expected and found values were once shown for that."""
    check = replace(WEEK.checks[1], source=HELPER.format(hidden=hidden))
    result = referee.run(check, {"look": lambda value: value})
    assert (result.verdict, result.message) == ("fail", "five")
    assert "31415" in result.detail


def test_an_exception_in_such_a_helper_shows_no_input() -> None:
    def look(value: int) -> int:
        if value != 5:
            raise ValueError(f"I got {value}")
        return value

    check = replace(
        WEEK.checks[1],
        source=HELPER.replace('    checks.equal(value, 5, hint="five")\n', "").format(hidden="judge(31415)"),
    )
    result = referee.run(check, {"look": look})
    assert result.verdict == "error" and "31415" not in result.message


def test_the_visible_part_before_a_hidden_one_still_shows_its_values() -> None:
    source = HELPER.replace("judge(5)", "judge(6)").format(hidden="judge(31415)")
    result = referee.run(replace(WEEK.checks[1], source=source), {"look": lambda value: value})
    assert "expected 5" in result.message and "found    6" in result.message
