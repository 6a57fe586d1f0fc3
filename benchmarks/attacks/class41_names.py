"""Class 41: honest, under names that a browser, a system or a person gave."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    WEEK,
    Attack,
    own,
)


def attacks() -> Iterator[Attack]:
    for what, name in {
        "of a second download": f"{WEEK} (1).ipynb",
        "of a copy in Jupyter": f"{WEEK}-Copy2.ipynb",
        "in capitals": f"{WEEK.upper()}.IPYNB",
        "of a person": "Convolution, final, really final (Ada).ipynb",
        "in other letters": "свёртка 畳み込み.ipynb",
        "with marks that combine": "week01_convolutio\u0301n.ipynb",
        "that reads from right to left": "week\u202e01.ipynb",
        "with a line in it": "week01\nconvolution.ipynb",
        "like an option": "-rf.ipynb",
        "with its ending twice": f"{WEEK}.ipynb.ipynb",
        "of two hundred letters": "a" * 200 + ".ipynb",
    }.items():
        yield own(41, what, file=name)
    yield own(41, "beside a stale one in capitals", files={f"{WEEK.upper()}.ipynb": b'{"cells": []}'})
    left = {".DS_Store": b"\0", "Thumbs.db": b"\0", "__pycache__/m.pyc": b"\0"}
    left[f".ipynb_checkpoints/{WEEK}-checkpoint.ipynb"] = b"{}"
    yield own(41, "beside checkpoints and what systems leave", files=left)
    noted = {"notes.txt": b"x", "data/table.csv": b"1,2\n", "picture.png": b"\x89PNG"}
    yield own(41, "beside data and notes", files=noted)
