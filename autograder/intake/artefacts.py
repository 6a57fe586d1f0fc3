"""Trained nets that travel with a submission: which files are taken, and how many."""

from __future__ import annotations

import re

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}\.npz")
"""Names that `course.training.trained` gives."""
MAX_ARTEFACTS = 20
MAX_ARTEFACT_BYTES = 40 * 2**20
"""Of all nets of one submission together."""


def why_not_taken(name: str, size: int, count: int, room: int) -> str:
    """Why a file `name` of `size` bytes is not taken, "" when it is. count: nets taken so far; room: bytes left."""
    if not NAME.fullmatch(name):
        return "its name is none that training.trained gives"
    if count >= MAX_ARTEFACTS:
        return f"there are more than {MAX_ARTEFACTS}"
    return f"all together are larger than {MAX_ARTEFACT_BYTES // 2**20} MB" if size > room else ""
