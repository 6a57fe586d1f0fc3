"""The data files inside scikit-learn, found without importing it: that takes a second, reading the files none."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def path_in_scikit_learn(*parts: str) -> Path:
    """Return the path of a file in scikit-learn's `datasets` folder, such as ``("data", "digits.csv.gz")``.

    Raises:
        ImportError: when scikit-learn is not installed.
    """
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise ImportError("it is not installed")
    return Path(spec.origin).with_name("datasets").joinpath(*parts)
