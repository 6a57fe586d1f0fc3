"""The worker of one submission, from its first cell to its last check, and what happens when it is lost."""

from __future__ import annotations

import ast
import contextlib
import functools
import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograder.grading import patience, referee, remote
from autograder.grading.outputs import error_output, plain_output
from autograder.grading.patience import Clock
from autograder.grading.plan import Step
from autograder.grading.remote import CallAborted, RemoteClass, RemoteFunction, Worker, error_kind
from autograder.isolation.parent import ParentDied, WarmParent
from autograder.isolation.sandbox import Limits
from autograder.results import CheckResult
from autograder.weeks import Cell, Week, marks
from autograder.weeks.names import definitions, of_student, words
from autograder.worker.usage import Usage
from course import limits

MAX_RESTARTS = 60
"""Workers that one submission may lose before its remaining checks are given up."""
BENEFIT_OF_THE_DOUBT = 2
"""Times that a worker may be lost at one cell or check, perhaps by somebody else's doing, before it is the student's."""
MAX_DOUBTS = 10
"""Such losses of one submission before none of them is excused any more: a cold start takes seconds."""
PATIENCE = 4
"""Time of one submission, as a multiple of what the week allows its cells: a bound for those that only hang. As all limits
here it is the time of an idle machine, see `patience`."""
IMPATIENT_SECONDS = 3.0
"""Time limit of a call to a function that has already failed to return once."""
MAX_RECORDED_OUTPUT = 8_000_000

_TRAINS = re.compile(r"\btrained\(")


@functools.lru_cache(maxsize=64)
def classes_of(week: Week) -> frozenset[str]:
    """Names of the classes that the week's answers, as we wrote them, and its given cells define."""
    cells = [cell for cell in week.of_role("answer", "given") if cell.kind == "code"]
    defined = [(name, node) for cell in cells for name, node in definitions(cell.source).items()]
    return frozenset(name for name, node in defined if isinstance(node, ast.ClassDef))


class GivenUp(Exception):
    """The submission cannot go on; its remaining checks get the verdict `timeout`."""


def limits_of(week: Week, profile: str, cores: int) -> Limits:
    """What one process of a worker may use. The processor time is a bound for whatever the limits of calls and cells do not see:
    a net that is trained in full takes an hour."""
    most = int((cores + 1) * PATIENCE * week.plan.seconds[profile])
    return Limits(memory_mb=week.plan.memory_mb, cpu_seconds=max(Limits.cpu_seconds, most))


class Session:
    """The worker of one submission, started anew (its cells run again) whenever it is lost."""

    def __init__(
        self,
        parent: WarmParent,
        week: Week,
        profile: str,
        pictures: Collection[str],
        artefacts: Mapping[str, bytes],
        modules: Mapping[str, bytes] | None = None,
    ) -> None:
        self.parent = parent
        self.week = week
        self.artefacts = dict(artefacts)
        self.modules = dict(modules or {})
        self.budget = week.plan.seconds[profile]
        self.rlimits = limits_of(week, profile, parent.threads)
        self.cell_seconds = week.plan.cell_seconds[profile]
        self.call_seconds = week.plan.call_seconds[profile]
        self.spent = 0.0
        self.done: list[Step] = []
        self.clock = Clock()
        self.hanging: set[str] = set()
        self.pictures = pictures
        self.classes = classes_of(week)
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
            began = time.monotonic()
            channel = self.parent.spawn(self.rlimits)
            if not self.restarts:  # a cold start is the grader's own affair; each further one is the student's doing
                self.clock.lost += time.monotonic() - began
            self._worker = Worker(channel, self.parent.used, self.clock, self.parent.threads)
            for name, data in self.artefacts.items():
                self._worker.ask(self.call_seconds, op="file", name=f"artefacts/{name}", data=data)
            for name, data in self.modules.items():
                self._worker.ask(self.call_seconds, op="file", name=name, data=data)
        return self._worker

    def run(self, step: Step) -> None:
        """Run a cell in its turn. What it shows or trains comes from a worker that has met no hidden input."""
        if self.knows_hidden and step.cell.id in self.pictures:
            self.unshown.add(step.cell.id)
            return
        if self.knows_hidden and _TRAINS.search(step.source):
            self.start_anew()
        self.run_cell(step)

    def run_cell(self, step: Step, again: bool = False, losses: int = 0) -> None:
        """Run a cell of the student's. A cell that kills the worker is left out when the cells before it run again.

        losses: workers lost at this cell so far, perhaps by somebody else's doing.
        """
        if step.cell.role == "given":
            if again and step.cell.id in self.pictures:
                return  # a picture: nothing later needs it
            if (reason := self._why_not(step)) is not None:
                self.outputs[step.cell.id] = [error_output("timeout", reason)]
                return
        self._keep_to_time()
        seconds = min(self.cell_seconds, max(IMPATIENT_SECONDS, self.budget - self.spent))
        began, before = time.monotonic(), Usage(0.0, 0.0)
        try:
            worker = self.worker()
            began, before = time.monotonic(), self.parent.used()
            reply = worker.ask(seconds, op="cell", source=step.source)
        except CallAborted as problem:
            self.spent += min(seconds, time.monotonic() - began)
            if self.recover(problem, losses):
                self.run_cell(step, again, losses + 1)
            elif not again:
                if problem.verdict == "timeout":
                    problem = CallAborted("timeout", _too_long(step.source, seconds))
                self.problems.setdefault(step.cell.id, problem.message)
                self.outputs[step.cell.id] = [error_output(problem.verdict, problem.message)]
            return
        self.spent += patience.active(time.monotonic() - began, self.parent.used().since(before))
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
        if hanging := self.hanging.intersection(of_student(step.source)[1]):
            return f"not run: {', '.join(sorted(hanging))} does not return"
        if self.spent > self.budget and step.cell.id in self.pictures:
            return f"not run: the notebook used up its {self.budget:g} s"
        return None

    def _kept(self, outputs: list[Any]) -> list[dict[str, Any]]:
        kept = []
        for output in outputs:
            if isinstance(output, dict) and (plain := plain_output(output)) is not None:
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
            raise GivenUp(f"given up after {MAX_RESTARTS} lost workers")
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
        if not patience.remaining(PATIENCE * self.budget, self.clock.wall, Usage(0.0, self.clock.used.waited)):
            raise GivenUp(f"the notebook used up {PATIENCE} times its {self.budget:g} s")

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
        if not self.unshown:
            return
        self._end_worker()
        self.done = []
        last = max((n for n, step in enumerate(steps) if step.cell.id in self.unshown), default=-1)
        with contextlib.suppress(GivenUp, ParentDied):  # then the report shows what there is
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
                known = type(name) is str and type(data) is bytes and limits.ARTEFACT_NAME.fullmatch(name)
                if known and len(self.artefacts) < limits.ARTEFACTS and name not in self.artefacts:
                    self.artefacts[name] = data

    def _checked(self, check: Cell, losses: int = 0) -> CheckResult:
        if marks.hidden_lines(check.source):
            self._keep_trained()
            self.knows_hidden = True
        try:
            self.worker()  # outside the time limit: a new one may have to start
            with referee.time_limit(clock=self.clock):  # a net takes time to build anew
                bindings, absent = self._bind(check)
            if absent:
                return referee.missing(check, absent, self._reasons(absent))
            result = referee.run(check, bindings, self.clock)
            if (lost := self.worker().lost()) is not None:
                raise lost
            return result
        except CallAborted as problem:
            if problem.verdict == "timeout" and problem.name:
                self.hanging.add(problem.name)
            if self.recover(problem, losses):
                return self._checked(check, losses + 1)
            return referee.aborted(check, problem)

    def _bind(self, check: Cell) -> tuple[dict[str, Any], list[str]]:
        """({name that the check reads: what stands for it}, names that do not exist).

        Classes are those that the week defines as classes: a student's class in the place of a function stays a function.
        """
        names = referee.names_of(check)
        worker, seconds = self.worker(), IMPATIENT_SECONDS if self.hanging else self.call_seconds
        classes = [name for name in names if name in self.classes]
        worker.begin(seconds, classes)
        found = worker.ask(self.call_seconds, op="names", names=names, classes=classes).get("value")
        about = {name: _about(found.get(name) if isinstance(found, dict) else None) for name in names}
        bindings: dict[str, Any] = {}
        errors = remote.exceptions(
            {name: one.ancestors for name, one in about.items() if one.kind == "exception" and name in classes}
        )
        for name, one in about.items():
            seconds = IMPATIENT_SECONDS if self._will_hang(name) else self.call_seconds
            if name in errors:
                bindings[name] = errors[name]
            elif one.kind == "class" and name in classes:
                bindings[name] = RemoteClass(name, self.worker, seconds, one.doc, one.ancestors)
            elif one.kind in ("function", "class", "exception"):
                bindings[name] = RemoteFunction(name, self.worker, seconds, one.doc)
            elif one.kind == "data":
                bindings[name] = one.value
        worker.begin(seconds, classes, errors)
        return bindings, [name for name in names if name not in bindings]

    def _will_hang(self, name: str) -> bool:
        """Whether `name` has failed to return before, or is defined in a cell that calls a function which has."""
        if not self.hanging or name in self.hanging:
            return bool(self.hanging)
        cells = [step.source for step in self.done if re.search(rf"\bdef {name}\b", step.source)]
        return any(self.hanging.intersection(words(source)) for source in cells)

    def _reasons(self, names: Sequence[str]) -> dict[str, str]:
        """For a name that should exist: what happened to the cell that defines it."""
        reasons = {}
        for answer in self.week.answers:
            if answer.id in self.problems:
                for name in names:
                    if name in of_student(answer.source)[0]:
                        reasons[name] = f": {self.problems[answer.id]}"
        return reasons

    def close(self) -> None:
        self._end_worker()


@dataclass(frozen=True)
class _About:
    """What a name stands for. kind: function, class, exception, data or missing."""

    kind: str = "missing"
    value: Any = None
    doc: str | None = None
    ancestors: tuple[str, ...] = ()


def _about(entry: Any) -> _About:
    """The worker's word for a name, of exact types."""
    kind, value = entry if type(entry) is tuple and len(entry) == 2 else ("missing", None)
    if type(kind) is not str:  # an array would be compared item by item
        return _About()
    if kind == "data":
        return _About(kind, value)
    doc, ancestors = value if type(value) is list and len(value) == 2 else (None, None)
    names = ancestors if type(ancestors) is list else []
    return _About(
        kind, None, doc if type(doc) is str else None, tuple(name for name in names[:20] if type(name) is str)
    )


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
