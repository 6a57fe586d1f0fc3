"""Why a model that was handed in is not used."""

from __future__ import annotations


class ModelRefused(Exception):
    """A model that the referee will not build. `idea` tells the student what to change.

    `detail` may hold names and numbers that the student chose, which could repeat what the grader sent: it is shown only
    where values may be.
    """

    def __init__(self, idea: str, detail: str = "") -> None:
        super().__init__(idea, detail)
        self.idea = idea
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.idea} ({self.detail})" if self.detail else self.idea
