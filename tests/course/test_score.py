"""Points so far: what counts, what counts only when graded, and what a kernel has seen pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from kernel import running

from course import score
from course.score import Score, Standing

PASSED = 'from course import checks\nchecks.true(f(1), "no")\nchecks.passed("one", points=2)'
VISIBLE = PASSED.replace("points=2", 'points=3, later="two"')
LATER = 'from course import checks\n\nchecks.when_graded("all of it", points=4)'
BARE = "# Hidden: other sizes\nimport numpy as np\n"


@pytest.mark.parametrize(
    ("source", "passes", "state"),
    [
        (PASSED, True, "passes"),
        (PASSED, False, "fails"),
        (VISIBLE, True, "visible part passes"),
        (VISIBLE, False, "fails"),
        (LATER, True, "when graded"),
        (BARE, True, "when graded"),
        ("assert f(1)", True, "passes"),
        ("# only a comment", True, "when graded"),
    ],
)
def test_states(source: str, passes: bool, state: str) -> None:
    assert score.state(source, passes) == state


@pytest.mark.parametrize(
    ("source", "end"),
    [
        (PASSED, ("passed", "one", 2, "", 3)),
        (VISIBLE, ("passed", "one", 3, "two", 3)),
        (LATER, ("when_graded", "all of it", 4, "", 3)),
        ('checks.passed(f"{x}", points=n)', ("passed", "", None, "", 1)),
    ],
)
def test_how_a_cell_ends(source: str, end: tuple[object, ...]) -> None:
    found = score.closing(source)
    assert found is not None and (found.name, found.what, found.points, found.later, found.line) == end


@pytest.mark.parametrize(
    "source", ["", "x = 1", "passed('a', points=1)", "checks.close(1, 1)", "def f(:", PASSED + "\nx = 1"]
)
def test_a_cell_that_ends_otherwise(source: str) -> None:
    assert score.closing(source) is None


def test_the_sum_counts_only_what_is_certain() -> None:
    every = [
        Standing("a", 5, "passes"), Standing("b", 10, "visible part passes"), Standing("c", 20, "when graded"),
        Standing("d", 40, "fails"), Standing("e", 0, "passes"),
    ]  # fmt: skip
    assert score.total(every) == Score(5, 30, 75)
    assert str(score.total(every)) == (
        "At least 5 of 75 points so far; 30 more depend on parts that run only when your work is graded."
    )
    assert str(score.total(every[:1])) == "5 of 5 points so far."
    assert [one.worth for one in every] == ["5 of 5", "0 to 10", "0 to 20", "0 of 40", "stretch"]


def check(name: str, points: int, source: str) -> dict[str, object]:
    about = {"grade": True, "grade_id": name, "points": points}
    return {"cell_type": "code", "id": name, "metadata": {"nbgrader": about}, "source": source.splitlines(True)}


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """Week 1's notebook, as far as its points are concerned."""
    cells = [check("f-one", 2, PASSED), check("f-two", 3, VISIBLE), check("f-all", 4, LATER), check("f-old", 5, BARE)]
    path = tmp_path / "week01_convolution.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def test_progress_in_a_notebook_follows_the_session(notebook: Path) -> None:
    with running(notebook.parent) as kernel:

        def said() -> str:
            (shown,) = kernel.run('import course\ncourse.progress("week01")').displayed
            assert "<table>" in shown["text/html"]
            return shown["text/plain"]

        first = said()
        assert "At least 0 of 14 points so far; 9 more depend" in first, "an untouched notebook has no points"
        assert "The first check that does not pass: " in first
        assert "f-one" in first and "has not passed in this session" in first and "○ when graded" in first
        kernel.run("def f(x):\n    return True")
        kernel.run(PASSED)
        assert "At least 2 of 14 points so far; 9 more" in said()
        kernel.run(VISIBLE + "\n")
        assert "At least 2 of 14 points so far; 12 more" in said() and "✓ visible part passes" in said()
        kernel.run("def f(x):\n    return False")
        assert kernel.run(PASSED).error
        assert "At least 0 of 14 points so far; 12 more" in said(), "a check that fails again counts no more"


def test_progress_outside_a_notebook(
    notebook: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import course

    monkeypatch.chdir(notebook.parent)
    course.progress(1)
    assert "At least 0 of 14" in capsys.readouterr().out
    course.progress("week99")
    assert "there is no week 'week99'" in capsys.readouterr().out
    for text in ("", "{", "[]", '{"cells": [1]}'):
        notebook.write_text(text)
        course.progress("week01")
        assert capsys.readouterr().out.startswith("The points cannot be shown: week01_convolution.ipynb is not")
    notebook.unlink()
    course.progress("week01")
    assert capsys.readouterr().out == "", "in the grader"
