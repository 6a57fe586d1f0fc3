"""What `import course` needs, and one sentence for what is missing: this is the first thing that a wrong Python runs.

It is written so that Python 3.8 can read it.
"""

import importlib.util
import sys

OLDEST = (3, 11)
PACKAGES = ("numpy", "msgspec")
"""Every part of the course needs these; where they are missing, this is not the course's environment."""
BACKENDS = ("tensorflow", "jax", "torch")


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
        "JupyterLab choose its kernel; in a terminal activate it, and look with `course doctor`."
    )
    if name in BACKENDS:
        said += (
            " TensorFlow has packages for Python 3.11 to 3.13, on Linux, on Windows, and on Macs with Apple's processors: "
            "none for Python 3.14, nor for Intel Macs."
        )
    return said
