"""Class 43: honest, right in unusual ways."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from autograder import weeks
from benchmarks.attacks.case import POINTS, Attack, own, wrapped

_SIGNATURE = "def pool2d(x, size, stride=None, mode='max'):\n"


def _calls(body: str, before: str = "") -> dict[str, str]:
    """The right pool2d under another name, and one that uses it. body: of pool2d. before: at the top of the cell."""
    right = weeks.load(1)["pool2d"].source
    return {
        "pool2d": f"{before}{right}\n_right = pool2d\n{_SIGNATURE}"
        + "".join(f"    {line}\n" for line in body.splitlines())
    }


def attacks() -> Iterator[Attack]:
    right = weeks.load(1)["pool2d"].source
    for name, body in {
        "in a pool of threads": (
            "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool:\n"
            "    return pool.submit(_right, x, size, stride, mode).result()"
        ),
        "with joblib": (
            "import joblib\nreturn joblib.Parallel(n_jobs=2)(joblib.delayed(_right)(x, size, stride, mode) for _ in 'a')[0]"
        ),
        "with bars and prints at every step": (
            "from tqdm import tqdm\nfrom tqdm.auto import trange\nimport sys\n"
            "for n in tqdm(range(5), file=sys.stdout, desc='pool'): print(n, flush=True, file=sys.stderr)\n"
            "for n in trange(3, leave=False): sys.stdout.write(f'{n}\\r')\nreturn _right(x, size, stride, mode)"
        ),
        "with Rich": "from rich.progress import track\nfor n in track(range(3)): pass\nreturn _right(x, size, stride, mode)",
        "with pictures at every call": (
            "import matplotlib.pyplot as plt\nplt.figure(); plt.imshow(np.zeros((2, 2))); plt.show()\n"
            "from IPython.display import HTML, clear_output, display\ndisplay(HTML('<b>x</b>')); clear_output(wait=True)\n"
            "return _right(x, size, stride, mode)"
        ),
        "with files that it writes and reads": (
            "import tempfile, pathlib\npathlib.Path('out').mkdir(exist_ok=True)\nnp.save('out/x.npy', x)\n"
            "with tempfile.TemporaryDirectory() as folder: pathlib.Path(folder, 'log').write_text('x')\n"
            "return _right(np.load('out/x.npy'), size, stride, mode)"
        ),
        "as a tensor of TensorFlow": "import tensorflow as tf\nreturn tf.constant(_right(x, size, stride, mode))",
        "as a variable of Keras": (
            "import os\nimport keras\nfound = _right(x, size, stride, mode)\n"
            "return keras.Variable(found) if found.size else found"
        ),
        "as a record array's column": (
            "found = _right(x, size, stride, mode)\nheld = np.zeros(found.shape, dtype=[('a', found.dtype)])\n"
            "held['a'] = found\nreturn held['a']"
        ),
        "as one array of arrays": "return np.array([list(row) for row in _right(x, size, stride, mode)])",
        "as fractions": (
            "from fractions import Fraction\nfound = _right(x, size, stride, mode)\n"
            "return np.vectorize(lambda v: float(Fraction(v).limit_denominator(10**9)))(found)"
        ),
        "with warnings made errors": (
            "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('error')\n"
            "    return _right(x, size, stride, mode)"
        ),
        "with a timer and a profile": (
            "import cProfile, time\nprofile = cProfile.Profile()\nfound = profile.runcall(_right, x, size, stride, mode)\n"
            "time.sleep(0.001)\nreturn found"
        ),
        "with a breakpoint that is switched off": (
            "import os\nos.environ['PYTHONBREAKPOINT'] = '0'\nbreakpoint()\nreturn _right(x, size, stride, mode)"
        ),
        "with a context of decimals and a locale": (
            "import decimal, locale\ndecimal.getcontext().prec = 3\nlocale.setlocale(locale.LC_ALL, 'C')\n"
            "return _right(x, size, stride, mode)"
        ),
    }.items():  # fmt: skip
        yield own(43, name, answers=_calls(body))
    helper = "def _one(job):\n    return _right(*job)\n"
    for name, body in {
        "in a pool of processes": (
            "from concurrent.futures import ProcessPoolExecutor\nwith ProcessPoolExecutor(2) as pool:\n"
            "    return pool.submit(_one, (x, size, stride, mode)).result()"
        ),
        "in processes that fork": (
            "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as pool:\n"
            "    return pool.map(_one, [(x, size, stride, mode)])[0]"
        ),
    }.items():
        answers = _calls(body)
        yield own(
            43, name, answers={"pool2d": answers["pool2d"].replace("_right = pool2d\n", f"_right = pool2d\n{helper}")}
        )
    signature = "x, size, stride=None, mode='max'"
    for name, answer in {
        "a lambda": f"{right}\n_right = pool2d\npool2d = lambda {signature}: _right(x, size, stride, mode)",
        "an object that can be called": (
            f"{right}\n_right = pool2d\nclass Pool:\n    def __call__(self, {signature}): return _right(x, size, stride, mode)\n"
            "pool2d = Pool()"
        ),
        "a static method": (
            f"{right}\n_right = pool2d\nclass Pool:\n    @staticmethod\n    def run({signature}):\n"
            "        return _right(x, size, stride, mode)\n"
            "pool2d = Pool.run"
        ),
        "kept results": (
            "import functools\n@functools.lru_cache(maxsize=None)\ndef _windows(n, size, stride):\n"
            "    return tuple(range(0, n - size + 1, stride))\n"
            + right.replace("range(0, width - size + 1, stride)", "_windows(width, size, stride)")
        ),
        "another name, given at the end": right.replace("def pool2d", "def my_pool") + "\npool2d = my_pool",
        "letters of another script for names": right.replace("height", "высота").replace("width", "幅"),
        "a name in full-width letters": right.replace("def pool2d", "def ｐｏｏｌ２ｄ"),
        "a try around the definition": textwrap.indent(right, "    ").join(("try:\n", "\nexcept ImportError:\n    pass")),
        "a cell that captures": "%%capture out\n" + right,
        "a first line that installs": "%pip install -q numpy\n!pip install -q tqdm\n" + right,
        "a figure's backend for windows": "import matplotlib.pyplot as plt\nplt.switch_backend('TkAgg')\n" + right,
        "a backend in the settings": "import matplotlib\nmatplotlib.rcParams['backend'] = 'QtAgg'\n" + right,
        "future annotations": "from __future__ import annotations\n" + right.replace("def pool2d(x,", "def pool2d(x: Nowhere,"),
        "a help that is asked for at the end": right + "\nprint(pool2d.__doc__)\npool2d?",
        "a form feed and tabs": "\f\n" + right.replace("        ", "\t\t").replace("    ", "\t"),
        "strided windows": (
            f"def pool2d({signature}):\n    reduce = {{'max': np.max, 'min': np.min, 'avg': np.mean}}.get(mode)\n"
            "    stride = size if stride is None else stride\n"
            "    if reduce is None or not 1 <= size <= min(x.shape[:2]) or stride < 1: raise ValueError(mode)\n"
            "    views = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))[::stride, ::stride]\n"
            "    return reduce(views, axis=(-2, -1))"
        ),
        "a generator that fills": (
            f"{right}\n_right = pool2d\ndef pool2d({signature}):\n    def rows():\n"
            "        yield from _right(x, size, stride, mode)\n"
            "    return np.stack(list(rows()))"
        ),
    }.items():  # fmt: skip
        yield own(43, name, answers={"pool2d": answer})
    for name, code in {
        "names of built-ins for one's own": "input = 3; id = 'x'; dir = [1]; hash = 'y'; bin = 0; vars = 2; print(input, id)",
        "names of the checks for one's own": "checks = course = grid = padded = result = kernel = rng = 1",
        "a drive that is mounted": "from google.colab import drive\ndrive.mount('/content/drive')",
        "a shell script": "%%bash\necho hello; exit 3",
        "another language": "%%html\n<b>hello</b>",
        "everything forgotten at the top": "x = 1\n%reset -f\n%matplotlib inline\nimport numpy as np",
        "debuggers and timers": "%xmode Verbose\n%pdb on\n%timeit -n1 -r1 sum(range(3))\n%prun -q 1\n1 / 0",
        "graphs off, cards off": (
            "import os\nos.environ['CUDA_VISIBLE_DEVICES'] = '-1'\nos.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'\n"
            "import tensorflow as tf\ntf.config.set_visible_devices([], 'GPU')\ntf.random.set_seed(1)"
        ),
        "printing of one's own": "import numpy as np\nnp.set_printoptions(precision=1, suppress=True)",
        "tests of one's own": "import doctest, unittest\ndoctest.testmod()\nunittest.main(argv=['x'], exit=False)",
    }.items():  # fmt: skip
        yield own(43, name, code)
    yield own(43, "a print in every answer", answers={
        cell.id: f"print('{cell.id}')\n{cell.source}\nprint({cell.id})" for cell in weeks.load(1).answers}, low=POINTS)  # fmt: skip
    yield own(
        43,
        "an assertion of one's own that fails below the answer",
        answers={"pool2d": wrapped("", after="assert pool2d is None")},
    )
