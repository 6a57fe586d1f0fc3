"""Class 40: honest, in files and layouts of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from autograder import weeks
from benchmarks.attacks.case import (
    NO_ARRAY,
    POINTS,
    Attack,
    own,
    wrapped,
)


def _files(name: str, code: str, files: dict[str, bytes]) -> Attack:
    return own(40, name, answers={"pool2d": code}, files=files)


def _all_in_one(document: dict[str, Any]) -> None:
    """Every answer in the first answer cell, the other cells empty but for a remark."""
    cells = [
        c for c in document["cells"] if c["metadata"].get("nbgrader", {}).get("solution") and c["cell_type"] == "code"
    ]
    cells[0]["source"] = "\n\n".join(cell["source"] for cell in cells)
    for cell in cells[1:]:
        cell["source"] = "# see above"


def _tried_out(document: dict[str, Any]) -> None:
    """Behind each answer a cell that tries it, one that fails and one that asks for help."""
    cells: list[dict[str, Any]] = []
    for number, cell in enumerate(document["cells"]):
        cells.append(cell)
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code":
            for part, source in enumerate((f"print({number})", "undefined_name", "?print", "%timeit -n1 -r1 1")):
                own_cell = {"cell_type": "code", "id": f"try-{number}-{part}", "metadata": {}, "outputs": []}
                cells.append({**own_cell, "execution_count": None, "source": source})
    document["cells"] = cells


def _saved_elsewhere(document: dict[str, Any]) -> None:
    """As VS Code and Colab leave it: their own metadata everywhere, outputs of other kinds."""
    for number, cell in enumerate(document["cells"]):
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell["metadata"]["id"], cell["metadata"]["outputId"] = f"aB{number}", "x"
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["a\n", "b\n"]}]
    document["metadata"]["colab"] = {"provenance": [], "toc_visible": True}
    document["metadata"]["accelerator"] = "GPU"


def attacks() -> Iterator[Attack]:
    right = weeks.load(1)["pool2d"].source
    helper = f"import numpy as np\n{right}".encode()
    for name, code, files in (
        ("a module that imports another", "from outer import pool2d", {"outer.py": b"from inner import *", "inner.py": helper}),
        ("a module with a mark of its encoding", "from mine import pool2d", {"mine.py": b"\xef\xbb\xbf" + helper}),
        ("a module in Latin-1", "from mine import pool2d", {"mine.py": b"# coding: latin-1\n# \xe9\n" + helper}),
        ("a module with line ends of Windows", "from mine import pool2d", {"mine.py": helper.replace(b"\n", b"\r\n")}),
        ("a module that is run", "%run mine.py", {"mine.py": helper + b"\nif __name__ == '__main__': print('ran')\n"}),
        ("a module that is read", "exec(open('mine.py').read())", {"mine.py": helper}),
        ("a module that is loaded again", "import importlib, mine\nimportlib.reload(mine)\npool2d = mine.pool2d",
         {"mine.py": helper}),
        ("a module under another name", "import mine as m\ndef pool2d(*a, **k): return m.pool2d(*a, **k)", {"mine.py": helper}),
        ("a module with letters of one's own", "from größe import pool2d", {"größe.py": helper}),
    ):  # fmt: skip
        yield _files(name, code, files)
    edits: dict[str, Callable[[dict[str, Any]], None]] = {
        "all answers in one cell": _all_in_one,
        "answers that were tried out": _tried_out,
        "saved by another program": _saved_elsewhere,
    }
    for name, edit in edits.items():
        yield own(40, name, edit=edit)
    for name, wrap in {
        "numbers of the other byte order": "np.asarray({}).astype('>f8')",
        "numbers of more digits": "np.asarray({}, dtype='longdouble')",
        "an array nobody may write to": "np.broadcast_to({}, np.shape(_made))",
        "a matrix of nothing masked": "np.ma.array({})",
        "rows from a generator": "(row for row in {})",
        "a tuple of tuples of rows": "tuple(map(tuple, {}))",
    }.items():
        body = wrap.format("_made")
        inside = "    _made = _right(x, size, stride, mode)\n    "
        least = NO_ARRAY if "rows" in name else POINTS
        answers = {"pool2d": wrapped(inside, wrap=body + " if _made is not None else {}")}
        yield own(40, name, answers=answers, low=least, high=least)
    yield own(40, "defaults that a decorator keeps", answers={"pool2d": wrapped("", after=(
        "import functools\ndef logged(f):\n    @functools.wraps(f)\n    def g(*a, **k): return f(*a, **k)\n    return g\n"
        "pool2d = logged(_right)"))}, low=POINTS)  # fmt: skip
    yield own(
        40,
        "types of one's own in the signature",
        answers={
            "pool2d": right.replace(
                "def pool2d(x, size, stride=None",
                "from typing import Annotated\ndef pool2d(x: 'np.ndarray', size: Annotated[int, 'px'], stride=None",
            )
        },
    )
