"""The example week under the id of a real one, so that it has a plan; its reference answer; bad answers by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autograder import weeks

WEEK = replace(
    weeks.parse(Path(__file__).parents[1] / "fixtures/week00_example/week00_example.py"), id="week01_convolution"
)
REFERENCE = {answer.id: answer.source for answer in WEEK.answers}
GOOD = REFERENCE["conv2d"]
