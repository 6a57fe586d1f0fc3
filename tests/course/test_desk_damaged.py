"""Notebooks that another tool, a sync client or an accident has changed: a sentence each, and the file stays as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner

from course import cli

NAME = "week01_convolution"
CHECK = 'from course import checks\nchecks.equal(conv2d(1), 1)\nchecks.passed("one", points=25)'


def whole() -> dict[str, Any]:
    """An answer and its check, as JSON."""
    answer = {"nbgrader": {"grade_id": "conv2d", "solution": True, "grade": False, "locked": False}}
    check = {"nbgrader": {"grade_id": "conv2d-one", "solution": False, "grade": True, "locked": True, "points": 25}}
    cells = [
        nbformat.v4.new_code_cell("def conv2d(x):\n    return x", metadata=answer, id="a"),
        nbformat.v4.new_code_cell(CHECK, metadata=check, id="b"),
        nbformat.v4.new_markdown_cell("words", id="c"),
    ]
    return json.loads(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))


def changed(change: Callable[[dict[str, Any]], Any]) -> bytes:
    notebook = whole()
    change(notebook)
    return json.dumps(notebook).encode()


def each_cell(**entries: Any) -> bytes:
    return changed(lambda notebook: [cell.update(entries) for cell in notebook["cells"]])


READABLE = {
    "carriage returns": json.dumps(whole(), indent=1).replace("\n", "\r\n").encode(),
    "a byte order mark": "﻿".encode() + json.dumps(whole()).encode(),
    "a newer minor version": changed(lambda notebook: notebook.update(nbformat_minor=99)),
    "no outputs at all": changed(lambda nb: [c.pop(k, 0) for c in nb["cells"] for k in ("outputs", "execution_count")]),
    "outputs that are null": each_cell(outputs=None),
    "one id for all": each_cell(id="a"),
    "a kind of cell of its own": changed(
        lambda nb: nb["cells"].append({"cell_type": "sql", "metadata": {}, "source": "select 1"})
    ),
    "no metadata in a cell of one's own": changed(lambda nb: nb["cells"][2].pop("metadata")),
    "nbgrader's part is null": changed(lambda nb: nb["cells"][2]["metadata"].update(nbgrader=None)),
}
DAMAGED = {
    "nothing": b"",
    "zeros": bytes(4096),
    "half": json.dumps(whole()).encode()[:400],
    "UTF-16": json.dumps(whole()).encode("utf-16"),
    "a list": b"[1, 2]",
    "a number": b"3",
    "a page": b"<!DOCTYPE html><title>Sign in</title>",
    "nested too deeply": b"[" * 100_000,
    "no cells": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
    "cells that are null": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": null}',
    "cells that are numbers": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1, 2]}',
    "another format": changed(lambda notebook: notebook.update(nbformat=9)),
    "a source that is null": changed(lambda nb: nb["cells"][0].update(source=None)),
    "metadata that are a list": changed(lambda nb: nb["cells"][0].update(metadata=[])),
    "nbgrader's part is a list": changed(lambda nb: nb["cells"][0]["metadata"].update(nbgrader=[])),
    "points that are null": changed(lambda nb: nb["cells"][1]["metadata"]["nbgrader"].update(points=None)),
    "points in words": changed(lambda nb: nb["cells"][1]["metadata"]["nbgrader"].update(points="many")),
    "outputs that are text": changed(lambda nb: nb["cells"][1].update(outputs="text")),
}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the notebook of week 1 is, in the current folder's `assignments`."""
    folder = tmp_path / "assignments" / NAME
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_CONFIG", str(tmp_path / "config" / "student.toml"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return folder / f"{NAME}.ipynb"


COMMANDS = (
    ("start",),
    ("progress",),
    ("submit", "1", "--student", "ada"),
    ("start", "1", "--no-lab", "--profile", "full"),
)


@pytest.mark.parametrize("kind", [*READABLE, *DAMAGED])
def test_a_changed_notebook_is_read_or_named(path: Path, kind: str) -> None:
    data = READABLE.get(kind) or DAMAGED[kind]
    path.write_bytes(data)
    for command in COMMANDS:
        done = CliRunner().invoke(cli.cli, list(command))
        assert done.exception is None or isinstance(done.exception, SystemExit), (command, done.exc_info)
        if command[0] == "submit":
            assert done.exit_code == (0 if kind in READABLE else 2), done.output
            if kind in DAMAGED:
                assert f"{NAME}.ipynb" in done.output and "take a fresh copy" in done.output
    assert path.read_bytes() == data
