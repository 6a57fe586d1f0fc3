# ruff: noqa: E501
"""Solution notebook and release of the example week, and everything a build refuses."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jupytext
import nbformat
import pytest
from example import EXAMPLE, PLAN, TEXT, copy
from jupytext.config import load_jupytext_configuration_file

from autograder import weeks
from autograder.authoring import (
    find_problems,
    outdated,
    release_notebook,
    release_path,
    solution_notebook,
    text_of,
    write,
)
from autograder.authoring.topics import coverage, titles
from autograder.paths import ROOT, SOLUTIONS


@pytest.fixture(scope="module")
def week() -> weeks.Week:
    return weeks.parse(EXAMPLE / "week00_example.py")


def said(week: weeks.Week, plan=PLAN, **options) -> str:
    return "\n".join(map(str, find_problems(week, plan, total=None, **options)))


def test_the_example_has_no_problem(week: weeks.Week) -> None:
    assert said(week) == ""


@pytest.mark.parametrize("make", [solution_notebook, release_notebook])
def test_notebooks_are_stable_and_clean(week: weeks.Week, make) -> None:
    text = text_of(make(week))
    assert text == text_of(make(weeks.parse(week.path)))
    assert text.endswith("}\n")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in week.cells]
    for cell in notebook.cells:
        assert cell.id == cell.metadata.nbgrader.grade_id
        assert set(cell.metadata) <= {"nbgrader", "tags", "topics", "cellView", "deletable", "editable", "jupyter"}
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


def test_the_release_shows_stubs_and_no_answer(week: weeks.Week) -> None:
    cells = {cell.id: cell.source for cell in release_notebook(week).cells}
    assert cells["conv2d"].endswith("    # YOUR CODE HERE\n    raise NotImplementedError()")
    assert '"""Cross-correlate' in cells["conv2d"]
    assert cells["correlation-or-convolution"].endswith("YOUR ANSWER HERE")
    assert cells["conv2d-any-shape"] == week["conv2d-any-shape"].visible_source
    for source in cells.values():
        for secret in ("SOLUTION", "HIDDEN", "einsum", "correlate2d", "flips the kernel along"):
            assert secret not in source


def test_write_check_and_out_of_date(tmp_path: Path) -> None:
    week = copy(tmp_path)
    released = tmp_path / "assignments"
    hints = release_path(week, released).with_name("hints.toml")
    assert outdated(week, released) == [week.solution_path, release_path(week, released), hints]
    assert write(week, released) == [week.solution_path, release_path(week, released), hints]
    assert write(week, released) == [] and outdated(week, released) == []
    changed = copy(tmp_path, ("move one step to the right", "move one step on"))
    assert outdated(changed, released) == [week.solution_path, release_path(week, released)]
    write(changed, released)
    release_path(week, released).write_text("{}")
    assert outdated(changed, released) == [release_path(week, released)]
    assert not list(tmp_path.rglob("*.part"))


def test_an_author_may_edit_the_notebook(week: weeks.Week, tmp_path: Path) -> None:
    """What JupyterLab writes back through jupytext is the same week, under the same header."""
    config = load_jupytext_configuration_file(str(SOLUTIONS / "jupytext.toml"))
    notebook = nbformat.reads(text_of(solution_notebook(week)), as_version=4)
    notebook.metadata["language_info"] = {"name": "python", "version": "3.99"}
    notebook.cells[1].metadata["collapsed"] = True
    text = jupytext.writes(notebook, fmt="py:percent", config=config)
    assert text[: text.index("# %%")] == TEXT[: TEXT.index("# %%")]
    (tmp_path / "week00_example.py").write_text(text, encoding="utf-8")
    again = weeks.parse(tmp_path / "week00_example.py")
    assert text_of(solution_notebook(again)) == text_of(solution_notebook(week))


GIVEN = '# %% nbgrader={"grade": false, "grade_id": "extra", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}\n'
LATER_GIVEN = GIVEN.replace('"extra"', '"later"')
DRAWN = GIVEN + "from course import plots\n\n"
LECTURE = '"grade_id": "conv2d-lecture"'
TASK = '# %% [markdown] nbgrader={"grade": false, "grade_id": "task-conv2d"'
CLOSING = TEXT[TEXT.index("checks.passed(\n") : TEXT.index("\n\n", TEXT.index("checks.passed(\n"))]
HIDDEN = "### BEGIN HIDDEN TESTS\nfrom scipy"


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ([("checks.close(\n    conv2d(image, kernel)", "checks.close(\n    conv2d(lecture_image, kernel)")],
         "cell conv2d-lecture: the name lecture_image comes from the given cell lecture-numbers"),
        ([("checks.close(conv2d(x, w), correlate2d", "checks.close(conv2d(x, w), reference")],
         "cell conv2d-any-shape: the name reference is defined by no answer cell"),
        ([("import matplotlib.pyplot as plt\nimport numpy as np", "import matplotlib.pyplot as plt")],
         "cell lecture-numbers: the name np is defined by no cell above"),
        ([('"grade_id": "conv2d-lecture", "locked": true, "points": 2', '"grade_id": "conv2d-lecture", "locked": true, "points": 1')],
         "cell conv2d: its checks sum to 4 points, the syllabus says 5"),
        ([('"locked": false, "points": 2', '"locked": false, "points": 3')],
         "gives 3 points, the syllabus says 2"),
        ([(LECTURE, '"grade_id": "conv2d-any-shape"')], "has the same id as the cell on line"),
        ([(LECTURE, '"grade_id": "conv2d Lecture"')], "its id is no slug"),
        ([(LECTURE, '"grade_id": ""')], "has no grade_id"),
        ([(LECTURE, '"grade_id": "lecture"')], "its id begins with no answer cell's id"),
        ([("    ### END SOLUTION\n", "")], "'### BEGIN SOLUTION' is not closed"),
        ([(HIDDEN, "from scipy")], "'### END HIDDEN TESTS' closes nothing"),
        ([(HIDDEN, "### BEGIN HIDDEN\nfrom scipy")], "'### BEGIN HIDDEN' is no mark"),
        ([(HIDDEN, "### BEGIN SOLUTION\nfrom scipy")], "stands outside an answer cell, so it would be shown"),
        ([("lecture_kernel =", "### BEGIN HIDDEN TESTS\nz = 1\n### END HIDDEN TESTS\nlecture_kernel =")],
         "cell lecture-numbers: '### BEGIN HIDDEN TESTS' stands outside a check cell"),
        ([("lecture_kernel =", "### BEGIN SOLUTION\nz = 1\n### END SOLUTION\nlecture_kernel =")],
         "cell lecture-numbers: '### BEGIN SOLUTION' stands outside an answer cell"),
        ([("lecture_kernel =", "def conv2d(image, kernel):\n    return 0\n\nlecture_kernel =")],
         "cell lecture-numbers: defines conv2d, the answer of cell conv2d"),
        ([(TASK, GIVEN + "windows = np.lib.stride_tricks.sliding_window_view(lecture_image.astype(float), lecture_kernel.shape)\n"
           "def own(image, kernel):\n"
           '    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:\n'
           '        raise ValueError(f"kernel {kernel.shape} is larger than image {image.shape}")\n'
           "    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)\n"
           '    return np.einsum("ijkl,kl->ij", windows, kernel.astype(float))\n\n' + TASK)],
         "cell extra: the release: shows the answer of week00_example, cell conv2d"),
        ([("# Check yourself.", "# It flips the kernel along both axes before sliding it. A learned kernel can be learned flipped, so the result is the same.\n# Check yourself.")],
         "cell look: the release: shows the answer of week00_example, cell correlation-or-convolution"),
        ([('topics=["D1"] nbgrader', 'topics=["D1", "Z9"] nbgrader')], "names the topic Z9"),
        ([('tags=["parameters"] ', "")], "the first code cell, and no other, must be tagged 'parameters'"),
        ([("SEED = 0", "seed = 0")], "cell parameters: must set SEED"),
        ([('    """Cross-correlate a 2-D image with a 2-D kernel, stride 1, no padding.', '    f"""Cross-correlate.')],
         "cell conv2d: conv2d has no docstring"),
        ([('def conv2d(image, kernel):\n    """Cross', '### BEGIN SOLUTION\ndef conv2d(image, kernel):\n    """Cross'),
          ('    ### BEGIN SOLUTION\n    if', '    if'), ("    ### END SOLUTION\n\n", "### END SOLUTION\n\n")],
         "inside the solution: a student would not see it"),
        ([("import matplotlib.pyplot as plt", "import matplotlib.pyplot as plt\nimport autograder.weeks")],
         "cell imports: imports autograder, which a student does not have"),
        ([("import matplotlib.pyplot as plt", "import keras\nimport matplotlib.pyplot as plt")],
         "cell imports: imports keras before course, with which it loads sooner and quietly"),
        ([("lecture_kernel =", "lecture_kernel = = 3\nlecture_kernel =")], "cell lecture-numbers: is not valid Python: "),
        ([(LECTURE + ', "locked": true', LECTURE + ', "locked": false')], "is ours, so it must be locked"),
        ([("# The shape that a rectangle becomes\n# When graded: other sizes, small integers, a kernel larger than the image\nimport numpy as np\n\nfrom course import checks\n\n"
           'checks.shape(conv2d(np.ones((4, 7)), np.ones((2, 3))), (3, 5), hint="a side of length n becomes n - k + 1")\n'
           "### BEGIN HIDDEN TESTS\n", "### BEGIN HIDDEN TESTS\nimport numpy as np\nfrom course import checks\n"),
          (CLOSING, "")],
         "all of it is hidden"),
    ],
)  # fmt: skip
def test_a_wrong_week_is_refused(tmp_path: Path, edits: list[tuple[str, str]], sentence: str) -> None:
    week = copy(tmp_path, *edits)
    found = find_problems(week, PLAN, total=None)
    matching = [problem for problem in found if sentence in str(problem)]
    assert matching, "\n".join(map(str, found))
    assert str(matching[0]).startswith(str(week.path))


SHOWN = 'checks.shape(conv2d(np.ones((4, 7)), np.ones((2, 3))), (3, 5), hint="a side of length n becomes n - k + 1")\n'
LATER = '    later="other sizes, small integers, a kernel larger than the image",\n'
END = "### END HIDDEN TESTS\n"
DRAWS = GIVEN.replace("# %% ", '# %% tags=["draw"] ')


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ([("# The lecture's own numbers\nimport", "import")], "cell conv2d-lecture: is folded, so its first line must be a comment"),
        ([("# The lecture's own numbers\n", "# Visible: the lecture's own numbers\n")], "its title should say what is checked, without"),
        ([("# The lecture's own numbers\n", f"# {'a' * 71}\n")], "its title has 73 characters, 72 at most"),
        ([(TASK, DRAWS + "x = 1\n\n" + TASK)], "cell extra: is folded, so its first line must be a comment"),
        ([('checks.passed("the lecture\'s 5×5 image under its 3×3 kernel", points=2)\n', "")],
         "cell conv2d-lecture: its last statement must be checks.passed"),
        ([("kernel\", points=2)", "kernel\", points=3)")], "cell conv2d-lecture: checks.passed(…) says 3 points, the cell's metadata say 2"),
        ([("kernel\", points=2)", "kernel\", points=int(2))")], "gives no points as a literal, the cell's metadata say 2"),
        ([('"the shape that a rectangle becomes"', "image")], "must say in a literal string what was shown to work"),
        ([(LATER, "")], "cell conv2d-any-shape: has a hidden region: checks.passed(…) must say with later="),
        ([("kernel\", points=2)", 'kernel", points=2, later="more")')], "has no hidden region, so checks.passed(…) must not say later="),
        ([(SHOWN, "")], "cell conv2d-any-shape: all of it is hidden: end it with checks.when_graded"),
        ([('checks.passed(\n', 'checks.when_graded(\n'), (LATER, "")], "a part of it is visible: end it with checks.passed"),
        ([('checks.passed("the lecture', 'x = 1\nchecks.when_graded("the lecture'), ("checks.close(\n    conv2d(image, kernel)", "checks.close(\n    image")],
         "nothing of this one is"),
        ([(END + CLOSING, CLOSING + "\n" + END.rstrip())], "must stand outside the hidden region"),
        ([(TASK, GIVEN + "plt.imshow(lecture_image)\nplt.show()\n\n" + TASK)], "cell extra: plt.show() gives the figure no text alternative"),
        ([(TASK, GIVEN + "from course import plots\n\nplt.imshow(lecture_image)\nplots.show()\n\n" + TASK)], "plots.show() needs a text"),
        ([(TASK, GIVEN + "from course import plots\n\nplots.show(' ')\n\n" + TASK)], "plots.show() needs a text"),
        ([(TASK, GIVEN + "fig, ax = plt.subplots()\nax.imshow(lecture_image)\n\n" + TASK)], "draws a figure and does not show it"),
        ([(TASK, DRAWN + "shown = lecture_image\nplt.imshow(shown)\nplots.show('a square')\n\n" + LATER_GIVEN + "print(shown)\n\n" + TASK)],
         "cell extra: would be drawn for every submission that is graded; later reads shown: define that in a cell of its own"),
        ([(TASK, DRAWN + "def draw():\n    plt.imshow(lecture_image)\n    plots.show('a square')\n\n" + LATER_GIVEN + "draw()\n\n" + TASK)],
         "cell later: would be drawn for every submission that is graded; it draws by functions of ours only"),
    ],
)  # fmt: skip
def test_a_week_against_the_interface_is_refused(tmp_path: Path, edits: list[tuple[str, str]], sentence: str) -> None:
    assert sentence in said(copy(tmp_path, *edits))


def test_a_week_without_hints_is_refused_with_all_else_that_is_wrong(tmp_path: Path) -> None:
    week = copy(tmp_path, ("# The lecture's own numbers\n", f"# {'a' * 71}\n"))
    week.path.with_name("hints.toml").unlink()
    reports = said(week)
    assert "its title has 73 characters" in reports and "conv2d is graded and has no hint" in reports


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "hints.toml: conv2d is graded and has no hint"),
        ("conv2d = []", "hints.toml: conv2d is graded and has no hint"),
        ("conv2d = ['a', 'b', 'c', 'd']", "conv2d has 4 hints, 3 at most"),
        ("conv2d = ['a', ' ']", "hint 2 of conv2d is empty"),
        ("conv2d = ['a']\nconv = ['a']", "conv is no answer cell of the week"),
        ("conv2d = ", "cannot be read"),
        ("conv2d = ['Say `return np.einsum(\"ijkl,kl->ij\", windows, kernel.astype(float))`.']", "hint 1 of conv2d holds a line of the solution"),
    ],
)  # fmt: skip
def test_wrong_hints_are_refused(tmp_path: Path, text: str, sentence: str) -> None:
    assert sentence in said(copy(tmp_path, files={"hints.toml": text}))


ASKS = GIVEN.replace('"extra"', '"asks-conv2d"') + 'from course import bounds\n\nbounds.show("week00", NAMES)\n\n'
BOUND = dataclasses.replace(
    PLAN, bounds={"quick": {"first": 0.9, "slack": 0.1, "moved": 0.1}}, bound_words={"first": "…"}
)


@pytest.mark.parametrize(
    ("asks", "names", "missing"),
    [
        ('checks.close(conv2d(x, w), profile.bound("week00", "first"))', "", {"first"}),
        ('checks.close(conv2d(x, w), profile.bound("week00", "first"))', '"first"', set()),
        ('bands.on_test(conv2d, "mnist", "week00", "first")', '"first"', {"moved"}),
        ('bands.on_test(conv2d, "mnist", "week00", "first", moves=())', '"first"', set()),
        ('bands.on_validation(conv2d, "mnist", "week00", "first")', "", {"first", "slack"}),
        ('for name in ("first", "slack"):\n    profile.bound("week00", name)', '"first"', {"slack"}),
    ],
)
def test_a_bound_that_an_exercise_does_not_state(tmp_path: Path, asks: str, names: str, missing: set[str]) -> None:
    edits = [
        (
            "rng = np.random.default_rng(7)",
            f"from course import bands, profile\n\n{asks}\nrng = np.random.default_rng(7)",
        )
    ]
    if names:
        edits.append((TASK, ASKS.replace("NAMES", names) + TASK))
    text = said(copy(tmp_path, *edits), BOUND)
    for name in ("first", "slack", "moved"):
        assert (f"cell conv2d-any-shape: asks for the bound {name}, which conv2d does not state" in text) == (
            name in missing
        )


def test_a_bound_is_shown_in_words(tmp_path: Path) -> None:
    text = said(copy(tmp_path, (TASK, ASKS.replace("NAMES", '"first", "slack"') + TASK)), BOUND)
    assert "cell asks-conv2d: shows the bound slack, for which the syllabus has no [week.bounds.words]" in text
    assert "shows the bound first" not in text


def test_checks_and_what_only_draws_are_folded(tmp_path: Path) -> None:
    week = copy(tmp_path, (TASK, DRAWS + "# The image\nplt.imshow(lecture_image)\n\n" + TASK))
    for notebook in (solution_notebook(week), release_notebook(week)):
        folded = {cell.id for cell in notebook.cells if cell.metadata.get("jupyter") == {"source_hidden": True}}
        assert folded == {"extra", "conv2d-lecture", "conv2d-any-shape"}


def test_the_profile_can_be_edited_and_nothing_else_of_ours(week: weeks.Week) -> None:
    cells = {cell.id: cell.metadata for cell in release_notebook(week).cells}
    assert cells["parameters"].get("editable", True) and not cells["parameters"]["nbgrader"]["locked"]
    ours = [cell.id for cell in week.cells if cell.role in ("text", "given", "check") and cell.id != "parameters"]
    assert not any(cells[name].get("editable", True) for name in ours)


def test_a_problem_names_the_line(tmp_path: Path) -> None:
    week = copy(tmp_path, ("checks.close(conv2d(x, w), correlate2d", "checks.close(conv2d(x, w), reference"))
    problem = find_problems(week, PLAN, total=None)[0]
    assert "reference(x, w" in week.path.read_text().splitlines()[problem.line - 1]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"mistakes.py": "MISTAKES = {}"}, "mistakes.py: cell conv2d: has 0 mistakes, 6 are needed"),
        ({"alternatives.py": "ALTERNATIVES = {}"}, "alternatives.py: cell conv2d: has 0 alternatives, 3 are needed"),
        ({"alternatives.py": "ALTERNATIVES = {'conv': {}}"}, "alternatives.py: cell conv: is no answer cell"),
        ({"mistakes.py": "MISTAKES = {"}, "mistakes.py:1: is not valid Python"),
        ({"mistakes.py": "1 / 0"}, "mistakes.py: cannot be loaded: ZeroDivisionError"),
        ({"mistakes.py": "MISTAKES = {'conv2d': {'a': {'caught_by': ['x'], 'says': [], 'code': ''}}}"},
         "“a” names the check x, which the week does not have"),
        ({"mistakes.py": "MISTAKES = {'conv2d': {'a': {'caught_by': [], 'says': [], 'code': ''}}}"},
         "“a” names no check that catches it"),
        ({"mistakes.py": "MISTAKES = {'conv2d': {'a': {'code': 'def f(:'}}}"}, "“a” needs caught_by, says and code"),
        ({"alternatives.py": "ALTERNATIVES = {'conv2d': {'a': 'def f(:'}}"}, "“a” is not valid Python"),
    ],
)  # fmt: skip
def test_wrong_examples_are_refused(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    assert sentence in said(copy(tmp_path, files=files))


def test_the_syllabus_and_the_week_agree(week: weeks.Week) -> None:
    more = dataclasses.replace(PLAN, exercises={"conv2d": 5, "pool2d": 3}, written={})
    text = said(week, more)
    assert "the exercise pool2d, the week no such answer cell" in text
    assert "is a written question that the syllabus does not have" in text
    assert "an exercise that the syllabus does not have" in said(week, dataclasses.replace(PLAN, exercises={}))
    assert "gives week00_example 7 points instead of 100" in "\n".join(map(str, find_problems(week, PLAN)))


def test_a_stretch_exercise_needs_fewer_examples(tmp_path: Path) -> None:
    week = copy(tmp_path, files={"mistakes.py": "MISTAKES = {}", "alternatives.py": "ALTERNATIVES = {}"})
    text = said(week, dataclasses.replace(PLAN, exercises={"conv2d": 0}))
    assert "has 0 mistakes, 2 are needed" in text and "has 0 alternatives, 1 are needed" in text


def test_topics(week: weeks.Week) -> None:
    known = titles()
    assert {"A1", "D14", "E-1", "E1", "L7"} <= known.keys() and "E16" not in known
    assert "E-1" in known and known["E-1"] != known["E1"]
    where = coverage([week], known)
    assert where["D1"] == [("week00_example", "idea"), ("week00_example", "conv2d")] and where["A1"] == []


def test_a_run_of_all_cells_goes_past_answers_and_checks(tmp_path: Path) -> None:
    """It once stopped at the first stretch exercise that was not written, and left six cells of week 4 unrun."""
    released = release_notebook(copy(tmp_path))
    tagged = {cell.id for cell in released.cells if "raises-exception" in cell.metadata.get("tags", ())}
    ours = {cell.id for cell in released.cells if cell.cell_type == "code" and "nbgrader" in cell.metadata}
    graded = {
        c.id
        for c in released.cells
        if c.metadata.get("nbgrader", {}).get("solution") or c.metadata.get("nbgrader", {}).get("grade")
    }
    uses = {cell.id for cell in released.cells if "waiting_for(" in cell.source}
    assert tagged == ours & (graded | uses) and ours - tagged, "what uses no answer has to run"
    for week in weeks.all_weeks():
        tagged = {c.id for c in solution_notebook(week).cells if "raises-exception" in c.metadata.get("tags", ())}
        assert {cell.id for cell in week.answers if cell.kind == "code"} <= tagged
        assert not tagged & {"parameters", "imports", "data"}


def test_generated_files_of_the_course_are_up_to_date() -> None:
    stale = [path for week in weeks.all_weeks() for path in outdated(week)]
    assert not stale, f"run `autograder build`: {stale}"


@pytest.mark.parametrize("path", sorted(SOLUTIONS.glob("week*/week*.py")), ids=lambda path: path.stem)
def test_weeks_of_the_course_have_no_problem(path: Path) -> None:
    week = weeks.load(path.stem)
    assert "\n".join(map(str, find_problems(week, week.plan))) == ""


def test_the_command_says_what_is_up_to_date_as_json() -> None:
    from click.testing import CliRunner

    from autograder.cli.build import command

    name = next(iter(sorted(SOLUTIONS.glob("week*/week*.py")))).stem
    result = CliRunner().invoke(command, ["--check", "--json", name])
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert all(name in line for line in report.pop("too_long"))
    assert report == {"weeks": [name], "problems": [], "out_of_date": [], "written": []}
    assert str(ROOT) not in result.stdout
