"""Class 4: patched testing functions and built-ins."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    top,
)


def attacks() -> Iterator[Attack]:
    yield top(4, "numpy.testing and comparisons", """
        import numpy as np, math
        yes = lambda *a, **k: True
        for name in dir(np.testing):
            if name.startswith('assert'): setattr(np.testing, name, yes)
        for name in ('allclose', 'array_equal', 'isclose', 'array_equiv', 'all', 'isfinite'): setattr(np, name, yes)
        math.isclose = math.isfinite = yes
    """, low=0)  # fmt: skip
    yield top(4, "our own checks", """
        from course import checks
        for name in checks.__all__:
            if name not in ('CheckFailed', 'waiting_for'): setattr(checks, name, lambda *a, **k: a[0] if a else None)
        checks.unchanged = lambda call, *a, **k: call(*a)
        checks.CheckFailed.__init__ = lambda self, *a: None
    """)  # fmt: skip
    yield top(4, "built-ins", """
        import builtins
        builtins.AssertionError = type('Never', (Exception,), {})
        builtins.all = builtins.any = lambda *a: True
        builtins.isinstance = lambda *a: True
    """, low=0)  # fmt: skip
    yield top(4, "modules of the course in sys.modules", """
        import sys, types
        class Anything(types.ModuleType):
            def __getattr__(self, name): return lambda *a, **k: None
        for name in ('course', 'course.checks', 'pytest', 'scipy', 'scipy.signal'):
            sys.modules[name] = Anything(name)
    """, low=0)  # fmt: skip
