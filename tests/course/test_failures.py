"""What a student sees of a check in a notebook: a pass that says so, a failure that says one thing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kernel import Kernel, Ran, running

from course import checks, difference, failures
from course.difference import Difference

CHECK = """# Doubling an image
import numpy as np

from course import checks

image = np.array([[3, 1], [0, 2]])
checks.close(double(image), [[6, 2], [0, 4]], hint="each pixel counts twice")
checks.passed("an image of 2×2", points=3)
"""
IMPORTS = "import numpy as np\n"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running(tmp_path_factory.mktemp("notebook")) as started:
        started.run(IMPORTS + "from course import checks")
        yield started


def tried(kernel: Kernel, answer: str, check: str = CHECK) -> Ran:
    """What comes of `check` after the answer cell `answer`."""
    assert not kernel.run(answer).error
    return kernel.run(check)


def test_a_pass_leaves_one_line(kernel: Kernel) -> None:
    ran = tried(kernel, "def double(image):\n    return 2 * image")
    assert ran.printed == "✓ 3 of 3 · an image of 2×2\n" and not ran.error and not ran.displayed


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: checks.passed("this", points=1), "✓ 1 of 1 · this"),
        (lambda: checks.passed("this", points=0), "✓ stretch · this"),
        (
            lambda: checks.passed("this", points=3, later="that"),
            "✓ visible part · this; when graded, for 3 points: that",
        ),
        (
            lambda: checks.passed("this", points=1, later="that"),
            "✓ visible part · this; when graded, for 1 point: that",
        ),
        (lambda: checks.passed("this", points=0, later="that"), "✓ visible part · this; when graded: that"),
        (lambda: checks.when_graded("that", points=2), "○ when graded · that (2 points)"),
        (lambda: checks.when_graded("that", points=1), "○ when graded · that (1 point)"),
        (lambda: checks.when_graded("that", points=0), "○ when graded · that"),
    ],
)
def test_what_a_check_says_at_its_end(call: Any, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call() is None, "a value would be read as a partial score by nbgrader"
    assert capsys.readouterr().out == line + "\n"


def test_long_lines_break_between_words(capsys: pytest.CaptureFixture[str]) -> None:
    checks.passed("word " * 30 + "end", points=3)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and all(len(line) <= failures.WIDTH for line in lines) and lines[1].startswith("  word")
    idea = failures.lines("word " * 30, "", None)
    assert len(idea) == 2 and all(line.endswith("word\x1b[0m") for line in idea)


def test_a_failure_shows_the_idea_the_place_and_a_table(kernel: Kernel) -> None:
    ran = tried(kernel, "def double(image):\n    return image + image.T")
    assert ran.traceback.splitlines() == [
        "each pixel counts twice",
        "first difference at [0, 1]: expected 2, found 1 (2 of 4 values differ)",
    ]
    assert ran.error["ename"] == "CheckFailed"
    assert ran.error["evalue"].startswith("each pixel counts twice\nexpected [[6, 2],\n"), "as the grader has it"
    (shown,) = ran.displayed
    assert shown["text/html"].count("<table") == 2 and shown["text/html"].count("border:2px") == 2
    assert shown["text/plain"].splitlines() == ["expected    found", " 6 [2]       6 [1]", " 0  4        1  4"]


def test_shapes_are_said_with_both_shapes(kernel: Kernel) -> None:
    ran = tried(kernel, "def double(image):\n    return 2 * image[0]")
    assert ran.traceback.splitlines() == [
        "the result has the wrong shape: each pixel counts twice",
        "expected shape (2, 2), found (2,)",
    ]
    assert not ran.displayed


def test_not_written_yet(kernel: Kernel) -> None:
    ran = tried(kernel, "def double(image):\n    # YOUR CODE HERE\n    raise NotImplementedError()")
    assert ran.traceback == "double is not written yet" and ran.error["ename"] == "NotImplementedError"


def test_a_helper_that_is_not_written_yet_is_named(kernel: Kernel) -> None:
    ran = tried(kernel, "def twice(x):\n    raise NotImplementedError()\ndef double(image):\n    return twice(image)")
    assert ran.traceback == "twice is not written yet"


def test_an_error_of_the_student_shows_their_lines_and_the_call(kernel: Kernel) -> None:
    ran = tried(
        kernel, "def pick(a, i):\n    return a[i]\n\ndef double(image):\n    image = pick(image, 7)\n    return image"
    )
    lines = ran.traceback.splitlines()
    assert lines[0] == "double raised IndexError: index 7 is out of bounds for axis 0 with size 2"
    assert lines[1].startswith("Cell In[") and lines[1].endswith("line 5, in double:")
    assert lines[2] == "    image = pick(image, 7)"
    assert lines[3].endswith("line 2, in pick:") and lines[4] == "    return a[i]"
    assert lines[5:] == ["The call, to try in a cell of your own:", "    double(np.array([[3, 1], [0, 2]]))"]
    again = kernel.run(lines[-1])
    assert again.error["ename"] == "IndexError", "the call can be pasted as it stands"
    assert "site-packages" not in ran.traceback and "checks.close" not in ran.traceback


@pytest.mark.parametrize(
    ("check", "call"),
    [
        ("checks.raises(ValueError, lambda: double(image[:1]), hint='a row')", None),
        ("checks.close(checks.unchanged(double, image), image)", "double(np.array([[3, 1], [0, 2]]))"),
        ("for side in (2, 3):\n    double(np.ones((side, side), dtype=np.uint8))", "double(np.ones((2, 2), dtype=np.uint8))"),
        ("double(image=image)", "double(image=np.array([[3, 1], [0, 2]]))"),
        ("big = np.zeros((50, 50))\ndouble(big)", "double(big)"),
        ("double(*[image])", "double(*[np.array([[3, 1], [0, 2]])])"),
    ],
)  # fmt: skip
def test_the_call_in_other_forms(kernel: Kernel, check: str, call: str | None) -> None:
    cell = CHECK.replace('checks.close(double(image), [[6, 2], [0, 4]], hint="each pixel counts twice")', check)
    ran = tried(kernel, "def double(image):\n    return 1 / 0", cell)
    if call is None:
        assert "should raise ValueError: a row" in ran.traceback
    else:
        assert ran.traceback.splitlines()[-1].strip() == call


def test_a_lambda_has_no_name_to_show(kernel: Kernel) -> None:
    assert tried(kernel, "double = lambda image: 1 / 0").traceback.startswith("your function raised ZeroDivisionError")


def test_a_call_with_changed_arguments_is_not_made_up(kernel: Kernel) -> None:
    cell = CHECK.replace("double(image)", "checks.unchanged(double, image)")
    ran = tried(kernel, "def double(image):\n    image = image + 1\n    return 1 / 0", cell)
    assert "The call" not in ran.traceback and "return 1 / 0" in ran.traceback


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("del double", "double is not defined: run the cell that defines it"),
        ("def double():\n    return 1", "double() takes 0 positional arguments but 1 was given"),
        ("double = 3", "the check could not use what your function returned"),
    ],
)
def test_what_goes_wrong_in_the_check_itself(kernel: Kernel, answer: str, said: str) -> None:
    kernel.run("def double(image):\n    return image")
    ran = tried(kernel, answer)
    assert said in ran.traceback and "Traceback" not in ran.traceback and "site-packages" not in ran.traceback


def test_other_cells_keep_their_traceback(kernel: Kernel) -> None:
    assert "Traceback (most recent call last)" in kernel.run("1 / 0").traceback
    assert "Traceback (most recent call last)" in kernel.run("def f():\n    raise NotImplementedError()\nf()").traceback


def test_only_a_kernel_is_changed(tmp_path: Path) -> None:
    """The grader's worker has a shell, but no kernel: what it records does not depend on this."""
    import subprocess
    import sys

    code = (
        "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance(); from course import checks; "
        "print(s.custom_exceptions, [f.__name__ for f in s.events.callbacks['pre_run_cell']])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True, cwd=tmp_path).strip() == "() []"


# Without a kernel: text only.


def shown(call: Any, *arguments: Any, **options: Any) -> list[str]:
    with pytest.raises(checks.CheckFailed) as caught:
        call(*arguments, **options)
    return [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in caught.value._render_traceback_()]


@pytest.mark.parametrize(
    ("call", "arguments", "lines"),
    [
        (checks.close, ([1, 2], [1, 3]), "first difference at [1]: expected 3, found 2|expected|1 [3]|found|1 [2]"),
        (checks.close, (5, 6), "expected 6|found    5"),
        (checks.equal, ((1, "a"), (1, "b")),
         "first difference at [1]: expected 'b', found 'a'|expected|1 ['b']|found|1 ['a']"),
        (checks.equal, ("a", "b"), "expected 'b'|found    'a'"),
        (checks.equal, ([1, [2]], [1, [3]]), "expected [1, [3]]|found    [1, [2]]"),
        (checks.equal, ([1, True], [1, 1]),
         "first difference at [1]: expected 1, found True|expected|1 [1]|found|1 [True]"),
        (checks.close, ([1.0, 0.3], [1.0, 0.30001]),
         "first difference at [1]: expected 0.30001, found 0.3|expected|1 [0.30001]|found|1 [0.3]"),
    ],
)  # fmt: skip
def test_expected_and_found_as_text(call: Any, arguments: Any, lines: str) -> None:
    assert [line.strip() for line in shown(call, *arguments, hint="no")] == ["no", *lines.split("|")]


def test_numbers_that_look_alike_get_all_their_digits() -> None:
    assert shown(checks.close, [1.0, 1.0000001], [1.0, 1.0], rtol=0, hint="no")[1] == (
        "first difference at [1]: expected 1.0, found 1.0000001"
    )


def test_of_a_large_array_the_part_around_the_first_difference() -> None:
    expected = np.arange(2 * 30 * 40).reshape(2, 30, 40)
    found = expected.copy()
    found[1, 20, 33] = 0
    lines = failures.lines("no", "expected …\nfound …", Difference(expected, found))
    assert lines[1] == "first difference at [1, 20, 33]: expected 2033, found 0 (1 of 2400 values differ)"
    assert lines[2].split() == ["expected[1,", "16:24,", "29:37]", "found[1,", "16:24,", "29:37]"]
    assert len(lines) == 3 + 8 and "[2033]" in lines[7] and "[0]" in lines[7]


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ((1, 2), (1, object())),
        (((1, 2), (3,)), ((1, 2), (4,))),
        (3, 4),
        ("ab", "cd"),
        (np.zeros(2), np.zeros(3)),
        (np.zeros(2), None),
        ((1, 2), [1, 3]),
    ],
)
def test_what_cannot_be_set_side_by_side(expected: Any, found: Any) -> None:
    pair = Difference(expected, found)
    assert difference.first(pair) == "" and difference.html_table(pair) == "" and difference.text_table(pair) == []


def test_text_in_a_table_is_escaped() -> None:
    assert "<script>" not in difference.html_table(Difference(("a", "b"), ("a", "<script>")))
