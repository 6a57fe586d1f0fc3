"""What `import course` needs, and one sentence for what is missing: this is the first thing that a wrong Python runs.

It is written so that Python 3.8 can read it.
"""

import importlib.util
import os
import sys

OLDEST = (3, 11)
PACKAGES = ("numpy", "msgspec")
"""Every part of the course needs these; where they are missing, this is not the course's environment."""
BACKENDS = ("tensorflow", "jax", "torch")


def see() -> None:
    """`check`; of the command `course` what it raises ends in its sentence and status 2: nothing else can catch it there."""
    try:
        check()
    except ImportError as problem:
        if not _is_command():
            raise
        sys.stderr.write(f"course: {problem}\n")
        sys.exit(2)


def _is_command() -> bool:
    """Whether this Python was started for `course`, or for `python -m course.cli`, which imports this package first."""
    program = os.path.basename((getattr(sys, "argv", None) or [""])[0])  # noqa: PTH119 (nothing is imported for it)
    return program in ("course", "course.exe") or "course.cli" in getattr(sys, "orig_argv", ())


def check() -> None:
    """Raise ImportError where this Python is too old, or is not the one that the course was installed for."""
    if sys.version_info < OLDEST:
        here = ".".join(map(str, sys.version_info[:3]))
        wanted = ".".join(map(str, OLDEST))
        raise ImportError(
            f"the course needs Python {wanted} or newer, and this is {here} ({sys.executable}): make its environment with a "
            "newer one, as its README says."
        )
    for name in PACKAGES:
        if name not in sys.modules and importlib.util.find_spec(name) is None:
            raise ModuleNotFoundError(absent(name), name=name)


def absent(name: str) -> str:
    """What to do where a package is not installed."""
    said = (
        f"{name} is not installed in this Python ({sys.executable}). Is it the course's environment, .venv? In VS Code and "
        "JupyterLab choose its kernel; in a terminal activate it, and look with `course doctor`. "
        "`python3 start.py --again` makes it anew."
    )
    if name in BACKENDS:
        said += (
            " TensorFlow has packages for Python 3.11 to 3.13, on Linux, on Windows, and on Macs with Apple's processors: "
            "none for Python 3.14, nor for Intel Macs."
        )
    return said
