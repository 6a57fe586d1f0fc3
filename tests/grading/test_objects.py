"""Objects, exceptions and printed text of the student's in checks: what honest work gets, and what lies do not."""

from __future__ import annotations

from typing import Any

import pytest
from graded import graded
from small_week import small_week

from autograder.grading.grader import Grader

pytestmark = pytest.mark.sandbox

STACK = """
from dataclasses import dataclass

class Empty(Exception):
    pass

class VeryEmpty(Empty, LookupError):
    pass

class Stack:
    "Last in, first out."
    most = 3

    def __init__(self, *items):
        self.items = list(items)
        self.parent = self

    def push(self, item):
        self.items.append(item)
        return self

    def pop(self):
        if not self.items:
            raise VeryEmpty("nothing is left")
        return self.items.pop()

    @classmethod
    def of(cls, n):
        return cls(*range(n))

    def __len__(self):
        return len(self.items)

    def __repr__(self):
        return f"Stack{self.items}"

@dataclass(order=True)
class Vector:
    x: float
    y: float

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, factor):
        return Vector(factor * self.x, factor * self.y)

    __rmul__ = __mul__

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y

class Names(list):
    def first(self):
        return self[0]

def joined(one, other):
    return Stack(*one.items, *other.items)

def greet(name, times=1):
    for _ in range(times):
        print("Hello,", name)

def count(n):
    print("counting")
    yield from range(n)
"""
RIGHT = {
    "attributes": """
        s = Stack(1, 2)
        assert s.items == [1, 2] and s.most == Stack.most == 3
        s.label = "mine"
        assert s.label == "mine" and s.parent.parent.items == [1, 2]
        assert not hasattr(s, "nothing") and Stack.__doc__ == "Last in, first out."
    """,
    "methods": """
        s = Stack.of(2)
        assert s.push(5) is not None and len(s) == 3 and s.pop() == 5
        assert isinstance(s, Stack) and not isinstance(3, Stack) and callable(s.pop)
        assert str(s) == "Stack[0, 1]" and f"{s!r:>12}".endswith("[0, 1]")
        assert joined(s, Stack(7)).items == [0, 1, 7]
        assert [one.items for one in [Stack(1), Stack(2)]] == [[1], [2]]
    """,
    "raises": """
        from course import checks

        checks.raises(Empty, lambda: Stack().pop(), hint="an empty stack")
        try:
            Stack().pop()
        except VeryEmpty as problem:
            assert str(problem) == "nothing is left" and isinstance(problem, (Empty, LookupError))
        assert issubclass(VeryEmpty, Empty) and not issubclass(Empty, LookupError)
    """,
    "operators": """
        v, w = Vector(1, 2), Vector(3, 4)
        assert (v + w).x == 4 and (2 * v).y == (v * 2).y == 4 and v @ w == 11
        assert v == Vector(1, 2) and v != w and v < w and sorted([w, v])[0].x == 1
        assert v != (1, 2) and repr(v) == "Vector(x=1, y=2)"
    """,
    "builtin": """
        n = Names(["Ada", "Bo"])
        assert n == ["Ada", "Bo"] and n.first() == n[0] == "Ada" and len(n) == 2 and list(n) == n and "Bo" in n
        n[1] = "Cy"
        del n[0]
        assert n == ["Cy"]
    """,
    "printed": """
        import contextlib, io, sys
        from course import checks

        checks.equal(checks.printed(lambda: greet("Ada")), "Hello, Ada\\n")
        with contextlib.redirect_stdout(io.StringIO()) as out:
            greet("Bo", times=2)
        assert out.getvalue() == "Hello, Bo\\n" * 2
        assert checks.printed(lambda: [count(2), greet("Cy")]) == "counting\\nHello, Cy\\n"
        assert len(checks.printed(lambda: greet("x" * 50_000, times=9))) == 100_000
    """,
}


def verdicts(grader: Grader, answer: str, **checks: str) -> dict[str, tuple[str, str]]:
    """{name of a check: (verdict, message)} of `answer` to a week whose reference is STACK."""
    result = graded(grader, small_week(STACK, **checks), {"work": answer})
    return {check.id.removeprefix("work-"): (check.verdict, check.message) for check in result.checks}


def test_honest_objects_pass_what_they_pass_in_a_kernel(grader: Grader) -> None:
    assert verdicts(grader, STACK, **RIGHT) == dict.fromkeys(RIGHT, ("pass", ""))


@pytest.mark.parametrize("name", RIGHT)
def test_these_checks_hold_in_a_kernel(name: str) -> None:
    import textwrap

    scope: dict[str, Any] = {"__name__": "__main__"}
    exec(STACK, scope)
    if name == "printed":  # a kernel has no bound, and a generator runs when it is walked through
        assert scope["greet"]("Ada") is None
        return
    exec(textwrap.dedent(RIGHT[name]), scope)


LIAR = """
class Yes(int):
    "Agrees with everybody, and is whatever it is taken for."

    def __new__(cls, *args):
        return int.__new__(cls, 0)

    def _true(self, *others):
        return True

    def _none(self, *others):
        return Yes()

    def _zero(self, *others):
        return 0

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __bool__ = _true
    __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __neg__ = __truediv__ = __abs__ = _none
    __float__ = lambda self: 0.0
    __int__ = __index__ = __round__ = __trunc__ = _zero
    __hash__ = int.__hash__

    def __array__(self, *args, **kwargs):
        import numpy as np

        return np.zeros(())

    def __reduce__(self):
        import os

        return os.system, ("touch /tmp/reduced",)

    def count(self, value):
        return 1


class Stack(Yes):
    pass

Vector = Names = Yes

def joined(one, other):
    return Stack()

greet = count = joined
"""
COMPARED = {
    "equal": "assert joined(1, 2) == 6",
    "unequal": "assert not joined(1, 2) != 6",
    "reflected": "assert 6 == joined(1, 2)",
    "difference": "assert abs(joined(1, 2) - 6) < 1e-9",
    "zero": "assert joined(1, 2) - 6 == 0",
    "minus": "assert -(6 - joined(1, 2)) == 0",
    "order": "assert 5.9 < joined(1, 2) < 6.1",
    "truth": "assert joined(1, 2)",
    "one_of": "assert joined(1, 2) in (6, 7)",
    "holds": "assert 6 in joined(1, 2)",
    "key": "assert {6: True}[joined(1, 2)]",
    "number": "assert float(joined(1, 2)) == 6 or int(joined(1, 2)) == 6 or round(joined(1, 2)) == 6",
    "sum": "assert sum([joined(1, 2), joined(3, 4)]) == 6",
    "isclose": "import math\nassert math.isclose(joined(1, 2), 6)",
    "numpy": "import numpy as np\nassert np.allclose(joined(1, 2), 6)",
    "array": "import numpy as np\nassert (np.array([joined(1, 2)]) == np.array([6])).all()",
    "close": "from course import checks\nchecks.close(joined(1, 2), 6)",
    "checked": "from course import checks\nchecks.equal(joined(1, 2), 6)",
    "integer": "from course import checks\nchecks.integer(joined(1, 2), 6)",
    "between": "from course import checks\nchecks.between(joined(1, 2), 5.9, 6.1, hint='six')",
    "true": "from course import checks\nchecks.true(joined(1, 2), 'six')",
    "nested": "assert [joined(1, 2), 7] == [6, 7] or {'a': joined(1, 2)} == {'a': 6}",
    "copied": "import copy\nassert copy.deepcopy(joined(1, 2)) == 6",
    "pickled": "import pickle\nassert pickle.loads(pickle.dumps(joined(1, 2))) == 6",
}


def test_an_object_that_agrees_with_everybody_agrees_with_nobody(grader: Grader) -> None:
    """Each check names the class, so that the object does cross."""
    named = {name: f"{source}\nStack" for name, source in COMPARED.items()}
    found = verdicts(grader, LIAR, **named, crosses="assert isinstance(joined(1, 2), Stack)")
    assert found.pop("crosses") == ("pass", "")
    assert {name for name, (verdict, _) in found.items() if verdict not in ("fail", "error")} == set()


def test_a_check_that_names_no_class_meets_no_object(grader: Grader) -> None:
    found = verdicts(
        grader,
        LIAR,
        method="assert joined(1, 2).count(6) == 1",
        function="assert greet(1, 2).count(6) == 1\njoined",
        named="assert joined(1, 2).count(6) == 1\nStack",
    )
    assert found.pop("named")[0] == "pass", "what a check asks of a class it names, the class answers"
    assert {verdict for verdict, _ in found.values()} <= {"fail", "error"}


def test_a_class_in_the_place_of_a_function_stays_a_function(grader: Grader) -> None:
    instead = STACK.replace("def joined(one, other):", "class joined:\n    def __init__(self, one, other):")
    instead = instead.replace(
        "    return Stack(*one", "        pass\n\n    def count(self, n):\n        return 1\n\n# (*one"
    )
    found = verdicts(
        grader, instead, called="assert joined(1, 2).count(6) == 1", asked="assert joined.count(joined, 6) == 1"
    )
    assert {verdict for verdict, _ in found.values()} == {"error"}


def test_attributes_and_answers_are_of_exact_types(grader: Grader) -> None:
    lying = STACK + (
        "class Six(int):\n    def __eq__(self, other):\n        return True\n    __hash__ = int.__hash__\n"
        "class Text(str):\n    def __eq__(self, other):\n        return True\n    __hash__ = str.__hash__\n"
        "class Half(float):\n    def __eq__(self, other):\n        return True\n"
        "Stack.most = Six(5)\nStack.name = Text('b')\nStack.half = Half(0.5)\n"
        "Stack.pop = lambda self: Six(5)\nStack.__repr__ = lambda self: Text('b')\nStack.__len__ = lambda self: Six(5)\n"
        "Stack.__eq__ = lambda self, other: Text('yes')\n"
    )
    wrong = {
        "attribute": "assert Stack().most == 6",
        "of_the_class": "assert Stack.most == 6",
        "text": "assert Stack().name == 'a'",
        "real": "assert Stack().half == 1",
        "result": "assert Stack().pop() == 6",
        "shown": "assert repr(Stack()) == 'a'",
        "length": "assert len(Stack()) == 6",
        "no_truth": "assert Stack() == Stack()",
    }
    right = {"value": "assert Stack().most == 5 and type(Stack().most) is int and type(repr(Stack())) is str"}
    found = verdicts(grader, lying, **wrong, **right)
    assert found.pop("value") == ("pass", "")
    assert {verdict for verdict, _ in found.values()} <= {"fail", "error"}


@pytest.mark.slow
def test_objects_without_end_cost_a_check_and_no_more(grader: Grader, impatient: None) -> None:
    endless = STACK + (
        "Stack.many = property(lambda self: [Stack() for _ in range(20_000)])\n"
        "Stack.hangs = property(lambda self: __import__('time').sleep(60))\n"
        "Stack.ends = property(lambda self: __import__('os')._exit(1))\n"
        "Stack.deep = property(lambda self: self.deep)\n"
        "Names.__iter__ = lambda self: __import__('itertools').count()\n"
        "Names.__len__ = lambda self: __import__('time').sleep(60)\n"
    )
    found = verdicts(
        grader,
        endless,
        many="assert len(Stack().many) == 20_000",
        hangs="Stack().hangs",
        swallowed="import numpy as np\nnp.array(Names([1]))",
        ends="Stack().ends",
        deep="Stack().deep",
        walked="assert len([one for one in Names([1])]) == 10_000",
        after="assert Stack(1).items == [1]",
    )
    assert {name: verdict for name, (verdict, _) in found.items()} == {
        "many": "error",
        "hangs": "timeout",
        "swallowed": "timeout",
        "ends": "error",
        "deep": "error",
        "walked": "pass",
        "after": "pass",
    }


def test_an_exception_is_what_its_class_is_derived_from_and_hides_nothing(grader: Grader) -> None:
    named = "raise type('secret' + str(self.parent.items), (Exception,), {})('x' * 10**6)"
    lying = STACK.replace('raise VeryEmpty("nothing is left")', named)
    hidden = "### BEGIN HIDDEN TESTS\nStack().pop()\n### END HIDDEN TESTS"
    found = verdicts(
        grader,
        lying,
        other="from course import checks\nchecks.raises(Empty, lambda: Stack().pop(), hint='empty')",
        hidden=hidden,
    )
    assert found["other"][0] == "fail" and len(found["other"][1]) < 2000
    assert found["hidden"] == ("error", "Stack.pop raised an error of its own on an input of the hidden check")


def test_printed_text_of_a_hidden_check_is_not_repeated(grader: Grader) -> None:
    hidden = (
        "from course import checks\n### BEGIN HIDDEN TESTS\n"
        "checks.equal(checks.printed(lambda: greet('S3CRET')), 'Hello', hint='greets')\n### END HIDDEN TESTS"
    )
    assert verdicts(grader, STACK, hidden=hidden)["hidden"] == ("fail", "greets")


def test_docstrings_are_the_students(grader: Grader) -> None:
    found = verdicts(grader, STACK, none="assert greet.__doc__", given="assert Stack.__doc__ == 'Last in, first out.'")
    assert (found["none"][0], found["given"][0]) == ("fail", "pass")
