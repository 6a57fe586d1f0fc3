"""Free names of a cell, as the build sees them."""

import pytest

from autograder.weeks import names


@pytest.mark.parametrize(
    ("source", "free"),
    [
        ("checks.close(conv2d(x), y)", {"checks", "conv2d", "x", "y"}),
        ("import numpy as np\nnp.ones(3)", set()),
        ("from a.b import c as d\nd", set()),
        ("[f(i) for i in range(3)]", {"f"}),
        ("[[g(i, j) for j in row] for i, row in enumerate(rows)]", {"g", "rows"}),
        ("{k: v for k, v in table.items() if k in keep}", {"table", "keep"}),
        ("def f(a, *b, c=d, **e):\n    z = a\n    return z, b, c, e, q", {"d", "q"}),
        ("lambda p: p + r", {"r"}),
        ("for i in range(3):\n    print(i)", set()),
        ("if (n := len(s)) > 2:\n    n", {"s"}),
        ("with open('x') as f, g() as (h, i):\n    f, h, i", {"g"}),
        ("try:\n    a()\nexcept ValueError as e:\n    e", {"a"}),
        ("class A(B):\n    x = y\n    def m(self):\n        return x", {"B", "y", "x"}),
        ("def f():\n    global total\n    total = 1\nf()\ntotal", set()),
        ("f'{width:{precision}}'", {"width", "precision"}),
        ("%matplotlib inline\nplt.plot()", {"plt"}),
        ("del a", set()),
        ("x.y = 3", {"x"}),
        ("x[0] += 1", {"x"}),
        ("match p:\n    case {'a': b}:\n        b", {"p"}),
    ],
)
def test_free(source: str, free: set[str]) -> None:
    assert set(names.free(source)) == free


def test_the_line_of_a_free_name_is_its_first() -> None:
    assert names.free("a = 1\n\nf(a, b)\nb") == {"b": 3, "f": 3}


def test_defined_and_definitions() -> None:
    assert names.defined("import a.b\nx, y = 1, 2\ndef f():\n    z = 1\n") == {"a", "x", "y", "f"}
    assert list(names.definitions("def f(): pass\nclass C: pass\ng = 1")) == ["f", "C"]


def test_modules() -> None:
    assert names.modules("import numpy.linalg\n\nfrom course import checks\nfrom . import x") == {
        "numpy": 1,
        "course": 3,
    }
