"""Whether an answer or a hidden check can be read in something that a student receives."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from autograder.weeks import Week, marks, names

MARK_WORDS = re.compile(r"(?:BEGIN|END)\s+(?:SOLUTION|HIDDEN|MARK\s+SCHEME)", re.IGNORECASE)


@dataclass(frozen=True)
class Secret:
    """A region that must not reach a student: `owner` is its cell, `lines` what it says, stripped."""

    week: str
    owner: str
    kind: str
    lines: tuple[str, ...]

    @property
    def telling(self) -> set[str]:
        """Lines that are unlikely to be written twice by chance: no comments, imports, loops or short ones."""
        common = ("#", "import ", "from ", "for ", "raise ", "rng = ", "return np.", "def ")
        return {line for line in self.lines if len(line) >= 24 and not line.startswith(common)}

    def shows_in(self, text: str) -> bool:
        """All of the region is found in `text`, line after line, or nearly all of its telling lines do."""
        found = [line.strip().removeprefix("# ") for line in text.splitlines()]
        kept = [line for line in self.lines if line and not line.startswith("#")]
        if len(" ".join(kept)) >= 24 and _runs_in(kept, [line for line in found if line]):
            return True
        telling = self.telling
        return len(telling) >= 3 and len(telling & set(found)) >= 0.75 * len(telling)


def _runs_in(needle: list[str], hay: list[str]) -> bool:
    return any(hay[i : i + len(needle)] == needle for i in range(len(hay) - len(needle) + 1))


def secrets(week: Week) -> list[Secret]:
    """Every answer, model text and hidden check of a week."""
    found = []
    for cell in week.cells:
        if cell.role in ("answer", "written"):
            marked = marks.regions(cell.source, marks.BEGIN_SOLUTION, marks.END_SOLUTION) or [cell.source.splitlines()]
            kind = "answer"
        elif cell.role == "check":
            marked, kind = marks.regions(cell.source, marks.BEGIN_HIDDEN, marks.END_HIDDEN), "hidden check"
        else:
            continue
        for region in marked:
            lines = tuple(line.strip() for line in region if line.strip())
            found.append(Secret(week.id, cell.id, kind, lines))
    return found


def bodies(source: str) -> dict[str, str]:
    """{name: its body as a tree, docstring left out} of every function of a module or cell, at any depth."""
    found = {}
    for node in ast.walk(ast.parse(names.plain(source))):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if body:
                found[node.name] = "".join(ast.dump(statement) for statement in body)
    return found


def find(texts: dict[str, str], weeks: list[Week]) -> list[str]:
    """One sentence for each answer or hidden check of `weeks` that can be read in `texts` ({place: its text})."""
    hidden = [secret for week in weeks for secret in secrets(week)]
    answers = {}
    for week in weeks:
        for cell in week.answers:
            for body in bodies(cell.source).values():
                if len(body) > 200:  # shorter than this, two people write the same line
                    answers[body] = f"{week.id}, cell {cell.id}"
    found = []
    for place, text in texts.items():
        for number, line in enumerate(text.splitlines(), start=1):
            if MARK_WORDS.search(line):
                found.append(f"{place}, line {number}: a mark is left: {line.strip()}")
        for secret in hidden:
            if secret.shows_in(text):
                found.append(f"{place}: shows the {secret.kind} of {secret.week}, cell {secret.owner}")
        if place.endswith(".py"):
            for name, body in bodies(text).items():
                if body in answers:
                    found.append(f"{place}: the function {name} is the answer of {answers[body]}")
    return found
