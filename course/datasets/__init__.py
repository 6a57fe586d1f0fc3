"""Data for the notebooks: `load("mnist")`, `load("cifar10")`, `load("photos")`."""

from __future__ import annotations

from typing import Any

from course.datasets.errors import DatasetError
from course.datasets.photos import Photos, load_photos

__all__ = ["DatasetError", "Photos", "load"]


def load(name: str, profile: str = "quick") -> Any:
    """Load a data set by name."""
    if name == "photos":
        return load_photos()
    raise DatasetError(f"There is no data set called {name!r}.")
