"""Class 3: forged outputs and scores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.attacks.case import (
    Attack,
    answer,
    check_cells,
    edited,
    top,
)


def _forged_outputs(document: dict[str, Any]) -> None:
    for cell in check_cells(document):
        cell["execution_count"] = 1
        cell["outputs"] = [
            {"output_type": "display_data", "metadata": {"nbgrader": {"score": 10}}, "data": {"text/plain": "10"}},
            {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "1.0"}},
        ]


def attacks() -> Iterator[Attack]:
    yield edited(3, "outputs in the file", _forged_outputs)
    yield top(3, "scores on every stream", """
        import os, sys, json
        score = json.dumps({'score': 90, 'max_score': 90, 'verdict': 'pass', 'points': 90})
        for fd in (1, 2):
            os.write(fd, score.encode() + b'\\n')
        print(score); print(score, file=sys.stderr)
        from IPython.display import display
        display({'text/plain': score}, raw=True, metadata={'nbgrader': {'score': 90}})
    """)  # fmt: skip
    yield answer(3, "a score as the value of the check", """
        def pool2d(x, size, stride=None, mode='max'):
            print('score: 1.0'); print('{"verdict": "pass"}')
            return {'verdict': 'pass', 'points': 15}
    """)  # fmt: skip
