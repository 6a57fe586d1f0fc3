"""Runs a property on thousands of inputs that chance makes, and keeps what fails for the tests to come."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

CASES = int(os.environ.get("FUZZ_CASES", "10000"))
MOST_SECONDS = 60.0
"""Processor time of one input: only an endless case would be noticed."""
CORPUS = Path(__file__).parents[1] / "hostile" / "corpus"
"""Inputs that failed once, a folder for each kind: they are tried first, in every run."""

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 1, 10**7, 2**31, 2**63, 10**30])
    | st.floats()
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def fuzz(kind: str, cases: int, made: st.SearchStrategy[bytes], holds: Callable[[bytes], None]) -> None:
    """Try `holds` on what was kept of this kind, then on `cases` inputs. What fails is kept as a file of the corpus."""
    for path in sorted((CORPUS / kind).glob("*")):
        holds(path.read_bytes())

    @settings(
        max_examples=cases,
        deadline=None,
        derandomize=cases < 1000,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(made)
    def run(data: bytes) -> None:
        began = time.process_time()
        try:
            holds(data)
            assert time.process_time() - began < MOST_SECONDS
        except Exception:
            place = CORPUS / kind / hashlib.sha256(data).hexdigest()[:16]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            raise

    run()


def paths(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON document."""
    yield at
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from paths(value, (*at, key))


@st.composite
def damaged_json(draw: st.DrawFn, documents: list[str], values: st.SearchStrategy[Any] = VALUES) -> Any:
    """One of the JSON `documents` after a few accidents to its structure."""
    document = json.loads(draw(st.sampled_from(documents)))
    for _ in range(draw(st.integers(0, 4))):
        places = [path for path in paths(document) if path]
        if not places:
            break
        *above, last = draw(st.sampled_from(places))
        node = document
        for key in above:
            node = node[key]
        kind = draw(st.sampled_from(["replace", "replace", "delete", "double", "swap", "move"]))
        if kind == "replace":
            node[last] = draw(values)
        elif kind == "delete":
            del node[last]
        elif kind == "move":  # what stands elsewhere in the document
            other: Any = document
            for key in draw(st.sampled_from(places)):
                if not isinstance(other, (dict, list)) or (
                    key not in other if isinstance(other, dict) else key >= len(other)
                ):
                    break
                other = other[key]
            node[last] = json.loads(json.dumps(other))
        elif isinstance(node, list) and kind == "double":
            node.insert(draw(st.integers(0, len(node))), node[last])
        elif isinstance(node, list):
            place = draw(st.integers(0, len(node) - 1))
            node[last], node[place] = node[place], node[last]
    return document


@st.composite
def damaged_bytes(draw: st.DrawFn, whole: st.SearchStrategy[bytes], most: int = 3) -> bytes:
    """A file after a few accidents to its bytes."""
    data = draw(whole)
    for _ in range(draw(st.integers(0, most))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["cut", "insert", "drop", "repeat", "change"]))
        if kind == "cut":
            data = data[:at]
        elif kind == "insert":
            data = data[:at] + draw(st.binary(max_size=8)) + data[at:]
        elif kind == "drop":
            data = data[:at] + data[at + draw(st.integers(1, 40)) :]
        elif kind == "repeat":
            data = data[:at] + data[max(0, at - 60) : at] + data[at:]
        else:
            data = data[:at] + bytes([draw(st.integers(0, 255))]) + data[at + 1 :]
    return data
