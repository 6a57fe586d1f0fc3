"""Class 24: broken notebook files."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from benchmarks.attacks.case import (
    HONEST,
    WRONG,
    Attack,
)


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


def _in_conflict(document: dict[str, Any], name: str) -> bytes:
    """As git leaves a notebook of which two have changed the answer `name`."""
    cell = next(cell for cell in document["cells"] if cell["id"] == name)
    one, other = "# mine\n" + cell["source"], "# yours\n" + cell["source"]
    cell["source"] = "HERE"
    sides = (f'"source": {json.dumps(source)}\n' for source in (one, other))
    conflict = "\n<<<<<<< HEAD\n{}=======\n{}>>>>>>> partner\n".format(*sides)
    return json.dumps(document).replace('"source": "HERE"', conflict, 1).encode()


def attacks() -> Iterator[Attack]:
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
        "merge conflict",
        text.replace('"cells"', '\n<<<<<<< HEAD\n"cells"\n=======\n"cells"\n>>>>>>> b\n', 1).encode(),
        HONEST,
        HONEST,
    )
    yield file("merge conflict in one answer", _in_conflict(json.loads(text), "pool2d"), HONEST, HONEST)
    yield file("half a merge conflict", text.replace('"cells"', '\n<<<<<<< HEAD\n"cells"', 1).encode())
    yield file("nested very deep", b"[" * 200_000 + b"]" * 200_000)
    yield file("a picture", bytes([0x89]) + b"PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    yield file("null bytes", b"\0" * 5000)
    yield file("HTML", b"<!DOCTYPE html><html><body>404</body></html>")
    yield file("a script", b"#!/usr/bin/env python3\nprint('hello')\n")
    yield file("latin-1", text.replace("Convolution", "Convolución").encode("latin-1", "replace"), HONEST, HONEST)
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
