"""The one truth about points: what the checks gave, what people decided, what lateness takes. Every view reads it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from autograder.results import Result
from autograder.term import decisions as decided
from autograder.term import late
from autograder.term.decisions import Decisions
from autograder.term.folder import Term, utc
from autograder.term.late import Lateness, Policy
from autograder.term.ledger import Change, Mark, Override, answer_hash
from autograder.term.roster import Person
from autograder.weeks import marks
from course import syllabus

State = Literal["complete", "waiting", "not handed in", "not gradable"]


@dataclass(frozen=True)
class Written:
    """A written answer's points. points: None while they are waited for; then `waiting`, and `reason` says why.

    previous: the mark of an earlier text of the answer, or of the present one where it is no longer waiting (`mark`).
    """

    points: float | None
    most: float
    comment: str = ""
    rubric: tuple[str, ...] = ()
    waiting: bool = False
    reason: str = ""
    mark: Mark | None = None
    previous: Mark | None = None


@dataclass(frozen=True)
class Standing:
    """Where a student stands in a week. raw: points of checks and people, with overrides; penalty: what lateness takes;
    final: what is left. All three are None where nothing was handed in and nobody decided otherwise. While `state` is
    "waiting" they count what is known so far.
    """

    student: str
    """The id in the roster, else the name in the records."""
    person: Person | None
    week: str
    result: Result | None
    automatic: float = 0.0
    """What the checks gave, without overrides."""
    automatic_max: float = 0.0
    written: dict[str, Written] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    raw: float | None = None
    penalty: float | None = None
    final: float | None = None
    most: float = 0.0
    lateness: Lateness = field(default_factory=Lateness)
    state: State = "complete"
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should know before these points are handed on."""

    @property
    def waiting(self) -> tuple[str, ...]:
        """The written questions that wait for points."""
        return tuple(question for question, answer in self.written.items() if answer.waiting)

    @property
    def waiting_points(self) -> float:
        """Points that may still come."""
        return math.fsum(answer.most for answer in self.written.values() if answer.waiting)

    @property
    def by_hand(self) -> float:
        """Points that people gave written answers."""
        return math.fsum(answer.points or 0.0 for answer in self.written.values())

    @property
    def shown(self) -> str:
        """The student's name for a page, else the id."""
        return self.person.shown if self.person else self.student

    def check_points(self, check: str) -> float:
        """What a check counts, an override included. Raises KeyError where there is no such check."""
        for override in self.overrides:
            if override.check == check:
                return override.points or 0.0
        return {one.id: one.points for one in (self.result.checks if self.result else ())}[check]


def is_blank(result: Result, question: str) -> bool:
    """Whether a written question was left as it was in the release."""
    text = result.answers.get(question, "").strip()
    return not text or text.endswith(marks.TEXT_STUB)


def standings(
    results: Iterable[Result],
    term: Term | None = None,
    *,
    weeks: Collection[str] = (),
    decisions: Decisions | None = None,
) -> list[Standing]:
    """A standing for each submission in `results`, and for each person of the roster who handed nothing in, by week and
    name. results: all of the term, for free days are counted over all weeks. weeks: those wanted (all that anybody
    handed in). decisions: of the term's ledger, where the caller has read it.
    """
    term = term or Term.none()
    decisions = decisions if decisions is not None else decided.of(term.ledger.entries(), term.roster)
    mine, notes = _by_person(results, term)
    order = _in_order({week for _, week in mine} | set(weeks))
    people: dict[str, Person | None] = {person.id: person for person in term.roster.people}
    for student, _ in mine:
        people.setdefault(student, None)
    found: list[Standing] = []
    for student, person in people.items():
        free_days = term.policy.free_days
        for week in sorted(order, key=lambda week: _due_order(term, week)):
            standing = _standing(
                student, person, week, mine.get((student, week)), term, decisions, free_days, notes[student, week]
            )
            free_days -= standing.lateness.free_days_used
            if standing.result is not None or person is not None:
                found.append(standing)
    place = {student: number for number, student in enumerate(_by_name(people))}
    wanted = set(weeks) or set(order)
    return sorted(
        (one for one in found if one.week in wanted), key=lambda one: (order.index(one.week), place[one.student])
    )


def _by_person(
    results: Iterable[Result], term: Term
) -> tuple[dict[tuple[str, str], Result], defaultdict[tuple[str, str], list[str]]]:
    """{(student, week): the submission that counts}, and what to know where a person has two under different names."""
    mine: dict[tuple[str, str], Result] = {}
    notes: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for result in results:
        person = term.roster.find(result.student, result.lms)
        key = (person.id if person else result.student, result.week)
        other = mine.get(key)
        if other is None or other.student == result.student:
            mine[key] = result
            continue
        newest, older = sorted((other, result), key=_age, reverse=True)
        mine[key] = newest
        notes[key].append(f"handed in as {older.student} and as {newest.student}: the latter, which is newer, counts")
    return mine, notes


def _age(result: Result) -> tuple[bool, datetime | None, str]:
    """Sorts from old to new; what cannot be graded, and what has no time, before the rest."""
    return result.verdict != "invalid", utc(result.handed_in) or utc("1970-01-01T00:00:00+00:00"), result.student


def _in_order(weeks: Iterable[str]) -> list[str]:
    plans = syllabus.load()
    return sorted(weeks, key=lambda week: (plans[week].number if week in plans else math.inf, week))


def _due_order(term: Term, week: str) -> tuple[float, str]:
    due = term.due(week)
    return (due.timestamp() if due else math.inf), week


def _by_name(people: dict[str, Person | None]) -> list[str]:
    return sorted(
        people, key=lambda student: person.order if (person := people[student]) else (student.casefold(), student)
    )


def _standing(
    student: str,
    person: Person | None,
    week: str,
    result: Result | None,
    term: Term,
    decisions: Decisions,
    free_days: int,
    notes: Sequence[str],
) -> Standing:
    overrides = decisions.overrides.get((student, week), {})
    changes = tuple(decisions.changes.get((student, week), ()))
    whole = overrides.get(None)
    if result is None:
        plan = syllabus.load().get(week)
        most = float(plan.points) if plan else 0.0
        due = Lateness(due=term.due(week, person, student))
        points = whole.points if whole else None
        state: State = "complete" if whole else "not handed in"
        given = tuple(overrides.values())
        penalty = None if points is None else 0.0
        return Standing(
            student, person, week, None, 0.0, 0.0, {}, given, points, penalty, points, most, due, state, changes
        )
    said = list(notes)
    automatic = math.fsum(check.points for check in result.checks)
    counted = {check.id: check.points for check in result.checks}
    most_of = {check.id: check.max_points for check in result.checks}
    for check, override in overrides.items():
        if check is None:
            continue
        if check not in counted:
            said.append(f"the override of {check} does not count: the week has no such check now")
            continue
        if not 0 <= (override.points or 0.0) <= (most := most_of[check]):
            said.append(
                f"the override of {check} gives {override.points:g} points, and the check has {most:g} now: it still counts"
            )
        counted[check] = override.points or 0.0
    said += _outdated(result, overrides)
    written = {
        question: _written(result, question, most, decisions.marks.get((student, week, question)), decisions)
        for question, most in result.by_hand.items()
    }
    waiting = [question for question, answer in written.items() if answer.waiting]
    raw = math.fsum([*counted.values(), *(answer.points or 0.0 for answer in written.values())])
    if whole is not None:
        raw, waiting = whole.points or 0.0, []
        written = {name: _not_waited_for(answer) for name, answer in written.items()}
    most = result.max_score + math.fsum(result.by_hand.values())
    policy = term.policy_of(week)
    lateness = _lateness(result, student, person, term, policy, free_days)
    if lateness.note:
        said.append(lateness.note)
    base = most if policy.of == "possible" else raw
    penalty = min(raw, base * lateness.penalty_percent / 100)
    return Standing(
        student=student,
        person=person,
        week=week,
        result=result,
        automatic=round(automatic, 6),
        automatic_max=result.max_score,
        written=written,
        overrides=tuple(overrides.values()),
        raw=round(raw, 6),
        penalty=round(penalty, 6),
        final=round(raw - penalty, 6),
        most=most,
        lateness=lateness,
        state=_state(result, waiting, whole),
        changes=changes,
        notes=tuple(said),
    )


def _state(result: Result, waiting: Sequence[str], whole: Override | None) -> State:
    if whole is not None:
        return "complete"
    if result.verdict == "invalid":
        return "not gradable"
    return "waiting" if waiting else "complete"


def _not_waited_for(answer: Written) -> Written:
    if not answer.waiting:
        return answer
    return Written(
        None, answer.most, waiting=False, reason="the week's points were set as a whole", previous=answer.previous
    )


def _written(result: Result, question: str, most: float, mark: Mark | None, decisions: Decisions) -> Written:
    if result.verdict == "invalid":
        return Written(None, most, reason="the notebook could not be read", previous=mark)
    same = mark is not None and mark.answer in ("", answer_hash(result.answers.get(question, "")))
    if mark is not None and same:
        return Written(decisions.points(mark, most), most, mark.comment, mark.rubric, mark=mark)
    if is_blank(result, question):
        return Written(0.0, most, reason="not answered", previous=mark)
    if mark is not None:
        return Written(None, most, waiting=True, reason="the answer changed after it was marked", previous=mark)
    return Written(None, most, waiting=True, reason="not marked yet")


def _outdated(result: Result, overrides: dict[str | None, Override]) -> list[str]:
    """Overrides that were given for other code than the present."""
    plan = syllabus.load().get(result.week)
    found = []
    for check, override in overrides.items():
        owner = exercise_of(check, plan.exercises) if check and plan else None
        if override.answer and owner and override.answer != answer_hash(result.answers.get(owner, "")):
            found.append(f"the override of {check} was given for earlier code; it still counts")
    return found


def exercise_of(check: str, exercises: Iterable[str]) -> str | None:
    """The exercise that a check belongs to: the longest of `exercises` that its id begins with."""
    owners = [name for name in exercises if check == name or check.startswith(f"{name}-")]
    return max(owners, key=len, default=None)


def _lateness(
    result: Result, student: str, person: Person | None, term: Term, policy: Policy, free_days: int
) -> Lateness:
    """How late the submission is. Time is only taken for lateness where a system says it: a file's changes when it is
    copied; what is then in doubt is noted.
    """
    zone = term.zone_of(person)
    due = term.due(result.week, person, student)
    if term.folder is None or due is None or result.verdict == "invalid":
        return Lateness(due=due)
    came = utc(result.handed_in)
    sure = result.handed_in_by != "file" or policy.trust_file_times
    found = late.lateness(came, due, policy, zone, free_days)
    marked = result.marked_late
    if came is not None and sure:
        return found
    if marked and (student, result.week) in term.moved:
        note = "marked late by the learning system, which does not know the extension and does not say when it came"
        return Lateness(due=due, note=f"{note}: not counted as late")
    if marked:
        one = late.of_days(1, 0.0, due, policy, free_days)
        note = "marked late by the learning system, which does not say when it came: counted as one day"
        return Lateness(1, 0.0, one.penalty_percent, one.free_days_used, one.cut_off, due, note)
    if found.days:
        after = in_words(timedelta(seconds=found.seconds_late))
        return Lateness(
            due=due,
            note=f"late by {after} by the time of its file alone, which may be that of a copy: not counted as late",
        )
    return found


def in_words(span: timedelta) -> str:
    """A length of time for a sentence: "3 days", "5 hours", "12 minutes"."""
    seconds = int(span.total_seconds())
    for size, noun in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {noun}{'' if count == 1 else 's'}"
    return "less than a minute"
