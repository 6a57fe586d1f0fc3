"""The points of a week so far: what counts already, and what counts only when the work is graded."""

from __future__ import annotations

import ast
import html
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from course import session, syllabus

State = Literal["passes", "visible part passes", "when graded", "fails"]


@dataclass(frozen=True)
class Closing:
    """The last statement of a check cell, `checks.passed(…)` or `checks.when_graded(…)`; `points` None where unreadable."""

    name: Literal["passed", "when_graded"]
    what: str
    points: float | None
    later: str
    line: int


def closing(source: str) -> Closing | None:
    """How a check cell ends; None where it ends otherwise, or is not valid Python."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return None
    if not body or not isinstance(body[-1], ast.Expr) or not isinstance(call := body[-1].value, ast.Call):
        return None
    name = ast.unparse(call.func).removeprefix("checks.")
    if name not in ("passed", "when_graded") or ast.unparse(call.func) == name:
        return None
    options = {word.arg: word.value for word in call.keywords}
    return Closing(
        name,  # type: ignore[arg-type]
        _text(call.args[0]) if call.args else "",
        value if isinstance(value := _constant(options.get("points")), (int, float)) else None,
        _text(options["later"]) if "later" in options else "",
        body[-1].lineno,
    )


def _constant(node: ast.expr | None) -> Any:
    return node.value if isinstance(node, ast.Constant) else None


def _text(node: ast.expr) -> str:
    value = _constant(node)
    return value if isinstance(value, str) else ""


def state(source: str, passes: bool) -> State:
    """What a check that a student sees as `source` is worth, by whether that much of it passes.

    A cell that checks nothing before its work is graded counts nothing, whether it says so or not.
    """
    if not passes:
        return "fails"
    end = closing(source)
    if (end and end.name == "when_graded") or _checks_nothing(source):
        return "when graded"
    return "visible part passes" if end and end.later else "passes"


def _checks_nothing(source: str) -> bool:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return False
    return not any(isinstance(node, (ast.Call, ast.Assert)) for node in ast.walk(tree))


@dataclass(frozen=True)
class Standing:
    """One check, what it is worth, and how it stands. `message`: what a failing one says."""

    id: str
    points: float
    state: State
    message: str = ""

    @property
    def worth(self) -> str:
        """The points in words: "3 of 3", "0 to 3", "when graded"."""
        if not self.points:
            return "stretch"
        if self.state == "passes":
            return f"{self.points:g} of {self.points:g}"
        return f"0 of {self.points:g}" if self.state == "fails" else f"0 to {self.points:g}"


@dataclass(frozen=True)
class Score:
    """Points of all checks: `earned` for certain, `open` until the work is graded, out of `most`."""

    earned: float
    open: float
    most: float

    def __str__(self) -> str:
        if not self.open:
            return f"{self.earned:g} of {self.most:g} points so far."
        return (
            f"At least {self.earned:g} of {self.most:g} points so far; "
            f"{self.open:g} more depend on parts that run only when your work is graded."
        )


def total(standings: Iterable[Standing]) -> Score:
    """The sum of the checks."""
    every = list(standings)
    return Score(
        sum(one.points for one in every if one.state == "passes"),
        sum(one.points for one in every if one.state in ("visible part passes", "when graded")),
        sum(one.points for one in every),
    )


def of_session(path: Path) -> list[Standing]:
    """The state of the checks of the notebook at `path` in the kernel that asks: nothing is run.

    Raises OSError or ValueError where the file is not a notebook.
    """
    standings = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        about = cell.get("metadata", {}).get("nbgrader", {})
        if cell.get("cell_type") == "code" and about.get("grade"):
            source = "".join(cell["source"])
            only_later = state(source, True) == "when graded"
            passes = only_later or session.has_passed(source)
            standings.append(
                Standing(
                    str(about.get("grade_id")),
                    float(about.get("points", 0)),
                    state(source, passes),
                    "" if passes else "has not passed in this session",
                )
            )
    return standings


def show(week: str | int, folder: Path | None = None) -> None:
    """Print the table of `week`'s checks, as this kernel has run them. folder: that of its notebook (the current one)."""
    try:
        plan = syllabus.week(week)
    except KeyError as problem:
        print(str(problem.args[0]))
        return
    path = (folder or Path.cwd()) / f"{plan.id}.ipynb"
    if session.kernel_shell() is None and not path.exists():
        return  # the grader runs this cell too, and there is nothing to say there
    try:
        standings = of_session(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        print(f"The points cannot be shown: {path.name} is not in the folder of this notebook, or is not saved.")
        return
    said = f"{total(standings)} Restart the kernel and run all cells for the whole of it."
    if failing := [one.id for one in standings if one.message and one.points]:
        said += f" The first check that does not pass: {failing[0]}."
    if written := sum(plan.written.values()):
        said += f" {written:g} more points are for written answers, read by a person."
    shell = session.kernel_shell()
    if shell is None:
        print(_as_text(standings) + "\n" + said)
    else:
        shell.display_pub.publish(
            {"text/html": _as_html(standings, said), "text/plain": f"{_as_text(standings)}\n{said}"}
        )


_MARKS = {"passes": "✓", "visible part passes": "✓", "when graded": "○", "fails": "·"}


def _cells(standing: Standing) -> tuple[str, str, str]:
    return standing.id, standing.worth, f"{_MARKS[standing.state]} {standing.message or standing.state}"


def _as_text(standings: list[Standing]) -> str:
    rows = [("Check", "Points", ""), *map(_cells, standings)]
    first, second = (max(len(row[i]) for row in rows) for i in (0, 1))
    return "\n".join(f"{row[0]:<{first}}  {row[1]:>{second}}  {row[2]}".rstrip() for row in rows)


def _as_html(standings: list[Standing], said: str) -> str:
    style = 'style="text-align:left;padding:2px 12px"'
    head = "".join(f"<th {style}>{name}</th>" for name in ("Check", "Points", ""))
    rows = "".join(
        f"<tr>{''.join(f'<td {style}>{html.escape(text)}</td>' for text in _cells(one))}</tr>" for one in standings
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>{html.escape(said)}</p>"
