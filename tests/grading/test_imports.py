"""What the warm parent imports: what a week's cells need, when the first submission of the week needs it."""

from __future__ import annotations

import pytest

from autograder import weeks
from autograder.grading import imports
from autograder.grading.plan import steps_of
from autograder.grading.remote import Worker
from autograder.isolation.parent import WarmParent
from autograder.weeks.pictures import pictures_of


def of(number: int, **extras: list[str]) -> list[str]:
    week = weeks.load(number)
    sources = {answer.id: answer.source for answer in week.answers}
    return imports.of_steps(week, steps_of(week, sources, extras, None, pictures_of(week, sources.values()), "quick"))


def test_a_week_without_keras_does_not_pay_for_it() -> None:
    found = of(1)
    assert {"numpy", "course.checks", "course.plots"} <= set(found)
    assert "keras" not in found


def test_a_week_with_it_has_it_and_what_its_cells_use_of_the_course() -> None:
    assert {"keras", "course.training", "sklearn.datasets"} <= set(of(4))


def test_of_a_students_imports_only_keras_counts() -> None:
    found = of(1, zero_pad=["import keras\nimport antigravity"])
    assert "keras" in found and "antigravity" not in found


@pytest.mark.sandbox
def test_the_parent_imports_what_is_new_and_passes_over_what_does_not_exist() -> None:
    look = "import sys\nprint('sklearn.datasets' in sys.modules)"

    def said(parent: WarmParent) -> str:
        worker = Worker(parent.spawn(), parent.used)
        (output,) = worker.ask(30, op="cell", source=look)["outputs"]
        worker.channel.close()
        parent.clean()
        return str(output["text"]).strip()

    with WarmParent("bwrap") as parent:
        parent.prepare(["numpy"])
        assert said(parent) == "False"
        parent.prepare(["no_such_module", "sklearn.datasets"])
        assert said(parent) == "True"
        parent.stop()  # as when it died: the next one has the same modules
        assert said(parent) == "True"
