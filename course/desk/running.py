"""A notebook run from a fresh start, as the grader would: past cells that fail, hang or end Python."""

from __future__ import annotations

import ast
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course import limits, score
from course.desk import given, notebooks, packing
from course.desk.kernel import Kernel, Ran
from course.files import write_bytes
from course.score import Standing

IMPATIENT_SECONDS = 3.0
"""Limit of a cell that needs a function which did not come back before."""
MOST_DEATHS = 5
"""After this many kernels have ended, the rest is not tried."""
_WORD = re.compile(r"[^\W\d]\w*")
_INPUT = "input() waits for somebody to type, and nobody does when your work is graded: write the value into the cell"


def run_checks(
    notebook: Any,
    path: Path,
    seconds: float,
    on_cell: Callable[[int, int], None] = lambda done, total: None,
) -> list[Standing]:
    """The checks of a notebook, run from a fresh start.

    path: where the notebook lies. It runs in a copy of what `course submit` would hand in, so that it finds there what the
    grader finds; nets that it trains are kept beside the notebook. The notebook's file is not touched.
    seconds: a cell that takes longer is interrupted, and counts as failed.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    changed, unanswered = set(given.changed_checks(notebook)), notebooks.checks_of_unanswered(notebook)
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as room:
        folder = Path(room) / path.resolve().parent.name
        before = _copy(path, folder)
        with Kernel(folder) as kernel:
            run = _Run(cells, kernel, seconds)
            standings = []
            for number, cell in enumerate(cells):
                message = run.cell(number)
                if notebooks.is_check(cell):
                    name = notebooks.name_of(cell)
                    if name in changed:
                        message = "this check was changed; when your work is graded, the one handed out runs"
                    elif not message and name in unanswered and score.state(cell.source, passes=True) == "when graded":
                        message = notebooks.NOT_WRITTEN
                    state = score.state(cell.source, passes=not message)
                    standings.append(Standing(name, float(notebooks.about(cell).get("points", 0)), state, message))
                on_cell(number + 1, len(cells))
        _keep_trained(folder, path.parent, before)
    return standings


def _copy(path: Path, folder: Path) -> dict[str, bytes]:
    """Copy modules and nets beside the notebook into `folder`; the nets' contents come back."""
    folder.mkdir()
    nets = {}
    for file in packing.beside(path):
        target = folder / file.relative_to(path.parent)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, target)
        if file.suffix == ".npz":
            nets[file.name] = file.read_bytes()
    return nets


def _keep_trained(folder: Path, home: Path, before: dict[str, bytes]) -> None:
    """Keep what was trained beside the notebook, as a run in the lab does; a folder that is read-only stays as it was."""
    for net in sorted((folder / "artefacts").glob("*.npz")):
        data = net.read_bytes()
        if limits.ARTEFACT_NAME.fullmatch(net.name) and before.get(net.name) != data:
            try:
                write_bytes(home / "artefacts" / net.name, data)
            except OSError:
                return


class _Run:
    """The cells of one notebook on their way through a kernel, which is started anew when one of them ends it."""

    def __init__(self, cells: list[Any], kernel: Kernel, seconds: float) -> None:
        self.cells, self.kernel, self.seconds = cells, kernel, seconds
        self.hanging: set[str] = set()
        """Functions of the student's that did not come back."""
        self.fatal: set[int] = set()
        """Cells that ended the kernel: they are not run again."""
        self.deaths = 0
        self.problems: dict[int, str] = {}
        """What went wrong in cells that are not checks."""

    def cell(self, number: int) -> str:
        """Run cell `number`; what to say of it, empty where it ran well."""
        if self.deaths > MOST_DEATHS:
            return "not run: Python ended too often before"
        cell = self.cells[number]
        limit = self._limit(cell.source)
        ran = self.kernel.run(cell.source, limit)
        if ran.status == "timeout":
            self._note_hanging(cell.source, ran.trace)
        if ran.status == "died":
            self._again(number)
        message = self._message(ran, limit)
        if message and not notebooks.is_check(cell):
            self.problems[number] = message
        return message

    def _limit(self, source: str) -> float:
        if not self.hanging:
            return self.seconds
        return min(self.seconds, IMPATIENT_SECONDS) if self._reach(source) & self.hanging else self.seconds

    def _reach(self, source: str) -> set[str]:
        """The words of a cell, and those of the student's cells that define one of them."""
        words, new = set(), _words(source)
        while new:
            words |= new
            new = set().union(*(_words(c.source) for c in self._theirs() if _functions(c.source) & new)) - words
        return words

    def _theirs(self) -> list[Any]:
        return [cell for cell in self.cells if notebooks.about(cell).get("solution") or not notebooks.about(cell)]

    def _note_hanging(self, source: str, trace: str) -> None:
        """The student's functions that were on when the cell was interrupted; where the trace tells none, all that it calls."""
        defined = set().union(*(_functions(cell.source) for cell in self._theirs()))
        inside = {name for name in re.findall(r"\bin ([^\W\d]\w*)\(", trace) if name in defined}
        self.hanging |= inside or (_words(source) & defined)

    def _again(self, number: int) -> None:
        """Run what came before cell `number` in the new kernel, checks and fatal cells left out."""
        self.fatal.add(number)
        self.deaths += 1
        for earlier in range(number):
            cell = self.cells[earlier]
            if earlier in self.fatal or notebooks.is_check(cell) or self.deaths > MOST_DEATHS:
                continue
            if self.kernel.run(cell.source, self._limit(cell.source)).status == "died":
                self.fatal.add(earlier)
                self.deaths += 1

    def _message(self, ran: Ran, limit: float) -> str:
        """What a cell that failed says, in one line; empty where it ran well."""
        if ran.status == "ok":
            return ""
        if ran.status == "died":
            return "Python ended in this cell: os._exit, a crash, or no memory left"
        if ran.status == "timeout":
            return f"stopped after {limit:g} s" + (", as it hung before" if limit < self.seconds else "")
        first = next(iter(ran.text.splitlines()), "")
        if ran.name == "NotImplementedError" and not first:
            return notebooks.NOT_WRITTEN
        if ran.name == "StdinNotImplementedError":
            return _INPUT
        if ran.name in ("CheckFailed", "AssertionError"):
            return first or "does not hold"
        if ran.name == "NameError" and (found := re.match(r"name '(\w+)' is not defined", first)):
            return self._why_absent(found[1]) or f"{ran.name}: {first}"
        return f"{ran.name}: {first}".rstrip(": ")

    def _why_absent(self, name: str) -> str:
        """What went wrong in the cell that defines `name`, empty where nothing is known of it."""
        defines = re.compile(rf"^(?:def|class) {name}\b|^[\w, ]*\b{name}\b[\w, ]*=", re.MULTILINE)
        for number, message in self.problems.items():
            cell = self.cells[number]
            if notebooks.name_of(cell) == name or defines.search(cell.source):
                return f"{name} is not defined, because of its cell: {message}"
        return ""


def _words(source: str) -> set[str]:
    return set(_WORD.findall(source))


def _functions(source: str) -> set[str]:
    """Names of the functions and classes that a cell defines; those of a cell that is not valid Python are found in its text."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return set(re.findall(r"^def ([^\W\d]\w*)", source, re.MULTILINE))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in body if isinstance(node, kinds)}
