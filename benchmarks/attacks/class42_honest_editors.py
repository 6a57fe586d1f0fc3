"""Class 42: honest, in the forms in which other editors, systems and mishaps leave a notebook."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from autograder import weeks
from benchmarks.attacks.case import POINTS, Attack, own, whole

Edit = Callable[[dict[str, Any]], None]


def _file(name: str, raw: bytes, **more: Any) -> Attack:
    return Attack(42, name, raw=raw, **{"low": POINTS, "high": POINTS, **more})


def _text(document: dict[str, Any], **how: Any) -> str:
    return json.dumps(document, **{"ensure_ascii": False, "indent": 1, **how})


def _western() -> bytes:
    """As an editor of Windows saves it in its own encoding: what that has no letter for becomes a question mark."""
    return _text(whole()).encode("cp1252", "replace")


def _one_byte() -> bytes:
    """UTF-8 in which a byte of one letter was lost."""
    data = _text(whole()).encode()
    at = data.index("×".encode())
    return data[: at + 1] + data[at + 2 :]


def _metadata_of(make: Callable[[int, dict[str, Any]], dict[str, Any]], ids: bool = False, minor: int = 4) -> Edit:
    """Every cell's metadata as `make` makes it of its number and what was there; without ids of cells unless `ids`."""

    def edit(document: dict[str, Any]) -> None:
        document["nbformat_minor"] = minor
        for number, cell in enumerate(document["cells"]):
            cell["metadata"] = make(number, cell["metadata"])
            if ids:
                cell["id"] = f"{number:08x}"
            else:
                del cell["id"]

    return edit


def _at(document: dict[str, Any], name: str) -> int:
    return next(n for n, cell in enumerate(document["cells"]) if cell["id"] == name)


def _nameless_and_tried_again(document: dict[str, Any]) -> None:
    """No names anywhere; and behind the checks of conv2d a faster one that was tried out and does not work."""
    tried: dict[str, Any] = {"cell_type": "code", "id": "x", "metadata": {}, "outputs": [], "execution_count": None}
    source = (
        "# faster?\ndef conv2d(image, kernel, stride=1, padding=0, bias=0.0):\n    return image[::stride, ::stride]"
    )
    again = {**tried, "id": "y", "source": weeks.load(1)["conv2d"].source}
    document["cells"].insert(_at(document, "sliding-window"), {**tried, "source": source})
    document["cells"].insert(_at(document, "kernel-zoo"), again)
    _metadata_of(lambda number, about: {})(document)


def _split(named: tuple[bool, bool]) -> Edit:
    """The answer cut in two in the editor: a helper, and the function. named: which half keeps the cell's name."""

    def edit(document: dict[str, Any]) -> None:
        at = _at(document, "pool2d")
        first = document["cells"][at]
        second = copy.deepcopy(first)
        first["source"] = "def _steps(n, size, stride):\n    return range(0, n - size + 1, stride)\n"
        second["source"] = weeks.load(1)["pool2d"].source.replace(
            "range(0, width - size + 1, stride)", "_steps(width, size, stride)"
        )
        for number, (cell, keeps) in enumerate(zip((first, second), named, strict=True)):
            if not keeps:
                cell["id"], cell["metadata"] = f"half{number}", {}
        document["cells"].insert(at + 1, second)

    return edit


def _merged(document: dict[str, Any]) -> None:
    """The answer and the checks behind it as one cell, as Shift-M makes it."""
    at = _at(document, "pool2d")
    while (after := document["cells"][at + 1])["id"].startswith("pool2d-"):
        document["cells"][at]["source"] += "\n\n" + after["source"]
        del document["cells"][at + 1]


def _merged_with_the_text(document: dict[str, Any]) -> None:
    """The text of the task and the answer as one cell of code under the text's name: the text is commented out."""
    at = _at(document, "task-pool")
    text, answer = document["cells"][at], document["cells"].pop(at + 1)
    text["cell_type"] = "code"
    text["source"] = "\n".join(f"# {line}" for line in text["source"].splitlines()) + "\n" + answer["source"]
    text["outputs"], text["execution_count"] = [], None


def _check_with(more: str = "") -> Edit:
    """A check that was joined with what stands behind it: `more`, or the answer of the next exercise."""

    def edit(document: dict[str, Any]) -> None:
        check = document["cells"][_at(document, "zero_pad-any")]
        check["source"] += f"\n\n{more or document['cells'].pop(_at(document, 'conv2d'))['source']}"

    return edit


def _answers_last(document: dict[str, Any]) -> None:
    """All answers at the end of the notebook, in reverse."""
    answers = [cell for cell in document["cells"] if weeks.load(1)[cell["id"]].role == "answer"]
    rest = [cell for cell in document["cells"] if cell not in answers]
    document["cells"] = [*rest, *reversed(answers)]


def _noted(document: dict[str, Any]) -> None:
    """Notes of the student's own between all cells, with pictures pasted in, and raw cells."""
    cells = []
    for number, cell in enumerate(document["cells"]):
        picture = {"image.png": {"image/png": "iVBORw0KGgo="}}
        note = {
            "cell_type": "markdown",
            "id": f"note{number}",
            "metadata": {},
            "source": "![](attachment:image.png) see **above**",
        }
        raw = {
            "cell_type": "raw",
            "id": f"raw{number}",
            "metadata": {"raw_mimetype": "text/latex"},
            "source": r"\newpage",
        }
        cells += [cell, {**note, "attachments": picture}, raw]
    document["cells"] = cells


def _laden(document: dict[str, Any]) -> None:
    """Outputs of every kind, six megabytes of them, as a run in JupyterLab leaves them."""
    document["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"state": {"a": {"model_name": "X"}}}
    }
    for number, cell in enumerate(c for c in document["cells"] if c["cell_type"] == "code"):
        cell["execution_count"] = number
        cell["metadata"]["execution"] = {"iopub.execute_input": "2027-01-01T00:00:00Z"}
        html = {"text/html": ["<table>\n", "<tr></tr>\n"], "application/vnd.plotly.v1+json": {"data": [1, 2]}}
        cell["outputs"] = [
            {"output_type": "stream", "name": "stderr", "text": "x" * 100_000},
            {"output_type": "execute_result", "execution_count": number, "metadata": {}, "data": html},
            {"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["\x1b[0;31m" * 10]},
        ]


def attacks() -> Iterator[Attack]:
    text = json.dumps(whole())
    yield _file("UTF-16, the large end first, without a mark", text.encode("utf-16-be"))
    yield _file("UTF-32", text.encode("utf-32"))
    yield _file("in the encoding of Windows", _western())
    yield _file("one byte of UTF-8 lost", _one_byte())
    yield _file("two byte order marks", b"\xef\xbb\xbf" * 2 + text.encode())
    yield _file("null bytes behind its end, as a crash leaves them", text.encode() + b"\0" * 4096)
    yield _file("with the end of file of DOS", text.encode() + b"\r\n\x1a")
    yield _file("written with line ends of Windows", _text(whole()).replace("\n", "\r\n").encode())
    yield _file("sources with line ends of old Macs", text.replace("\\n", "\\r").encode())
    for name, edit in {
        "as Colab saves it": _metadata_of(
            lambda n, about: {**about, "id": f"aB{n}xY", "outputId": "q", "colab": {}}, minor=0
        ),
        "as Kaggle saves it": _metadata_of(
            lambda n, about: {"_uuid": f"8f2839f25d086af736a60e9eeb907d3b{n}", "_cell_guid": f"{n}", "trusted": True}
        ),
        "as Deepnote saves it": _metadata_of(
            lambda n, about: {"cell_id": f"00{n:03}-1c2", "deepnote_cell_type": "code", "source_hash": f"{n:x}"},
            minor=0,
        ),
        "as Databricks saves it": _metadata_of(
            lambda n, about: {"application/vnd.databricks.v1+cell": {"title": "", "nuid": f"{n}", "inputWidgets": {}}},
            minor=0,
        ),
        "as VS Code saves it": _metadata_of(
            lambda n, about: {**about, "vscode": {"languageId": "python"}, "dotnet_interactive": {}}, ids=True, minor=5
        ),
        "as PyCharm saves it": _metadata_of(
            lambda n, about: {**about, "collapsed": False, "pycharm": {"name": "#%%\n", "is_executing": True}}, minor=0
        ),
        "without names, and an answer that was tried again": _nameless_and_tried_again,
        "an answer in two cells, the first named": _split((True, False)),
        "an answer in two cells, the second named": _split((False, True)),
        "an answer in two cells, both named": _split((True, True)),
        "an answer that was joined with its checks": _merged,
        "an answer that was joined with the text before it": _merged_with_the_text,
        "a check that was joined with the next answer": _check_with(),
        "a print and a loop behind a check": _check_with(
            "for n in range(3):\n    print(zero_pad(np.ones((n + 1, 2)), n))"
        ),
        "answers behind everything, in reverse": _answers_last,
        "notes, pictures and raw cells between all others": _noted,
        "six megabytes of outputs": _laden,
    }.items():
        yield own(42, name, edit=edit)
