"""The assertions of the discontinued nose.tools by their old names, for checks that were written with them; they are unittest's."""

from __future__ import annotations

import re
import unittest

_CASE = unittest.TestCase()
_CASE.maxDiff = None

eq_ = _CASE.assertEqual
ok_ = _CASE.assertTrue
# assert_equal is unittest's assertEqual, and so on.
globals().update(
    {
        re.sub(r"([A-Z])", lambda letter: f"_{letter[1].lower()}", name): getattr(_CASE, name)
        for name in dir(_CASE)
        if re.match(r"assert[A-Z]", name)
    }
)
