"""Numbers drawn from a student's id: the same wherever they are asked for, others for others, and named where they are missing."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest

from course import decode, syllabus, variant
from course.desk import notebooks

ENTRY = """
[[week]]
number = 2
id = "week02_decay"
title = "Decay"
build = "a sample"
due = 2027-01-15T23:59:00+00:00
exercises = { activity = 6 }
written = {}
seconds = 60
cell_seconds = 30
call_seconds = 10
memory_mb = 3000
"""
VALUES = "[week.variants]\nhalf_life = [4, 5, 6, 8, 10]\nunit = ['MBq', 'kBq']\n"


def parsed(text: str) -> syllabus.WeekPlan:
    return syllabus.parse(tomllib.loads(text))[0]


@pytest.fixture
def decay(monkeypatch: pytest.MonkeyPatch) -> Iterator[syllabus.WeekPlan]:
    plan = parsed(ENTRY + VALUES)
    plans = {plan.id: plan}
    monkeypatch.setattr(syllabus, "load", lambda: plans)
    variant.forget()
    yield plan
    variant.forget()


def test_a_student_has_the_same_numbers_everywhere(
    decay: syllabus.WeekPlan, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = variant.start(" Zoe\u0308  Smith ", "week02_decay")
    assert "The numbers of Zoe\u0308  Smith: half_life = " in capsys.readouterr().out
    variant.use(2, "zo\u00eb smith")
    assert (variant.mine().half_life, variant.mine().unit) == (mine.half_life, mine.unit)
    first = variant.generator("hours").normal(size=3)
    assert (variant.generator("hours").normal(size=3) == first).all()
    assert (variant.generator("others").normal(size=3) != first).all()


def test_numbers_are_those_of_an_earlier_term(decay: syllabus.WeekPlan) -> None:
    """What was drawn once may never change: students hold notebooks with it."""
    variant.use(2, "ada")
    assert str(variant.mine()) == "half_life = 6, unit = 'MBq'"
    assert int(variant.generator("hours").integers(10**6)) == 420321


def test_every_value_is_somebodys(decay: syllabus.WeekPlan) -> None:
    drawn = Counter(variant.of(decay.id, f"s{n}", "half_life", decay.variants["half_life"]) for n in range(500))
    assert set(drawn) == {4, 5, 6, 8, 10} and min(drawn.values()) > 60


def test_without_an_id_the_numbers_are_nobodys(decay: syllabus.WeekPlan, capsys: pytest.CaptureFixture[str]) -> None:
    variant.start("", "week02_decay")
    assert "STUDENT is empty" in capsys.readouterr().out


def test_what_is_not_there_is_named(decay: syllabus.WeekPlan) -> None:
    with pytest.raises(LookupError, match=r"run the cell that calls variant\.start"):
        variant.mine()
    variant.use(2, "ada")
    with pytest.raises(AttributeError, match="no variant 'mass'; there are: half_life, unit"):
        _ = variant.mine().mass
    syllabus.load()["week02_decay"] = parsed(ENTRY)
    with pytest.raises(KeyError, match="no variants"):
        variant.start("ada", 2)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ("mass = [4]", "two values or more"),
        ("mass = [4, 4]", "all different"),
        ('"half life" = [4, 5]', "is no name"),
        ("_week = [4, 5]", "is no name"),
        ("mass = 4", "expected `array`"),
    ],
)
def test_a_table_that_draws_nothing_is_refused(values: str, says: str) -> None:
    with pytest.raises(decode.FileError, match=says):
        parsed(f"{ENTRY}[week.variants]\n{values}\n")


@pytest.mark.parametrize(
    ("line", "signed"),
    [
        ('STUDENT = ""  # your id', ""),
        ('STUDENT = "ada"', "ada"),
        ("STUDENT = 'O\"Hara'  # me", 'O"Hara'),
        ("STUDENT = 123456", "123456"),
        ('PROFILE = "quick"', None),
    ],
)
def test_who_signs_a_notebook(line: str, signed: str | None) -> None:
    cell: Any = nbformat.v4.new_code_cell(f"SEED = 0\n{line}\n", metadata={"tags": ["parameters"]})
    assert notebooks.signed_by(nbformat.v4.new_notebook(cells=[cell])) == signed
