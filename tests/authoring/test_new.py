"""Weeks and courses of one's own: made from nothing, they build, audit, grade and are released like ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder import weeks
from autograder.authoring import find_problems, new
from autograder.errors import UserError
from autograder.paths import CHECKOUT, ROOT, find_root
from course import decode, syllabus


@pytest.fixture
def own(tmp_path: Path) -> Path:
    new.new_course(tmp_path / "physics", 'Physics "lab"')
    return tmp_path / "physics"


def plans(folder: Path) -> list[syllabus.WeekPlan]:
    return syllabus.parse(decode.toml(folder / "syllabus.toml"), folder / "syllabus.toml")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`autograder` with `arguments`, in `folder`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    command = [sys.executable, "-m", "autograder.cli", *arguments]
    environment["PYTHONPATH"] = str(CHECKOUT)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_new_course_has_a_week_without_problems(own: Path) -> None:
    (plan,) = plans(own)
    assert plan.draft and plan.points == 10
    week = weeks.parse(own / "solutions" / plan.id / f"{plan.id}.py", plan.id)
    assert find_problems(week, plan, topics=(), total=None) == []


def test_a_new_week_comes_a_week_later_and_is_titled(own: Path) -> None:
    new.new_week("week07_half_life", "", own / "syllabus.toml", own / "solutions")
    first, second = plans(own)
    assert (second.number, second.title) == (7, "Half life")
    assert (second.due - first.due).days == 7


@pytest.mark.parametrize(
    ("name", "says"),
    [("physics", "a week's id is week"), ("week01_again", "week 1 already"), ("../week09_x", "a week's id is week")],
)
def test_what_cannot_be_a_week_is_one_sentence(own: Path, name: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        new.new_week(name, "", own / "syllabus.toml", own / "solutions")


def test_nothing_is_written_over(own: Path) -> None:
    with pytest.raises(UserError, match="a course already"):
        new.new_course(own, "again")
    (own.parent / "mine").mkdir()
    (own.parent / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="not an empty folder"):
        new.new_course(own.parent / "mine", "again")


def test_the_course_is_the_one_around_the_current_folder(own: Path) -> None:
    assert find_root(own / "solutions" / "week01_first") == own
    assert find_root(own.parent) == CHECKOUT == ROOT
    assert find_root(own.parent, str(own)) == own


def test_commands_work_on_the_course_they_are_run_in(own: Path) -> None:
    built = run(own, "build")
    assert built.returncode == 0, built.stderr
    assert "assignments/week01_first/week01_first.ipynb" in built.stdout
    refused = run(own, "release", "--to", "course.zip")
    assert refused.returncode == 1 and "3 mistakes, 6 are needed" in refused.stderr
    assert not (own / "course.zip").exists()


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_course_of_ones_own_with_a_package_is_audited_graded_and_released(own: Path) -> None:
    (own / "lab").mkdir()
    (own / "lab" / "__init__.py").write_text("GRAVITY = 9.81\n")
    file = own / "syllabus.toml"
    file.write_text(file.read_text().replace('# package = "helpers"', 'package = "lab"'))
    week = own / "solutions" / "week01_first" / "week01_first.py"
    week.write_text(week.read_text().replace("import course\n", "import course\nfrom lab import GRAVITY\n", 1))
    assert run(own, "build").returncode == 0
    audit = run(own, "audit", "--no-mutants", "--json")
    assert audit.returncode == 0, audit.stdout + audit.stderr
    solved = run(own, "solve", "1")
    assert solved.returncode == 0, solved.stdout + solved.stderr
    handed_in = own / "submitted" / "ada" / "week01_first"
    handed_in.mkdir(parents=True)
    (handed_in / "week01_first.ipynb").write_bytes((week.with_suffix(".ipynb")).read_bytes())
    graded = run(own, "grade", "submitted", "--json")
    (result,) = json.loads(graded.stdout)["results"]
    assert (result["score"], result["verdict"]) == (8, "pass"), result
    text = file.read_text()
    file.write_text(text.replace("draft = true", "draft = false"))
    for name in ("mistakes", "alternatives"):
        path = week.with_name(f"{name}.py")
        table = path.read_text()
        more = "".join(
            f'\nfor _name in list({name.upper()}["moving_average"]):\n'
            f'    {name.upper()}["moving_average"][_name + " again"] = {name.upper()}["moving_average"][_name]\n'
        )
        path.write_text(table + more)
    released = run(own, "release", "--to", "course.zip")
    assert released.returncode == 0, released.stderr
    with zipfile.ZipFile(own / "course.zip") as archive:
        names = set(archive.namelist())
    assert {"physics-lab/lab/__init__.py", "physics-lab/course/syllabus.toml"} <= names
    assert not any("week02" in name or "solutions" in name for name in names)
