"""An invented class: submissions of every kind that a term brings, each with the outcome that grading must give it.

Students who know it all, who err in the ways `mistakes.py` lists, who stop half way, whose file is damaged, and three
who try to cheat. The attacks are what real graders have fallen to, with their sting drawn: they read, print, and write
into a temporary folder of their own; nothing is sent anywhere, nothing outside is changed, whatever box they run in.
"""

from __future__ import annotations

import ast
import copy
import json
import textwrap
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring.notebooks import release_notebook
from autograder.results import Result
from autograder.weeks import Week, marks

Notebook = Any


@dataclass(frozen=True)
class Expectation:
    """What grading must say of a submission.

    verdicts: those it may have. low, high: bounds of its score, in points that checks give. fails: checks that must not
    pass. whole: exercises of which every check must pass. says: words that its warnings and messages must contain.
    """

    verdicts: frozenset[str]
    low: float
    high: float
    fails: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    says: tuple[str, ...] = ()

    def mismatches(self, result: Result | None, week: Week) -> list[str]:
        """What of this does not hold for `result`, in words; empty when all is as expected."""
        if result is None:
            return ["was not graded"]
        problems = []
        if result.verdict not in self.verdicts:
            problems.append(f"verdict {result.verdict}, expected {' or '.join(sorted(self.verdicts))}")
        if not self.low <= result.score <= self.high:
            bounds = f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"
            problems.append(f"{result.score:g} points, expected {bounds}")
        checks = {check.id: check for check in result.checks}
        problems += [
            f"{name} should not pass" for name in self.fails if name in checks and checks[name].verdict == "pass"
        ]
        for check in result.checks:
            if week.exercise_of(check.id) in self.whole and check.verdict != "pass":
                problems.append(f"{check.id} should pass, but: {check.verdict} {check.message}".strip())
        said = "\n".join([*result.warnings, *(check.message for check in result.checks)]).lower()
        problems += [f"should say “{word}”" for word in self.says if word.lower() not in said]
        return problems


@dataclass(frozen=True)
class Submission:
    """One file of one student. story: who this is, in a few words. hostile: only fit for a sandbox."""

    student: str
    week: Week
    data: bytes
    expect: Expectation
    story: str
    hostile: bool = False


# --- Writing into a released notebook -----------------------------------------------------------------------------------


def released(week: Week) -> Notebook:
    """The week as a student receives it: the file under `assignments/`, or what the build would write there."""
    if week.release_path.exists():
        return nbformat.read(week.release_path, as_version=4)
    return release_notebook(week)


def reference(week: Week, answer: str) -> str:
    """Our own answer, without its marks."""
    return marks.without_marks(week[answer].source)


def model_text(week: Week) -> str:
    """Our own answer to the week's written question: the text between the marks."""
    found = [line for cell in week.written for region in _solutions(cell.source) for line in region]
    return "\n".join(found) or LONG


def _solutions(source: str) -> list[list[str]]:
    return marks.regions(source, marks.BEGIN_SOLUTION, marks.END_SOLUTION)


def references(week: Week) -> dict[str, str]:
    return {answer.id: reference(week, answer.id) for answer in week.answers}


def grade_id(cell: Any) -> str:
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")


def fill(week: Week, answers: dict[str, str], written: str | None = None, top: str | None = None) -> Notebook:
    """The released notebook with `answers` in its answer cells. written: text for its written questions. top: the source
    of a cell of the student's own, before all others."""
    notebook = copy.deepcopy(released(week))
    texts = {cell.id for cell in week.written}
    for cell in notebook.cells:
        name = grade_id(cell)
        if name in answers:
            cell.source = answers[name].strip("\n")
        elif name in texts and written is not None:
            cell.source = cell.source.replace(marks.TEXT_STUB, written)
    if top is not None:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(top, id="my-own-cell"))
    return notebook


def text_of(notebook: Notebook) -> bytes:
    # json and not nbformat.write: a damaged notebook must be written as it is.
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


# --- Kinds of students --------------------------------------------------------------------------------------------------


def points_of(week: Week, exercises: Collection[str]) -> float:
    return sum(check.points for check in week.checks if week.exercise_of(check.id) in exercises)


def all_points(week: Week) -> float:
    return sum(check.points for check in week.checks)


def _full(week: Week, *verdicts: str, says: tuple[str, ...] = ()) -> Expectation:
    most = all_points(week)
    return Expectation(frozenset(verdicts or ("pass",)), most, most, says=says)


def _invalid(*says: str) -> Expectation:
    return Expectation(frozenset({"invalid"}), 0, 0, says=says)


NOISE = """
import sys as _sys
import warnings as _warnings

for _n in range(3000):
    print(f"W tensorflow/core/framework: deprecated option {_n}, please migrate", file=_sys.stderr)
_warnings.warn("this notebook is very old", DeprecationWarning, stacklevel=1)
"""


def alternatives(week: Week, number: int, noise: bool = False) -> dict[str, str]:
    """Another right answer to each exercise, where there is one: the one at `number`, counted round."""
    answers = references(week)
    for exercise, ways in week.alternatives().items():
        if ways and exercise in answers:
            answers[exercise] = list(ways.values())[number % len(ways)]
    if noise:
        first = week.answers[0].id
        answers[first] = NOISE + answers[first]
    return answers


def mistaken(week: Week, exercises: Collection[str], number: int = 0) -> tuple[dict[str, str], Expectation]:
    """Right answers but for `exercises`, each wrong in the way at `number` of its list (counted round).

    Exercises before the first wrong one cannot suffer; a later one may, where it calls the wrong one.
    """
    answers, caught = references(week), []
    known = week.mistakes()
    wrong = [answer.id for answer in week.answers if answer.id in exercises and known.get(answer.id)]
    for exercise in wrong:
        entry = list(known[exercise].values())[number % len(known[exercise])]
        answers[exercise] = entry["code"]
        caught += entry["caught_by"]
    order = [answer.id for answer in week.answers]
    before = order[: order.index(wrong[0])] if wrong else order
    lost = sum(week[check].points for check in caught)
    verdicts = frozenset({"fail", "error", "missing"}) if wrong else frozenset({"pass"})
    return answers, Expectation(
        verdicts, points_of(week, before), all_points(week) - lost, fails=tuple(caught), whole=tuple(before)
    )


def half(week: Week, share: float = 0.5) -> tuple[dict[str, str], Expectation]:
    """The first exercises answered, the rest left as released."""
    order = [answer.id for answer in week.answers]
    done = order[: max(1, round(len(order) * share))]
    rest = tuple(check.id for check in week.checks if week.exercise_of(check.id) not in done)
    earned = points_of(week, done)
    verdicts = frozenset({"missing", "error", "fail"})
    return {name: reference(week, name) for name in done}, Expectation(verdicts, earned, earned, rest, tuple(done))


# --- Damaged files ------------------------------------------------------------------------------------------------------


def truncated(notebook: Notebook) -> bytes:
    whole = text_of(notebook)
    return whole[: len(whole) * 3 // 5]


def checks_meddled_with(notebook: Notebook, week: Week) -> bytes:
    """One check deleted, one emptied, and the points of a third raised."""
    deleted, emptied, raised = [check.id for check in week.checks][:3]
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) != deleted]
    for cell in notebook.cells:
        if grade_id(cell) == emptied:
            cell.source = "print('all tests passed')"
        if grade_id(cell) == raised:
            cell.metadata["nbgrader"]["points"] = 100
    return text_of(notebook)


def duplicate_ids(notebook: Notebook) -> bytes:
    """What copying files together by hand gives: several cells share one id."""
    for cell in notebook.cells[3:6]:
        cell["id"] = notebook.cells[2]["id"]
    return text_of(notebook)


def merge_conflict(notebook: Notebook) -> bytes:
    """What `git merge` leaves when two partners edited one notebook."""
    lines = text_of(notebook).decode("utf-8").splitlines()
    at = len(lines) // 2
    ours, theirs = lines[at], lines[at].replace('"', "'")
    lines[at : at + 1] = ["<<<<<<< HEAD", ours, "=======", theirs, ">>>>>>> partner"]
    return ("\n".join(lines) + "\n").encode("utf-8")


def old_format(notebook: Notebook) -> bytes:
    """The same notebook as the IPython of 2014 wrote it (nbformat 3)."""
    old = nbformat.convert(notebook, 3)
    for sheet in old.worksheets:
        for cell in sheet.cells:
            cell.pop("id", None)
    return text_of(old)


# --- Attacks ------------------------------------------------------------------------------------------------------------

BLIND_THE_CHECKS = """
# Blank every cell that asserts or checks, then make every comparison true.
import ast

import numpy as np
import numpy.testing


def _blank(lines):
    text = "".join(lines)
    return ["pass\\n"] if "assert" in text or "checks.close" in text or "checks.equal" in text else lines


class _NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

    def visit_Raise(self, node):
        return node


try:
    shell = get_ipython()
    shell.input_transformers_cleanup.append(_blank)
    shell.ast_transformers.append(_NoAsserts())
except Exception as problem:
    print("no shell to fool:", problem)

for _name in ("assert_allclose", "assert_array_equal", "assert_equal", "assert_almost_equal"):
    setattr(numpy.testing, _name, lambda *a, **k: None)
np.testing = numpy.testing

try:
    from course import checks

    for _name in ("close", "equal", "shape", "dtype", "integer", "between", "true", "raises", "rows", "fail"):
        setattr(checks, _name, lambda *a, **k: None)
    checks.unchanged = lambda call, *a, **k: call(*a)
    checks.CheckFailed.__init__ = lambda self, *a, **k: None
except Exception as problem:
    print("no checks to fool:", problem)
"""

ALWAYS_EQUAL = '''
# Answers that equal everything, a patched Keras, and a result written straight to the output.
import json
import os
import sys

import numpy as np


class Agreeable:
    """Equal to all, true, as long and as large as one likes."""

    shape = dtype = size = ndim = property(lambda self: self)

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __le__ = __ge__ = __lt__ = __gt__ = __contains__ = __eq__

    def __hash__(self):
        return 0

    def __len__(self):
        return 1

    def __iter__(self):
        return iter((self,))

    def __getattr__(self, name):
        return self

    def __call__(self, *a, **k):
        return self

    def __reduce__(self):
        return (print, ("a pickle ran in the grader",))


class AgreeableArray(np.ndarray):
    def __eq__(self, other):
        return np.ones(np.shape(other), dtype=bool)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return True

    def __array_function__(self, func, types, args, kwargs):
        return True


class AgreeableInt(int):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


_kinds = [lambda: Agreeable(), lambda: np.zeros(1).view(AgreeableArray), lambda: AgreeableInt(-987654321)]
_calls = 0


def forged(*a, **k):
    global _calls
    _calls += 1
    return _kinds[_calls % len(_kinds)]()


try:
    import keras

    keras.Model.evaluate = lambda self, *a, **k: [0.0, 1.0]
    keras.Model.count_params = lambda self: 0
    keras.Model.predict = lambda self, *a, **k: Agreeable()
except Exception as problem:
    print("no Keras to patch:", problem)

_claim = json.dumps({"results": [{"student": "me", "verdict": "pass", "score": 100, "max_score": 100}]})
print(_claim)
print("points: 100/100\\nPASSED", file=sys.stderr)
os.write(1, (_claim + "\\n").encode())
'''

LOOK_AROUND = """
# Look for the solutions, the neighbours, the grader's memory and a way out; take what is found.
import os
import pathlib
import socket
import tempfile

found = []


def look(what, act):
    try:
        print(f"{what}: {act()!r}"[:200])
        return True
    except BaseException as problem:
        print(f"{what}: no ({type(problem).__name__})")
        return False


def read(path):
    text = pathlib.Path(path).read_text(errors="replace")
    found.append(text)
    return len(text)


here = pathlib.Path.cwd()
roots = [here, *list(here.parents)[:6]]
try:
    import course

    roots += list(pathlib.Path(course.__file__).resolve().parents)[:4]
except Exception:
    pass
for root in dict.fromkeys(roots):
    path = root / "solutions" / "WEEK" / "WEEK.py"
    look(f"solutions under {root}", lambda: read(path))
    look(f"records under {root}", lambda: len((root / "build" / "grades" / "records.jsonl").read_bytes()))
look("my neighbours", lambda: sorted(os.listdir(here.parent.parent))[:5])
look("may I write there", lambda: os.access(here.parent.parent, os.W_OK))
look("secrets in my environment", lambda: [k for k in os.environ if "TOKEN" in k or "SECRET" in k or "KEY" in k])
look("my parent's environment", lambda: len(pathlib.Path(f"/proc/{os.getppid()}/environ").read_bytes()))
look("my parent's memory", lambda: open(f"/proc/{os.getppid()}/mem", "rb").close())
look("other processes", lambda: len([p for p in os.listdir("/proc") if p.isdigit()]))


def knock():
    # A closed port of this very machine: it is the refusal that is looked at, nothing is sent.
    with socket.create_connection(("127.0.0.1", 9), timeout=0.2):
        return "a line out"


def note():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "note.txt"
        path.write_text("I was here")
        return path.stat().st_size


def multiply():
    children = []
    for _ in range(5):
        child = os.fork()
        if child == 0:
            os._exit(0)
        children.append(child)
    return [os.waitpid(child, 0)[1] for child in children]


look("the network", knock)
look("a note in a folder of my own", note)
look("children", multiply)
"""

STEAL = """
# Use what was found, if anything was: the solutions define these functions.
for _text in found:
    for _cell in _text.split("# %%"):
        if any(f"def {name}(" in _cell for name in NAMES):
            exec(_cell.split("\\n", 1)[1], globals())
"""


def functions_of(week: Week, answer: str) -> list[str]:
    """Names of the functions that an answer cell defines."""
    return [node.name for node in ast.parse(week[answer].source).body if isinstance(node, ast.FunctionDef)]


def _bodies(week: Week, answer: str, body: str) -> str:
    """The answer's functions, each with `body` as its body."""
    inside = textwrap.indent(body.strip("\n"), "    ")
    return "\n\n\n".join(f"def {name}(*args, **kwargs):\n{inside}" for name in functions_of(week, answer))


def _attack(
    week: Week, top: str, honest: Collection[str], dishonest: Callable[[str], str]
) -> tuple[bytes, Expectation]:
    answers = {a.id: reference(week, a.id) if a.id in honest else dishonest(a.id) for a in week.answers}
    notebook = fill(week, answers, "The grader will never see me coming.", top=top.strip("\n"))
    earned = points_of(week, honest)
    forged = tuple(check.id for check in week.checks if week.exercise_of(check.id) not in honest)
    verdicts = frozenset({"fail", "error", "timeout", "oom", "missing", "tampered"})
    return text_of(notebook), Expectation(verdicts, earned, earned, fails=forged, whole=tuple(honest))


def blinding(week: Week) -> tuple[bytes, Expectation]:
    """Hostile (a): blanks assertions and patches numpy.testing and course.checks; the first answer is honest."""
    return _attack(week, BLIND_THE_CHECKS, [week.answers[0].id], lambda answer: _bodies(week, answer, "return None"))


def agreeable(week: Week) -> tuple[bytes, Expectation]:
    """Hostile (b): returns objects that equal everything, patches Keras, prints scores; the first answer is honest."""
    body = "return forged(*args, **kwargs)"
    return _attack(week, ALWAYS_EQUAL, [week.answers[0].id], lambda answer: _bodies(week, answer, body))


def curious(week: Week) -> tuple[bytes, Expectation]:
    """Hostile (c): looks for solutions and a way out, uses what it finds, ends the process or loops where it finds
    nothing; the first answer is honest."""
    names = [answer.id for answer in week.answers]
    leaves, loops = names[1:2], names[-1:]

    def dishonest(answer: str) -> str:
        body = "return None"
        if answer in leaves:
            body = "import os\n\nos._exit(0)  # an exit status of success, and no result"
        elif answer in loops:
            # The pictures of the notebook are spared: a loop there would cost another cell's time limit for nothing new.
            body = "import sys\n\nwhile sys._getframe(1).f_globals is not globals():\n    pass"
        steal = STEAL.replace("NAMES", repr(functions_of(week, answer)))
        return _bodies(week, answer, body) + "\n\n" + steal

    return _attack(week, LOOK_AROUND.replace("WEEK", week.id), names[:1], dishonest)


# --- The class ----------------------------------------------------------------------------------------------------------

SAME = "It is the same, because the kernel is learned anyway."
LONG = (
    "There are two numbers because there are two questions. One asks how far you can shrink, the other how far you see."
)


@dataclass
class _Class:
    weeks: list[Week]
    members: list[Submission] = field(default_factory=list)

    def add(
        self, student: str, number: int, story: str, data: bytes | Notebook, expect: Expectation, hostile: bool = False
    ) -> None:
        raw = data if isinstance(data, bytes) else text_of(data)
        self.members.append(Submission(student, self.weeks[number], raw, expect, story, hostile))


def submissions(weeks: list[Week]) -> list[Submission]:
    """The class's work on three weeks, in the order of the students' names. The same weeks give the same bytes."""
    one, two, three = weeks
    room = _Class(list(weeks))

    for number, week in enumerate(weeks):
        room.add("ada", number, "everything right", fill(week, references(week), model_text(week)), _full(week))

    for number, week in enumerate(weeks):
        noisy = fill(week, alternatives(week, number, noise=True), SAME)
        room.add("bao", number, "everything right in another way, with 3,000 warnings", noisy, _full(week))

    answers, expect = mistaken(one, ["conv2d", "pool2d"])
    room.add("chidi", 0, "two common mistakes", fill(one, answers, SAME), expect)
    answers, expect = mistaken(two, ["receptive_field", "layer_counts"])
    room.add("chidi", 1, "two common mistakes", fill(two, answers, LONG), expect)

    answers, expect = mistaken(one, ["pool2d", "sobel_edges"], 1)
    room.add("dilara", 0, "two common mistakes", fill(one, answers, LONG), expect)
    answers, expect = mistaken(three, ["count_spec"], 1)
    room.add("dilara", 2, "one common mistake", fill(three, answers, SAME), expect)

    for number, share in ((0, 0.5), (1, 0.4)):
        answers, expect = half(room.weeks[number], share)
        room.add("emeka", number, "stopped half way", fill(room.weeks[number], answers), expect)

    nothing = Expectation(frozenset({"missing"}), 0, 0, fails=tuple(check.id for check in one.checks))
    room.add("freya", 0, "handed in the blank notebook", fill(one, {}), nothing)

    room.add("goran", 0, "the upload broke off", truncated(fill(one, references(one), SAME)), _invalid("cut off"))
    answers, expect = mistaken(two, ["receptive_field"], 2)
    room.add("goran", 1, "one common mistake", fill(two, answers), expect)

    meddled = checks_meddled_with(fill(two, references(two), LONG), two)
    room.add(
        "hana",
        1,
        "all right, but checks deleted and edited",
        meddled,
        _full(two, "tampered", says=("deleted", "edited", "points")),
    )

    twice = duplicate_ids(fill(three, references(three), SAME))
    room.add("ines", 2, "all right, but cells share one id", twice, _full(three, "pass", "tampered"))

    conflict = merge_conflict(fill(two, references(two), LONG))
    room.add("jun", 1, "git left its marks in the file", conflict, _invalid("merge-conflict"))
    answers, expect = mistaken(three, ["count_spec", "layer_params"], 2)
    room.add("jun", 2, "two common mistakes", fill(three, answers, SAME), expect)

    room.add(
        "kofi", 2, "all right, in the format of 2014", old_format(fill(three, references(three), SAME)), _full(three)
    )
    answers, expect = mistaken(one, ["conv2d"], 2)
    room.add("kofi", 0, "one common mistake", fill(one, answers), expect)

    answers, expect = mistaken(one, ["pool2d", "conv2d_multi"], 3)
    room.add("lucia", 0, "two common mistakes", fill(one, answers, SAME), expect)
    room.add("lucia", 1, "everything right", fill(two, references(two), LONG), _full(two))

    room.add("mallory", 0, "blanks the checks and patches the tools", *blinding(one), hostile=True)
    room.add("nemo", 1, "returns objects that equal everything", *agreeable(two), hostile=True)
    room.add("oscar", 2, "looks for the solutions, exits, loops", *curious(three), hostile=True)
    return sorted(room.members, key=lambda s: (s.student, s.week.id))


def write(members: list[Submission], folder: Path) -> Iterator[Path]:
    """Write `members` in nbgrader's layout, `folder/<student>/<week>/<week>.ipynb`; yields each path."""
    for member in members:
        path = folder / member.student / member.week.id / f"{member.week.id}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(member.data)
        yield path
