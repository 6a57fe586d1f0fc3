"""Answers of an invented class, right, wrong and damaged, written into released notebooks."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import nbformat

from autograder.authoring.notebooks import release_notebook
from autograder.results import Result
from autograder.weeks import Week, marks

LONG = (
    "There are two numbers because there are two questions. One asks how far you can shrink, the other how far you see."
)

Notebook = Any


@dataclass(frozen=True)
class Expectation:
    """What grading must say of a submission.

    verdicts: those it may have. low, high: bounds of its score, in points that checks give. fails: checks that must not
    pass. whole: exercises of which every check must pass. says: words that its warnings and messages must contain.
    """

    verdicts: frozenset[str]
    low: float
    high: float
    fails: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    says: tuple[str, ...] = ()

    def mismatches(self, result: Result | None, week: Week) -> list[str]:
        """What of this does not hold for `result`, in words; empty when all is as expected."""
        if result is None:
            return ["was not graded"]
        problems = []
        if result.verdict not in self.verdicts:
            problems.append(f"verdict {result.verdict}, expected {' or '.join(sorted(self.verdicts))}")
        if not self.low <= result.score <= self.high:
            bounds = f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"
            problems.append(f"{result.score:g} points, expected {bounds}")
        checks = {check.id: check for check in result.checks}
        problems += [
            f"{name} should not pass" for name in self.fails if name in checks and checks[name].verdict == "pass"
        ]
        for check in result.checks:
            if week.exercise_of(check.id) in self.whole and check.verdict != "pass":
                problems.append(f"{check.id} should pass, but: {check.verdict} {check.message}".strip())
        said = "\n".join([*result.warnings, *(check.message for check in result.checks)]).lower()
        problems += [f"should say “{word}”" for word in self.says if word.lower() not in said]
        return problems


@dataclass(frozen=True)
class Submission:
    """One file of one student. story: who this is, in a few words. hostile: only fit for a sandbox."""

    student: str
    week: Week
    data: bytes
    expect: Expectation
    story: str
    hostile: bool = False


# --- Writing into a released notebook -----------------------------------------------------------------------------------


def released(week: Week) -> Notebook:
    """The week as a student receives it: the file under `assignments/`, or what the build would write there."""
    if week.release_path.exists():
        return nbformat.read(week.release_path, as_version=4)
    return release_notebook(week)


def reference(week: Week, answer: str) -> str:
    """Our own answer, without its marks."""
    return marks.without_marks(week[answer].source)


def model_text(week: Week) -> str:
    """Our own answer to the week's written question: the text between the marks."""
    found = [line for cell in week.written for region in _solutions(cell.source) for line in region]
    return "\n".join(found) or LONG


def _solutions(source: str) -> list[list[str]]:
    return marks.regions(source, marks.BEGIN_SOLUTION, marks.END_SOLUTION)


def references(week: Week) -> dict[str, str]:
    return {answer.id: reference(week, answer.id) for answer in week.answers}


def grade_id(cell: Any) -> str:
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")


def fill(week: Week, answers: dict[str, str], written: str | None = None, top: str | None = None) -> Notebook:
    """The released notebook with `answers` in its answer cells. written: text for its written questions. top: the source
    of a cell of the student's own, before all others."""
    notebook = copy.deepcopy(released(week))
    texts = {cell.id for cell in week.written}
    for cell in notebook.cells:
        name = grade_id(cell)
        if name in answers:
            cell.source = answers[name].strip("\n")
        elif name in texts and written is not None:
            cell.source = cell.source.replace(marks.TEXT_STUB, written)
    if top is not None:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(top, id="my-own-cell"))
    return notebook


def text_of(notebook: Notebook) -> bytes:
    # json and not nbformat.write: a damaged notebook must be written as it is.
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


# --- Kinds of students --------------------------------------------------------------------------------------------------


def points_of(week: Week, exercises: Collection[str]) -> float:
    return sum(check.points for check in week.checks if week.exercise_of(check.id) in exercises)


def all_points(week: Week) -> float:
    return sum(check.points for check in week.checks)


def full(week: Week, *verdicts: str, says: tuple[str, ...] = ()) -> Expectation:
    most = all_points(week)
    return Expectation(frozenset(verdicts or ("pass",)), most, most, says=says)


def invalid(*says: str) -> Expectation:
    return Expectation(frozenset({"invalid"}), 0, 0, says=says)


NOISE = """
import sys as _sys
import warnings as _warnings

for _n in range(3000):
    print(f"W tensorflow/core/framework: deprecated option {_n}, please migrate", file=_sys.stderr)
_warnings.warn("this notebook is very old", DeprecationWarning, stacklevel=1)
"""


def alternatives(week: Week, number: int, noise: bool = False) -> dict[str, str]:
    """Another right answer to each exercise, where there is one: the one at `number`, counted round."""
    answers = references(week)
    for exercise, ways in week.alternatives().items():
        if ways and exercise in answers:
            answers[exercise] = list(ways.values())[number % len(ways)]
    if noise:
        first = week.answers[0].id
        answers[first] = NOISE + answers[first]
    return answers


def mistaken(week: Week, exercises: Collection[str], number: int = 0) -> tuple[dict[str, str], Expectation]:
    """Right answers but for `exercises`, each wrong in the way at `number` of its list (counted round).

    Exercises before the first wrong one cannot suffer; a later one may, where it calls the wrong one.
    """
    answers, caught = references(week), []
    known = week.mistakes()
    wrong = [answer.id for answer in week.answers if answer.id in exercises and known.get(answer.id)]
    for exercise in wrong:
        entry = list(known[exercise].values())[number % len(known[exercise])]
        answers[exercise] = entry["code"]
        caught += entry["caught_by"]
    order = [answer.id for answer in week.answers]
    before = order[: order.index(wrong[0])] if wrong else order
    lost = sum(week[check].points for check in caught)
    verdicts = frozenset({"fail", "error", "missing"}) if wrong else frozenset({"pass"})
    return answers, Expectation(
        verdicts, points_of(week, before), all_points(week) - lost, fails=tuple(caught), whole=tuple(before)
    )


def half(week: Week, share: float = 0.5) -> tuple[dict[str, str], Expectation]:
    """The first exercises answered, the rest left as released."""
    order = [answer.id for answer in week.answers]
    done = order[: max(1, round(len(order) * share))]
    rest = tuple(check.id for check in week.checks if week.exercise_of(check.id) not in done)
    earned = points_of(week, done)
    verdicts = frozenset({"missing", "error", "fail"})
    return {name: reference(week, name) for name in done}, Expectation(verdicts, earned, earned, rest, tuple(done))


# --- Damaged files ------------------------------------------------------------------------------------------------------


def truncated(notebook: Notebook) -> bytes:
    whole = text_of(notebook)
    return whole[: len(whole) * 3 // 5]


def checks_meddled_with(notebook: Notebook, week: Week) -> bytes:
    """One check deleted, one emptied, and the points of a third raised."""
    deleted, emptied, raised = [check.id for check in week.checks][:3]
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) != deleted]
    for cell in notebook.cells:
        if grade_id(cell) == emptied:
            cell.source = "print('all tests passed')"
        if grade_id(cell) == raised:
            cell.metadata["nbgrader"]["points"] = 100
    return text_of(notebook)


def duplicate_ids(notebook: Notebook) -> bytes:
    """What copying files together by hand gives: several cells share one id."""
    for cell in notebook.cells[3:6]:
        cell["id"] = notebook.cells[2]["id"]
    return text_of(notebook)


def merge_conflict(notebook: Notebook) -> bytes:
    """What `git merge` leaves when two partners edited one notebook."""
    lines = text_of(notebook).decode("utf-8").splitlines()
    at = len(lines) // 2
    ours, theirs = lines[at], lines[at].replace('"', "'")
    lines[at : at + 1] = ["<<<<<<< HEAD", ours, "=======", theirs, ">>>>>>> partner"]
    return ("\n".join(lines) + "\n").encode("utf-8")


def old_format(notebook: Notebook) -> bytes:
    """The same notebook as the IPython of 2014 wrote it (nbformat 3)."""
    old = nbformat.convert(notebook, 3)
    for sheet in old.worksheets:
        for cell in sheet.cells:
            cell.pop("id", None)
    return text_of(old)
