"""The three cheats of the sample class: they blind the checks, equal everything, and look around."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Collection

from autograder.demo.answers import (
    Expectation,
    fill,
    points_of,
    reference,
    text_of,
)
from autograder.weeks import Week

BLIND_THE_CHECKS = """
# Blank every cell that asserts or checks, then make every comparison true.
import ast

import numpy as np
import numpy.testing


def _blank(lines):
    text = "".join(lines)
    return ["pass\\n"] if "assert" in text or "checks.close" in text or "checks.equal" in text else lines


class _NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

    def visit_Raise(self, node):
        return node


try:
    shell = get_ipython()
    shell.input_transformers_cleanup.append(_blank)
    shell.ast_transformers.append(_NoAsserts())
except Exception as problem:
    print("no shell to fool:", problem)

for _name in ("assert_allclose", "assert_array_equal", "assert_equal", "assert_almost_equal"):
    setattr(numpy.testing, _name, lambda *a, **k: None)
np.testing = numpy.testing

try:
    from course import checks

    for _name in ("close", "equal", "shape", "dtype", "integer", "between", "true", "raises", "rows", "fail"):
        setattr(checks, _name, lambda *a, **k: None)
    checks.unchanged = lambda call, *a, **k: call(*a)
    checks.CheckFailed.__init__ = lambda self, *a, **k: None
except Exception as problem:
    print("no checks to fool:", problem)
"""

ALWAYS_EQUAL = '''
# Answers that equal everything, a patched Keras, and a result written straight to the output.
import json
import os
import sys

import numpy as np


class Agreeable:
    """Equal to all, true, as long and as large as one likes."""

    shape = dtype = size = ndim = property(lambda self: self)

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __le__ = __ge__ = __lt__ = __gt__ = __contains__ = __eq__

    def __hash__(self):
        return 0

    def __len__(self):
        return 1

    def __iter__(self):
        return iter((self,))

    def __getattr__(self, name):
        return self

    def __call__(self, *a, **k):
        return self

    def __reduce__(self):
        return (print, ("a pickle ran in the grader",))


class AgreeableArray(np.ndarray):
    def __eq__(self, other):
        return np.ones(np.shape(other), dtype=bool)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return True

    def __array_function__(self, func, types, args, kwargs):
        return True


class AgreeableInt(int):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


_kinds = [lambda: Agreeable(), lambda: np.zeros(1).view(AgreeableArray), lambda: AgreeableInt(-987654321)]
_calls = 0


def forged(*a, **k):
    global _calls
    _calls += 1
    return _kinds[_calls % len(_kinds)]()


try:
    import keras

    keras.Model.evaluate = lambda self, *a, **k: [0.0, 1.0]
    keras.Model.count_params = lambda self: 0
    keras.Model.predict = lambda self, *a, **k: Agreeable()
except Exception as problem:
    print("no Keras to patch:", problem)

_claim = json.dumps({"results": [{"student": "me", "verdict": "pass", "score": 100, "max_score": 100}]})
print(_claim)
print("points: 100/100\\nPASSED", file=sys.stderr)
os.write(1, (_claim + "\\n").encode())
'''

LOOK_AROUND = """
# Look for the solutions, the neighbours, the grader's memory and a way out; take what is found.
import os
import pathlib
import socket
import tempfile

found = []


def look(what, act):
    try:
        print(f"{what}: {act()!r}"[:200])
        return True
    except BaseException as problem:
        print(f"{what}: no ({type(problem).__name__})")
        return False


def read(path):
    text = pathlib.Path(path).read_text(errors="replace")
    found.append(text)
    return len(text)


here = pathlib.Path.cwd()
roots = [here, *list(here.parents)[:6]]
try:
    import course

    roots += list(pathlib.Path(course.__file__).resolve().parents)[:4]
except Exception:
    pass
for root in dict.fromkeys(roots):
    path = root / "solutions" / "WEEK" / "WEEK.py"
    look(f"solutions under {root}", lambda: read(path))
    look(f"records under {root}", lambda: len((root / "build" / "grades" / "records.jsonl").read_bytes()))
look("my neighbours", lambda: sorted(os.listdir(here.parent.parent))[:5])
look("may I write there", lambda: os.access(here.parent.parent, os.W_OK))
look("secrets in my environment", lambda: [k for k in os.environ if "TOKEN" in k or "SECRET" in k or "KEY" in k])
look("my parent's environment", lambda: len(pathlib.Path(f"/proc/{os.getppid()}/environ").read_bytes()))
look("my parent's memory", lambda: open(f"/proc/{os.getppid()}/mem", "rb").close())
look("other processes", lambda: len([p for p in os.listdir("/proc") if p.isdigit()]))


def knock():
    # A closed port of this very machine: it is the refusal that is looked at, nothing is sent.
    with socket.create_connection(("127.0.0.1", 9), timeout=0.2):
        return "a line out"


def note():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "note.txt"
        path.write_text("I was here")
        return path.stat().st_size


def multiply():
    children = []
    for _ in range(5):
        child = os.fork()
        if child == 0:
            os._exit(0)
        children.append(child)
    return [os.waitpid(child, 0)[1] for child in children]


look("the network", knock)
look("a note in a folder of my own", note)
look("children", multiply)
"""

STEAL = """
# Use what was found, if anything was: the solutions define these functions.
for _text in found:
    for _cell in _text.split("# %%"):
        if any(f"def {name}(" in _cell for name in NAMES):
            exec(_cell.split("\\n", 1)[1], globals())
"""


def functions_of(week: Week, answer: str) -> list[str]:
    """Names of the functions that an answer cell defines."""
    return [node.name for node in ast.parse(week[answer].source).body if isinstance(node, ast.FunctionDef)]


def _bodies(week: Week, answer: str, body: str) -> str:
    """The answer's functions, each with `body` as its body."""
    inside = textwrap.indent(body.strip("\n"), "    ")
    return "\n\n\n".join(f"def {name}(*args, **kwargs):\n{inside}" for name in functions_of(week, answer))


def _attack(
    week: Week, top: str, honest: Collection[str], dishonest: Callable[[str], str]
) -> tuple[bytes, Expectation]:
    answers = {a.id: reference(week, a.id) if a.id in honest else dishonest(a.id) for a in week.answers}
    notebook = fill(week, answers, "The grader will never see me coming.", top=top.strip("\n"))
    earned = points_of(week, honest)
    forged = tuple(check.id for check in week.checks if week.exercise_of(check.id) not in honest)
    verdicts = frozenset({"fail", "error", "timeout", "oom", "missing", "tampered"})
    return text_of(notebook), Expectation(verdicts, earned, earned, fails=forged, whole=tuple(honest))


def blinding(week: Week) -> tuple[bytes, Expectation]:
    """Hostile (a): blanks assertions and patches numpy.testing and course.checks; the first answer is honest."""
    return _attack(week, BLIND_THE_CHECKS, [week.answers[0].id], lambda answer: _bodies(week, answer, "return None"))


def agreeable(week: Week) -> tuple[bytes, Expectation]:
    """Hostile (b): returns objects that equal everything, patches Keras, prints scores; the first answer is honest."""
    body = "return forged(*args, **kwargs)"
    return _attack(week, ALWAYS_EQUAL, [week.answers[0].id], lambda answer: _bodies(week, answer, body))


def curious(week: Week) -> tuple[bytes, Expectation]:
    """Hostile (c): looks for solutions and a way out, uses what it finds, ends the process or loops where it finds
    nothing; the first answer is honest."""
    names = [answer.id for answer in week.answers]
    leaves, loops = names[1:2], names[-1:]

    def dishonest(answer: str) -> str:
        body = "return None"
        if answer in leaves:
            body = "import os\n\nos._exit(0)  # an exit status of success, and no result"
        elif answer in loops:
            # The pictures of the notebook are spared: a loop there would cost another cell's time limit for nothing new.
            body = "import sys\n\nwhile sys._getframe(1).f_globals is not globals():\n    pass"
        steal = STEAL.replace("NAMES", repr(functions_of(week, answer)))
        return _bodies(week, answer, body) + "\n\n" + steal

    return _attack(week, LOOK_AROUND.replace("WEEK", week.id), names[:1], dishonest)
