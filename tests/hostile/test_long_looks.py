"""Text of which a careless pattern looks at every character once for each other one: a notebook would stop grader or pages.

Measured is processor time, which a busy machine does not lengthen; before, each of these took from half a minute to hours.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from autograder import weeks
from autograder.intake.sanitize import MAX_SOURCE, sanitize
from autograder.publish.report import markdown, safe
from autograder.similar import tokens
from autograder.weeks import names
from benchmarks.attacks import attacks
from benchmarks.attacks.case import Attack

LONG = MAX_SOURCE - 100
SOURCES = {
    "blanks before a command": " " * LONG + "x\n!ls",
    "words without a value": "a " * (LONG // 2) + "\n!ls",
    "a long name": "a" * LONG + "\n?x",
    "values of values": "a= " * (LONG // 3) + "\n!ls",
    "lines of blanks": "\n " * (LONG // 2) + "!ls",
}
SHOWN = {
    "lines of blanks": "\n \t" * 20_000,
    "lines of other blanks": "\n\u00a0" * 30_000,
    "quotes": '"' * 59_999 + "\\",
    "braces of f-strings": "f'{" * 20_000,
    "colons in f-strings": "f'{a:{b:" * 7_000,
    "formats": "'%(" * 20_000,
}


def takes_less_than(seconds: float, look: Callable[[], object]) -> None:
    began = time.process_time()
    look()
    assert time.process_time() - began < seconds


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_notebook_is_read_in_time(source: str) -> None:
    takes_less_than(10, lambda: sanitize(Attack(0, "", {"pool2d": source}, top=source).notebook(), weeks.load(1)))
    takes_less_than(10, lambda: names.plain(source))


def test_copies_of_a_check_are_not_all_compared() -> None:
    (attack,) = (one for one in attacks() if one.name == "a thousand copies of a check")
    takes_less_than(10, lambda: sanitize(attack.notebook(), weeks.load(1)))


@pytest.mark.parametrize("source", SHOWN.values(), ids=SHOWN)
def test_a_page_is_written_in_time(source: str) -> None:
    takes_less_than(5, lambda: safe.code(source))
    takes_less_than(5, lambda: tokens.of_code(source))
    takes_less_than(5, lambda: markdown.render(source))


def test_magics_are_what_they_were() -> None:
    assert names.plain("files = !ls\n  a, b = %timeit -o f()\nx = 5 % 3") == "files = None\n  a, b = None\nx = 5 % 3"


def test_tokens_keep_their_places() -> None:
    source = "def f():\n    \n\t\n    return '''a\n \n'''\n"
    assert [source[token.start : token.end] for token in tokens.of_code(source)][:3] == ["def", "f", "return"]


def test_code_on_a_page_keeps_its_lines() -> None:
    assert safe.code("a = 1\n   \n\t\nb = 2").count("\n") == 3
