"""The example that runs through the authors' guides is a week: what they say of its checks is tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from authors_guide import blocks, write_week

from autograder import weeks
from autograder.audit import run as audit
from autograder.authoring import find_problems, new
from autograder.grading.grader import Grader
from course import checks, decode, profile, syllabus

ID = "week02_fall"
_GIVEN = (
    'nbgrader={{"grade": false, "grade_id": "{}", "locked": true, "points": 0, "schema_version": 3, "solution": false}}'
)
BEFORE = f"""# %% tags=["parameters"] {_GIVEN.format("parameters")}
PROFILE = "quick"
SEED = 0

# %% {_GIVEN.format("imports")}
import numpy as np
"""
ENTRY = """[[week]]
number = 2
id = "week02_fall"
title = "Fall"
build = "a fall with drag"
due = 2027-01-15T23:59:00+00:00
draft = true
exercises = { fall = 14, measure_g = 6 }
written = {}

"""


@pytest.fixture
def week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> weeks.Week:
    new.new_course(tmp_path / "physics", "Physics")
    path = write_week(
        ID, tmp_path / "physics", "messages.md", "hiding.md", "bounds.md", "mistakes.md", before=BEFORE, entry=ENTRY
    )
    plan = syllabus.parse(decode.toml(tmp_path / "physics" / "syllabus.toml"))[1]
    monkeypatch.setattr(syllabus, "load", lambda: {plan.id: plan})
    found = weeks.parse(path, ID)
    monkeypatch.setattr(weeks, "load", lambda name: found)
    profile.use("quick")
    return found


def run(week: weeks.Week, check: str, **answers: str) -> str:
    """What the check says of the reference, with other answers in place of some; "" where it holds."""
    scope: dict[str, Any] = {}
    exec("import numpy as np", scope)
    for cell in week.answers:
        exec(answers.get(cell.id, cell.source), scope)
    try:
        exec(week[check].source, scope)
    except checks.CheckFailed as problem:
        return problem.idea
    return ""


def test_the_week_of_the_guides_has_no_problem(week: weeks.Week) -> None:
    assert find_problems(week, week.plan, topics=(), total=None) == []
    assert [run(week, check.id) for check in week.checks] == [""] * 4


def test_every_mistake_of_the_guides_is_caught_in_its_words_and_every_alternative_passes(week: weeks.Week) -> None:
    mistakes, alternatives = week.mistakes()["fall"], week.alternatives()["fall"]
    assert (len(mistakes), len(alternatives)) == (6, 3)
    for entry in mistakes.values():
        (check,) = entry["caught_by"]
        assert entry["says"][0] in run(week, check, fall=entry["code"])
    assert run(week, "fall-example", fall=mistakes["the step of the example"]["code"]) == ""
    for code in alternatives.values():
        assert run(week, "fall-example", fall=code) == run(week, "fall-any", fall=code) == ""


RECIPES = {
    "2 * np.median(heights / times**2)": True,
    "2 * np.polyfit(times**2, heights, 1)[0]": True,
    "2 * heights[-1] / times[-1] ** 2": False,
    "2 * np.mean(heights / times**2)": False,
    "2 * np.polyfit(times, heights, 2)[0]": False,
}


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_bound_of_the_guide_tells_recipes_from_mistakes(week: weeks.Week, recipe: str) -> None:
    said = run(week, "measure_g-error", measure_g=f"def measure_g(times, heights):\n    return {recipe}\n")
    assert (said == "") == RECIPES[recipe]


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_week_of_the_guides_is_audited(week: weeks.Week, grader: Grader) -> None:
    tried = [(case, audit.try_case(grader, case)) for case in audit.cases(week, with_mutants=False)]
    assert audit.summarise(tried).shortfalls == []


def test_blocks_of_the_guides_are_python() -> None:
    for guide in ("messages.md", "mistakes.md", "hiding.md", "bounds.md", "variants.md"):
        for block in blocks(guide, "python"):
            compile(block, guide, "exec")
