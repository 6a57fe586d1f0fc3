"""What each process imports: the warm parent what a week's cells need, when the first submission needs it; the others no more
than they use."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from autograder import weeks
from autograder.grading import imports
from autograder.grading.plan import steps_of
from autograder.grading.remote import Worker
from autograder.isolation.parent import WarmParent
from autograder.paths import ROOT
from autograder.weeks.pictures import pictures_of
from course.datasets import worker
from course.datasets.errors import DatasetError
from course.datasets.loading import EMBEDDED


def of(number: int, **extras: list[str]) -> list[str]:
    week = weeks.load(number)
    sources = {answer.id: answer.source for answer in week.answers}
    return imports.of_steps(week, steps_of(week, sources, extras, None, pictures_of(week, sources.values()), "quick"))


def test_a_week_without_keras_does_not_pay_for_it() -> None:
    found = of(1)
    assert {"numpy", "course.checks", "course.plots"} <= set(found)
    assert "keras" not in found


def test_a_week_with_it_has_it_and_what_its_cells_use_of_the_course() -> None:
    assert {"keras", "course.training"} <= set(of(4))


def test_of_a_students_imports_only_keras_counts() -> None:
    found = of(1, zero_pad=["import keras\nimport antigravity"])
    assert "keras" in found and "antigravity" not in found


@pytest.mark.sandbox
def test_the_parent_imports_what_is_new_and_passes_over_what_does_not_exist() -> None:
    look = (
        "import sys\nfrom course.datasets.digits import digits\n"
        "print('sklearn.datasets' in sys.modules, digits.cache_info().currsize)"
    )

    def said(parent: WarmParent) -> str:
        forked = Worker(parent.spawn(), parent.used)
        (output,) = forked.ask(30, op="cell", source=look)["outputs"]
        forked.channel.close()
        parent.clean()
        return str(output["text"]).strip()

    with WarmParent("bwrap") as parent:
        parent.prepare(["numpy"])
        assert said(parent) == "False 0"
        parent.prepare(["no_such_module", "sklearn.datasets"], ["no such set", "mnist"])
        assert said(parent) == "True 1"
        parent.stop()  # as when it died: the next one has the same modules and sets
        assert said(parent) == "True 1"


def imported(code: str) -> set[str]:
    """Top names of the modules that a Python of its own has imported after `code`."""
    listing = "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    return set(subprocess.check_output([sys.executable, "-c", code + listing], text=True, cwd=ROOT).split())


HEAVY = {"IPython", "jinja2", "keras", "markdown_it", "matplotlib", "scipy", "sklearn", "tensorflow"}


def test_the_driver_reads_a_week_without_what_its_grading_processes_need() -> None:
    driver = "from autograder.cli import grade\nfrom autograder.grading import batch\nbatch.weeks.load(1)"
    assert not imported(driver) & (HEAVY | {"numpy"})


def test_a_grading_process_gets_its_week_from_the_driver() -> None:
    week = weeks.load(1)
    sent = pickle.loads(pickle.dumps(week.without_notebook()))
    assert (sent.id, sent.cells, sent.notebook) == (week.id, week.cells, None)
    assert not imported("import autograder.grading.child, autograder.grading.grader") & (
        HEAVY | {"jupytext", "nbformat"}
    )


def test_a_week_has_the_sets_made_that_its_cells_load(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    for name in EMBEDDED:
        monkeypatch.setitem(EMBEDDED, name, lambda name=name: made.append(name))
    monkeypatch.setattr(worker, "textures", made.append)
    for week, wanted in ((1, []), (4, ["digits"]), (8, ["shapes", "digits"]), (10, ["train", "validation", "test"])):
        made.clear()
        worker.make_embedded(imports.sets_of(weeks.load(week)))
        assert made == wanted
    monkeypatch.setattr(worker, "textures", lambda part: textures_cannot_be_made())
    worker.make_embedded(["no such set", "textures"])  # `load` says so to the student


def textures_cannot_be_made() -> None:
    raise DatasetError("scikit-image is not installed")
