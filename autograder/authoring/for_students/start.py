# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = []
# ///
"""Sets up the course in this folder, once, and opens it.

    python3 start.py            Linux, macOS        (with uv: uv run start.py)
    py start.py                 Windows PowerShell  (with uv: uv run start.py)

Words after it are given to the command `course`: `python3 start.py check 1` is `course check 1`. Everything is installed
into the folder .venv beside this file, from requirements.lock; to remove the course, delete the folder.

    python3 start.py --only     sets up, and opens nothing
    python3 start.py --again    sets up anew, from nothing

The file needs Python's standard library only, and its text is read by older Pythons too, so that they can say what is wrong.
"""

import glob
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = os.path.join(FOLDER, ".venv")
PYTHON = os.path.join(ENVIRONMENT, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
READY = os.path.join(ENVIRONMENT, ".course-ready")
OLDEST, NEWEST = (3, 11), (3, 13)
NEEDED_GB = 3.0
"""Free disk space that a set-up needs: the packages, and what the installer keeps while it unpacks."""

EVERY = 20.0
"""Seconds after which another line of the installer's is shown, where the output is no terminal."""

NOT_HERE = {"ipykernel", "ipython", "ipywidgets", "jupyterlab", "nbgrader", "tensorflow", "tensorflow-cpu"}
"""What `here` leaves as it is: the kernel that is running, and its TensorFlow."""


class Problem(Exception):
    """What is wrong and what to do about it, in one sentence."""


def unfit(version, system, machine, libc="glibc", macos=""):
    """Why the course's packages cannot be installed into such a Python, or "". TensorFlow decides it.

    version: (major, minor); system: sys.platform; machine: platform.machine(); libc: platform.libc_ver()[0];
    macos: platform.mac_ver()[0].
    """
    wanted = "Python %d.%d to %d.%d" % (OLDEST + NEWEST)
    if not OLDEST <= version[:2] <= NEWEST:
        return (
            "The course needs %s, and this is %d.%d: run `python3.12 start.py` (Windows: `py -3.12 start.py`) where one "
            "of them is installed; if none is, install one from python.org, or install uv and run `uv run start.py`, "
            "which brings its own." % (wanted, version[0], version[1])
        )
    processor = machine.lower()
    elsewhere = "work in Colab (docs/colab.md), or on another computer"
    if system == "darwin" and processor == "x86_64":
        return (
            "TensorFlow has no package for Macs with an Intel processor (nor for an Intel Python on Apple's "
            "own): on Apple's processors install a Python for arm64, elsewhere %s." % elsewhere
        )
    if system == "darwin" and macos and int(macos.split(".")[0]) < 12:
        return "TensorFlow needs macOS 12 or newer, and this is %s: update the system, or %s." % (macos, elsewhere)
    if system == "win32" and processor == "arm64":
        return (
            "TensorFlow has no package for Windows on ARM: install the 64-bit Intel Python (x86-64), which Windows runs, "
            "or %s." % elsewhere
        )
    if processor not in ("x86_64", "amd64", "arm64", "aarch64"):
        return "TensorFlow has no package for this Python (%s, %s): %s." % (system, machine, elsewhere)
    if system.startswith("linux") and libc != "glibc":
        return "TensorFlow has no package for this Linux, whose C library is not glibc: %s." % elsewhere
    return ""


def stamp():
    """What the environment depends on: the lock, the project file and where the folder lies, as one line."""
    digest = hashlib.sha256(FOLDER.encode("utf-8"))
    for name in ("requirements.lock", "pyproject.toml"):
        with open(os.path.join(FOLDER, name), "rb") as stream:
            digest.update(stream.read())
    return digest.hexdigest()


def is_ready():
    """Whether the environment was completed, from this lock and in this place."""
    try:
        with open(READY) as stream:
            return stream.read().strip() == stamp() and os.path.exists(PYTHON)
    except OSError:
        return False


def run(*command):
    """Run an installer in the course's folder, and show what it is at: in a terminal in one line, elsewhere now and then.

    Raises Problem with its error, or its last line, where it fails.
    """
    process = subprocess.Popen(
        command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, errors="replace"
    )
    said, shown = "", time.time()
    with process.stdout as lines:
        for line in lines:
            line = line.strip()
            if line and (line.lower().startswith("error") or not said.lower().startswith("error")):
                said = line
            text = line.encode("ascii", "replace").decode("ascii")[:76]
            if sys.stdout.isatty():
                sys.stdout.write("\r%-78s" % text)
                sys.stdout.flush()
            elif text and time.time() - shown > EVERY:
                shown = time.time()
                print("  " + text)
                sys.stdout.flush()
    if sys.stdout.isatty():
        sys.stdout.write("\r%78s\r" % "")
    if process.wait():
        raise Problem(
            "The packages could not be installed: %s. Is there a network? Run the same command again to continue; "
            "docs/problems.md has the other reasons." % said.rstrip(".")
        )


def step(text):
    """Say what comes next, at once: output that goes to a file would wait for the end."""
    print(text)
    sys.stdout.flush()


def set_up(anew=False):
    """Make the environment from the lock: with uv where it is installed, with venv and pip where not."""
    from importlib.util import find_spec

    wrong = unfit(
        sys.version_info[:2], sys.platform, platform.machine(), platform.libc_ver()[0] or "other", platform.mac_ver()[0]
    )
    if wrong:
        raise Problem(wrong)
    if not os.access(FOLDER, os.W_OK):
        raise Problem("The folder %s cannot be written: move it to where you may write, and run this again." % FOLDER)
    free = shutil.disk_usage(FOLDER).free / 1e9
    if free < NEEDED_GB:
        raise Problem("%.1f GB are free on this disk, and the course needs %.1f: make room first." % (free, NEEDED_GB))
    base = getattr(sys, "_base_executable", None) or sys.executable
    uv = os.environ.get("UV") or shutil.which("uv")  # `uv run` says where it is
    if not uv and find_spec("ensurepip") is None:
        raise Problem(
            "This Python cannot make environments: install that part of it (Debian, Ubuntu: sudo apt install "
            "python3-venv), or install uv and run `uv run start.py`."
        )
    step("Setting up the course in the folder .venv, once: some minutes, 2 GB.")
    if anew or os.path.exists(ENVIRONMENT):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    step("1 of 3: an empty environment")
    if uv:
        run(uv, "venv", "--quiet", "--seed", "--python", base, ENVIRONMENT)
        install = (uv, "pip", "install", "--python", PYTHON)
    else:
        run(base, "-m", "venv", ENVIRONMENT)
        install = (PYTHON, "-m", "pip", "install", "--disable-pip-version-check")
    step("2 of 3: the packages of requirements.lock, some 0.5 GB from the network and minutes to unpack")
    run(*(install + ("--require-hashes", "--requirement", "requirements.lock")))
    step("3 of 3: the course")
    run(*(install + ("--no-deps", "--no-build-isolation", "--editable", ".")))
    with open(READY, "w") as stream:
        stream.write(stamp() + "\n")


def course(*words):
    """Run the command `course` in the environment, with it first on the PATH; returns its exit status."""
    scripts = os.path.dirname(PYTHON)
    environment = dict(os.environ, VIRTUAL_ENV=ENVIRONMENT, PYTHONUTF8="1")
    environment["PATH"] = scripts + os.pathsep + environment.get("PATH", "")
    environment.pop("PYTHONHOME", None)
    command = os.path.join(scripts, "course.exe" if os.name == "nt" else "course")
    return subprocess.call([command] + list(words), env=environment)


def first_week():
    """What `course` is told where nothing is said: to open the first notebook that there is."""
    found = sorted(glob.glob(os.path.join(FOLDER, "assignments", "week*")))
    return ["start"] + [os.path.basename(folder) for folder in found[:1]]


def missing(project, installed):
    """The requirements in `project`, the text of pyproject.toml, that an environment does not satisfy.

    installed: a function from a package's name to its version, or to None. What NOT_HERE names is not looked at.
    """
    from packaging.requirements import Requirement

    listed = re.search(r"^dependencies = \[\n(.*?)^\]", project, re.MULTILINE | re.DOTALL).group(1)
    found = []
    for line in re.findall(r'^\s*"(.*)",?\s*$', listed, re.MULTILINE):
        wanted = Requirement(line)
        if wanted.name in NOT_HERE or (wanted.marker and not wanted.marker.evaluate()):
            continue
        version = installed(wanted.name)
        if version is None or not wanted.specifier.contains(version, prereleases=True):
            found.append("%s%s" % (wanted.name, wanted.specifier))
    return found


def here():
    """For Colab, and for a kernel of one's own: install what the course lacks into the Python that runs this, make `course`
    importable in it, and say so. The environment .venv is not used. Raises Problem where an installation fails."""
    from importlib import invalidate_caches, metadata

    def installed(name):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return None

    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise Problem(unfit(sys.version_info[:2], sys.platform, platform.machine()))
    with open(os.path.join(FOLDER, "pyproject.toml"), encoding="utf-8") as stream:
        lacking = missing(stream.read(), installed)
    if lacking:
        print("Installing %s" % ", ".join(lacking))
        run(sys.executable, "-m", "pip", "install", "--quiet", *lacking)
        invalidate_caches()
    if FOLDER not in sys.path:
        sys.path.insert(0, FOLDER)
    print("The course is ready in %s" % sys.executable)
    if any(re.split("[<>=!~]", one)[0] in sys.modules for one in lacking):
        print("A package that was in use has been renewed: restart the kernel, and run this cell again.")


def main(words):
    if sys.version_info < (3, 6):
        sys.stderr.write("start.py: %s\n" % unfit(sys.version_info[:2], sys.platform, platform.machine()))
        return 2
    try:
        if "--again" in words or not is_ready():
            set_up(anew="--again" in words)
    except Problem as problem:
        sys.stderr.write("start.py: %s\n" % problem)
        return 2
    if "--only" in words or "--again" in words:
        said = "uv run" if os.environ.get("UV") else "py" if os.name == "nt" else "python3"
        print("Ready: run `%s start.py` to open it." % said)
        return 0
    return course(*(words or first_week()))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.stderr.write("\nstart.py: stopped; run it again to continue.\n")
        sys.exit(130)
