"""Grades one submission: the student's cells in a worker, the checks in the referee, cell by cell in order."""

from __future__ import annotations

import contextlib
import functools
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder import marks
from autograder.grading import artefacts as nets
from autograder.grading import referee
from autograder.grading.parent import ParentDied, WarmParent
from autograder.grading.remote import CallAborted, RemoteFunction, Worker, error_kind
from autograder.grading.sandbox import Limits, Sandbox
from autograder.names import bound_names, free_names
from autograder.results import CheckResult, Result, Verdict
from autograder.weeks import Cell, Week
from course import profile as profiles

MAX_RESTARTS = 60
"""Workers that one submission may lose before its remaining checks are given up."""
BENEFIT_OF_THE_DOUBT = 2
"""Times that a worker may be lost at one cell or check, perhaps by somebody else's doing, before it is the student's."""
MAX_DOUBTS = 10
"""Such losses of one submission before none of them is excused any more: a cold start takes seconds."""
PATIENCE = 4
"""Wall clock of one submission, as a multiple of what the week allows its cells: a bound for those that only hang."""
IMPATIENT_SECONDS = 3.0
"""Time limit of a call to a function that has already failed to return once."""
MAX_RECORDED_OUTPUT = 8_000_000
MAX_READ = 8000
"""Characters of a cell up to which it is looked at which names it defines and reads."""

_WORST_LAST: tuple[Verdict, ...] = ("pass", "missing", "fail", "error", "timeout", "oom", "tampered", "invalid")


@dataclass(frozen=True)
class Step:
    """One thing to do in order: run a cell in the worker, or a check in the referee."""

    cell: Cell
    source: str

    @property
    def is_check(self) -> bool:
        return self.cell.role == "check"


class _Submission:
    """The worker of one submission, started anew (its cells run again) whenever it is lost."""

    def __init__(
        self,
        parent: WarmParent,
        week: Week,
        profile: str,
        pictures: Collection[str],
        artefacts: Mapping[str, bytes],
    ) -> None:
        self.parent = parent
        self.week = week
        self.artefacts = dict(artefacts)
        self.limits = Limits(memory_mb=week.plan.memory_mb)
        self.embedded = profile == "quick" and any(_LOADS.search(cell.source) for cell in week.cells)
        self.budget = week.plan.seconds[profile]
        self.cell_seconds = week.plan.cell_seconds[profile]
        self.call_seconds = week.plan.call_seconds[profile]
        self.spent = 0.0
        self.done: list[Step] = []
        self.began = time.monotonic()
        self.hanging: set[str] = set()
        self.pictures = pictures
        self.outputs: dict[str, list[dict[str, Any]]] = {}
        self.problems: dict[str, str] = {}
        self.restarts = 0
        self.doubts = 0
        self.recorded = 0
        self.knows_hidden = False  # whether the worker has been called with hidden inputs, and could repeat them
        self.unshown: set[str] = set()  # cells whose outputs could repeat them
        self._worker: Worker | None = None

    def worker(self) -> Worker:
        if self._worker is None:
            self._worker = Worker(self.parent.spawn(self.limits, embedded=self.embedded), self.parent.cpu_seconds)
            for name, data in self.artefacts.items():
                self._worker.ask(self.call_seconds, op="file", name=name, data=data)
        return self._worker

    def run_cell(self, step: Step, again: bool = False, losses: int = 0) -> None:
        """Run a cell of the student's. A cell that kills the worker is left out when the cells before it run again.

        losses: workers lost at this cell so far, perhaps by somebody else's doing.
        """
        if step.cell.role == "given":
            if again and step.cell.id in self.pictures:
                return  # a picture: nothing later needs it
            if (reason := self._why_not(step)) is not None:
                self.outputs[step.cell.id] = [_error_output(CallAborted("timeout", reason))]
                return
        self._keep_to_time()
        seconds = min(self.cell_seconds, max(IMPATIENT_SECONDS, self.budget - self.spent))
        began = time.monotonic()
        try:
            reply = self.worker().ask(seconds, op="cell", source=step.source)
        except CallAborted as problem:
            self.spent += time.monotonic() - began
            if self.recover(problem, losses):
                self.run_cell(step, again, losses + 1)
            elif not again:
                if problem.verdict == "timeout":
                    problem = CallAborted("timeout", _too_long(step.source, seconds))
                self.problems.setdefault(step.cell.id, problem.message)
                self.outputs[step.cell.id] = [_error_output(problem)]
            return
        self.spent += time.monotonic() - began
        self.done.append(step)
        if again:
            return
        raised = reply.get("raised")
        if isinstance(raised, dict):
            kind = error_kind(raised) if self.knows_hidden else _in_words(raised)
            self.problems.setdefault(step.cell.id, f"its cell ended in {kind}")
        outputs = reply.get("outputs")
        if self.knows_hidden and outputs:
            self.unshown.add(step.cell.id)
        elif isinstance(outputs, list):
            self.outputs[step.cell.id] = self._kept(outputs)

    def _why_not(self, step: Step) -> str | None:
        """Why a given cell is not run: it would hang, or there is no time left for pictures."""
        if hanging := self.hanging.intersection(free_names(step.source)):
            return f"not run: {', '.join(sorted(hanging))} does not return"
        if self.spent > self.budget and step.cell.id in self.pictures:
            return f"not run: the notebook used up its {self.budget:g} s"
        return None

    def _kept(self, outputs: list[Any]) -> list[dict[str, Any]]:
        kept = []
        for output in outputs:
            if isinstance(output, dict) and (plain := _plain_output(output)) is not None:
                size = sum(len(str(value)) for value in plain.values())
                if self.recorded + size <= MAX_RECORDED_OUTPUT:
                    self.recorded += size
                    kept.append(plain)
        return kept

    def recover(self, problem: CallAborted, losses: int) -> bool:
        """After a lost worker, or one that does not answer: a new one, with the cells that had run before run again.

        Whether what was lost is to be tried once more: a worker that is gone, and did not end by itself, may have been
        ended from outside (an operator, the system's memory killer, with it or with its warm parent). Only where that
        happens again and again is it the student's doing.
        """
        self.restarts += 1
        if self.restarts > MAX_RESTARTS:
            raise _GivenUp(f"given up after {MAX_RESTARTS} lost workers")
        excused = not self._end_worker() and problem.lost and losses < BENEFIT_OF_THE_DOUBT
        if excused:
            self.doubts += 1
            excused = self.doubts <= MAX_DOUBTS
        self._run_again()
        return excused

    def _run_again(self) -> None:
        self._keep_to_time()
        done, self.done = self.done, []
        for step in done:
            self.run_cell(step, again=True)

    def _keep_to_time(self) -> None:
        if time.monotonic() - self.began > PATIENCE * self.budget:
            raise _GivenUp(f"the notebook used up {PATIENCE} times its {self.budget:g} s")

    def _end_worker(self) -> bool:
        """End the worker; whether it had ended by itself."""
        if self._worker is not None:
            self._worker.channel.close()
            self._worker = None
        self.knows_hidden = False
        return self.parent.clean()

    def check(self, check: Cell) -> CheckResult:
        """Run a check. What its message repeats of the student's comes from a worker that has met no hidden input."""
        self._keep_to_time()
        knew = self.knows_hidden
        result = self._checked(check)
        if not knew or not referee.shows_values(result):
            return result
        self.start_anew()
        again = self._checked(check)
        if (again.verdict, again.points) == (result.verdict, result.points):
            return again
        return replace(
            result, message="your function gives another result when it is called anew", detail=result.detail
        )

    def start_anew(self) -> None:
        """Go on in a worker that has met no hidden input: what it says can be shown, and what it trains can be kept."""
        self._end_worker()
        self._run_again()

    def show(self, steps: Sequence[Step]) -> None:
        """Run the cells once more, for the outputs that were not kept, in a worker that has met no hidden input."""
        self._end_worker()
        self.done = []
        last = max((n for n, step in enumerate(steps) if step.cell.id in self.unshown), default=-1)
        with contextlib.suppress(_GivenUp, ParentDied):  # then the report shows what there is
            for step in steps[: last + 1]:
                if not step.is_check:
                    self.run_cell(step, again=step.cell.id not in self.unshown)

    def _keep_trained(self) -> None:
        """Fetch what the cells have trained so far, for workers to come; only from one that has met no hidden input."""
        if self.knows_hidden or self._worker is None:
            return
        with contextlib.suppress(CallAborted):
            files = self._worker.ask(self.call_seconds, op="files").get("value")
            for name, data in files.items() if type(files) is dict else ():
                known = type(name) is str and type(data) is bytes and nets.NAME.fullmatch(name)
                if known and len(self.artefacts) < nets.MAX_ARTEFACTS and name not in self.artefacts:
                    self.artefacts[name] = data

    def _checked(self, check: Cell, losses: int = 0) -> CheckResult:
        if marks.hidden_lines(check.source):
            self._keep_trained()
            self.knows_hidden = True
        try:
            self.worker()  # outside the time limit: a new one may have to start
            with referee.time_limit():  # a net takes time to build anew
                bindings, absent = self._bind(check)
            if absent:
                return referee.missing(check, absent, self._reasons(absent))
            return referee.run(check, bindings)
        except CallAborted as problem:
            if problem.verdict == "timeout" and problem.name:
                self.hanging.add(problem.name)
            if self.recover(problem, losses):
                return self._checked(check, losses + 1)
            return referee.aborted(check, problem)

    def _bind(self, check: Cell) -> tuple[dict[str, Any], list[str]]:
        names = referee.names_of(check)
        reply = self.worker().ask(self.call_seconds, op="names", names=names)
        found = reply.get("value")
        bindings: dict[str, Any] = {}
        absent = []
        for name in names:
            entry = found.get(name) if isinstance(found, dict) else None
            kind, value = entry if type(entry) is tuple and len(entry) == 2 else ("missing", None)
            kind = kind if type(kind) is str else "missing"  # an array would be compared item by item
            if kind == "function":
                seconds = IMPATIENT_SECONDS if self._will_hang(name) else self.call_seconds
                bindings[name] = RemoteFunction(name, self.worker, seconds)
            elif kind == "data":
                bindings[name] = value
            else:
                absent.append(name)
        return bindings, absent

    def _will_hang(self, name: str) -> bool:
        """Whether `name` has failed to return before, or stands in a cell that calls a function which has."""
        if not self.hanging or name in self.hanging:
            return bool(self.hanging)
        cells = [step.source for step in self.done if re.search(rf"\bdef {name}\b", step.source)]
        return any(self.hanging.intersection(_IDENTIFIER.findall(source)) for source in cells)

    def _reasons(self, names: Sequence[str]) -> dict[str, str]:
        """For a name that should exist: what happened to the cell that defines it."""
        reasons = {}
        for answer in self.week.answers:
            if answer.id in self.problems:
                for name in names:
                    if name in _names(answer.source)[0]:
                        reasons[name] = f": {self.problems[answer.id]}"
        return reasons

    def close(self) -> None:
        self._end_worker()


class _GivenUp(Exception):
    """The submission cannot go on; its remaining checks get the verdict `timeout`."""


_LOADS = re.compile(r"""\bdatasets\.load\((?!"photos")""")
_DRAWS_OR_TRAINS = re.compile(r"\bplt\.|\bwaiting_for\(|\bplots\.|\bfit\(|\btrained\(")
_TRAINS = re.compile(r"\btrained\(")
_SETS_UP = re.compile(r"^\s*(import|from)\s|\bPROFILE = |seed\(|\.start\(|\.set_|environ|\bconfig\b", re.MULTILINE)
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
MAGIC = re.compile(r"^([ \t]*)(?:%%?\w+|!).*$", re.MULTILINE)
"""A line for IPython: `%%time`, `%matplotlib inline`, `!ls`."""


def pictures_of(week: Week, theirs: Iterable[str]) -> frozenset[str]:
    """Ids of the given cells that only draw, or train a net for those that draw: nothing else reads what they define.

    theirs: the student's sources. A cell that does neither is never among them: it may import, or set a seed.
    """
    words = {name for source in theirs for name in _names(source)[1]}
    pictures: set[str] = set()
    for cell in reversed([c for c in week.cells if c.kind == "code"]):
        defined, read = _names(cell.source)
        if cell.role == "given" and _DRAWS_OR_TRAINS.search(cell.source) and not defined & words:
            pictures.add(cell.id)
        else:
            words |= read
    return frozenset(pictures)


@functools.lru_cache(maxsize=4096)
def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names that a cell defines and reads; every word of it where it is not Python, or is too long or deep to be read.

    The time that `symtable` takes grows with the square of the functions in a cell.
    """
    try:
        if len(source) > MAX_READ:
            raise ValueError("too long")
        python = MAGIC.sub(r"\1pass", source)
        return frozenset(bound_names(python)), frozenset(free_names(python))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        words = frozenset(_IDENTIFIER.findall(source))
        return words, words


def _in_words(raised: dict[str, Any]) -> str:
    """An exception of a cell in one line: its name, and what it says."""
    kind, lines = str(raised.get("type"))[:60], str(raised.get("text")).strip().splitlines()
    return f"{kind} ({lines[0][:120]})" if lines else kind


def _too_long(source: str, seconds: float) -> str:
    """What to change in a cell that did not end in time."""
    said = f"its cell did not end within {seconds:g} s: "
    if not re.search(r"\b(trained|fit)\(", source):
        return said + "an endless loop?"
    return (
        said + "train fewer epochs or a smaller net, and hand in the trained net too, the file beside it in artefacts/"
    )


def _error_output(problem: CallAborted) -> dict[str, Any]:
    return {"output_type": "error", "ename": problem.verdict, "evalue": problem.message, "traceback": []}


def _plain_output(output: dict[str, Any]) -> dict[str, Any] | None:
    """An output in nbformat's form with nothing in it but text and images, or None."""
    kind = output.get("output_type")
    if kind == "stream" and type(output.get("text")) is str:
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": output["text"]}
    if kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
        allowed = ("image/png", "image/jpeg", "text/plain")
        data = {mime: output["data"][mime] for mime in allowed if type(output["data"].get(mime)) is str}
        return {"output_type": "display_data", "data": data, "metadata": {}} if data else None
    if kind == "error":
        ename, evalue = str(output.get("ename"))[:200], str(output.get("evalue"))[:2000]
        return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": []}
    return None


class Grader:
    """Keeps one warm parent; grades one submission at a time.

    sandbox: "bwrap", or "none" for work that is trusted. threads: cores that a worker's BLAS and TensorFlow may use.
    data: folder with the real training data for the profile "full", as `write_worker_data` makes it.
    """

    def __init__(self, sandbox: Sandbox, *, threads: int = 1, data: Path | None = None) -> None:
        self.sandbox = sandbox
        self.parent = WarmParent(sandbox, threads=threads, data=data)
        self.parent.begin()  # it imports Keras while we do

    def __enter__(self) -> Grader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.parent.stop()

    def grade(
        self,
        week: Week,
        sources: Mapping[str, str],
        *,
        student: str = "",
        extras: Mapping[str, Sequence[str]] | None = None,
        written: Mapping[str, str] | None = None,
        only: Collection[str] | None = None,
        pictures: bool = False,
        profile: str = "quick",
        warnings: Sequence[str] = (),
        tampered: bool = False,
        artefacts: Mapping[str, bytes] | None = None,
        deadly: Collection[str] = (),
        before_check: Callable[[str], None] = lambda check: None,
    ) -> Result:
        """Grade answers against `week`.

        sources: {answer id: the student's code}; an id left out keeps the release's stub.
        extras: {id of a cell of ours ("" for the top): the student's own cells after it}.
        only: ids of the checks to run (all). Cells that they do not depend on are left out.
        pictures: also run the given cells that only draw or print, for a report that shows them.
        artefacts: {file name: content} of the nets that the student trained and handed in; without them cells train.
        deadly: ids of checks that have ended this process before, and are not run. before_check: told the id of each.
        Raises ParentDied when no worker can be had: then it is the grader that failed, not the submission.
        """
        began = time.monotonic()
        referee.warm_up(week.checks)
        profiles.use(profile)
        drawing = pictures_of(week, [*sources.values(), *(s for cells in (extras or {}).values() for s in cells)])
        steps = _steps(week, sources, extras or {}, only, frozenset() if pictures else drawing, profile)
        submission = _Submission(self.parent, week, profile, drawing, artefacts or {})
        checks: list[CheckResult] = []
        try:
            for step in steps:
                if step.is_check and step.cell.id in deadly:
                    checks.append(referee.deadly(step.cell))
                elif step.is_check:
                    before_check(step.cell.id)
                    checks.append(submission.check(step.cell))
                elif submission.knows_hidden and step.cell.id in drawing:
                    submission.unshown.add(step.cell.id)
                else:
                    if submission.knows_hidden and _TRAINS.search(step.source):
                        submission.start_anew()
                    submission.run_cell(step)
            if submission.unshown:
                submission.show(steps)
        except _GivenUp as problem:
            graded = {c.id for c in checks}
            remaining = [s.cell for s in steps if s.is_check and s.cell.id not in graded]
            checks += [CheckResult(c.id, "timeout", 0, c.points, str(problem), hidden=c.hidden) for c in remaining]
        finally:
            submission.close()
        own_cells = {
            _extra_id(place, number): source
            for place, cells in (extras or {}).items()
            for number, source in enumerate(cells, start=1)
        }
        return Result(
            student=student,
            week=week.id,
            verdict=verdict_of(checks, tampered),
            score=sum(c.points for c in checks),
            max_score=sum(c.max_points for c in checks),
            checks=tuple(checks),
            warnings=tuple(warnings),
            by_hand={cell.id: cell.points for cell in week.written},
            answers={**sources, **own_cells, **(written or {})},
            outputs=submission.outputs,
            sandbox=self.sandbox,
            seconds=round(time.monotonic() - began, 3),
        )


def verdict_of(checks: Sequence[CheckResult], tampered: bool) -> Verdict:
    """The worst of the checks. A stretch exercise gives no points, so leaving it out does not spoil a full score."""
    counted = [c.verdict for c in checks if c.max_points] or [c.verdict for c in checks]
    return "tampered" if tampered else max(counted, key=_WORST_LAST.index, default="pass")


def _steps(
    week: Week,
    sources: Mapping[str, str],
    extras: Mapping[str, Sequence[str]],
    only: Collection[str] | None,
    left_out: Collection[str],
    profile: str,
) -> list[Step]:
    """Cells and checks in the order of the notebook. A check cell of ours stands where it stands in the release."""
    steps: list[Step] = []

    def add_extras(place: str) -> None:
        for number, source in enumerate(extras.get(place, ()), start=1):
            steps.append(Step(Cell(_extra_id(place, number), "answer", "code", source), source))

    add_extras("")
    for cell in week.cells:
        if cell.role == "given" and cell.kind == "code":
            if cell.id not in left_out:
                chosen = f"\nPROFILE = {profile!r}" if "parameters" in cell.tags else ""
                steps.append(Step(cell, cell.source + chosen))
        elif cell.role == "answer":
            steps.append(Step(cell, sources.get(cell.id, stub(cell))))
        elif cell.role == "check" and (only is None or cell.id in only):
            steps.append(Step(cell, cell.source))
        add_extras(cell.id)
    return steps if only is None else _needed(steps)


def _needed(steps: list[Step]) -> list[Step]:
    """The steps that the checks among `steps` depend on by the names they read, in order.

    A cell of ours that reads nothing of the student's stays as well where it imports, or sets a seed or a backend.
    """
    theirs = {name for step in steps if step.cell.role == "answer" for name in _names(step.source)[0]}
    wanted: set[str] = set()
    kept: list[Step] = []
    for step in reversed(steps):
        defined, read = _names(step.source)
        ours = step.cell.role == "given" and not read & theirs and bool(_SETS_UP.search(step.source))
        if step.is_check or (kept and (ours or defined & wanted)):
            wanted |= read
            kept.append(step)
    return kept[::-1]


def _extra_id(place: str, number: int) -> str:
    """Id of the student's own cell number `number` after the cell `place` of ours."""
    return f"extra-{place or 'top'}-{number}"


def stub(answer: Cell) -> str:
    """The answer cell as the release shows it: each solution region replaced by nbgrader's stub."""
    lines: list[str] = []
    inside = False
    for line in answer.source.splitlines():
        if marks.BEGIN_SOLUTION in line:
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            lines += [indent + part for part in marks.CODE_STUB.splitlines()]
        elif marks.END_SOLUTION in line:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)
