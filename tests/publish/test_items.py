"""Item analysis: right numbers, honest intervals, and advice that follows from them."""

from __future__ import annotations

import math
import random
import statistics

import pytest

from autograder.publish import items


def test_a_share_with_wilsons_interval() -> None:
    # Wilson's interval of 8 of 10, as statsmodels and R's prop.test(correct = FALSE) give it.
    found = items.share(8, 10)
    assert (found.value, found.low, found.high) == (
        0.8,
        pytest.approx(0.4902, abs=1e-4),
        pytest.approx(0.9433, abs=1e-4),
    )
    assert items.share(0, 5).low == 0 and items.share(5, 5).high == 1
    with pytest.raises(ValueError, match="nothing"):
        items.share(0, 0)


def test_discrimination_is_pearsons_correlation() -> None:
    rng = random.Random(1)
    points = [rng.gauss(50, 10) for _ in range(40)]
    right = [p + rng.gauss(0, 10) > 50 for p in points]
    found = items.discrimination(right, points)
    assert found is not None
    assert found.value == pytest.approx(statistics.correlation(list(map(float, right)), points), abs=1e-12)
    assert found.low < found.value < found.high


def test_the_interval_has_tates_width() -> None:
    right = [True] * 50 + [False] * 50
    points = [1.0] * 25 + [0.0] * 50 + [1.0] * 25  # no correlation: Tate's variance is then 1 / n
    found = items.discrimination(right, points)
    assert found is not None and found.value == pytest.approx(0)
    assert math.atanh(found.high) == pytest.approx(items.Z95 / math.sqrt(100 - 3))


def test_the_interval_holds_the_true_value_nineteen_times_of_twenty() -> None:
    rng = random.Random(2)

    def drawn(n: int) -> tuple[list[bool], list[float]]:
        skills = [rng.gauss(0, 1) for _ in range(n)]
        return [s + rng.gauss(0, 1.5) > 0.3 for s in skills], [10 * s + rng.gauss(0, 8) for s in skills]

    many = items.discrimination(*drawn(200_000))
    assert many is not None
    found = [items.discrimination(*drawn(60)) for _ in range(300)]
    held = sum(one is not None and one.low <= many.value <= one.high for one in found)
    assert 0.91 <= held / 300 <= 0.985


@pytest.mark.parametrize(
    ("right", "points"),
    [
        ([True, False] * 4, range(8)),  # too few
        ([True] * 18 + [False] * 2, range(20)),  # too few on one side
        ([True, False] * 10, [7.0] * 20),  # all alike elsewhere
    ],
)
def test_nothing_is_said_where_nothing_can_be(right: list[bool], points: list[float]) -> None:
    assert items.discrimination(right, list(map(float, points))) is None


def item(right: int, wrong: int, unanswered: int = 0, backwards: bool = False, unrelated: bool = False) -> items.Item:
    outcomes: list[bool | None] = [*[True] * right, *[False] * wrong, *[None] * unanswered]
    points = [80.0 + n % 7 if good is not backwards else 40.0 + n % 7 for n, good in enumerate(outcomes)]
    if unrelated:
        points = [float(n * 7919 % 101) for n in range(len(outcomes))]
    return items.item(outcomes, points)


@pytest.mark.parametrize(
    ("given", "same", "words"),
    [
        (item(3, 4), 4, "Too few tried it to say (7)."),
        (item(60, 140), 100, "Teach it again: 100 of 140 wrong answers lack the same idea."),
        (item(60, 140), 20, "Teach it again, from the beginning"),
        (item(120, 80), 50, "A word in class will do: 50 of 80"),
        (item(120, 80), 10, "Point to the messages"),
        (item(100, 40, 60), 30, "Ask what kept them: 60 of 200 did not try it."),
        (item(195, 5), 5, "Nothing to do"),
        (item(100, 100, backwards=True), 90, "Read the check before you teach"),
        (item(100, 100, unrelated=True), 90, "Read the question and the check"),
    ],
)
def test_one_plain_sentence_on_what_to_do(given: items.Item, same: int, words: str) -> None:
    assert given.advice(same).startswith(words)
    assert given.doubtful == words.startswith("Read")


def test_who_did_not_try_does_not_count_as_wrong() -> None:
    found = item(30, 10, 60)
    assert (found.tried, found.right, found.wrong, found.unanswered) == (40, 30, 10, 60)
    assert found.difficulty is not None and found.difficulty.value == 0.75
    assert items.item([None, None], [1.0, 2.0]).difficulty is None
