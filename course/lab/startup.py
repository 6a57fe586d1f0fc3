"""Run by each kernel of a lab that `course start` opened: a word on names that are gone after a restart."""

import sys


def _install() -> None:
    if "IPython" not in sys.modules:
        return  # Python in a terminal of the lab
    try:
        from IPython import get_ipython

        shell = get_ipython()
        if getattr(shell, "kernel", None) is None:
            return
        from course import restarted
    except ImportError:  # another Python's kernel
        return
    restarted.install(shell)


_install()
del _install
