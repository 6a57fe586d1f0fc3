"""Tests of the tests: do the checks give every right answer its points, and catch every wrong one by name?"""

from __future__ import annotations

import multiprocessing
from collections import Counter
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
from course import syllabus, variant

SEEDS = tuple(f"audit-{number:02}" for number in range(1, 21))
"""Students whose numbers a week with variants is tried with."""

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
    student: str = ""
    """Whose numbers are drawn, in a week with variants."""


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
    In a week with variants all but the mutants are tried with the numbers of `SEEDS`.
    """
    for case in _cases(week, exercises, with_mutants, most, alone):
        if week.plan.variants and case.kind != "mutant":
            yield from (replace(case, student=student) for student in SEEDS)
        else:
            yield case


def _cases(week: Week, exercises: Iterable[str], with_mutants: bool, most: int | None, alone: bool) -> Iterator[Case]:
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
    return grader.grade(
        week, Work(dict(case.sources), artefacts=dict(nets or {})), Options(only=case.only, student=case.student)
    )


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
    """Rows, shortfalls and survivors of the cases that were tried; one with several students' numbers counts once."""
    audit = Audit()
    rows: dict[tuple[str, str], Row] = {}

    def row(week: Week, exercise: str) -> Row:
        if (week.id, exercise) not in rows:
            rows[week.id, exercise] = Row(week.id, exercise, week.plan.exercises.get(exercise, 0))
        return rows[week.id, exercise]

    same: dict[tuple[str, ...], list[tuple[Case, Result]]] = {}
    for case, result in tried:
        name = (case.kind, case.week, case.exercise, case.name, str(case.line))
        same.setdefault(name, []).append((case, result))
    for all_of_it in same.values():
        case = all_of_it[0][0]
        week = weeks.load(case.week)
        for answer in week.answers:
            if case.exercise in ("", answer.id):
                row(week, answer.id)
        short = _short(all_of_it)
        if case.kind in ("reference", "empty"):
            for check in short:
                if (owner := week.exercise_of(check)) is not None:
                    setattr(row(week, owner), case.kind, False)
            audit.shortfalls += [f"{week.id}: {case.name} {what}" for what in short.values()]
            continue
        line = row(week, case.exercise)
        where = f"{week.id}, {case.exercise}: the {case.kind} {case.name!r}"
        if case.kind == "alternative":
            line.alternatives = _count(line.alternatives, not short)
        elif case.kind == "mistake":
            line.mistakes = _count(line.mistakes, not short)
        else:
            line.mutants = _count(line.mutants, not short)
            audit.survivors += [f"{week.id}, {case.exercise}, line {case.line}: {case.name}"] if short else []
            continue
        audit.shortfalls += [f"{where} {what}" for what in short.values()]
    audit.rows = list(rows.values())
    return audit


def _short(tried: Iterable[tuple[Case, Result]]) -> dict[str, str]:
    """{id of a check, or "": what falls short} of one case that was tried with the numbers of some students."""
    first: dict[str, tuple[str, str]] = {}
    again: Counter[str] = Counter()
    for case, result in tried:
        for check, what in _falls_short(case, result):
            whose = f", with the numbers of {case.student} ({_numbers(case)})" if case.student else ""
            again[check] += check in first
            first.setdefault(check, (what, whose))
    return {
        check: what + whose + (f" and {again[check]} more" if again[check] else "")
        for check, (what, whose) in first.items()
    }


def _numbers(case: Case) -> str:
    plan = weeks.load(case.week).plan
    drawn = {name: variant.of(plan.id, case.student, name, values) for name, values in plan.variants.items()}
    return ", ".join(f"{name} = {value!r}" for name, value in drawn.items())


def _falls_short(case: Case, result: Result) -> Iterator[tuple[str, str]]:
    """(id of a check, or "", what is not as it must be)."""
    wrong = [c for c in result.checks if c.verdict != "pass"]
    if case.kind == "reference":
        yield from ((c.id, f"fails {c.id}: {c.detail or c.message}") for c in wrong)
    elif case.kind == "empty":
        yield from ((c.id, f"passes {c.id}") for c in result.checks if c.verdict == "pass")
    elif case.kind == "alternative":
        if wrong:
            told = "; ".join(f"{c.id} ({c.verdict}: {c.detail or c.message})" for c in wrong[:3])
            yield "", f"is right and loses {told}"
    elif case.kind == "mistake":
        if (problem := _uncaught(case, result)) is not None:
            yield "", problem
    elif not wrong:
        yield "", "survives"


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
