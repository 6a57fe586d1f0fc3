"""Notebooks damaged in every way that chance finds: each ends in a verdict, within its limits, and breaks nothing."""

from __future__ import annotations

import json
import time
from typing import Any

import fuzzing
import pytest
from fuzzing import paths
from graded import graded
from grading_example import GOOD, WEEK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.grading.grader import Grader
from autograder.intake import sanitize
from autograder.results import VERDICTS
from autograder.weeks import Week

LIMIT_SECONDS = 30.0
"""Far above what a damaged notebook of the example week takes: here only an endless case would be noticed."""

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["conv2d", "code"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
SOURCES = st.sampled_from(
    [
        "",
        "def conv2d(",
        "conv2d = 3",
        "conv2d = None\n" * 50,
        "import sys; sys.exit()",
        "raise BaseException",
        "input()",
        "%%bash\nls",
        "!ls",
        "%matplotlib qt",
        "print('x' * 10**7)",
        "def conv2d(*a, **k): return conv2d(*a, **k)",
        "def conv2d(*a, **k): return object()",
        "def conv2d(*a, **k): return float('nan')",
        "def conv2d(*a, **k): raise KeyError(a)",
        "del conv2d",
        "\x00",
        "\ud800",
        "x = " + "(" * 300 + ")" * 300,
        "\tdef f(): pass",
        "import os; os.close(1); os.close(2)",
        "import builtins; builtins.print = None; builtins.len = None",
        "import threading; threading.Thread(target=print).start()",
        GOOD,
    ]
) | st.text(max_size=200)


@st.composite
def damaged(draw: st.DrawFn, week: Week = WEEK) -> bytes:
    """A valid submission after a few accidents: to its structure, its sources, and its bytes."""
    cells: list[dict[str, Any]] = []
    for cell, raw in zip(week.cells, week.notebook.cells, strict=True):
        source = cell.visible_source if cell.role == "check" else cell.source
        cells.append({"cell_type": cell.kind, "id": cell.id, "metadata": dict(raw.metadata), "source": source})
    document: Any = json.loads(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["replace", "delete", "double", "swap", "source"]))
        if kind == "source":
            where = draw(st.integers(0, len(cells) - 1))
            if isinstance(document.get("cells"), list) and where < len(document["cells"]):
                cell = document["cells"][where]
                if isinstance(cell, dict):
                    text = draw(SOURCES)
                    cell["source"] = draw(st.sampled_from([text, text.splitlines(keepends=True)]))
            continue
        *above, last = draw(st.sampled_from([p for p in paths(document) if p]))
        node = document
        for key in above:
            node = node[key]
        if kind == "replace":
            node[last] = draw(VALUES)
        elif kind == "delete":
            del node[last]
        elif isinstance(node, list) and kind == "double":
            node.insert(draw(st.integers(0, len(node))), node[last])
        elif isinstance(node, list):
            other = draw(st.integers(0, len(node) - 1))
            node[last], node[other] = node[other], node[last]
    text = json.dumps(document, ensure_ascii=draw(st.booleans()))
    data = text.encode(
        draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32"])), "surrogatepass"
    )
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 2]))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["cut", "insert", "drop", "repeat"]))
        if kind == "cut":
            data = data[:at]
        elif kind == "insert":
            data = data[:at] + draw(st.binary(max_size=8) | st.just(b"<<<<<<< HEAD\n")) + data[at:]
        elif kind == "drop":
            data = data[:at] + data[at + draw(st.integers(1, 40)) :]
        else:
            data = data[:at] + data[max(0, at - 200) : at] + data[at:]
    return data


def check_graded(grader: Grader, data: bytes) -> None:
    """Grade `data`; AssertionError unless it gets a verdict as every submission must."""
    began = time.monotonic()
    try:
        work = sanitize.sanitize(data, WEEK)
    except sanitize.Unreadable as problem:
        assert str(problem) and "\n" not in str(problem)
        return
    result = grader.grade(WEEK, work)
    assert result.verdict in VERDICTS
    assert [check.id for check in result.checks] == [check.id for check in WEEK.checks]
    assert 0 <= result.score <= result.max_score == sum(check.points for check in WEEK.checks)
    assert time.monotonic() - began < LIMIT_SECONDS
    json.dumps(result.as_dict(), allow_nan=True)


def fuzz(cases: int, grader: Grader) -> None:
    fuzzing.fuzz("notebooks", cases, damaged(), lambda data: check_graded(grader, data))


@settings(max_examples=500, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(damaged(), st.booleans())
def test_every_damaged_file_is_read_or_refused_in_a_sentence(data: bytes, other_week: bool) -> None:
    from autograder import weeks

    try:
        work = sanitize.sanitize(data, weeks.load(2) if other_week else WEEK)
    except sanitize.Unreadable as problem:
        assert str(problem) and "\n" not in str(problem)
    else:
        assert all(isinstance(source, str) for source in work.sources.values())


@pytest.mark.sandbox
def test_damaged_notebooks_end_in_a_verdict(grader: Grader) -> None:
    fuzz(200, grader)
    whole = sanitize.sanitize(json.dumps({"cells": _cells()}).encode(), WEEK)
    assert graded(grader, WEEK, whole.sources).verdict == "pass", "and the next one is graded as ever"


@pytest.mark.slow
@pytest.mark.sandbox
def test_ten_thousand_damaged_notebooks_end_in_a_verdict(grader: Grader) -> None:
    fuzz(fuzzing.CASES, grader)


def _cells() -> list[dict[str, Any]]:
    return [
        {"cell_type": c.kind, "id": c.id, "metadata": dict(raw.metadata), "source": c.source}
        for c, raw in zip(WEEK.cells, WEEK.notebook.cells, strict=True)
    ]
