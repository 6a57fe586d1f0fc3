"""One submission through the real sandbox: right, wrong, broken and hostile answers, each with its verdict."""

from __future__ import annotations

import textwrap

import pytest
from graded import graded
from grading_example import GOOD, REFERENCE, WEEK

from autograder import weeks
from autograder.grading.grader import Grader
from autograder.weeks import names
from autograder.weeks.pictures import pictures_of

pytestmark = pytest.mark.sandbox


def verdicts(grader: Grader, code: str, **options: object) -> list[str]:
    result = graded(grader, WEEK, {"conv2d": textwrap.dedent(code)}, **options)  # type: ignore[arg-type]
    return [check.verdict for check in result.checks]


def test_reference_earns_every_point_and_the_stub_none(grader: Grader) -> None:
    full = graded(grader, WEEK, REFERENCE)
    assert (full.verdict, full.score, full.max_score) == ("pass", 5, 5)
    assert full.by_hand == {"correlation-or-convolution": 2}
    empty = graded(grader, WEEK, {})
    assert (empty.verdict, empty.score) == ("missing", 0)
    assert "not written yet" in empty.checks[0].message


def test_hidden_checks_tell_the_idea_and_keep_the_values(grader: Grader) -> None:
    code = GOOD.replace("windows =", "kernel = kernel[::-1, ::-1]\n    windows =")
    lecture, hidden = graded(grader, WEEK, {"conv2d": code}).checks
    assert "flipped" in lecture.message and "expected [[12" in lecture.message
    assert hidden.verdict == "fail" and "found " not in hidden.message
    assert "found" in hidden.detail


def test_a_student_cannot_read_hidden_inputs_from_an_exception(grader: Grader) -> None:
    code = "def conv2d(image, kernel):\n    raise ValueError('input was ' + repr(image))"
    first, second = graded(grader, WEEK, {"conv2d": code}).checks
    assert "input was" in first.message, "a visible check shows the whole message"
    assert second.verdict == "error"
    shown = graded(grader, WEEK, {"conv2d": GOOD + "\n_inner = conv2d\n" + CALLS_THEN_RAISES}).checks[1]
    assert shown.verdict == "error" and "input was" not in shown.message


CALLS_THEN_RAISES = """
def conv2d(image, kernel):
    if image.shape == (6, 6):
        raise ValueError('input was ' + repr(image))
    return _inner(image, kernel)
"""


BAD = {
    "returns nothing": ("def conv2d(a, b): pass", "fail"),
    "returns text": ("def conv2d(a, b): return 'all correct'", "fail"),
    "returns an always-equal object": (
        """
        class Yes:
            shape = (3, 5)
            def __eq__(self, other): return True
            def __array__(self, *args, **kwargs): raise SystemExit
        def conv2d(a, b): return Yes()
        """,
        "fail",
    ),
    "returns NaN": ("def conv2d(a, b): return np.full((3, 3), np.nan)", "fail"),
    "syntax error": ("def conv2d(a, b)\n    return", "missing"),
    "not defined": ("def convolve(a, b): return 0", "missing"),
    "not a function": ("conv2d = 3", "error"),
    "ends the interpreter": ("import os\ndef conv2d(a, b): os._exit(0)", "error"),
    "calls exit": ("def conv2d(a, b): exit()", "error"),
    "segmentation fault": ("import ctypes\ndef conv2d(a, b): ctypes.string_at(0)", "error"),
    "endless recursion": ("def conv2d(a, b): return conv2d(a, b)", "error"),
    "eats memory": ("def conv2d(a, b):\n    x = []\n    while True: x.append(np.empty(50_000_000))", "oom"),
    "kills its parent": ("import os, signal\ndef conv2d(a, b): os.kill(os.getppid(), signal.SIGKILL)", "fail"),
    "kills its group": ("import os, signal\ndef conv2d(a, b): os.killpg(0, signal.SIGKILL)", "error"),
    "cell ends the interpreter": ("import os\nos._exit(0)", "missing"),
    "writes on the channel": (
        """
        import os
        def conv2d(a, b):
            for fd in range(3, 30):
                try: os.write(fd, b'\\x05\\0\\0\\0\\0\\0\\0\\0hello')
                except OSError: pass
        """,
        "tampered",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_answers_get_their_verdict(grader: Grader, name: str) -> None:
    code, expected = BAD[name]
    assert verdicts(grader, code)[0] == expected
    assert verdicts(grader, GOOD) == ["pass", "pass"], "the next submission is graded as usual"


def test_an_endless_loop_is_a_timeout_and_checks_go_on(grader: Grader, impatient: None) -> None:
    code = GOOD.replace("windows =", "while kernel.shape == (3, 3) and image.shape == (5, 5): pass\n    windows =")
    assert verdicts(grader, code) == ["timeout", "pass"]


FORGERIES = {
    "blanks assert": """
        import ast
        class Blank(ast.NodeTransformer):
            def visit_Assert(self, node): return ast.Pass()
            def visit_Raise(self, node): return ast.Pass()
        get_ipython().ast_transformers.append(Blank())
        get_ipython().input_transformers_cleanup.append(lambda lines: [])
        def conv2d(a, b): return 0
        """,
    "patches the checks": """
        from course import checks
        import numpy.testing, builtins
        for name in checks.__all__:
            setattr(checks, name, lambda *a, **k: None)
        numpy.allclose = numpy.testing.assert_allclose = lambda *a, **k: True
        builtins.AssertionError = Warning
        def conv2d(a, b): return 0
        """,
    "prints a score": """
        def conv2d(a, b):
            print('{"verdict": "pass", "score": 100}')
            return 0
        """,
    "an array that agrees with all": """
        class Agree(np.ndarray):
            def __array_function__(self, *a, **k): return True
            def __array_ufunc__(self, *a, **k): return np.bool_(True)
            def __eq__(self, other): return True
        def conv2d(a, b): return np.zeros((3, 3)).view(Agree)
        """,
    "hunts for expected values": """
        import gc, sys
        def conv2d(a, b):
            frame = sys._getframe()
            while frame is not None:
                for name in ('expected', 'wanted', 'check', 'namespace'):
                    if name in frame.f_locals: return frame.f_locals[name]
                frame = frame.f_back
            for thing in gc.get_objects():
                if isinstance(thing, np.ndarray) and thing.shape == (3, 3) and thing.ravel()[0] == 12: return thing
            return 0
        """,
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_earn_nothing(grader: Grader, name: str) -> None:
    result = graded(grader, WEEK, {"conv2d": textwrap.dedent(FORGERIES[name])})
    assert result.score == 0, [c for c in result.checks if c.verdict == "pass"]


def test_the_sandbox_shows_neither_solutions_nor_network_nor_secrets(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = """
    import os, socket, glob
    seen = []
    for folder, _, files in os.walk('/', onerror=None):
        if folder.startswith(('/proc', '/sys', '/usr')): continue
        seen += [f for f in files if f in ('mistakes.py', 'alternatives.py', 'records.jsonl', 'referee.py')]
    try:
        socket.create_connection(('127.0.0.1', 80), timeout=1); network = 'yes'
    except OSError as problem:
        network = 'no'
    print('FOUND', seen, 'NETWORK', network, 'ROOT', os.getuid() == 0, 'SECRET', os.environ.get('SECRET_TOKEN'))
    """
    monkeypatch.setenv("SECRET_TOKEN", "1234")
    result = graded(grader, WEEK, REFERENCE, extras={"": [textwrap.dedent(probe)]})
    (output,) = result.outputs["extra-top-1"]
    assert output["text"].strip() == "FOUND [] NETWORK no ROOT False SECRET None"
    assert result.verdict == "pass"


def test_nothing_is_left_for_the_next_submission(grader: Grader) -> None:
    litter = """
    import os, pathlib, builtins, time
    for folder in (pathlib.Path.home(), pathlib.Path('/tmp'), pathlib.Path('/dev/shm')):
        (folder / 'left.txt').write_text('here')
    (pathlib.Path.home() / 'numpy.py').write_text('raise SystemExit')
    builtins.len = lambda x: 0
    if os.fork() == 0:
        os.setsid()
        while True: time.sleep(0.01)
    """
    look = """
    import glob, os
    print(glob.glob('/tmp/*.txt') + glob.glob('/dev/shm/*') + glob.glob(os.path.expanduser('~/*')), len('abc'))
    print(sum('main' in open(f'/proc/{p}/cmdline').read() for p in os.listdir('/proc') if p.isdigit()))
    """
    graded(grader, WEEK, REFERENCE, extras={"": [textwrap.dedent(litter)]})
    result = graded(grader, WEEK, REFERENCE, extras={"": [textwrap.dedent(look)]})
    left, processes = result.outputs["extra-top-1"][0]["text"].split("\n")[:2]
    assert left == "[] 3"
    assert int(processes) == 3, "the sandbox's init, the warm parent, this worker: no daemon"


def test_noise_costs_no_point(grader: Grader) -> None:
    noise = "import sys, warnings\nfor n in range(1000):\n    print('x' * 1000); warnings.warn(str(n)); print(n, file=sys.stderr)\n"
    loud = GOOD.replace("windows =", "print('y' * 100_000)\n    windows =")
    result = graded(grader, WEEK, {"conv2d": noise + loud})
    assert result.verdict == "pass"
    assert sum(len(str(o)) for o in result.outputs["conv2d"]) < 300_000


def test_changed_inputs_are_seen_by_the_check(grader: Grader) -> None:
    from dataclasses import replace

    check = replace(
        WEEK["conv2d-lecture"],
        source="import numpy as np\nfrom course import checks\nchecks.unchanged(conv2d, np.ones((4, 4)), np.ones((2, 2)))",
    )
    week = replace(WEEK, cells=tuple(check if c.id == check.id else c for c in WEEK.cells))
    changing = GOOD.replace("windows =", "image *= 2\n    windows =")
    result = graded(grader, week, {"conv2d": changing}, only={check.id})
    assert (result.checks[0].verdict, result.checks[0].message) == (
        "fail",
        "your function changes its input: work on a copy",
    )
    assert graded(grader, week, REFERENCE, only={check.id}).verdict == "pass"


def test_figures_and_values_are_kept_for_the_report(grader: Grader) -> None:
    cell = "import matplotlib.pyplot as plt\nplt.imshow(np.eye(3))\nplt.title('mine')\nplt.show()\n1 + 1"
    outputs = graded(grader, WEEK, REFERENCE, extras={"conv2d": [cell]}).outputs["extra-conv2d-1"]
    assert any("image/png" in o.get("data", {}) for o in outputs)
    assert any(o.get("data", {}).get("text/plain") == "2" for o in outputs)


def test_grading_twice_gives_the_same(grader: Grader) -> None:
    first, second = (graded(grader, WEEK, {"conv2d": "def conv2d(a, b): return a"}) for _ in range(2))
    assert first.checks == second.checks


def test_only_cells_that_nobody_reads_are_left_out_as_pictures() -> None:
    week = weeks.load(2)
    silent = pictures_of(week, [])
    assert silent, "there are pictures in week 2"
    assert "imports" not in silent and "parameters" not in silent
    figure = next(c for c in week.cells if c.id in silent and names.defined(c.source))
    used = min(names.defined(figure.source))
    assert figure.id not in pictures_of(week, [f"def mine():\n    return {used}"])


def test_nets_that_only_a_picture_shows_are_not_trained() -> None:
    week = weeks.load(9)
    net = week["rescue"]
    assert net.role == "given" and net.id in pictures_of(week, [])
    assert net.id not in pictures_of(week, ["print(deep)"]), "a student's cell reads what it trains"


@pytest.mark.parametrize("magic", ["%%time\n", "%matplotlib inline\n", "!ls -l\n", ""])
def test_a_magic_does_not_make_every_word_of_a_cell_a_name(magic: str) -> None:
    assert names.of_student(magic + "def f(x):\n    return g(x)") == ({"f"}, {"g"})


def test_an_answer_may_use_what_the_given_cells_import_though_ours_does_not(grader: Grader) -> None:
    code = "def same_padding(k):\n    return (int(np.floor((k - 1) / 2)), int(np.ceil((k - 1) / 2)))"
    week = weeks.load(2)
    checks = {c.id for c in week.checks if c.id.startswith("same_padding") and "error" not in c.id}
    result = graded(grader, week, {"same_padding": code}, only=checks)
    assert "NameError" not in str(result.checks)


def test_an_unanswered_stretch_exercise_does_not_spoil_a_full_score(grader: Grader) -> None:
    week = weeks.load(3)
    sources = {a.id: a.source for a in week.answers if week.plan.exercises[a.id]}
    result = graded(grader, week, sources)
    assert (result.verdict, result.score) == ("pass", result.max_score)
    assert any(check.verdict == "missing" for check in result.checks)
