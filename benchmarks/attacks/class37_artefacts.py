"""Class 37: what is handed in as a trained net, and is none."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from benchmarks.attacks.case import (
    WRONG,
    Attack,
)


def _bomb() -> bytes:
    """A net that unpacks to a hundred megabytes of zeros."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weight_000.npy", bytes(10**8))
    return stream.getvalue()


def _climbing() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("../../planted.py", "/tmp/planted.py", "weight_000.npy/../../planted.py"):
            archive.writestr(name, b"left")
    return stream.getvalue()


_LOADS = (
    "import numpy as np, glob\nfor name in glob.glob('artefacts/*'):\n    try: print(len(np.load(name, allow_pickle=True)))\n"
    "    except Exception as problem: print(type(problem).__name__)\n" + WRONG
)


def attacks() -> Iterator[Attack]:
    for name, files in {
        "a bomb": {"artefacts/net-quick.npz": _bomb()},
        "names that climb": {"artefacts/net-quick.npz": _climbing()},
        "a file where the folder should be": {"artefacts": b"x"},
        "a folder where the file should be": {"artefacts/net-quick.npz/inner.npz": b"x"},
        "names of devices": {f"artefacts/{name}.npz": b"x" for name in ("con", "nul", "NUL", "a b", "-rf", "x.npz")},
        "forty of them": {f"artefacts/net{n}-quick.npz": b"PK" for n in range(40)},
        "in a folder within": {"artefacts/artefacts/net-quick.npz": b"PK"},
    }.items():
        yield Attack(37, name, {"pool2d": _LOADS}, files=files)
