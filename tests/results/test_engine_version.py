"""Records notice every change that can change a verdict: of code, of libraries, of the backend; and no other."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.paths import ROOT
from autograder.results import engine

LOADED = """
import json, sys
from autograder.grading import child, grader, task
from autograder.worker import main
from autograder.intake import sanitize
print(json.dumps([m.__file__ for n, m in sys.modules.items() if n.partition(".")[0] in ("autograder", "course")]))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    for name in ("autograder", "course", "data"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def test_all_that_grading_loads_is_covered() -> None:
    """What Python itself loads, in a process of its own, is a part of what was found by reading imports."""
    output = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {Path(file) for file in json.loads(output.stdout)}
    assert len(loaded) > 20
    assert loaded <= set(engine.files())


def test_imports_are_found_as_python_finds_them() -> None:
    """Every import of ours in every file, in a function or over several lines, is among those that are read by their words."""
    count = 0
    for path in (ROOT / "autograder").rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        found = list(engine.imports_in(code))
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Import):
                wanted = [(alias.name, None) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                wanted = [(node.module, alias.name) for alias in node.names]
            else:
                continue
            for module, name in wanted:
                if module.partition(".")[0] == "autograder":
                    count += 1
                    assert any(m == module and (name is None or name in names) for m, names in found), (path, module)
    assert count > 200
    assert list(
        engine.imports_in("import os, autograder.a.b as c\nfrom autograder import (\n  d,  # e\n  f as g,\n)")
    ) == [
        ("autograder", ["d", "e", "f", "as", "g"]),
        ("autograder.a.b", []),
    ]


@pytest.mark.parametrize(
    "place",
    [
        "autograder/weeks/names.py",
        "autograder/weeks/marks.py",
        "autograder/results/result.py",
        "autograder/results/verdicts.py",
        "autograder/lean.py",
        "autograder/grading/grader.py",
        "autograder/grading/plan.py",
        "autograder/grading/model_size.py",
        "autograder/isolation/sandbox.py",
        "autograder/worker/wire.py",
        "autograder/intake/sanitize.py",
        "course/evaluation.py",
        "course/syllabus.toml",
        "data/base.npz",
    ],
)
def test_a_change_of_what_grades_is_noticed(copy: Path, place: str) -> None:
    before = engine.version.__wrapped__(copy)
    file = copy / place
    file.write_bytes(file.read_bytes() + b"\n# changed\n")
    assert engine.version.__wrapped__(copy) != before


@pytest.mark.parametrize(
    "place", ["autograder/publish/report/class_page.py", "autograder/cli/grade.py", "autograder/audit/run.py"]
)
def test_a_change_of_what_only_shows_is_not(copy: Path, place: str) -> None:
    before = engine.version.__wrapped__(copy)
    file = copy / place
    file.write_bytes(file.read_bytes() + b"\n# changed\n")
    assert engine.version.__wrapped__(copy) == before


def test_a_new_library_or_backend_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = engine.version.__wrapped__()
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    other = engine.version.__wrapped__()
    monkeypatch.delenv("KERAS_BACKEND")
    version = engine.importlib.metadata.version
    monkeypatch.setattr(engine.importlib.metadata, "version", lambda name: "99.0" if name == "keras" else version(name))
    assert len({before, other, engine.version.__wrapped__()}) == 3
