"""Imports libraries without those of their optional parts that we never use and that take a second or more."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def without(*modules: str) -> Iterator[None]:
    """Within the body no import finds `modules`, save those that have been imported before: as if not installed.

    For libraries that catch the ImportError and do without. Afterwards everybody else finds the modules again.
    """
    hidden = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None is how Python marks what is not there
    try:
        yield
    finally:
        for name in hidden:
            if sys.modules.get(name) is None:
                del sys.modules[name]
