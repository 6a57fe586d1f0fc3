"""Class 26: modules that shadow others."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    WRONG,
    Attack,
    top,
)


def attacks() -> Iterator[Attack]:
    shadow = b"def __getattr__(name):\n    return lambda *a, **k: True\n"
    names = ("numpy", "random", "scipy", "sitecustomize", "keras", "tensorflow", "usercustomize", "IPython")
    yield Attack(26, "beside the notebook", {"pool2d": WRONG}, files={f"{name}.py": shadow for name in names})
    yield Attack(
        26, "the course's own name", {"pool2d": WRONG}, files={"course/__init__.py": b"", "course/checks.py": shadow}
    )
    yield top(26, "served by an import hook", """
        import sys, types, importlib.abc, importlib.machinery
        class Hook(importlib.abc.MetaPathFinder, importlib.abc.Loader):
            def find_spec(self, name, path=None, target=None):
                if name.split('.')[0] in ('course', 'scipy', 'pytest'):
                    return importlib.machinery.ModuleSpec(name, self, is_package=True)
            def create_module(self, spec):
                module = types.ModuleType(spec.name)
                module.__getattr__ = lambda name: lambda *a, **k: True
                return module
            def exec_module(self, module): pass
        sys.meta_path.insert(0, Hook())
        for name in [n for n in sys.modules if n.split('.')[0] in ('course', 'scipy')]: del sys.modules[name]
    """, low=0)  # fmt: skip
    yield top(26, "written by a cell", """
        for name in ('scipy', 'course', 'pytest'):
            open(name + '.py', 'w').write('def __getattr__(name): return lambda *a, **k: True')
        import sys; sys.path.insert(0, '.')
    """, low=0)  # fmt: skip
