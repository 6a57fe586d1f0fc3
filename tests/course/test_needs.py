"""What a wrong Python, or one without the course's packages, is told; and what importing the course costs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course import needs

COURSE = Path(needs.__file__).parent


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs.sys, "version_info", (3, 10, 4, "final", 0))
    with pytest.raises(ImportError, match=r"needs Python 3\.11 or newer, and this is 3\.10\.4"):
        needs.check()


def test_an_old_python_can_read_what_says_so() -> None:
    """Everything up to the check is Python 3.8."""
    ast.parse((COURSE / "needs.py").read_text(encoding="utf-8"), feature_version=(3, 8))
    ast.parse((COURSE / "__init__.py").read_text(encoding="utf-8"), feature_version=(3, 8))
    first = [n for n in ast.parse((COURSE / "__init__.py").read_text()).body if isinstance(n, ast.ImportFrom)]
    assert [n.names[0].name for n in first] == ["annotations", "needs", "quiet"]


def without(names: str, code: str) -> str:
    """What `code` raises in a Python where `names` are not installed."""
    script = f"""
import sys
import importlib.machinery
plain = importlib.machinery.PathFinder.find_spec
importlib.machinery.PathFinder.find_spec = lambda name, *a: None if name in {names.split()!r} else plain(name, *a)
try:
    {code}
except ImportError as problem:
    print(type(problem).__name__, problem)
"""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout


def test_another_python_is_told_which_one_it_is() -> None:
    said = without("msgspec", "import course")
    assert (
        said.startswith("ModuleNotFoundError msgspec is not installed in this Python (") and "`course doctor`" in said
    )
    said = without("keras", "import course; import keras")
    assert "keras is not installed in this Python" in said and "choose its kernel" in said


def test_keras_without_its_backend_says_for_which_machines_there_is_one() -> None:
    said = without("tensorflow", "import course; import keras")
    assert "tensorflow is not installed" in said and "none for Python 3.14, nor for Intel Macs" in said


@pytest.mark.parametrize(
    ("absent", "command", "status", "said"),
    [
        ("numpy", "doctor", 2, "course: numpy is not installed in this Python"),
        ("rich", "progress", 2, "course: rich is not installed in this Python"),
        ("keras", "doctor", 1, "WRONG   Keras:       not installed"),
    ],
)
def test_the_command_without_a_package_says_so_in_a_sentence(
    absent: str, command: str, status: int, said: str, tmp_path: Path
) -> None:
    """Each of these once ended in a traceback."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.machinery\nplain = importlib.machinery.PathFinder.find_spec\n"
        f"importlib.machinery.PathFinder.find_spec = lambda name, *a: None if name == {absent!r} else plain(name, *a)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "course.cli", command],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        cwd=COURSE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status and said in done.stdout + done.stderr and "Traceback" not in done.stderr, (
        done.stderr
    )


def test_what_importing_the_course_loads() -> None:
    """Within 0.3 s on any laptop: counted rather than timed. `import course` loads nothing but what keeps Keras quiet."""
    code = (
        "import sys; before = set(sys.modules); import course; first = set(sys.modules) - before\n"
        "from course import checks, datasets, evaluation, training\n"
        "heavy = {'keras', 'tensorflow', 'matplotlib', 'scipy', 'sklearn', 'skimage', 'IPython', 'rich', 'nbformat'}\n"
        "print(len(first), 'numpy' in first, sorted(heavy & set(sys.modules)))"
    )
    clean = [sys.executable, "-c", code]
    count, numpy, heavy = subprocess.run(clean, capture_output=True, text=True, check=True).stdout.split(" ", 2)
    assert int(count) < 60 and numpy == "False" and heavy.strip() == "[]"
    code = "import sys, course.cli; print(sorted({'numpy', 'rich', 'nbformat', 'jupyter_client', 'keras'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
