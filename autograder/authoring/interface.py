"""What the authoring interface asks of a week (docs/authors/interface.md), beyond what makes it work.

Folded cells have a title, a check says that it passes, a figure has its text alternative and is not drawn by the grader, every
bound that a check asks for is shown by its exercise, and every graded exercise has hints that do not give its answer away.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.authoring.notebooks import hints_path, is_folded
from autograder.weeks import Cell, Week, marks, names, pictures
from course import hints, score
from course.syllabus import WeekPlan

TITLE = 72
"""Characters of the first line of a folded cell, at most: JupyterLab shows no more of it at a usual width."""
HINTS = 3
_OLD_TITLES = ("# visible:", "# hidden:")
_TELLING = 12
"""A line of a solution in a hint gives it away from this number of characters on, spaces left out."""

Finding = tuple[Cell | None, str, int]
"""(cell, what is wrong, line of the cell); no cell where it is about `hints.toml`."""


def findings(week: Week, plan: WeekPlan) -> Iterator[Finding]:
    """Everything in `week` that the interface forbids. Cells that are not valid Python are left to other checks."""
    for cell in week.cells:
        if cell.kind != "code":
            continue
        if is_folded(cell):
            yield from _title(cell)
        try:
            tree = ast.parse(names.plain(cell.source))
        except SyntaxError:
            continue
        if cell.role == "check":
            yield from _closing(cell)
        if cell.role in ("given", "check") and not plan.draft:
            yield from _figures(cell, tree)
    if not plan.draft:
        yield from _drawn_in_grading(week)
    yield from _bounds(week, plan)
    yield from _hints(week, plan)


def _title(cell: Cell) -> Iterator[Finding]:
    first = cell.source.partition("\n")[0].rstrip()
    if not first.startswith("# ") or not first[2:].strip():
        yield cell, "is folded, so its first line must be a comment that is its title", 1
    elif first.lower().startswith(_OLD_TITLES):
        yield cell, "its title should say what is checked, without “Visible:” or “Hidden:”", 1
    elif len(first) > TITLE:
        yield cell, f"its title has {len(first)} characters, {TITLE} at most are shown when it is folded", 1


def _closing(cell: Cell) -> Iterator[Finding]:
    last = len(cell.source.splitlines())
    end, shown = score.closing(cell.source), score.closing(cell.visible_source)
    if end is None:
        yield (
            cell,
            "its last statement must be checks.passed(…), or checks.when_graded(…) where all of it is hidden",
            last,
        )
        return
    if shown != end and (shown is None or (shown.name, shown.what) != (end.name, end.what)):
        yield cell, f"checks.{end.name}(…) must stand outside the hidden region, as the last statement", end.line
        return
    if not end.what:
        yield cell, f"checks.{end.name}(…) must say in a literal string what was shown to work", end.line
    if end.points != cell.points:
        says = "gives no points as a literal" if end.points is None else f"says {end.points} points"
        yield cell, f"checks.{end.name}(…) {says}, the cell's metadata say {cell.points:g}", end.line
    visible = _checks_something(cell.visible_source)
    if end.name == "when_graded":
        if visible:
            yield cell, "a part of it is visible: end it with checks.passed(…, later=…)", end.line
        elif not cell.hidden:
            yield cell, "checks.when_graded(…) is for a cell that is hidden, and nothing of this one is", end.line
        return
    if not visible:
        yield cell, "all of it is hidden: end it with checks.when_graded(…)", end.line
    elif cell.hidden and not end.later:
        yield cell, "has a hidden region: checks.passed(…) must say with later=… what that tries", end.line
    elif end.later and not cell.hidden:
        yield cell, "has no hidden region, so checks.passed(…) must not say later=…", end.line


def _checks_something(visible: str) -> bool:
    """Whether what a student sees of a check reads a name of theirs."""
    try:
        return bool(names.free(visible))
    except SyntaxError:
        return True


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name)):
            yield ast.unparse(node.func), node


def _figures(cell: Cell, tree: ast.AST) -> Iterator[Finding]:
    drawn, shown = None, False
    for name, call in _calls(tree):
        if name in ("plt.show", "pyplot.show"):
            yield cell, "plt.show() gives the figure no text alternative: plots.show(“what is to be seen”)", call.lineno
            shown = True
        elif name == "plots.show":
            shown = True
            text = call.args[0] if call.args else next((w.value for w in call.keywords if w.arg == "alt"), None)
            if text is None or (isinstance(text, ast.Constant) and not str(text.value or "").strip()):
                yield cell, "plots.show() needs a text that says what is to be seen", call.lineno
        elif name in ("plt.subplots", "plt.figure", "plt.subplot_mosaic") and drawn is None:
            drawn = call.lineno
    defines = any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))
    if cell.role == "given" and drawn is not None and not shown and not defines:
        yield cell, "draws a figure and does not show it with plots.show(“what is to be seen”)", drawn


def _drawn_in_grading(week: Week) -> Iterator[Finding]:
    for cell, read, reader in pictures.drawn_in_grading(week):
        if reader is None:
            why = "it draws by functions of ours only: call plots.show(…) in the cell itself"
        else:
            why = f"{reader.id} reads {', '.join(sorted(read))}: define that in a cell of its own, which does not draw"
        yield cell, f"would be drawn for every submission that is graded; {why}", 1


def _bounds(week: Week, plan: WeekPlan) -> Iterator[Finding]:
    known = set().union(*(bounds.keys() for bounds in plan.bounds.values()))
    if not known:
        return
    for check in week.checks:
        exercise = week.exercise_of(check.id)
        if exercise is None:
            continue
        stated = _stated(week, exercise)
        for name, line in sorted(_read(check, known).items()):
            if name not in stated:
                where = f'bounds.show("{plan.id.partition("_")[0]}", "{name}", …)'
                yield check, f"asks for the bound {name}, which {exercise} does not state: {where}", line
    for name in sorted(known - plan.bound_words.keys()):
        showing = [cell for cell in week.of_role("given") if name in _shown_by(cell)]
        if showing:
            yield showing[0], f"shows the bound {name}, for which the syllabus has no [week.bounds.words]", 1


def _read(check: Cell, known: set[str]) -> dict[str, int]:
    """{bound: line}: those that a check reads, with `slack` and `moved` where they come along."""
    found: dict[str, int] = {}
    try:
        tree = ast.parse(names.plain(check.source))
    except SyntaxError:
        return found
    reads = False
    for name, call in _calls(tree):
        if name == "profile.bound":
            reads = True
        elif name in ("bands.on_validation", "bands.on_test"):
            reads = True
            moves = next((word.value for word in call.keywords if word.arg == "moves"), None)
            if name == "bands.on_validation":
                found.setdefault("slack", call.lineno)
            elif not (isinstance(moves, (ast.Tuple, ast.List)) and not moves.elts):
                found.setdefault("moved", call.lineno)
    if reads:  # a name may come by way of a loop or a table, so every string that is one counts
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in known:
                found.setdefault(node.value, node.lineno)
    return {name: line for name, line in found.items() if name in known}


def _stated(week: Week, exercise: str) -> set[str]:
    """The bounds that an exercise shows: from the answer cell before it on, down to its own last check."""
    order = list(week.cells)
    own = [n for n, cell in enumerate(order) if cell.id == exercise or week.exercise_of(cell.id) == exercise]
    before = [n for n, cell in enumerate(order) if cell.role == "answer" and n < order.index(week[exercise])]
    start = max(before, default=-1) + 1
    return set().union(*(_shown_by(cell) for cell in order[start : max(own) + 1]))


def _shown_by(cell: Cell) -> set[str]:
    if cell.role != "given" or "bounds.show(" not in cell.source:
        return set()
    try:
        tree = ast.parse(names.plain(cell.source))
    except SyntaxError:
        return set()
    calls = [call for name, call in _calls(tree) if name == "bounds.show"]
    return {str(arg.value) for call in calls for arg in call.args[1:] if isinstance(arg, ast.Constant)}


def _hints(week: Week, plan: WeekPlan) -> Iterator[Finding]:
    try:
        table = hints.read(hints_path(week))
    except hints.NoHint as problem:
        if plan.draft and not hints_path(week).exists():
            return
        yield None, str(problem), 0
        return
    answers = {cell.id: cell for cell in week.answers}
    for exercise, points in plan.exercises.items():
        if points and exercise in answers and not table.get(exercise) and not plan.draft:
            yield None, f"{exercise} is graded and has no hint: one to three are needed", 0
    for exercise, texts in table.items():
        if exercise not in answers:
            yield None, f"{exercise} is no answer cell of the week", 0
            continue
        if len(texts) > HINTS:
            yield None, f"{exercise} has {len(texts)} hints, {HINTS} at most", 0
        for number, text in enumerate(texts, start=1):
            if not text.strip():
                yield None, f"hint {number} of {exercise} is empty", 0
            for line in _telling_lines(answers[exercise]):
                if _bare(line) in _bare(text):
                    yield None, f"hint {number} of {exercise} holds a line of the solution: {line}", 0


def _telling_lines(cell: Cell) -> set[str]:
    """Lines of code of a solution that its contract does not show as well."""
    regions = list(marks.regions(cell.source, marks.BEGIN_SOLUTION, marks.END_SOLUTION))
    lines = {line.strip() for region in regions for line in region}
    secret = {line for line in lines if not line.startswith(("#", "import ", "from ")) and len(_bare(line)) >= _TELLING}
    return secret - {line.strip() for line in marks.without_solution(cell.source).splitlines()}


def _bare(text: str) -> str:
    return "".join(text.split())
