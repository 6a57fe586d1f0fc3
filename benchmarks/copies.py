"""An invented class in which some copied: honest students with habits of their own, and copies that were disguised.

Honest answers are the right alternatives and the mistakes of the week, each rewritten by its student's habits (names,
temporary variables, order of terms, prints). A copy takes another student's answers and disguises them in one way.
Everything is text: nothing is run or graded.
"""

from __future__ import annotations

import ast
import builtins
import copy
import keyword
import random
from collections.abc import Callable
from dataclasses import dataclass

from autograder.results import Result
from autograder.weeks import Week

WAYS = ("as it is", "comments", "renamed", "reordered", "split", "all of these", "three exercises")
REMARKS = (
    "# first the sizes",
    "# see the lecture",
    "# go through it",
    "# this was hard",
    "# do not forget this",
    "# ok",
)

Answers = dict[str, str]


@dataclass(frozen=True)
class Copied:
    """A pair that was planted."""

    source: str
    copy: str
    way: str


def bank(week: Week) -> dict[str, list[str]]:
    """{answer id: the different texts that students may begin from}, those that cannot be parsed left out."""
    found = {}
    for answer in week.answers:
        texts = [*week.alternatives().get(answer.id, {}).values()]
        texts += [str(mistake["code"]) for mistake in week.mistakes().get(answer.id, {}).values()]
        found[answer.id] = [text for text in dict.fromkeys(texts) if _parsed(text)]
    return {answer: texts for answer, texts in found.items() if texts}


def honest(texts: dict[str, list[str]], rng: random.Random) -> Answers:
    """One student's own answers: a text for each exercise, written in that student's way."""
    habit = Habit(rng)
    return {answer: habit.of(rng.choice(choice)) for answer, choice in texts.items()}


def a_class(week: Week, students: int, copies: int, seed: int = 0) -> tuple[list[Result], list[Copied]]:
    """`students` submissions of which `copies` of each of WAYS copy another one."""
    rng = random.Random(seed)
    texts = bank(week)
    names = [f"s{number:03}" for number in range(students)]
    work = {name: honest(texts, rng) for name in names}
    free = names[:]
    rng.shuffle(free)
    planted = []
    for way in WAYS:
        for _ in range(copies):
            source, taker = free.pop(), free.pop()
            planted.append(Copied(source, taker, way))
            work[taker] = disguised(work[source], work[taker], way, rng)
    return [Result(name, week.id, "pass", 0.0, 0.0, answers=answers) for name, answers in work.items()], planted


def disguised(source: Answers, own: Answers, way: str, rng: random.Random) -> Answers:
    """`source` as somebody hands it in who does not want it to be recognised. own: what they wrote themselves."""
    if way == "three exercises":
        taken = rng.sample(sorted(source), min(3, len(source)))
        return {**own, **{answer: renamed(source[answer], rng) for answer in taken}}
    steps: dict[str, tuple[Callable[[str, random.Random], str], ...]] = {
        "as it is": (),
        "comments": (commented,),
        "renamed": (renamed,),
        "reordered": (reordered,),
        "split": (split,),
        "all of these": (renamed, reordered, split, commented),
    }
    found = dict(source)
    for step in steps[way]:
        found = {answer: step(text, rng) for answer, text in found.items()}
    if way == "split":  # helpers stand in cells of their own, as students place them
        for number, answer in enumerate(sorted(found)[::2]):
            tree = ast.parse(found[answer])
            helpers = [
                node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("part_")
            ]
            tree.body = [node for node in tree.body if node not in helpers]
            if helpers and tree.body:
                found[answer] = ast.unparse(tree)
                found[f"extra-{number}"] = "\n\n".join(map(ast.unparse, helpers))
    return found


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _locals(tree: ast.AST) -> set[str]:
    """Names that functions of `tree` bind: parameters, targets, inner functions."""
    found = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.arg):
                    found.add(node.arg)
                elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    found.add(node.id)
    return found - set(dir(builtins)) - {"self"}


class _Rename(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self.names.get(node.arg, node.arg)
        return node


def renamed(text: str, rng: random.Random) -> str:
    """Every local name is another one."""
    tree = ast.parse(text)
    words = [
        "item",
        "value",
        "first",
        "other",
        "thing",
        "tmp",
        "data",
        "step",
        "part",
        "left",
        "size",
        "pos",
        "cur",
        "acc",
    ]
    names = {name: f"{rng.choice(words)}{number}" for number, name in enumerate(sorted(_locals(tree)))}
    return ast.unparse(_Rename(names).visit(tree))


def commented(text: str, rng: random.Random) -> str:
    """Remarks and empty lines between the lines, and at their ends."""
    lines = []
    for line in ast.unparse(ast.parse(text)).splitlines():
        if rng.random() < 0.4:
            lines.append(" " * (len(line) - len(line.lstrip())) + rng.choice(REMARKS))
        lines.append(f"{line}  {rng.choice(REMARKS)}" if rng.random() < 0.2 else line)
        if rng.random() < 0.1:
            lines.append("")
    return "\n".join(lines)


def _reads_and_writes(node: ast.AST) -> tuple[set[str], set[str]]:
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    writes = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    for each in ast.walk(node):  # x[i] = … and x.sort() change x
        if isinstance(each, ast.Subscript | ast.Attribute) and isinstance(each.ctx, ast.Store):
            writes |= {name.id for name in ast.walk(each.value) if isinstance(name, ast.Name)}
    return {name.id for name in names if isinstance(name.ctx, ast.Load)}, writes


def reordered(text: str, rng: random.Random) -> str:
    """Neighbouring statements that do not depend on each other change places, and so do functions."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        for _ in range(2):
            for at in range(len(body) - 1):
                one, two = body[at], body[at + 1]
                simple = (ast.Assign, ast.AugAssign, ast.Expr, ast.If, ast.FunctionDef)
                if not (isinstance(one, simple) and isinstance(two, simple)):
                    continue
                returns = any(isinstance(each, ast.Return) for part in (one, two) for each in ast.walk(part))
                if returns and not (isinstance(one, ast.FunctionDef) and isinstance(two, ast.FunctionDef)):
                    continue
                (reads, writes), (reads_2, writes_2) = _reads_and_writes(one), _reads_and_writes(two)
                if not (writes & (reads_2 | writes_2) or writes_2 & reads) and rng.random() < 0.8:
                    body[at], body[at + 1] = two, one
    return ast.unparse(tree)


def split(text: str, rng: random.Random) -> str:
    """The largest expressions become functions of their own, `part_1`, `part_2`, …"""
    tree = ast.parse(text)
    helpers: list[ast.stmt] = []
    for function in [node for node in tree.body if isinstance(node, ast.FunctionDef)]:
        inside = _locals(function)
        statements = [
            n for n in ast.walk(function) if isinstance(n, ast.Assign | ast.Return | ast.AugAssign) and n.value
        ]
        statements.sort(key=lambda n: -len(ast.dump(n.value)))  # type: ignore[arg-type]
        for statement in statements[:2]:
            value = statement.value
            assert value is not None
            walrus = any(
                isinstance(n, ast.NamedExpr | ast.Yield | ast.Lambda | ast.comprehension) for n in ast.walk(value)
            )
            if walrus or len(ast.dump(value)) < 200:
                continue
            needs = sorted({n.id for n in ast.walk(value) if isinstance(n, ast.Name)} & inside)
            name = f"part_{rng.randrange(10_000)}"
            made = ast.parse(f"def {name}({', '.join(needs)}):\n    return 0").body[0]
            assert isinstance(made, ast.FunctionDef)
            made.body = [ast.Return(copy.deepcopy(value))]
            helpers.append(made)
            statement.value = ast.parse(f"{name}({', '.join(needs)})", mode="eval").body
    tree.body = [*helpers, *tree.body]
    return ast.unparse(ast.fix_missing_locations(tree))


class Habit(ast.NodeTransformer):
    """How one student writes: each possible rewriting is made where the student's dice say so."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.often = {
            kind: rng.choice((0.0, 0.2, 0.5, 0.8)) for kind in ("terms", "sides", "augmented", "ranges", "result")
        }
        self.prints = rng.choice((0.0, 0.05, 0.15))
        self.names = rng.choice(("", "_", "my_", "short"))

    def of(self, text: str) -> str:
        tree = ast.parse(text)
        names = {name: self._name(name) for name in _locals(tree)}
        if len(set(names.values())) == len(names):
            tree = _Rename(names).visit(tree)
        return ast.unparse(ast.fix_missing_locations(self.visit(tree)))

    def _name(self, name: str) -> str:
        if self.names == "short":
            return name[:3] if name[:3] not in dir(builtins) and not keyword.iskeyword(name[:3]) else name
        return name + "_" if self.names == "_" else self.names + name

    def _does(self, kind: str) -> bool:
        return self.rng.random() < self.often[kind]

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Mult) and self._does("terms") and not isinstance(node.left, ast.List):
            node.left, node.right = node.right, node.left
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        turned: dict[type[ast.cmpop], type[ast.cmpop]] = {
            ast.Lt: ast.Gt,
            ast.Gt: ast.Lt,
            ast.LtE: ast.GtE,
            ast.GtE: ast.LtE,
        }
        if len(node.ops) == 1 and (other := turned.get(type(node.ops[0]))) and self._does("sides"):
            return ast.Compare(node.comparators[0], [other()], [node.left])
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.target, ast.Name) and self._does("augmented"):
            return ast.Assign([node.target], ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value))
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "range" and len(node.args) == 1 and self._does("ranges"):
            node.args = [ast.Constant(0), *node.args]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        body: list[ast.stmt] = []
        for statement in node.body:
            if self.rng.random() < self.prints:
                body.append(ast.parse(f"print('here', {self.rng.randrange(9)})").body[0])
            if isinstance(statement, ast.Return) and statement.value and self._does("result"):
                body.append(ast.Assign([ast.Name("result", ast.Store())], statement.value))
                body.append(ast.Return(ast.Name("result", ast.Load())))
            else:
                body.append(statement)
        node.body = body
        return node
