"""Class 36: modules of the student's own beside the notebook."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    WRONG,
    Attack,
)

_IMPORTS = "import helper_of_mine\n" + WRONG


def _with(name: str, text: str | bytes, *, code: str = _IMPORTS, file: str = "helper_of_mine.py") -> Attack:
    return Attack(36, name, {"pool2d": code}, files={file: text.encode() if isinstance(text, str) else text})


def attacks() -> Iterator[Attack]:
    yield _with(
        "that patch the checks where they are imported",
        "from course import checks\nchecks.close = checks.shape = print",
    )
    yield _with("that end the interpreter", "import os; os._exit(0)")
    yield _with("that exit politely", "raise SystemExit(0)")
    yield _with("that replace themselves", "import pathlib, sys\npathlib.Path(__file__).write_text('seen = 1')\n"
                "sys.modules[__name__] = type('M', (), {'__getattr__': lambda s, n: print})()")  # fmt: skip
    yield _with(
        "that remove all that is beside them",
        "import glob, os\nfor f in glob.glob('*'): os.path.isfile(f) and os.remove(f)",
    )
    yield _with("of null bytes", b"\0" * 4096)
    yield _with("that are no text", b"\xff\xfe" + "x = 1".encode("utf-16-le"))
    yield _with("nested too deep", "(" * 3000)
    yield _with("called as what IPython reads", "c = get_config(); c.InteractiveShellApp.exec_lines = ['raise SystemExit']",
                code=WRONG, file="ipython_config.py")  # fmt: skip
    for file in ("__init__.py", "__main__.py", "conftest.py", "setup.py", "site.py", "encodings.py", "autograder.py"):
        yield _with(f"called {file}", "raise SystemExit", code=WRONG, file=file)
    yield Attack(
        36, "more than there may be", {"pool2d": WRONG}, files={f"m{n:02}.py": b"raise SystemExit" for n in range(60)}
    )
    yield Attack(36, "larger than they may be", {"pool2d": WRONG}, files={"large.py": b"#" * (2**20 + 1)})
