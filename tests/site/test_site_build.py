"""The site as a whole, and where its figures come from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from click.testing import CliRunner

from autograder import weeks
from autograder.authoring import solution_notebook, text_of
from autograder.authoring.solve import CellOutcome, Outcome
from autograder.cli.site import command
from autograder.errors import UserError
from autograder.paths import ROOT
from autograder.site import build, executed, guides
from autograder.site.pages import Page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with week 1 and without figures."""
    folder = tmp_path_factory.mktemp("site")
    said = CliRunner().invoke(command, ["1", "--no-figures", "--to", str(folder)], catch_exceptions=False)
    assert said.output.startswith(f"wrote {folder}/html/index.html: ")
    return folder / "html"


def read(site: Path, page: str) -> str:
    return (site / page).read_text(encoding="utf-8")


def test_every_guide_and_every_lesson_is_a_page(site: Path) -> None:
    for name in guides.page_names([weeks.load(1)]).values():
        assert (site / f"{name}.html").is_file(), name
    index = read(site, "index.html")
    assert 'href="lessons/week01_convolution.html"' in index and "<!-- weeks -->" not in index


def test_formulas_are_there_without_scripts(site: Path) -> None:
    lesson = read(site, "lessons/week01_convolution.html")
    assert lesson.count("<math") > 20 and "$$" not in lesson and "MathJax" not in lesson
    assert 'href="../glossary.html#term-kernel"' in lesson
    assert (site / "_static/noto-sans-math.woff2").is_file() and (site / "_static/noto-sans-math.LICENSE.txt").is_file()


def test_what_scrolls_can_be_reached_and_no_heading_is_empty(site: Path) -> None:
    lesson = read(site, "lessons/week01_convolution.html")
    assert "<pre>" not in lesson and '<pre tabindex="0">' in lesson
    assert "<p></p></th>" not in lesson
    assert 'aria-label="Contents"' in lesson and 'aria-level="2"' in lesson
    assert '<div class="sheet">' in read(site, "cheatsheets/week01_convolution.html")


def test_a_broken_link_and_a_bad_formula_stop_the_build_and_are_named(tmp_path: Path) -> None:
    text = "# A page\n\n[gone](gone.md) and $\\undefinedcommand{x}$\n"
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "index.md").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="Sphinx did not accept the pages") as caught:
        build.run_sphinx(tmp_path / "source", tmp_path / "html")
    said = str(caught.value)
    assert "index.md:3" in said and "gone" in said and "undefinedcommand" in said and "Traceback" not in said


def test_the_old_site_stays_where_the_new_one_has_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text("old")
    monkeypatch.setattr(build, "run_sphinx", lambda source, to: to.mkdir())
    monkeypatch.setattr(build.links, "broken", lambda folder: ["a.html: b.html leads to no file"])
    with pytest.raises(UserError, match=r"a\.html: b\.html leads to no file"):
        build.build([weeks.load(1)], tmp_path, figures=False)
    monkeypatch.setattr(build, "lesson", lambda week, run, names: Page("lessons/x", "### BEGIN SOLUTION"))
    with pytest.raises(UserError, match="it would show what it must not"):
        build.build([weeks.load(1)], tmp_path, figures=False)
    assert (tmp_path / "html" / "index.html").read_text() == "old"


def test_the_workflow_deploys_the_folder_that_is_made_and_pins_its_actions() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/docs.yml").read_text(encoding="utf-8"))
    steps = workflow["jobs"]["build"]["steps"] + workflow["jobs"]["deploy"]["steps"]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) for step in steps if "uses" in step)
    assert [step["run"] for step in steps if "run" in step] == ["make docs"]
    (pages,) = (step["with"]["path"] for step in steps if "upload-pages" in step.get("uses", ""))
    assert ROOT / pages == build.FOLDER / "html"
    (kept,) = (step["with"]["path"] for step in steps if "cache" in step.get("uses", ""))
    assert ROOT / kept == build.FOLDER / "executed"


class Solver:
    """In place of `solve`: writes the notebooks it is asked for, and says which."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.failures: tuple[CellOutcome, ...] = ()

    def __call__(self, chosen: list[weeks.Week], *, folder: Path, **options: Any) -> list[Outcome]:
        self.asked.append([week.id for week in chosen])
        folder.mkdir(parents=True, exist_ok=True)
        for week in chosen:
            (folder / f"{week.id}.ipynb").write_text(text_of(solution_notebook(week)), encoding="utf-8")
        return [Outcome(week.id, "quick", 1.0, 0.0, 0.0, 0.0, (), self.failures) for week in chosen]


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Solver]:
    made = Solver()
    monkeypatch.setattr(executed, "solve", made)
    yield made


def test_only_what_changed_is_run_again(solver: Solver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = [weeks.load(1), weeks.load(2)]
    first = executed.executed(chosen, tmp_path, jobs=1)
    assert set(first) == {week.id for week in chosen} and isinstance(first[chosen[0].id], nbformat.NotebookNode)
    executed.executed(chosen, tmp_path)
    (tmp_path / "week02_receptive_field" / "week02_receptive_field.ipynb").unlink()
    executed.executed(chosen, tmp_path)
    monkeypatch.setattr(executed, "_surroundings", lambda: b"another course")
    executed.executed(chosen[:1], tmp_path)
    one, two = ["week01_convolution"], ["week02_receptive_field"]
    assert solver.asked == [one, two, two, one]


def test_a_run_that_is_stopped_goes_on_where_it_was(
    solver: Solver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [weeks.load(1), weeks.load(2)]
    honest = executed._refuse_failures

    def stop_at_the_second(week: weeks.Week, outcome: Outcome) -> None:
        if week.id == chosen[1].id:
            raise KeyboardInterrupt
        honest(week, outcome)

    monkeypatch.setattr(executed, "_refuse_failures", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        executed.executed(chosen, tmp_path, jobs=1)
    monkeypatch.setattr(executed, "_refuse_failures", honest)
    executed.executed(chosen, tmp_path)
    assert solver.asked.count([chosen[0].id]) == 1


def test_a_solution_that_does_not_run_is_named_and_run_again(solver: Solver, tmp_path: Path) -> None:
    solver.failures = (CellOutcome("photo", 0.0, 0.0, 0.1, "NameError: x"),)
    for _ in range(2):
        with pytest.raises(
            UserError, match=r"week01_convolution: cell photo failed: NameError: x; .*autograder solve 1"
        ):
            executed.executed([weeks.load(1)], tmp_path)
    solver.failures = (CellOutcome("zero_pad-lecture", 0.0, 3.0, 0.1, "AssertionError"),)
    executed.executed([weeks.load(1)], tmp_path)  # a check's output is not on the page
    assert len(solver.asked) == 3
