"""Stock nbgrader on our tree: generate_assignment, validate, autograde. The example week stands in for a real one."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from classroom import WEEK as REAL
from classroom import notebook, put
from example import copy
from in_term import result
from nbconvert import HTMLExporter

from autograder import weeks
from autograder.authoring import release_path, write
from autograder.paths import ROOT
from autograder.publish.nbgrader import notebook_of
from autograder.results import records
from benchmarks.attacks import POINTS

WEEK = "week00_example"


@pytest.fixture(scope="module")
def course_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder with our configuration, the example week, and both of its generated notebooks."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "solutions", root / "solutions", ignore=shutil.ignore_patterns("week*"))
    write(copy(root), root / "assignments")
    return root


def environment(root: Path) -> dict[str, str]:
    return {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(root / ".jupyter"),
        "IPYTHONDIR": str(root / ".ipython"),
        "PYTHONPATH": str(ROOT),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def nbgrader(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=root,
        env=environment(root),
        capture_output=True,
        text=True,
        timeout=300,
    )


def week_of(root: Path) -> weeks.Week:
    return weeks.parse(root / "solutions" / WEEK / f"{WEEK}.py")


def test_generate_assignment_makes_our_release(course_tree: Path) -> None:
    path = release_path(week_of(course_tree), course_tree / "assignments")
    ours = path.read_bytes()
    path.unlink()
    done = nbgrader(course_tree, "generate_assignment", WEEK, "--force")
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() == ours
    assert sorted(p.name for p in path.parent.iterdir()) == ["hints.toml", path.name], "nothing else may be released"


def answered(root: Path, name: str, code: str | None) -> Path:
    """The release with `code` as the answer of conv2d, in a folder of its own."""
    notebook = nbformat.read(release_path(week_of(root), root / "assignments"), as_version=4)
    for cell in notebook.cells:
        if cell.id == "conv2d" and code is not None:
            cell.source = code
        if cell.id == "correlation-or-convolution" and code is not None:
            cell.source = cell.source.replace("YOUR ANSWER HERE", "It flips the kernel; a learned one may be flipped.")
    path = root / name / f"{WEEK}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def test_names_that_students_chose_are_text_in_the_notes_of_the_formgrader() -> None:
    """The formgrader shows Markdown with the HTML and the links in it, in the grader's own session."""
    name = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) **b** http://example.org"
    cell = notebook_of(result("ada", warnings=(f"another notebook was left out: {name}.ipynb",))).cells[0]
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert "<img" not in page and "<a " not in page and "<strong>b" not in page
    assert "onerror=alert(1)" in page, "it is shown as it is"


def test_validate_an_answered_notebook(course_tree: Path) -> None:
    path = answered(course_tree, "right", week_of(course_tree)["conv2d"].source)
    done = nbgrader(course_tree, "validate", str(path))
    assert done.returncode == 0 and "Success! Your notebook passes all the tests." in done.stdout, done.stdout


def test_validate_an_unanswered_notebook(course_tree: Path) -> None:
    done = nbgrader(course_tree, "validate", str(answered(course_tree, "empty", None)))
    assert "VALIDATION FAILED ON 3 CELL(S)" in done.stdout
    assert "You did not provide a response." in done.stdout, "the written answer"
    assert "conv2d is not written yet" in done.stdout and "checks.close(" in done.stdout


def test_validate_says_which_idea_is_missing(course_tree: Path) -> None:
    flipped = week_of(course_tree).mistakes()["conv2d"]["flipped kernel"]["code"]
    done = nbgrader(course_tree, "validate", str(answered(course_tree, "wrong", flipped)))
    assert "VALIDATION FAILED ON 1 CELL(S)" in done.stdout and "your kernel is flipped" in done.stdout


ANSWERS: dict[str, dict[str, str]] = {
    "right": {},
    "flipped": {"conv2d": weeks.load(1).mistakes()["conv2d"]["flipped kernel"]["code"]},
    "unwritten": {"pool2d": "raise NotImplementedError()", "sobel_edges": ""},
    "ends": {"pool2d": "import os\nos._exit(0)"},
}
DAMAGED = {"cut": notebook()[:5000], "text": b"I could not open it", "utf16": notebook().decode().encode("utf-16")}


@pytest.mark.sandbox
def test_autograde_is_our_grader(tmp_path: Path) -> None:
    """`nbgrader autograde` with our configuration: the same scores as ours, every file named, feedback without secrets."""
    from nbgrader.api import Gradebook

    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copytree(ROOT / "solutions" / REAL, tmp_path / "solutions" / REAL)
    for student, sources in ANSWERS.items():
        put(tmp_path / "submitted", student, notebook(**sources))
    for student, data in DAMAGED.items():
        put(tmp_path / "submitted", student, data)
    assert nbgrader(tmp_path, "generate_assignment", REAL, "--create").returncode == 0
    done = nbgrader(tmp_path, "autograde", REAL, "--create")
    assert done.returncode == 0, done.stderr
    ours = {r.student: r for r in records.read(tmp_path / "build" / "grades")}
    assert ours.keys() == {*ANSWERS, *DAMAGED}
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        rows = {s.student.id: s for s in book.assignment_submissions(REAL)}
        assert {name: row.score for name, row in rows.items()} == {name: result.score for name, result in ours.items()}
        assert rows["right"].score == rows["utf16"].score == POINTS
        assert rows["flipped"].score < rows["right"].score and rows["cut"].score == 0
        assert rows["cut"].needs_manual_grade and rows["right"].needs_manual_grade, "what a person has to see"
    for student in ("cut", "text"):
        assert f"{student}, {REAL} cannot be graded: " in done.stderr
    again = nbgrader(tmp_path, "autograde", REAL, "--student=flipped", "--force")
    assert again.returncode == 0, again.stderr
    done = nbgrader(tmp_path, "generate_feedback", REAL)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "feedback" / "flipped" / REAL / f"{REAL}.html").read_text()
    assert "your kernel is flipped" in page
    assert "HIDDEN TESTS" not in page and "sliding_window_view(x, (k, k))" not in page


def test_a_figure_has_its_text_on_nbgraders_pages() -> None:
    from nbconvert import HTMLExporter
    from nbformat import v4

    from autograder.publish.nbgrader import described

    figure = {"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": 'Figure: A "line" rises.'}}
    cell = v4.new_code_cell("", outputs=[described({**figure, "metadata": {}})])
    html, _ = HTMLExporter(template_name="classic").from_notebook_node(v4.new_notebook(cells=[cell]))
    (image,) = re.findall("<img [^>]*>", html)
    assert "rises." in image and "No description" not in image
    assert described({"output_type": "stream", "name": "stdout", "text": "Figure: 1"}).text == "Figure: 1"


def test_autograde_of_what_is_no_week_is_one_sentence(course_tree: Path) -> None:
    assert nbgrader(course_tree, "generate_assignment", WEEK, "--force").returncode == 0  # the gradebook knows it
    put(course_tree / "submitted", "right", b"{}", week=WEEK)
    done = nbgrader(course_tree, "autograde", WEEK, "--create")
    assert done.returncode == 1
    assert f"{WEEK} is no week of the course" in done.stderr


@contextlib.contextmanager
def formgrader(root: Path) -> Iterator[Callable[..., Any]]:
    """A Jupyter server with the formgrader in `root`; yields what asks it: (method, path) -> what it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        *("--allow-root", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token=t"),
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", *options],
        cwd=root,
        env=environment(root),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def ask(method: str, path: str) -> Any:
        url = f"http://127.0.0.1:{port}/formgrader/{path}"
        request = urllib.request.Request(url, method=method, headers={"Authorization": "token t"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            text = answer.read().decode()
        return json.loads(text) if path.startswith("api/") else text

    try:
        for _ in range(120):
            with contextlib.suppress(urllib.error.URLError):
                ask("GET", "api/status")
                break
            assert server.poll() is None, "the server ended"
            time.sleep(0.5)
        yield ask
    finally:
        server.terminate()
        server.wait()


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_buttons_of_the_formgrader(tmp_path: Path) -> None:
    """Its button grades with our engine; its pages and its feedback show what our checks say."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copytree(ROOT / "solutions" / REAL, tmp_path / "solutions" / REAL)
    put(tmp_path / "submitted", "flipped", notebook(**ANSWERS["flipped"]))
    put(tmp_path / "submitted", "cut", DAMAGED["cut"])
    assert nbgrader(tmp_path, "generate_assignment", REAL, "--create").returncode == 0
    with formgrader(tmp_path) as ask:
        for student in ("flipped", "cut"):
            assert ask("POST", f"api/submission/{REAL}/{student}/autograde")["success"]
            row = ask("GET", f"api/submission/{REAL}/{student}")
            (ours,) = [r for r in records.read(tmp_path / "build" / "grades") if r.student == student]
            assert (row["code_score"], row["max_code_score"]) == (ours.score, ours.max_score)
            assert row["needs_manual_grade"] and row["autograded"]
        (flipped,) = [
            r["id"] for r in ask("GET", f"api/submitted_notebooks/{REAL}/{REAL}") if r["student"] == "flipped"
        ]
        assert "your kernel is flipped" in ask("GET", f"submissions/{flipped}/")
        assert ask("POST", f"api/assignment/{REAL}/flipped/generate_feedback")["success"]
    assert "your kernel is flipped" in (tmp_path / "feedback" / "flipped" / REAL / f"{REAL}.html").read_text()
