"""The data files inside scikit-learn and scikit-image, found without importing them: an import takes a second."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def path_in_scikit_learn(*parts: str) -> Path:
    """Return the path of a file in scikit-learn's `datasets` folder, such as ``("data", "digits.csv.gz")``.

    Raises:
        ImportError: when scikit-learn is not installed.
    """
    return _folder("sklearn").joinpath("datasets", *parts)


def path_in_scikit_image(*parts: str) -> Path:
    """Return the path of a file in scikit-image's package, such as ``("data", "brick.png")``.

    Raises:
        ImportError: when scikit-image is not installed.
    """
    return _folder("skimage").joinpath(*parts)


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ImportError("it is not installed")
    return Path(spec.origin).parent
