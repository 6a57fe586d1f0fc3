"""Work that is graded again after a check or the grader changed: first beside the records, to see what would change."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder import weeks
from autograder.grading import batch
from autograder.results import CheckResult, Result, records, verdicts
from autograder.term.folder import Term, utc
from autograder.term.ledger import Change
from autograder.term.points import Standing, standings


@dataclass(frozen=True)
class Difference:
    """A submission whose points or verdicts change. checks: {check: (before, after)} as points; verdicts likewise."""

    before: Standing
    after: Standing
    checks: dict[str, tuple[float, float]]
    verdicts: dict[str, tuple[str, str]]

    @property
    def moves(self) -> bool:
        """Whether the student's points change; an override can keep them."""
        return self.before.raw != self.after.raw


@dataclass
class Regrade:
    """What grading again came to. renewed: {(student, week): (key, result)} of the records to write. count: submissions
    that were looked at. said: what was left out, a sentence each.
    """

    count: int = 0
    differences: list[Difference] = field(default_factory=list)
    renewed: dict[tuple[str, str], tuple[str, Result]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def changes(self, reason: str, grader: str) -> list[Change]:
        """Entries of the ledger for the submissions whose points change."""
        return [
            Change(
                student=one.after.student,
                week=one.after.week,
                before=one.before.raw or 0.0,
                after=one.after.raw or 0.0,
                checks=one.checks,
                reason=reason,
                grader=grader,
            )
            for one in self.differences
            if one.checks
        ]


def look(
    submissions: Path,
    term: Term,
    *,
    only: Collection[str] = (),
    students: Collection[str] = (),
    checks: Collection[str] = (),
    since: datetime | None = None,
    on_result: Callable[[Result], None] = lambda result: None,
    **options: Any,
) -> Regrade:
    """Grade `submissions` again beside the records of `term`, which stay as they are.

    only: weeks; students: ids in the roster, or names in the records; checks: those that count anew, the others keep what
    their record says (all of these: none means all). since: only work handed in from then on. options: of `batch.grade`.
    Work that has no record yet, or that was handed in anew, is left to `autograder grade`.
    """
    found = Regrade()
    before = {(one.student, one.week): one for one in records.read(term.records)}
    known = records.known(term.records)
    wanted = {
        key
        for key, one in before.items()
        if (not only or one.week in only) and _is_wanted(one, term, students) and _is_since(one, since, found)
    }
    if not wanted:
        return found
    if term.folder is not None:
        options = {"zone": term.timezone, "who": term.called, **options}
    with tempfile.TemporaryDirectory(prefix="regrade-") as folder:
        beside = Path(folder)
        if (term.records / records.FILE).exists():
            shutil.copyfile(term.records / records.FILE, beside / records.FILE)
        names = sorted({student for student, _ in wanted})
        seen: dict[tuple[str, str], Result] = {}

        def keep(result: Result) -> None:
            seen[result.student, result.week] = result
            on_result(result)

        batch.grade(
            submissions, to=beside, only=sorted({week for _, week in wanted}), students=names, on_result=keep, **options
        )
        keys = records.known(beside)
        after = {(one.student, one.week): one for one in records.read(beside)}
    for key in sorted(seen):
        if key not in wanted:
            continue
        then, now = before[key], after[key]
        if now is then or keys[key].key == known[key].key:
            found.count += 1
            continue
        if not _same_work(then, now):
            found.said.append(f"{key[0]}, {key[1]}: handed in anew since; `autograder grade` grades it")
            continue
        found.count += 1
        record_key = keys[key].key
        if checks:
            now, record_key = _only(checks, then, now, known[key].key, record_key)
            if now == then:
                continue
        found.renewed[key] = (record_key, now)
    for student, week in sorted(wanted - seen.keys()):
        found.said.append(f"{student}, {week}: has a record, and no submission in {submissions}; left as it is")
    _compare(found, before, term)
    return found


def noticed(term: Term, earlier: Mapping[tuple[str, str], records.Known]) -> Regrade:
    """What a run of the grader changed in the points of work that did not change. earlier: `records.known` before the run."""
    now = records.known(term.records)
    found, before = Regrade(), {}
    for key, where in earlier.items():
        if key not in now or now[key].offset == where.offset:
            continue
        then, after = records.fetch(term.records, where), records.fetch(term.records, now[key])
        if then is not None and after is not None and _same_work(then, after):
            before[key] = then
            found.renewed[key] = (now[key].key, after)
    found.count = len(before)
    _compare(found, before, term)
    return found


def apply(found: Regrade, term: Term, reason: str, grader: str) -> None:
    """Write what `look` found: first why, into the ledger, then the records. Raises UserError where that cannot be done."""
    with records.Writer(term.records) as writer:
        term.ledger.append(*found.changes(reason, grader))
        for record_key, result in found.renewed.values():
            writer.append(record_key, result)


def _is_wanted(one: Result, term: Term, students: Collection[str]) -> bool:
    if not students or one.student in students:
        return True
    person = term.roster.find(one.student, one.lms)
    return person is not None and person.id in students


def _is_since(one: Result, since: datetime | None, found: Regrade) -> bool:
    if since is None:
        return True
    came = utc(one.handed_in)
    if came is None:
        found.said.append(f"{one.student}, {one.week}: it is not known when it came, and left out because of --since")
        return False
    return came >= since


def _same_work(then: Result, now: Result) -> bool:
    if then.verdict == "invalid" or now.verdict == "invalid":
        return not then.sha256 or then.sha256 == now.sha256
    return then.answers == now.answers and (not then.sha256 or not now.sha256 or then.sha256 == now.sha256)


def _only(chosen: Collection[str], then: Result, now: Result, then_key: str, now_key: str) -> tuple[Result, str]:
    """`then` with the chosen checks of `now`, and a key that says so: a later grading takes the other checks up."""
    fresh = {check.id: check for check in now.checks}
    digits, fresh_digits = _digits(then_key, then.checks), _digits(now_key, now.checks)
    checks = tuple(fresh[check.id] if check.id in chosen and check.id in fresh else check for check in then.checks)
    merged = replace(
        then,
        checks=checks,
        verdict=then.verdict
        if then.verdict in ("invalid", "tampered")
        else verdicts.of_submission(checks, tampered=False),
        score=verdicts.score(checks),
        max_score=verdicts.max_score(checks),
    )
    own = "".join((fresh_digits if check.id in chosen else digits).get(check.id, "") for check in then.checks)
    return merged, f"{then_key.partition(':')[0]}:{own}"


def _digits(key: str, checks: tuple[CheckResult, ...]) -> dict[str, str]:
    """{check: its part of a record's key}; empty where the key is of another form."""
    text = key.partition(":")[2]
    size = len(text) // len(checks) if checks else 0
    return {check.id: text[size * n : size * (n + 1)] for n, check in enumerate(checks)}


def _compare(found: Regrade, before: dict[tuple[str, str], Result], term: Term) -> None:
    """Fill in the differences, as points that count."""
    now = {**before, **{key: result for key, (_, result) in found.renewed.items()}}
    old = {(one.student, one.week): one for one in standings(before.values(), term)}
    for one in standings(now.values(), term):
        then = old[one.student, one.week]
        if one.result is None or then.result is None or one.result == then.result:
            continue
        was = {check.id: check for check in then.result.checks}
        points: dict[str, tuple[float, float]] = {}
        words: dict[str, tuple[str, str]] = {}
        for check in one.result.checks:
            earlier = was.get(check.id)
            if earlier is None or (earlier.points, earlier.verdict) != (check.points, check.verdict):
                points[check.id] = (earlier.points if earlier else 0.0, check.points)
                words[check.id] = (earlier.verdict if earlier else "new", check.verdict)
        for gone in was.keys() - {check.id for check in one.result.checks}:
            points[gone], words[gone] = (was[gone].points, 0.0), (was[gone].verdict, "gone")
        if points or one.raw != then.raw:
            found.differences.append(Difference(then, one, points, words))


def check_ids(names: Collection[str], only: Collection[str]) -> list[str]:
    """Weeks of `only` (all) that have one of the checks called `names`. Names that no week has are left out."""
    found = []
    for week in weeks.all_weeks():
        if (not only or week.id in only) and {check.id for check in week.checks} & set(names):
            found.append(week.id)
    return found
