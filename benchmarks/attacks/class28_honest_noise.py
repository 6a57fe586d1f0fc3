"""Class 28: honest, but noisy."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from autograder import weeks
from benchmarks.attacks.case import (
    Attack,
    check_cells,
    own,
    wrapped,
)


def attacks() -> Iterator[Attack]:
    yield own(28, "a thousand warnings", "import warnings\nfor n in range(1000): warnings.warn(f'number {n}')")
    yield own(28, "logging and both streams", """
        import logging, sys
        logging.basicConfig(level=0)
        for n in range(300): logging.error('no %d', n); print('no', n, file=sys.stderr); print(n)
    """)  # fmt: skip
    yield own(
        28, "progress bars and carriage returns", "from tqdm import tqdm\nfor n in tqdm(range(3000)): print(end='\\r')"
    )
    yield own(28, "an error in a cell of one's own", "1 / 0")
    yield own(28, "magics", "%matplotlib inline\n%config InlineBackend.figure_format = 'png'\n!true")
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
        yield own(28, name, code)
    yield own(28, "an answer that needs a cell of one's own", "WIDTH = 1\ndef helper(a): return a\n",
               answers={"pool2d": wrapped("    x = helper(x)[:, ::WIDTH]\n    ")})  # fmt: skip
    yield own(28, "a stopwatch on the answer", answers={"pool2d": "%%time\n" + weeks.load(1)["pool2d"].source})
    yield own(28, "a function that prints", answers={"pool2d": wrapped("    print('called', size)\n    ")})
    yield own(
        28, "an answer behind a first try that failed", answers={"pool2d": wrapped("", "def pool2d(: pass", split=True)}
    )
    right = weeks.load(1)["pool2d"].source
    yield own(28, "an answer in a file that the notebook writes",
               answers={"pool2d": f"%%writefile mine.py\nimport numpy as np\n{right}"}, edit=_imports("mine"))  # fmt: skip
    helper = {"my_pools.py": f"import numpy as np\n{right}".encode()}
    yield own(28, "a module beside the notebook", answers={"pool2d": "from my_pools import pool2d"}, files=helper)
    yield own(
        28,
        "a module that is called as NumPy",
        "import numpy as np\nnp.ones(3)",
        files={"numpy.py": b"raise SystemExit"},
    )
    yield own(28, "descriptors of the streams", """
        import faulthandler, subprocess, sys
        faulthandler.enable()
        subprocess.run([sys.executable, '-c', 'print(1)'], stdout=sys.stdout, stderr=sys.stderr, check=True)
    """)  # fmt: skip
    yield own(28, "checks as an editor formats them, with prints", edit=_reformat)


def _imports(module: str) -> Callable[[dict[str, Any]], None]:
    """Behind the answer a cell of the student's own that imports it."""

    def edit(document: dict[str, Any]) -> None:
        at = next(n for n, cell in enumerate(document["cells"]) if cell["id"] == "pool2d")
        cell: dict[str, Any] = {
            "cell_type": "code",
            "id": "own-import",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        document["cells"].insert(at + 1, {**cell, "source": f"from {module} import pool2d"})

    return edit


def _reformat(document: dict[str, Any]) -> None:
    for number, cell in enumerate(check_cells(document)):
        cell["source"] = f"print('check {number}')\n{ast.unparse(ast.parse(cell['source']))}\n"
