"""What a machine needs for the course, looked at one by one: what was found, and what to do where it falls short."""

from __future__ import annotations

import errno
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from course.desk import environment

NEWEST = (3, 13)
"""The newest Python that TensorFlow has packages for."""
GIGABYTE = 2**30
LEAST_DISK = 2 * GIGABYTE
LEAST_MEMORY = 2 * GIGABYTE

_NOTEBOOK = 300_000
"""Bytes of a notebook with its figures."""

State = Literal["good", "careful", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. found: what there is. advice: what to do, empty where all is well."""

    about: str
    state: State
    found: str
    advice: str = ""


def python() -> Finding:
    """The version of Python, and whether TensorFlow has packages for this machine."""
    here = f"{platform.python_version()}, {sys.executable}"
    newest = ".".join(map(str, NEWEST))
    if sys.version_info[:2] > NEWEST:
        advice = f"TensorFlow has no package for it yet: make the environment with Python 3.11 to {newest}."
        return Finding("Python", "wrong", here, advice)
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        advice = (
            "TensorFlow has no package for Intel Macs after 2.16, which the course is too new for: work in a container, in "
            "Colab, or on a machine of your institution."
        )
        return Finding("Python", "wrong", f"{here}, an Intel Mac", advice)
    if sys.platform == "darwin" and int(platform.mac_ver()[0].partition(".")[0] or 12) < 12:
        return Finding(
            "Python", "wrong", f"{here}, macOS {platform.mac_ver()[0]}", "TensorFlow needs macOS 12 or newer."
        )
    if sys.maxsize < 2**32:
        return Finding(
            "Python", "wrong", f"{here}, 32 bit", "install the 64-bit Python: TensorFlow has no other packages."
        )
    if sys.prefix == sys.base_prefix and not os.environ.get("CONDA_PREFIX") and not Path("/.dockerenv").exists():
        advice = "no environment is active: the course's packages belong into the .venv that its README makes."
        return Finding("Python", "careful", here, advice)
    return Finding("Python", "good", here)


def packages() -> Finding:
    """The packages against the student's lock."""
    if not environment.locked():
        return Finding("Packages", "careful", "no requirements.lock was found", "take it from the course's zip.")
    missing, others = environment.differing()
    repair = f'"{sys.executable}" -m pip install -r requirements.lock, in the course\'s folder'
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        return Finding("Packages", "wrong", f"not installed: {', '.join(missing[:5])}{more}", f"run {repair}.")
    if others:
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        return Finding("Packages", "careful", f"{'; '.join(others[:5])}{more}", f"if something fails, run {repair}.")
    return Finding("Packages", "good", f"all {len(environment.locked())} of the lock, in its versions")


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # what says so to a notebook, see `course.quiet`
        return False


def backend() -> Finding:
    """The library below Keras."""
    name = os.environ.get("KERAS_BACKEND", "tensorflow")
    if not _is_there("keras"):
        return Finding("Keras", "wrong", "not installed", "install the packages of requirements.lock.")
    if not _is_there(name):
        advice = (
            f"install {name}"
            if name != "tensorflow"
            else "install the packages of requirements.lock; there are none for Python after "
            f"{'.'.join(map(str, NEWEST))} and for Intel Macs"
        )
        return Finding("Keras", "wrong", f"Keras without {name}, its backend", f"{advice}.")
    return Finding("Keras", "good", f"{importlib.metadata.version('keras')}, on {name}")


def kernel() -> Finding:
    """The kernel that notebooks run in."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return Finding("Kernel", "wrong", "Jupyter is not installed", "install the packages of requirements.lock.")
    try:
        first = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return Finding(
            "Kernel",
            "wrong",
            "there is no kernel python3",
            f'run "{sys.executable}" -m ipykernel install --sys-prefix.',
        )
    if re.fullmatch(r"python[\d.]*", first):
        return Finding("Kernel", "good", "python3 starts this Python")  # Jupyter puts its own in place of a bare name
    where = shutil.which(first) or first
    if Path(where).resolve() != Path(sys.executable).resolve() and Path(where).parent != Path(sys.executable).parent:
        advice = f'run "{sys.executable}" -m ipykernel install --sys-prefix, and choose that kernel in the notebook.'
        return Finding("Kernel", "wrong", f"python3 starts another Python, {where}", advice)
    return Finding("Kernel", "good", "python3 starts this Python")


def editor(notebooks: list[Path]) -> Finding:
    """Notebooks that were last run with another Python, as an editor writes it into them (VS Code, PyCharm)."""
    other = {}
    for path in notebooks:
        try:
            version = json.loads(path.read_text(encoding="utf-8-sig"))["metadata"]["language_info"]["version"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if str(version).split(".")[:2] != platform.python_version().split(".")[:2]:
            other[path.name] = version
    if other:
        name, version = next(iter(other.items()))
        advice = (
            f"in VS Code choose the kernel {sys.executable} (Select Kernel → Python Environments, at the top right of the "
            "notebook)."
        )
        return Finding("Interpreter", "careful", f"{name} was last run with Python {version}", advice)
    return Finding("Interpreter", "good", "no notebook was run with another Python")


def ours() -> Finding:
    """The package `course` that is imported."""
    import course

    here, expected = Path(course.__file__).resolve().parent, Path(__file__).resolve().parents[1]
    from course.desk import given

    found = given.shadows(Path.cwd())
    if here != expected or found:
        name = here if here != expected else Path.cwd() / found[0]
        return Finding("Course", "wrong", f"{name} is imported in place of the course's own", "rename it.")
    return Finding("Course", "good", f"{course.__version__}, {here}")


def disk(folder: Path) -> Finding:
    """Room where the notebooks are."""
    free = shutil.disk_usage(folder).free
    found = f"{free / GIGABYTE:.1f} GB free at {folder}"
    if free < LEAST_DISK:
        return Finding("Disk", "careful", found, "the real data and their nets take up to 2 GB: make room.")
    return Finding("Disk", "good", found)


def memory() -> Finding:
    """Free memory."""
    try:
        import psutil
    except ImportError:
        return Finding(
            "Memory", "careful", "not known (psutil is missing)", "install the packages of requirements.lock."
        )
    free = psutil.virtual_memory().available
    found = f"{free / GIGABYTE:.1f} GB free"
    if free < LEAST_MEMORY:
        return Finding(
            "Memory", "careful", found, "a notebook needs up to 2 GB: close other programs and other notebooks."
        )
    return Finding("Memory", "good", found)


def data() -> Finding:
    """The real data sets, looked for without a download."""
    from course.datasets import registry, sources
    from course.datasets.errors import DatasetError

    here: list[str] = []
    absent: list[str] = []
    before = os.environ.get("COURSE_OFFLINE")
    os.environ["COURSE_OFFLINE"] = "1"
    try:
        for entry in registry.entries().values():
            if not entry.embedded:
                continue
            found, _ = sources.find(entry)
            (here if found else absent).append(entry.name)
    except DatasetError as problem:
        return Finding("Data", "wrong", str(problem), "correct it, or unset COURSE_DATA.")
    finally:
        os.environ.pop("COURSE_OFFLINE") if before is None else os.environ.update(COURSE_OFFLINE=before)
    said = [f"here: {', '.join(here)}"] * bool(here) + [f"not here yet: {', '.join(absent)}"] * bool(absent)
    note = "; the profile full downloads them once, quick needs none" if absent else ""
    return Finding("Data", "good", "; ".join(said) + note)


def writable(folder: Path) -> Finding:
    """Whether the lab can save, and nets be kept, where the notebooks are."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_NOTEBOOK))  # on a full disk an empty file can still be made
    except OSError as problem:
        advice = "copy the course's folder to a place where you may write, for example your home folder."
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            advice = "make room: until then nothing that you write in a notebook can be saved."
        return Finding("Writing", "wrong", f"{folder} cannot be written to: {problem.strerror or problem}", advice)
    return Finding("Writing", "good", f"{folder} can be written to")


def console() -> Finding:
    """Whether the console shows all characters."""
    name = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    if not name.startswith("utf"):
        advice = "set PYTHONUTF8=1 for all of them; without, the nearest letters are shown."
        return Finding("Console", "careful", f"its encoding is {name}", advice)
    return Finding("Console", "good", name)


def look(home: Path | None, notebooks: list[Path]) -> Iterator[Finding]:
    """All findings, one by one. home: the folder of the notebooks, None where there is none."""
    folder = home or Path.cwd()
    looks: list[Callable[[], Finding]] = [
        python,
        packages,
        backend,
        kernel,
        lambda: editor(notebooks),
        ours,
        lambda: disk(folder),
        memory,
        data,
        lambda: writable(folder),
        console,
    ]
    for one in looks:
        yield one()
    if home is None:
        yield Finding("Notebooks", "wrong", "no folder `assignments` here or above", "go to the course's folder.")
