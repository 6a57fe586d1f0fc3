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
