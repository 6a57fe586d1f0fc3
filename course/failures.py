"""How a failed check looks in a notebook: one thing, in the student's terms, without a traceback of ours.

Two cases. The check itself does not hold: the idea, then what was expected and what was found side by side, with the
first differing place marked. Or the student's code raised an error while the check called it: their lines, and the call.

This is for a student's kernel only. The grader writes its records from the exceptions themselves.
"""

from __future__ import annotations

import re
import textwrap
import traceback
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

from course import calls, session
from course.difference import Difference, first, html_table, text_table

_CLOSING = re.compile(r"^checks\.(passed|when_graded)\(", re.MULTILINE)
WIDTH = 96
"""Characters of a line that JupyterLab shows at a usual width; it breaks longer ones within a word."""
_BOLD, _OFF = "\x1b[1m", "\x1b[0m"


def lines(idea: str, detail: str, difference: Difference | None, *, table: bool = True) -> list[str]:
    """A failed check as lines of text: the idea, then expected and found.

    table: whether arrays follow as a table of text; not where a table of HTML is shown.
    """
    shown = [f"{_BOLD}{line}{_OFF}" for line in textwrap.wrap(idea, WIDTH, break_on_hyphens=False) or [""]]
    place = first(difference) if difference is not None and _holds_values(detail) else ""
    if difference is None or not place:
        return shown + detail.splitlines()
    return [*shown, place, *(text_table(difference) if table else [])]


def _holds_values(detail: str) -> bool:
    """Not where the detail speaks of something else than values, of shapes say."""
    return detail.startswith("expected ") and "\nfound " in detail


def install(check_failed: type[Exception]) -> None:
    """In a notebook's kernel, show what goes wrong in a check cell as this module does; elsewhere do nothing.

    check_failed: the exception of a check that does not hold. Whoever has put a handler of their own in place keeps it.
    """
    session.install()
    shell = session.kernel_shell()
    if shell is None or getattr(shell, "custom_exceptions", None):
        return

    def show(shell: Any, kind: type[BaseException], problem: BaseException, trace: Any, tb_offset: Any = None) -> None:
        try:
            if isinstance(problem, check_failed):
                _show_failed(shell, problem)
                return
            if (shown := explain(shell, problem, trace)) is not None:
                shell._showtraceback(kind, problem, shown)
                return
        except Exception:  # whatever goes wrong in showing an error, the error itself must be seen
            pass
        shell.showtraceback((kind, problem, trace), tb_offset=tb_offset)

    shell.set_custom_exc((Exception,), show)


def _show_failed(shell: Any, problem: Any) -> None:
    difference = problem.difference
    table = html_table(difference) if difference is not None and _holds_values(problem.detail) else ""
    shown = lines(problem.idea, problem.detail, difference, table=not table)
    shell._showtraceback(type(problem), problem, shown)
    if table:
        plain = "\n".join(text_table(difference))
        shell.display_pub.publish({"text/html": table, "text/plain": plain})


@dataclass(frozen=True)
class _Step:
    frame: FrameType
    line: int
    lasti: int
    source: str
    """The source of the cell, empty where the frame is not of a cell."""


def explain(shell: Any, problem: BaseException, trace: TracebackType | None) -> list[str] | None:
    """An exception that is not a failed check, raised while a check cell ran, as lines of text; None outside check cells."""
    steps = _steps(shell, trace)
    top = next((step for step in steps if step.source), None)
    if top is None or not _CLOSING.search(top.source):
        return None
    said = "".join(traceback.format_exception_only(problem)).strip()
    inside = steps[steps.index(top) + 1 :]
    theirs = [step for step in inside if step.source and step.frame.f_code.co_filename != top.frame.f_code.co_filename]
    if not theirs:
        return _without_their_lines(problem, said, steps)
    name = theirs[0].frame.f_code.co_name
    name = "your function" if name.startswith("<") else name  # a lambda
    if isinstance(problem, NotImplementedError) and not str(problem) and steps[-1] is theirs[-1]:
        return [f"{_BOLD}{theirs[-1].frame.f_code.co_name} is not written yet{_OFF}"]
    shown = [f"{_BOLD}{name} raised {said}{_OFF}"]
    for step in theirs[-3:]:
        label = shell.compile.format_code_name(step.frame.f_code.co_filename)
        cell = " ".join(label) if label else "your cell"
        shown.append(f"{cell}, line {step.line}, in {step.frame.f_code.co_name}:")
        shown.append(f"    {_line(step.source, step.line)}")
    caller = steps[steps.index(theirs[0]) - 1]
    call = calls.of_cell(caller.source, caller.frame, caller.lasti) if caller.source else ""
    if call := call or calls.of_function(theirs[0].frame):
        shown += ["The call, to try in a cell of your own:", f"    {call}"]
    return shown


def _without_their_lines(problem: BaseException, said: str, steps: list[_Step]) -> list[str]:
    here = [step for step in steps if step.source][-1]
    line = f"    {_line(here.source, here.line)}"
    if isinstance(problem, NameError) and problem.name:
        return [f"{_BOLD}{problem.name} is not defined: run the cell that defines it{_OFF}", line]
    if isinstance(problem, TypeError) and "argument" in str(problem):
        return [
            f"{_BOLD}{said}{_OFF}",
            "The call of the check:",
            f"    {calls.of_cell(here.source, here.frame, here.lasti) or line.strip()}",
        ]
    sentence = "the check could not use what your function returned: is it of the type that the docstring asks for?"
    return [f"{_BOLD}{sentence}{_OFF}", said, line]


def _steps(shell: Any, trace: TracebackType | None) -> list[_Step]:
    steps = []
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        is_cell = shell.compile.format_code_name(filename) is not None
        source = session.source_of(filename) if is_cell else ""
        steps.append(_Step(trace.tb_frame, trace.tb_lineno, trace.tb_lasti, source))
        trace = trace.tb_next
    return steps


def _line(source: str, number: int) -> str:
    found = source.splitlines()
    return found[number - 1].strip() if 0 < number <= len(found) else ""
