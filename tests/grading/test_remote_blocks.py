"""A student's function of tensors, built in the worker and judged in the referee."""

from __future__ import annotations

from dataclasses import replace

import pytest
from graded import graded
from grading_example import WEEK

from autograder.grading.grader import Grader
from autograder.weeks import Cell


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("answer", "verdict", "words"),
    [
        ("def conv2d(x, filters):\n    return layers.Conv2D(filters, 3)(x)", "pass", ""),
        ("def conv2d(x, filters):\n    layers.Conv2D(filters, 3)(x)", "fail", "forget `return`"),
        ("def conv2d(x, filters):\n    return layers.Lambda(lambda t: t)(x)", "fail", "Lambda"),
        ("def conv2d(x, filters):\n    raise ValueError('filters')", "error", "ValueError"),
    ],
)
def test_a_block_crosses_the_wire_as_data(grader: Grader, answer: str, verdict: str, words: str) -> None:
    source = "\n".join(
        [
            "from course import blocks, evaluation",
            "model = blocks.model_of(conv2d, (8, 8, 3), 4)",
            "assert evaluation.budget(model) == 112 and model.output_shape == (None, 6, 6, 4)",
        ]
    )
    check = Cell("conv2d-block", "check", "code", source, points=1)
    week = replace(WEEK, cells=(*(c for c in WEEK.cells if c.role == "answer"), check))
    (result,) = graded(grader, week, {"conv2d": f"from keras import layers\n{answer}"}).checks
    assert result.verdict == verdict and words in result.message
