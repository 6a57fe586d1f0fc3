"""How long a week is, and every message of its checks."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from example import EXAMPLE, PLAN, copy

from autograder import weeks
from autograder.authoring import lengths
from autograder.authoring.lengths import Length
from autograder.authoring.messages import messages
from autograder.cli import audit as audit_command
from autograder.cli import build as build_command

SECTION = '# %% [markdown] nbgrader={"grade": false, "grade_id": "built"'
STRETCH = (
    SECTION.replace("built", "stretch")
    + ', "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}\n'
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Three short words.", 3),
        ("the window's edge, well-known", 4),
        ("a formula $n - k + 1$ is one", 5),
        ("$$\nx = y\n$$ shown", 2),
        ("[receptive field](../../course/glossary.md)", 2),
        ("before\n\n```python\nx = f(y)\n```\n\nafter", 2),
        ("| a | 12 |", 1),
    ],
)
def test_words_of_prose(text: str, count: int) -> None:
    assert lengths.words(text) == count


def test_the_example_is_counted_as_a_student_has_it() -> None:
    week = weeks.parse(EXAMPLE / "week00_example.py")
    core, stretch = lengths.measure(week, PLAN)
    assert stretch == Length()
    assert (core.cells, core.exercises, core.questions, core.checks) == (13, 1, 1, 2)
    assert core.answer_lines == 4, "the lines of the reference"
    released = {cell.id: cell.visible_source for cell in week.checks}
    assert core.folded_lines == sum(bool(line.strip()) for text in released.values() for line in text.splitlines())
    assert "BEGIN SOLUTION" in week["conv2d"].source and core.open_lines == 2 + 2 + 2 + 6 + 2
    minutes = core.words / 75 + 8 / 10 + 1.5 * 4 + 0.5 * 2 + 8
    assert core.hours == pytest.approx(minutes / 60)


def test_stretch_is_counted_apart(tmp_path: Path) -> None:
    week = weeks.parse(EXAMPLE / "week00_example.py")
    optional = dataclasses.replace(PLAN, exercises={"conv2d": 0})
    core, stretch = lengths.measure(week, optional)
    assert (core.exercises, stretch.exercises, stretch.checks) == (0, 1, 2), (
        "an exercise of no points, wherever it stands"
    )
    assert stretch.words > 10, "its task as well"
    week = copy(tmp_path, (SECTION, STRETCH + "# ## Stretch\n#\n# Two more words.\n\n" + SECTION))
    core, stretch = lengths.measure(week, PLAN)
    assert (stretch.cells, stretch.words) == (1, 4) and core.words > 50, "what comes after is core again"


def test_what_is_above_the_bounds() -> None:
    assert lengths.above(Length(words=2500, cells=70, exercises=7)) == []
    assert lengths.above(Length(words=2501, exercises=8, answer_lines=120)) == [
        "2,501 words, 2,500 at most",
        "8 graded exercises, 7 at most",
        "3.6 hours, 3 at most",
    ]


def test_the_command_prints_all_weeks_and_the_rule() -> None:
    result = CliRunner().invoke(build_command.command, ["--lengths"])
    assert result.exit_code == 0 and lengths.RULE.split(" + ")[0] in result.output
    report = json.loads(CliRunner().invoke(build_command.command, ["--lengths", "--json", "1", "12"]).stdout)
    assert list(report["weeks"]) == ["week01_convolution", "week12_resnet"] and report["rule"] == lengths.RULE
    first = report["weeks"]["week01_convolution"]
    assert first["core"]["words"] > 1000 and first["stretch"]["exercises"] == 4


SHAPE = 'checks.shape(conv2d(np.ones((4, 7)), np.ones((2, 3))), (3, 5), hint="a side of length n becomes n - k + 1")'


def test_messages_of_every_kind(tmp_path: Path) -> None:
    more = (
        'table = {"in a table": [1]}\nchecks.close(conv2d(1, 2), [2], unless=table)\n'
        'checks.true(conv2d(1, 2), f"idea of {SHOWN + 1}")\nchecks.fail("failed" + " here")\n' + SHAPE
    ).replace("{SHOWN", "{1")
    week = copy(tmp_path, (SHAPE, more))
    found = {(m.check, m.hidden, m.kind, m.text) for m in messages(week)}
    assert {
        ("conv2d-lecture", False, "unless", "rows and columns are swapped"),
        ("conv2d-lecture", False, "passed", "the lecture's 5×5 image under its 3×3 kernel"),
        ("conv2d-any-shape", False, "hint", "a side of length n becomes n - k + 1"),
        ("conv2d-any-shape", True, "hint", "a kernel larger than the image"),
        ("conv2d-any-shape", False, "later", "other sizes, small integers, a kernel larger than the image"),
        ("conv2d-any-shape", False, "unless", "in a table"),
        ("conv2d-any-shape", False, "idea", "idea of {1 + 1}"),
        ("conv2d-any-shape", False, "idea", "failed here"),
    } <= found
    lines = week.path.read_text(encoding="utf-8").splitlines()
    assert all(m.text.split("{")[0][:20] in lines[m.line - 1] for m in messages(week) if m.kind in ("hint", "unless"))


def test_the_table_of_messages() -> None:
    result = CliRunner().invoke(audit_command.command, ["--messages", "--json", "1"])
    found = json.loads(result.stdout)
    assert result.exit_code == 0 and len(found) > 50
    assert found[0].keys() == {"week", "check", "line", "hidden", "kind", "text"}
    assert {m["week"] for m in found} == {"week01_convolution"} and {m["hidden"] for m in found} == {True, False}
    assert "flipped" in CliRunner().invoke(audit_command.command, ["--messages", "1"], env={"COLUMNS": "200"}).output
