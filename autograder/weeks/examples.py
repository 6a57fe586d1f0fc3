"""Right and wrong answers of a week, read from the Python files beside it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from autograder.errors import UserError


def read(path: Path, name: str, optional: bool = False) -> Any:
    """The value of `name` in the module at `path`; {} where there is no file, or, if `optional`, no such name."""
    if not path.exists():
        return {}
    spec = importlib.util.spec_from_file_location(f"_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UserError(f"{path} cannot be loaded as a Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, name):
        if optional:
            return {}
        raise UserError(f"{path} should define {name}")
    return getattr(module, name)
