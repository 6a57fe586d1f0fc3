"""Tests of the tests: do the checks give every right answer its points, and catch every wrong one by name?"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from multiprocessing.util import Finalize
from typing import Any, Literal

from autograder import weeks
from autograder.audit.mutants import mutants
from autograder.grading.grader import Grader, Options
from autograder.intake.work import Work
from autograder.isolation.sandbox import Sandbox
from autograder.results import Result
from autograder.weeks import Week, names
from course import syllabus

Kind = Literal["reference", "empty", "mistake", "alternative", "mutant"]


@dataclass(frozen=True)
class Case:
    """One answer to try, and what must come of it."""

    kind: Kind
    week: str
    exercise: str
    name: str
    sources: dict[str, str]
    only: frozenset[str] | None = None
    says: tuple[str, ...] = ()
    line: int = 0


@dataclass
class Row:
    """How the checks of one exercise did. The pairs are (as it must be, all)."""

    week: str
    exercise: str
    points: float
    reference: bool = True
    empty: bool = True
    mistakes: tuple[int, int] = (0, 0)
    alternatives: tuple[int, int] = (0, 0)
    mutants: tuple[int, int] = (0, 0)


@dataclass
class Audit:
    """The outcome: one row per exercise, one sentence for each shortfall, and the mutants that no check noticed."""

    rows: list[Row] = field(default_factory=list)
    shortfalls: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


class _Brisk(Week):
    """A week with short limits: a mutant that never returns need not be waited for as long as a student's function."""

    @property
    def plan(self) -> syllabus.WeekPlan:
        plan = super().plan
        calls = {profile: min(seconds, max(4.0, seconds / 2)) for profile, seconds in plan.call_seconds.items()}
        return replace(plan, call_seconds=calls)


def cases(
    week: Week,
    *,
    exercises: Iterable[str] = (),
    with_mutants: bool = True,
    most: int | None = None,
    alone: bool = False,
) -> Iterator[Case]:
    """Everything to try on `week`.

    exercises: ids of the answer cells to look at (all). most: mutants per exercise. alone: try an alternative on the checks
    of its own exercise only, and not on those of exercises that build on it (a net that is trained with it, say).
    """
    reference = {answer.id: answer.source for answer in week.answers}
    wanted = set(exercises) or set(reference)
    if not exercises:
        yield Case("reference", week.id, "", "the reference", reference)
        yield Case("empty", week.id, "", "the empty release", {})
    mistakes, alternatives = week.mistakes(), week.alternatives()
    for answer in week.answers:
        if answer.id not in wanted:
            continue
        checks = frozenset(c.id for c in week.checks if week.exercise_of(c.id) == answer.id)
        for name, entry in mistakes.get(answer.id, {}).items():
            sources = {**reference, answer.id: entry["code"]}
            yield Case(
                "mistake", week.id, answer.id, name, sources, frozenset(entry["caught_by"]), tuple(entry["says"])
            )
        for name, code in alternatives.get(answer.id, {}).items():
            touched = checks if alone else checks | _dependents(week, answer.id)
            yield Case("alternative", week.id, answer.id, name, {**reference, answer.id: code}, touched)
        if with_mutants:
            known = week.equivalent_mutants().get(answer.id, set())
            for mutant in mutants(answer.source, most):
                if mutant.change not in known:
                    sources = {**reference, answer.id: mutant.source}
                    yield Case("mutant", week.id, answer.id, mutant.change, sources, checks, line=mutant.line)


def _dependents(week: Week, exercise: str) -> frozenset[str]:
    """Checks of the exercises whose reference calls a function of `exercise`: they see an alternative too."""
    defined = names.defined(week[exercise].source)
    users = {a.id for a in week.answers if a.id != exercise and defined & set(names.free(a.source))}
    return frozenset(c.id for c in week.checks if week.exercise_of(c.id) in users)


_grader: Grader | None = None


def _start_process(kind: Sandbox) -> None:
    global _grader
    _grader = Grader(kind)
    Finalize(_grader, _grader.close, exitpriority=10)


def try_case(grader: Grader, case: Case, nets: Mapping[str, bytes] | None = None) -> Result:
    """Grade one case. nets: trained nets handed in with it, {file name: content}; without them its cells train."""
    week = weeks.load(case.week)
    if case.kind == "mutant":
        week = _Brisk(week.id, week.path, week.cells, week.notebook)
    return grader.grade(week, Work(dict(case.sources), artefacts=dict(nets or {})), Options(only=case.only))


def _try(case: Case) -> Result:
    assert _grader is not None
    return try_case(_grader, case)


def run(
    todo: list[Case],
    kind: Sandbox,
    jobs: int = 1,
    on_result: Callable[[Case], None] = lambda case: None,
) -> Audit:
    """Try all cases and sum up. on_result reports progress."""
    outcomes: dict[int, Result] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start_process, initargs=(kind,)) as pool:
        futures = {pool.submit(_try, case): number for number, case in enumerate(todo)}
        for future in as_completed(futures):
            outcomes[futures[future]] = future.result()
            on_result(todo[futures[future]])
    return summarise((case, outcomes[number]) for number, case in enumerate(todo))


def summarise(tried: Iterable[tuple[Case, Result]]) -> Audit:
    """Rows, shortfalls and survivors of the cases that were tried."""
    audit = Audit()
    rows: dict[tuple[str, str], Row] = {}

    def row(week: Week, exercise: str) -> Row:
        if (week.id, exercise) not in rows:
            rows[week.id, exercise] = Row(week.id, exercise, week.plan.exercises.get(exercise, 0))
        return rows[week.id, exercise]

    for case, result in tried:
        week = weeks.load(case.week)
        for answer in week.answers:
            if case.exercise in ("", answer.id):
                row(week, answer.id)
        wrong = [c for c in result.checks if c.verdict != "pass"]
        if case.kind in ("reference", "empty"):
            passing = case.kind == "reference"
            for check in result.checks:
                if (check.verdict == "pass") != passing:
                    if (owner := week.exercise_of(check.id)) is not None:
                        setattr(row(week, owner), case.kind, False)
                    what = f"fails {check.id}: {check.detail or check.message}" if passing else f"passes {check.id}"
                    audit.shortfalls.append(f"{week.id}: {case.name} {what}")
            continue
        line = row(week, case.exercise)
        where = f"{week.id}, {case.exercise}: the {case.kind} {case.name!r}"
        if case.kind == "alternative":
            line.alternatives = _count(line.alternatives, not wrong)
            if wrong:
                told = "; ".join(f"{c.id} ({c.verdict}: {c.detail or c.message})" for c in wrong[:3])
                audit.shortfalls.append(f"{where} is right and loses {told}")
        elif case.kind == "mistake":
            problem = _uncaught(case, result)
            line.mistakes = _count(line.mistakes, problem is None)
            if problem is not None:
                audit.shortfalls.append(f"{where} {problem}")
        else:
            line.mutants = _count(line.mutants, bool(wrong))
            if not wrong:
                audit.survivors.append(f"{week.id}, {case.exercise}, line {case.line}: {case.name}")
    audit.rows = list(rows.values())
    return audit


def _count(pair: tuple[int, int], good: bool) -> tuple[int, int]:
    return pair[0] + good, pair[1] + 1


def _uncaught(case: Case, result: Result) -> str | None:
    """What is missing from the way a mistake was caught, or None."""
    passed = [c.id for c in result.checks if c.verdict == "pass"]
    if passed:
        return f"is not caught by {', '.join(passed)}"
    if unknown := (case.only or frozenset()) - {c.id for c in result.checks}:
        return f"names checks that do not exist: {', '.join(sorted(unknown))}"
    told = "\n".join(c.message for c in result.checks).lower()
    silent = [word for word in case.says if word.lower() not in told]
    if silent:
        return f"is caught, but no message says {', '.join(repr(w) for w in silent)}; they say: {told[:300]}"
    return None
