"""The assertions of the late nose.tools by their old names, for checks that were written with them: those of unittest."""

from __future__ import annotations

import re
import unittest
from typing import Any

_CASE = unittest.TestCase()
_CASE.maxDiff = None


def __getattr__(name: str) -> Any:
    """`assert_equal` is unittest's `assertEqual`, and so on; `eq_` and `ok_` are the short ones."""
    if name in ("eq_", "ok_"):
        return _CASE.assertEqual if name == "eq_" else _CASE.assertTrue
    camel = re.sub(r"_([a-z])", lambda letter: letter[1].upper(), name)
    if name.startswith("assert_") and hasattr(_CASE, camel):
        return getattr(_CASE, camel)
    raise AttributeError(f"course.asserts has no {name}")
