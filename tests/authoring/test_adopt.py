"""nbgrader assignments taken over as weeks: which checks are adopted, what is reported about the others, and that they grade."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder import weeks
from autograder.audit import run as audit
from autograder.authoring import find_problems, new
from autograder.authoring.adopt import Adopted, adopt
from autograder.errors import UserError
from autograder.grading.grader import Grader
from course import asserts, decode, syllabus

SQUARES = """def squares(n):
    \"\"\"The squares of 1 to n.\"\"\"
    ### BEGIN SOLUTION
    if n < 1:
        raise ValueError("n is too small")
    return [i**2 for i in range(1, n + 1)]
    ### END SOLUTION
"""


def cell(source: str, cell_id: str = "", kind: str = "code", version: int = 3, **data: Any) -> Any:
    made = nbformat.v4.new_code_cell(source) if kind == "code" else nbformat.v4.new_markdown_cell(source)
    if cell_id:
        made.metadata["nbgrader"] = {"grade_id": cell_id, "schema_version": version, "locked": False, **data}
    return made


def answer(source: str, cell_id: str, **data: Any) -> Any:
    return cell(source, cell_id, grade=False, solution=True, **data)


def check(source: str, cell_id: str, points: float = 1, **data: Any) -> Any:
    return cell(source, cell_id, grade=True, solution=False, points=points, **data)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    new.new_course(tmp_path / "course", "Course")
    return tmp_path / "course"


def adopted(course: Path, *cells: Any) -> tuple[Adopted, weeks.Week, syllabus.WeekPlan]:
    path = course / "assignment.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    found = adopt(path, "week02_adopted", "", course / "syllabus.toml", course / "solutions")
    plan = syllabus.parse(decode.toml(course / "syllabus.toml"))[1]
    return found, weeks.parse(course / "solutions" / plan.id / f"{plan.id}.py", plan.id), plan


def test_points_texts_and_checks_stay(course: Path) -> None:
    found, week, plan = adopted(
        course,
        cell("# Sums and squares\n\nAs in the lecture.", kind="markdown"),
        answer(SQUARES, "squares"),
        check('"""Several inputs"""\nassert squares(2) == [1, 4]', "correct_squares", 1.5),
        cell("Because.", "why", "markdown", grade=True, solution=True, points=2),
    )
    assert [(c.id, c.outcome) for c in found.checks] == [("correct_squares", "unchanged")]
    assert (plan.title, plan.exercises, plan.written) == ("Sums and squares", {"squares": 1.5}, {"why": 2})
    assert find_problems(week, plan, topics=(), total=None) == []
    (one,) = week.checks
    assert one.id == "squares-correct_squares" and one.source.startswith("# Several inputs\n")
    assert "Because." in week["why"].source and "As in the lecture." in week.cells[1].source


def test_what_a_check_uses_of_given_cells_comes_along(course: Path) -> None:
    found, week, plan = adopted(
        course,
        cell("from nose.tools import assert_equal\nimport numpy as np\nlimit = 3\ndata = np.arange(limit)"),
        answer(SQUARES, "squares"),
        check("assert_equal(squares(limit)[-1], int(data[-1] + 7))", "squares-data"),
    )
    (one,) = found.checks
    assert one.outcome == "changed" and "course.asserts" in week["squares-data"].source
    assert find_problems(week, plan, topics=(), total=None) == []


def test_data_arrive_as_they_are_where_the_check_stands(course: Path) -> None:
    _, week, _ = adopted(
        course,
        cell("import numpy as np\na = np.zeros(2)\na[0] = 2\na += 1\nb = 5"),
        answer(SQUARES, "squares"),
        check("assert len(squares(int(a[0]))) == 3", "squares-data"),
        cell("a = None"),
    )
    lines = week["squares-data"].source.splitlines()
    assert lines[3:8] == ["import numpy as np", "a = np.zeros(2)", "a[0] = 2", "a += 1", ""]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("old = squares\ndel squares", "removes the student's squares"),
        ("squares = lambda n: []\nassert total(2) == 0", "replaces the student's squares"),
        ("assert 'x' in globals()", "globals reads the student's variables"),
        ("import inspect\nassert 'for' in inspect.getsource(squares)", "inspect"),
        ("assert squares.__code__.co_argcount == 1", "__code__"),
        ("import matplotlib.pyplot as plt\nassert plt.gca().get_xlabel() == 'x'", "looks at a figure"),
        ("class Mine(Box):\n    pass\nassert Mine().size == 1", "derives a class from the student's Box"),
        ("assert type(Box()) is Box", "use isinstance"),
        ("g = count()\nassert g.send(1) == 1", ".send talks to a generator"),
        ("assert capsys.readouterr().out == 'x'", "use checks.printed"),
        ("assert squares(2) == wanted", "the name wanted is defined by no cell"),
        ("assert squares(2 ==", "is not valid Python"),
    ],
)
def test_what_looks_into_the_students_process_is_named(course: Path, source: str, says: str) -> None:
    others = "class Box:\n    ### BEGIN SOLUTION\n    size = 1\n    ### END SOLUTION\n\ndef count():\n    yield 1\n"
    found, week, _ = adopted(course, answer(SQUARES, "squares"), answer(others, "more"), check(source, "inside"))
    (one,) = found.checks
    assert one.outcome == "not adopted" and any(says in note for note in one.notes), one.notes
    assert week.checks == []


def test_a_variable_that_a_check_sets_anew_is_its_own(course: Path) -> None:
    source = "for _ in range(2):\n    n = 3\n    assert squares(n)[0] == 1"
    found, _, _ = adopted(course, answer(SQUARES + "n = 5\n", "squares"), check(source, "own"))
    assert found.checks[0].outcome == "unchanged"


def test_an_old_schema_and_an_answer_without_marks(course: Path) -> None:
    source = 'def double(x):\n    """Twice x."""\n    return 2 * x\n'
    _, week, plan = adopted(
        course,
        cell(source, "double", version=1, grade=False, solution=True),
        cell("assert double(2) == 4", "double-check", version=1, grade=True, solution=False, points=3),
    )
    assert plan.exercises == {"double": 3}
    assert week["double"].source.splitlines()[2:] == [
        "    ### BEGIN SOLUTION",
        "    return 2 * x",
        "    ### END SOLUTION",
    ]


def test_what_is_no_assignment_is_one_sentence(course: Path) -> None:
    with pytest.raises(UserError, match="holds no answer cell"):
        adopted(course, cell("1 + 1"))
    (course / "broken.ipynb").write_text("{")
    with pytest.raises(UserError, match=r"broken\.ipynb cannot be read"):
        adopt(course / "broken.ipynb", "week02_x", "", course / "syllabus.toml", course / "solutions")
    assert not (course / "solutions" / "week02_x").exists()


def test_the_old_assertions_are_those_of_unittest() -> None:
    asserts.assert_equal(1, 1)  # type: ignore[attr-defined]
    asserts.assert_almost_equal(0.1 + 0.2, 0.3)  # type: ignore[attr-defined]
    with pytest.raises(AssertionError):
        asserts.assert_true(False)  # type: ignore[attr-defined]


@pytest.mark.sandbox
def test_adopted_checks_grade_right_and_wrong_answers(
    course: Path, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, week, plan = adopted(
        course,
        answer(SQUARES, "squares"),
        check(
            "assert squares(2) == [1, 4]\n### BEGIN HIDDEN TESTS\nassert squares(3)[-1] == 9\n### END HIDDEN TESTS",
            "some",
        ),
    )
    monkeypatch.setattr(syllabus, "load", lambda: {plan.id: plan})
    monkeypatch.setattr(weeks, "load", lambda name: week)

    def graded(body: str) -> tuple[str, str]:
        sources = {"squares": f"def squares(n):\n    {body}\n"}
        (result,) = audit.try_case(grader, audit.Case("reference", week.id, "", "", sources)).checks
        return result.verdict, result.message

    assert graded("return [i**2 for i in range(1, n + 1)]") == ("pass", "")
    assert graded("return []") == ("fail", "assert squares(2) == [1, 4] does not hold")
    assert graded("return [1, 4]") == ("fail", "the hidden part of this check does not hold")
    verdict, message = graded("assert n > 5, 'too small'")
    assert verdict == "error" and "AssertionError" in message


OBJECTS = """from dataclasses import dataclass

@dataclass
class Box:
    ### BEGIN SOLUTION
    size: int = 1

    def area(self):
        print("computing", self.size)
        return self.size**2
    ### END SOLUTION

def count(n):
    yield from range(n)

small = Box(2)
"""


@pytest.mark.sandbox
def test_classes_generators_and_printed_text_are_adopted(
    course: Path, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, week, plan = adopted(
        course,
        answer(OBJECTS, "boxes"),
        check("assert Box(3).area() == 9 and Box().size == 1", "class"),
        check("assert small.area() == 4", "instance"),
        check(
            "assert next(count(3)) == 0\nassert list(count(2)) == [0, 1]\nassert sum(i for i in count(3)) == 3",
            "yields",
        ),
        check(
            "import io, contextlib\nout = io.StringIO()\nwith contextlib.redirect_stdout(out):\n    Box(5).area()\n"
            "assert out.getvalue().split() == ['computing', '5']",
            "prints",
        ),
        check(
            "from IPython.utils.capture import capture_output\nwith capture_output() as out:\n    small.area()\n"
            "assert out.stdout == 'computing 2\\n'",
            "captures",
        ),
    )
    outcomes = {one.id: one.outcome for one in found.checks}
    assert outcomes == {
        "class": "unchanged",
        "instance": "changed",
        "yields": "changed",
        "prints": "unchanged",
        "captures": "changed",
    }
    assert week["boxes-yields"].source.count("iter(") == 1
    assert find_problems(week, plan, topics=(), total=None) == []
    monkeypatch.setattr(syllabus, "load", lambda: {plan.id: plan})
    monkeypatch.setattr(weeks, "load", lambda name: week)
    reference = audit.Case("reference", week.id, "", "", {"boxes": week["boxes"].source})
    result = audit.try_case(grader, reference)
    assert [(one.id, one.verdict, one.message) for one in result.checks if one.verdict != "pass"] == []
