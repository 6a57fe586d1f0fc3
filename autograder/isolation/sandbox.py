"""The box around a worker: bubblewrap's arguments, the limits, and what the worker can see.

Visible inside: the Python interpreter and its libraries, the package `course`, the folder `data` and the worker's own
code, all read-only; a private home, /tmp and /dev/shm; nothing else. No network, own PID namespace, clean environment.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.errors import UserError
from autograder.paths import CHECKOUT, COURSE, DATA, OWN, ROOT
from course import syllabus

Sandbox = Literal["bwrap", "none"]

INSTALL_HINT = (
    "install bubblewrap with your system's package manager (Debian, Ubuntu: `sudo apt-get install bubblewrap`; "
    "Fedora: `sudo dnf install bubblewrap`; Arch: `sudo pacman -S bubblewrap`; Alpine: `sudo apk add bubblewrap`)"
)

# Ordinary users for the workers when the grader runs as root: limits on processes do not bind root. Each grading process
# has another one, for what a user's processes may be together is counted across sandboxes.
WORKER_UIDS = range(61_000, 65_000)
HOME = "/home/student"
_CODE = "/opt/course"
_DATA = "/opt/course-data"
_SCRATCH = (HOME, "/tmp", "/dev/shm")

WARM_MODULES = (
    "numpy",
    "matplotlib.pyplot",
    "IPython.core.interactiveshell",
    "matplotlib_inline.backend_inline",
    "course.checks",
    "course.plots",
)
"""What every notebook needs. What else a week's cells import, such as Keras, its first submission asks for."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one worker. memory_mb: private writable memory; processes: of the worker's user, threads included."""

    memory_mb: int = 3000
    processes: int = 256
    file_mb: int = 200
    cpu_seconds: int = 900
    open_files: int = 512

    def as_rlimits(self) -> dict[str, int]:
        """Names and values for `resource.setrlimit`."""
        return {
            "data": self.memory_mb * 2**20,
            "nproc": self.processes,
            "fsize": self.file_mb * 2**20,
            "cpu": self.cpu_seconds,
            "nofile": self.open_files,
            "core": 0,
        }


@functools.cache
def bwrap_problem() -> str | None:
    """Why bubblewrap cannot be used here, or None when it works (tried, not guessed)."""
    if sys.platform != "linux":
        return f"bubblewrap exists for Linux only, and this is {sys.platform}"
    program = shutil.which("bwrap")
    if program is None:
        return f"bubblewrap is not installed: {INSTALL_HINT}"
    trial = subprocess.run(
        [program, *_isolation(), "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "/bin/true"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if trial.returncode != 0:
        reason = trial.stderr.strip().splitlines()[-1] if trial.stderr.strip() else f"exit status {trial.returncode}"
        return (
            f"bubblewrap is installed but does not work here ({reason}); unprivileged user namespaces may be disabled"
        )
    return None


def bwrap_works() -> bool:
    return bwrap_problem() is None


def default_sandbox() -> Sandbox:
    """ "bwrap" where it works. Raises UserError with the command to install it where it does not: never a silent fallback."""
    if (problem := bwrap_problem()) is not None:
        raise UserError(
            f"submissions are graded in a sandbox only: {problem}. To grade trusted work without one, use --sandbox none"
        )
    return "bwrap"


def _isolation() -> list[str]:
    arguments = ["--die-with-parent", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    if os.getuid() == 0:
        # Started by root there is no need for a user namespace; the warm parent gives root up (`_drop_privileges`).
        arguments += [
            "--cap-drop",
            "ALL",
            "--cap-add",
            "CAP_SETUID",
            "--cap-add",
            "CAP_SETGID",
            "--cap-add",
            "CAP_KILL",
        ]
    else:
        arguments += ["--unshare-user", "--cap-drop", "ALL"]
        if _supports("--disable-userns"):  # no namespaces within: a good part of the kernel's past holes began there
            arguments.append("--disable-userns")
    return arguments


@functools.cache
def _supports(option: str) -> bool:
    program = shutil.which("bwrap")
    if program is None:
        return False
    return option in subprocess.run([program, "--help"], capture_output=True, text=True, check=False).stdout


def _interpreter_folders() -> list[Path]:
    """Folders that the interpreter needs: its installation, the virtual environment, real paths behind links."""
    folders = {Path(sys.base_prefix), Path(sys.prefix), Path(sys.base_exec_prefix), Path(sys.exec_prefix)}
    folders |= {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {folder.resolve() for folder in folders} | {Path(sys.executable).resolve().parent.parent}
    system = [Path("/usr"), Path("/lib"), Path("/lib64"), Path("/bin")]
    kept: list[Path] = []
    for folder in sorted(folders):
        if not any(folder == other or other in folder.parents for other in [*system, *kept]):
            kept.append(folder)
    return [folder for folder in kept if folder.exists()]


def environment(home: str, code: Sequence[str], threads: int) -> dict[str, str]:
    """The worker's whole environment: nothing of the grader's own gets in."""
    count = str(threads)
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": home,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(code),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "IPYTHONDIR": f"{home}/.ipython",
        "KERAS_HOME": f"{home}/.keras",
        "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", "tensorflow"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "CUDA_VISIBLE_DEVICES": "",
        "OMP_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "TF_NUM_INTRAOP_THREADS": count,
        "TF_NUM_INTEROP_THREADS": count,
        "COURSE_WORKER": "1",
    }


@dataclass(frozen=True)
class Box:
    """How to start one warm parent: the command, its environment and folder, and what it must be told."""

    command: list[str]
    environment: dict[str, str]
    folder: str
    home: str
    settings: dict[str, object]


def box(
    sandbox: Sandbox, control_fd: int, threads: int, modules: Sequence[str] = WARM_MODULES, data: Path | None = None
) -> Box:
    """The box of the given kind. With "none" the worker is an ordinary process in a temporary folder: no protection.

    data: folder with the real training data (`course.datasets.worker.write_worker_data`), shown read-only.
    """
    start = [sys.executable, "-s", "-P", "-m", "autograder.worker.main", str(control_fd)]
    if sandbox == "none":
        home = tempfile.mkdtemp(prefix="autograder-")
        settings = {"uid": 0, "own_namespace": False, "scratch": [home], "modules": list(modules)}
        code = [str(CHECKOUT), str(ROOT)] if OWN else [str(CHECKOUT)]
        env = environment(home, code, threads) | ({"COURSE_DATA": str(data)} if data else {})
        return Box(start, env, home, home, settings)
    settings = {
        "uid": WORKER_UIDS[os.getpid() % len(WORKER_UIDS)] if os.getuid() == 0 else 0,
        "own_namespace": True,
        "scratch": list(_SCRATCH),
        "modules": list(modules),
    }
    env = environment(HOME, [_CODE], threads) | ({"COURSE_DATA": _DATA} if data else {})
    return Box(
        [*_bwrap_command(env, data), "--", *start],
        {"PATH": os.environ.get("PATH", "/usr/bin:/bin")},
        "/",
        HOME,
        settings,
    )


def _parents(*folders: str) -> list[str]:
    """Every folder above the given ones, outermost first, without those that are mounted by other means."""
    found = {str(parent) for folder in folders for parent in Path(folder).parents}
    taken = ("/", "/usr", "/lib", "/lib64", "/bin", *_SCRATCH)
    return sorted(parent for parent in found if parent not in taken and not parent.startswith("/usr/"))


def _tops_in_scratch(needed: Sequence[str]) -> list[str]:
    """The first folder below a scratch folder on the way to each of the `needed` ones, where it is not itself one of them."""
    found = set()
    for path in map(Path, needed):
        for scratch in map(Path, _SCRATCH):
            if scratch in path.parents:
                top = scratch / path.relative_to(scratch).parts[0]
                if top != path:
                    found.add(str(top))
    return sorted(found)


def _bwrap_command(env: dict[str, str], data: Path | None = None) -> list[str]:
    command = [shutil.which("bwrap") or "bwrap", *_isolation(), "--hostname", "grader", "--clearenv"]
    for name, value in env.items():
        command += ["--setenv", name, value]
    command += ["--proc", "/proc", "--dev", "/dev"]
    if _supports("--perms"):
        command += ["--perms", "0755", "--dir", str(Path(HOME).parent)]
    for folder in _SCRATCH:  # before the other mounts: the virtual environment may itself lie under /tmp or /home
        mode = ["--perms", "1777"] if _supports("--perms") else []
        size = ["--size", str(256 * 2**20)] if _supports("--size") else []
        command += [*mode, *size, "--tmpfs", folder]
    needed = [f"{_CODE}/autograder/worker", *map(str, _interpreter_folders())]
    above = _tops_in_scratch(needed)
    for folder in above:
        # On the way to a mount under /tmp there are folders that belong to the worker's user. They get a file system of
        # their own, which is made read-only below: what is planted in them would meet the next submission.
        command += [*(["--perms", "0755"] if _supports("--perms") else []), "--tmpfs", folder]
    if _supports("--perms"):
        # The folders that bubblewrap makes on the way to a mount are for root alone, unless they are made first.
        for parent in _parents(*needed):
            if parent in above:
                continue
            command += ["--perms", "0755", "--dir", parent]
    command += ["--ro-bind", "/usr", "/usr"]
    for folder in ("/lib", "/lib64", "/bin"):
        path = Path(folder)
        if path.is_symlink():
            command += ["--symlink", str(path.readlink()), folder]
        elif path.exists():
            command += ["--ro-bind", folder, folder]
    for file in (
        "/etc/ld.so.cache",
        "/etc/ld.so.conf",
        "/etc/ld.so.conf.d",
        "/etc/alternatives",
        "/etc/fonts",
        "/etc/localtime",
    ):
        command += ["--ro-bind-try", file, file]
    for folder in map(str, _interpreter_folders()):
        command += ["--ro-bind", folder, folder]
    for name in ("autograder", "solutions", "tests"):  # an installed copy of the staff's side stays out of sight
        installed = Path(sysconfig.get_path("purelib")) / name
        if installed.is_dir():
            command += ["--tmpfs", str(installed)]
    worker = Path(__file__).resolve().parents[1] / "worker"
    command += ["--ro-bind", str(worker), f"{_CODE}/autograder/worker", "--ro-bind", str(COURSE), f"{_CODE}/course"]
    command += ["--ro-bind-try", str(DATA), f"{_CODE}/data"]
    if OWN:
        command += ["--ro-bind", str(ROOT / "syllabus.toml"), f"{_CODE}/course/syllabus.toml"]
        if package := syllabus.course().package:
            command += ["--ro-bind", str(ROOT / package), f"{_CODE}/{package}"]
    if data:
        command += ["--ro-bind", str(data.resolve()), _DATA]
    # What else there is belongs to nobody's submission. An ordinary user owns these two, and could leave something there.
    for folder in above:
        command += ["--remount-ro", folder]
    return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME]
