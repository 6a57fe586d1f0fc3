"""What may be wrong with an authored week. Every problem names file, line and cell, and all are reported together."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from autograder.authoring import interface, leaks
from autograder.authoring.notebooks import hints_path, release_notebook
from autograder.authoring.topics import titles
from autograder.errors import UserError
from autograder.paths import OWN
from autograder.weeks import Cell, Week, marks, names
from course import syllabus
from course.syllabus import WeekPlan

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""A grade_id is also the cell's id, which nbformat allows 64 characters."""

T = TypeVar("T")

MISTAKES_NEEDED, ALTERNATIVES_NEEDED = 6, 3
STRETCH_MISTAKES_NEEDED, STRETCH_ALTERNATIVES_NEEDED = 2, 1
WEEK_POINTS = 100
"""Of every week of this repository's course."""


def total_points() -> int | None:
    """The points that each week must have: what the syllabus of a course of one's own says, None for any."""
    return syllabus.course().week_points if OWN else WEEK_POINTS


@dataclass(frozen=True, order=True)
class Problem:
    path: Path
    line: int
    cell: str
    what: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{place}: {f'cell {self.cell}: ' if self.cell else ''}{self.what}"


def find_problems(
    week: Week,
    plan: WeekPlan,
    *,
    topics: Collection[str] | None = None,
    total: int | Literal["the course's"] | None = "the course's",
) -> list[Problem]:
    """Everything in `week` that is wrong or differs from its `plan`, in the order of the file.

    topics: the ids that cells may name (default: those of topics.toml). total: the points of a week, None for any.
    """
    known = titles() if topics is None else topics
    total = total_points() if total == "the course's" else total
    found: list[Problem] = []
    for check in (_identity, _marks, _setup, _free_names, _imports):
        found += check(week)
    for with_drafts in (_answers, _checks):
        found += with_drafts(week, plan.draft)
    found += _variants(week, plan)
    found += _points(week, plan, total)
    found += _topics(week, known)
    found += _examples(week, plan)
    found += _interface(week, plan)
    if not found:  # the release can only be made, and searched, of a week that is otherwise in order
        found += _leaks(week)
    return sorted(set(found))


def _interface(week: Week, plan: WeekPlan) -> Iterator[Problem]:
    """What the authoring interface asks of a week and does not find."""
    for cell, what, line in interface.findings(week, plan):
        yield _at(week, cell, what, line) if cell else Problem(hints_path(week), line, "", what)


def _at(week: Week, cell: Cell, what: str, line: int = 1) -> Problem:
    """A problem on the `line`-th line of a cell's text."""
    return Problem(week.path, cell.line + line - 1 if cell.line else 0, cell.id or "without id", what)


def _parsed(week: Week, cell: Cell, read: Callable[[str], T], source: str) -> T | Problem:
    try:
        return read(source)
    except SyntaxError as problem:
        return _at(week, cell, f"is not valid Python: {problem.msg}", problem.lineno or 1)


def _identity(week: Week) -> Iterator[Problem]:
    seen: dict[str, Cell] = {}
    for number, cell in enumerate(week.cells, start=1):
        if not cell.id:
            yield _at(week, cell, f"number {number} has no grade_id: every cell needs one")
        elif not SLUG.fullmatch(cell.id):
            yield _at(week, cell, "its id is no slug: letters, digits, - and _, 64 at most")
        elif cell.id in seen:
            yield _at(week, cell, f"has the same id as the cell on line {seen[cell.id].line}")
        seen.setdefault(cell.id, cell)
        data = week.notebook.cells[number - 1].metadata.get("nbgrader", {})
        if cell.id and data.get("schema_version") != 3:
            yield _at(week, cell, "its nbgrader metadata need schema_version 3")
        ours = cell.role in ("text", "given", "check") and "parameters" not in cell.tags
        if ours and data and not data.get("locked"):
            yield _at(week, cell, "is ours, so it must be locked: true")
        if cell.kind == "markdown" and bool(data.get("grade")) != bool(data.get("solution")) and not data.get("task"):
            yield _at(week, cell, "a written answer needs both grade: true and solution: true")


def _marks(week: Week) -> Iterator[Problem]:
    pairs = {
        marks.BEGIN_SOLUTION: (marks.END_SOLUTION, ("answer", "written"), "an answer"),
        marks.BEGIN_HIDDEN: (marks.END_HIDDEN, ("check",), "a check"),
    }
    ends = {end: begin for begin, (end, _, _) in pairs.items()}
    for cell in week.cells:
        opened: tuple[str, int] | None = None
        for number, line in enumerate(cell.source.splitlines(), start=1):
            mark = line.strip()
            if not leaks.MARK_WORDS.search(line):
                continue
            if mark not in pairs and mark not in ends:
                yield _at(week, cell, f"{mark!r} is no mark; one of {', '.join([*pairs, *ends])} is meant", number)
            elif mark in pairs:
                _, roles, owner = pairs[mark]
                if cell.role not in roles:
                    yield _at(week, cell, f"{mark!r} stands outside {owner} cell, so it would be shown", number)
                if opened:
                    yield _at(week, cell, f"{mark!r} inside the region opened on line {opened[1]} of the cell", number)
                opened = (mark, number)
            else:
                if opened is None or opened[0] != ends[mark]:
                    yield _at(week, cell, f"{mark!r} closes nothing", number)
                opened = None
        if opened:
            yield _at(week, cell, f"{opened[0]!r} is not closed", opened[1])
        if cell.role in ("answer", "written") and marks.BEGIN_SOLUTION not in cell.source:
            yield _at(week, cell, f"has no {marks.BEGIN_SOLUTION!r}: its contract would not reach the student")


def _setup(week: Week) -> Iterator[Problem]:
    code = [cell for cell in week.cells if cell.kind == "code"]
    tagged = [cell for cell in week.cells if "parameters" in cell.tags]
    if len(tagged) != 1 or not code or tagged[0] is not code[0]:
        line = code[0].line if code else 0
        yield Problem(week.path, line, "", "the first code cell, and no other, must be tagged 'parameters'")
        return
    bound = _parsed(week, tagged[0], names.defined, tagged[0].source)
    if isinstance(bound, Problem):
        yield bound
    elif missing := {"PROFILE", "SEED"} - bound:
        yield _at(week, tagged[0], f"must set {' and '.join(sorted(missing))}")


def _variants(week: Week, plan: WeekPlan) -> Iterator[Problem]:
    """A week whose numbers are drawn from a student's id asks for the id, and starts the drawing; another does neither."""
    code = [cell for cell in week.cells if cell.kind == "code"]
    if not plan.variants:
        for cell in code:
            if found := re.search(r"\bvariant\.(start|mine|generator)\(", cell.source):
                line = cell.source.count("\n", 0, found.start()) + 1
                yield _at(week, cell, "draws a student's numbers, and the syllabus has no [week.variants]", line)
        return
    start = f'variant.start(STUDENT, "{week.id}")'
    setting = [cell for cell in code if "parameters" in cell.tags]
    if setting and not re.search(r'^STUDENT = ""', setting[0].source, re.MULTILINE):
        yield _at(week, setting[0], 'must set STUDENT = "": the syllabus has [week.variants]')
    if not any(cell.role == "given" and start in cell.source for cell in code):
        yield Problem(week.path, 0, "", f"the syllabus has [week.variants], and no given cell calls {start}")


def _answers(week: Week, draft: bool) -> Iterator[Problem]:
    import ast

    used: set[str] = set()
    for cell in week.checks:
        wanted = _parsed(week, cell, names.free, cell.source)
        used |= set() if isinstance(wanted, Problem) else set(wanted)
    owners: dict[str, Cell] = {}
    for cell in week.answers:
        whole = _parsed(week, cell, names.definitions, cell.source)
        shown = _parsed(week, cell, names.definitions, marks.stub(cell.source))
        if isinstance(whole, Problem) or isinstance(shown, Problem):
            yield from {part for part in (whole, shown) if isinstance(part, Problem)}
            continue
        for name, node in whole.items():
            if name in used and name not in shown:
                yield _at(week, cell, f"the line `def {name}(…)` is inside the solution: a student would not see it")
            elif name in shown and ast.get_docstring(shown[name]) is None and not name.startswith("_") and not draft:
                yield _at(week, cell, f"{name} has no docstring outside the solution: no contract", node.lineno)
        if "raise NotImplementedError()" not in marks.stub(cell.source):
            yield _at(week, cell, "nothing is left for the student to write")
        owners |= dict.fromkeys(whole, cell)
    for cell in week.of_role("given"):
        own = _parsed(week, cell, names.definitions, cell.source)
        for name, node in ({} if isinstance(own, Problem) else own).items():
            if name in owners:
                yield _at(week, cell, f"defines {name}, the answer of cell {owners[name].id}", node.lineno)


def _checks(week: Week, draft: bool) -> Iterator[Problem]:
    order = {cell.id: place for place, cell in enumerate(week.cells)}
    for cell in week.checks:
        owner = week.exercise_of(cell.id)
        if owner is None:
            yield _at(week, cell, "its id begins with no answer cell's id: call it <exercise>-<idea>")
        elif order[owner] > order[cell.id]:
            yield _at(week, cell, f"stands before its answer cell {owner}")
        if not (cell.points >= 0 and math.isfinite(cell.points)):
            yield _at(week, cell, f"its points must be a number from 0 on, not {cell.points:g}")
        if not cell.visible_source.strip():
            yield _at(week, cell, "all of it is hidden: leave a comment that says what it checks")
    for cell in week.answers:
        if not draft and not any(week.exercise_of(check.id) == cell.id for check in week.checks):
            yield _at(week, cell, "has no check")


def _free_names(week: Week) -> Iterator[Problem]:
    given: dict[str, str] = {}
    answered: dict[str, str] = {}
    anywhere = {name for cell in week.answers for name in _names_of(cell)}
    for cell in week.cells:
        if cell.kind != "code":
            continue
        wanted = _parsed(week, cell, names.free, cell.source)
        if isinstance(wanted, Problem):
            yield wanted
            continue
        for name, line in wanted.items():
            if cell.role == "check" and name not in answered:
                if name in given:
                    why = f"comes from the given cell {given[name]}: a check imports or makes all it uses itself"
                elif name in anywhere:
                    why = "is defined only in an answer cell further down"
                else:
                    why = "is defined by no answer cell, and the check does not import it"
                yield _at(week, cell, f"the name {name} {why}", line)
            elif cell.role in ("answer", "given") and name not in answered and name not in given:
                yield _at(week, cell, f"the name {name} is defined by no cell above", line)
        bound = dict.fromkeys(_names_of(cell), cell.id)
        if cell.role == "answer":
            answered |= bound
        elif cell.role == "given":
            given |= bound


def _names_of(cell: Cell) -> set[str]:
    try:
        return names.defined(cell.source)
    except SyntaxError:
        return set()


def _imports(week: Week) -> Iterator[Problem]:
    prepared = False
    for cell in week.cells:
        if cell.kind != "code":
            continue
        found = _parsed(week, cell, names.modules, cell.source)
        modules = {} if isinstance(found, Problem) else found
        for module, line in modules.items():
            if module in ("autograder", "solutions", "tests"):
                yield _at(week, cell, f"imports {module}, which a student does not have", line)
        if not prepared and "keras" in modules and modules.get("course", math.inf) > modules["keras"]:
            yield _at(
                week, cell, "imports keras before course, with which it loads sooner and quietly", modules["keras"]
            )
        prepared = prepared or not {"course", "keras"}.isdisjoint(modules)


def _points(week: Week, plan: WeekPlan, total: int | None) -> Iterator[Problem]:
    sums: defaultdict[str, float] = defaultdict(float)
    for check in week.checks:
        sums[week.exercise_of(check.id) or ""] += check.points
    cells = {cell.id: cell for cell in week.cells}
    for exercise, points in plan.exercises.items():
        if exercise not in cells or cells[exercise].role != "answer":
            yield Problem(week.path, 0, "", f"the syllabus has the exercise {exercise}, the week no such answer cell")
        elif sums[exercise] != points:
            yield _at(week, cells[exercise], f"its checks sum to {sums[exercise]:g} points, the syllabus says {points}")
    for cell in week.answers:
        if cell.id not in plan.exercises:
            yield _at(week, cell, "is an exercise that the syllabus does not have")
    for question, points in plan.written.items():
        if question not in cells or cells[question].role != "written":
            yield Problem(week.path, 0, "", f"the syllabus has the written question {question}, the week has not")
        elif cells[question].points != points:
            yield _at(week, cells[question], f"gives {cells[question].points:g} points, the syllabus says {points}")
    for cell in week.written:
        if cell.id not in plan.written:
            yield _at(week, cell, "is a written question that the syllabus does not have")
    if total is not None and plan.points != total:
        yield Problem(week.path, 0, "", f"the syllabus gives {plan.id} {plan.points} points instead of {total}")


def _topics(week: Week, known: Collection[str]) -> Iterator[Problem]:
    for cell in week.cells:
        for topic in cell.topics:
            if topic not in known:
                yield _at(week, cell, f"names the topic {topic}, which topics.toml does not have")


def _examples(week: Week, plan: WeekPlan) -> Iterator[Problem]:
    checks = {check.id for check in week.checks}
    answers = {cell.id for cell in week.answers}
    for stem, read in (("mistakes", week.mistakes), ("alternatives", week.alternatives)):
        path = week.path.with_name(f"{stem}.py")
        try:
            table: dict[str, dict[str, Any]] = read()
        except SyntaxError as problem:
            yield Problem(path, problem.lineno or 0, "", f"is not valid Python: {problem.msg}")
            continue
        except Exception as problem:
            yield Problem(path, 0, "", f"cannot be loaded: {type(problem).__name__}: {problem}")
            continue
        for exercise in table:
            if exercise not in answers:
                yield Problem(path, 0, exercise, "is no answer cell of the week")
        for exercise in sorted(answers):
            needed = _needed(stem, stretch=plan.exercises.get(exercise, 1) == 0, draft=plan.draft)
            entries = table.get(exercise, {})
            if len(entries) < needed:
                yield Problem(path, 0, exercise, f"has {len(entries)} {stem}, {needed} are needed")
            for name, entry in entries.items():
                code = entry.get("code") if isinstance(entry, dict) else entry
                if stem == "mistakes":
                    yield from _mistake(path, exercise, name, entry, checks)
                try:
                    compile(names.plain(str(code)), "<example>", "exec")
                except SyntaxError as problem:
                    yield Problem(
                        path, 0, exercise, f"“{name}” is not valid Python: {problem.msg}, its line {problem.lineno}"
                    )


def _needed(stem: str, *, stretch: bool, draft: bool) -> int:
    """How many mistakes or alternatives an exercise must have."""
    if draft:
        return 0
    if stem == "mistakes":
        return STRETCH_MISTAKES_NEEDED if stretch else MISTAKES_NEEDED
    return STRETCH_ALTERNATIVES_NEEDED if stretch else ALTERNATIVES_NEEDED


def _mistake(path: Path, exercise: str, name: str, entry: Any, checks: set[str]) -> Iterator[Problem]:
    if not isinstance(entry, dict) or not {"caught_by", "says", "code"} <= entry.keys():
        yield Problem(path, 0, exercise, f"“{name}” needs caught_by, says and code")
        return
    if not entry["caught_by"] or isinstance(entry["caught_by"], str):
        yield Problem(path, 0, exercise, f"“{name}” names no check that catches it: caught_by is a list of check ids")
        return
    for check in entry["caught_by"]:
        if check not in checks:
            yield Problem(path, 0, exercise, f"“{name}” names the check {check}, which the week does not have")


def _leaks(week: Week) -> Iterator[Problem]:
    try:
        notebook = release_notebook(week)
    except UserError as problem:
        yield Problem(week.path, 0, "", str(problem))
        return
    cells = {cell.id: cell for cell in week.cells}
    for shown in notebook.cells:
        for sentence in leaks.find({"the release": shown.source}, [week]):
            yield _at(week, cells[shown.id], sentence)
