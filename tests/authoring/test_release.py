"""The students' zip: what is in it, what is not, and that it installs."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest
from example import EXAMPLE, PLAN, copy

from autograder import weeks
from autograder.authoring import leaks, release
from autograder.errors import UserError
from autograder.paths import ROOT, SOLUTIONS


class ExampleWeek(weeks.Week):
    """The example week, with its own plan in place of the syllabus's."""

    @property
    def plan(self):
        return PLAN


def example(folder: Path, *edits: tuple[str, str]) -> weeks.Week:
    week = copy(folder, *edits)
    return ExampleWeek(**{field.name: getattr(week, field.name) for field in dataclasses.fields(week)})


def authored() -> list[weeks.Week]:
    return [weeks.load(path.stem) for path in sorted(SOLUTIONS.glob("week*/week*.py"))]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of every authored week and of the example, unpacked."""
    folder = tmp_path_factory.mktemp("release")
    release.release([*authored(), example(folder)], folder / "release.zip")
    with zipfile.ZipFile(folder / "release.zip") as archive:
        archive.extractall(folder)
    return folder / release.FOLDER


def test_what_is_in_it(unpacked: Path) -> None:
    assert {path.name for path in unpacked.iterdir()} == {
        ".devcontainer", ".dockerignore", ".vscode", "Dockerfile", "LICENSE", "README.md", "assignments", "course", "data",
        "docs", "environment.yml", "pyproject.toml", "requirements.lock", "start.py",
    }  # fmt: skip
    names = [path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*")]
    assert not [n for n in names if "autograder" in n or "solutions" in n or "__pycache__" in n or n.endswith(".pyc")]
    assert not [n for n in names if n.endswith(("mistakes.py", "alternatives.py"))]
    readme = (unpacked / "README.md").read_text(encoding="utf-8")
    assert "| 0 | One sliding window | conv2d in NumPy | 10 January 2027 |" in readme and "{weeks}" not in readme
    project = tomllib.loads((unpacked / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"] == {"course": "course.cli:main"}
    assert not [line for line in project["project"]["dependencies"] if line.startswith("papermill")]


def test_every_notebook_is_valid_and_empty(unpacked: Path) -> None:
    found = sorted(unpacked.glob("assignments/*/*.ipynb"))
    assert len(found) == len(authored()) + 1
    for path in found:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert not any(cell.get("outputs") for cell in notebook.cells)


def test_no_answer_and_no_hidden_check_is_in_it(unpacked: Path) -> None:
    """An independent search: marks anywhere, and the telling lines of every answer and every hidden check."""
    shown: dict[str, str] = {}
    for path in unpacked.rglob("*"):
        if path.suffix == ".ipynb":
            sources = ["".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
            shown[path.name] = "\n".join(sources)
        elif path.suffix in (".py", ".toml", ".md"):
            shown[path.name] = path.read_text(encoding="utf-8")
    for name, text in shown.items():
        for mark in ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN", "END HIDDEN"):
            assert mark not in text, name
    for week in [*authored(), weeks.parse(EXAMPLE / "week00_example.py")]:
        text = {line.strip() for line in shown[f"{week.id}.ipynb"].splitlines()}
        for secret in leaks.secrets(week):
            telling = secret.telling
            assert len(telling & text) <= len(telling) / 2, f"{week.id}, {secret.owner}: {telling & text}"


def test_the_zip_is_byte_stable(tmp_path: Path) -> None:
    week = example(tmp_path)
    release.release([week], tmp_path / "a.zip")
    for path in week.path.parent.iterdir():
        os.utime(path, (1, 1))
    release.release([week], tmp_path / "deep" / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "deep" / "b.zip").read_bytes()
    assert not list(tmp_path.rglob("*.part"))


def test_the_files_are_not_of_1980(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file browser once showed them as 46 years old."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    assert release.time_of(tmp_path).isoformat() == "2027-01-15T08:00:00+00:00"
    release.write_zip({"a.txt": b"a"}, tmp_path / "a.zip", release.time_of(tmp_path))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert [info.date_time for info in archive.infolist()] == [(2027, 1, 15, 8, 0, 0)]
    for unusable in ("yesterday", "0", "9" * 30):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", unusable)
        assert release.time_of(tmp_path).year == 2026
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert release.time_of(tmp_path).year == 2026, "no repository: the time is fixed"
    assert release.time_of(ROOT).year >= 2026


def test_a_release_that_shows_an_answer_is_not_written(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "course").mkdir(parents=True)
    (root / "data").mkdir()
    (root / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    week = example(tmp_path)
    body = week["conv2d"].source.replace("### BEGIN SOLUTION", "").replace("### END SOLUTION", "")
    (root / "course" / "ops.py").write_text("import numpy as np\n\n\n" + body.replace("def conv2d", "def slide"))
    with pytest.raises(UserError, match=r"course/ops\.py: .*answer of week00_example, cell conv2d"):
        release.release([week], tmp_path / "x.zip", root)
    (root / "course" / "ops.py").write_text("# ### BEGIN HIDDEN TESTS\n")
    with pytest.raises(UserError, match=r"course/ops\.py, line 1: a mark is left"):
        release.release([week], tmp_path / "x.zip", root)
    assert not (tmp_path / "x.zip").exists()


def test_where_it_may_be_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"ends in \.zip"):
        release.release([], tmp_path / "release.tar")
    (tmp_path / "folder.zip").mkdir()
    with pytest.raises(UserError, match="is a folder"):
        release.release([], tmp_path / "folder.zip")


@pytest.mark.slow
def test_it_installs_and_an_empty_notebook_runs_to_its_first_stub(unpacked: Path, tmp_path: Path) -> None:
    """A fresh environment with the student's package; the packages of the lock are borrowed from this environment."""
    import venv

    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    site = subprocess.check_output([python, "-c", "import site; print(site.getsitepackages()[0])"], text=True).strip()
    borrowed = [path for path in sys.path if path.endswith("site-packages")]
    # A .pth line appends after the fresh environment's own folder, so the unpacked `course` is the one that is found;
    # `autograder` of this checkout is installed as a link or finder, which a .pth of a .pth does not follow.
    (Path(site) / "borrowed.pth").write_text("\n".join(borrowed))
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "-e", str(unpacked)],
        check=True, capture_output=True, text=True, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )  # fmt: skip
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    where = subprocess.check_output(
        [python, "-c", "import course; print(course.__file__)"], text=True, cwd=tmp_path, env=clean
    )
    assert Path(where.strip()).is_relative_to(unpacked)
    missing = "import importlib.util as u; print(u.find_spec('autograder'))"
    assert subprocess.check_output([python, "-c", missing], text=True, cwd=tmp_path, env=clean).strip() == "None"
    runner = """
import sys, nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
notebook = nbformat.read(sys.argv[1], as_version=4)
try:
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
except CellExecutionError:  # a given cell that uses what is not written
    pass
errors = [o for cell in notebook.cells for o in cell.get("outputs", []) if o.output_type == "error"]
print(errors[0].ename)
"""
    for path in sorted(unpacked.glob("assignments/*/*.ipynb")):
        first = subprocess.run(
            [python, "-c", runner, str(path)], text=True, cwd=path.parent, env=clean, capture_output=True
        )
        # The checks of what is not written say so, and the cells after them run.
        assert first.stdout.strip() == "NotImplementedError", f"{path.name}: {first.stdout} {first.stderr[-2000:]}"
    done = subprocess.run(
        [python, "-m", "course.cli", "start"], cwd=unpacked, env=clean, capture_output=True, text=True
    )
    assert done.returncode == 0 and "week00_example" in done.stdout, done.stderr
