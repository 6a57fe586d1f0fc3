"""Run by each kernel of a lab that `course start` opened: a word on names that are gone after a restart."""


def _install() -> None:
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
