"""Numbers of one's own: where the syllabus gives a week `[week.variants]`, each student's are drawn from their id.

    from course import variant

    mine = variant.start(STUDENT, "week02_decay")  # a given cell; prints the numbers
    mine.half_life                                 # one of the values that the syllabus lists
    variant.generator("counts").poisson(9, 50)     # a random generator, the same whenever this student asks for this name

A check asks `variant.mine()`. In the grader the numbers are those of the student whose work it is, whatever a notebook says.
Nothing here is secret: whoever knows an id can compute its numbers.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING, Any

from course import syllabus

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Numbers", "generator", "mine", "same", "start"]

_in_force: tuple[str, str] | None = None
"""(id of the week, student)"""


class Numbers:
    """One student's numbers as attributes, named as in the syllabus."""

    def __init__(self, week: str, values: dict[str, Any]) -> None:
        self.__dict__.update(values)
        self._week = week

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self._week} has no variant {name!r}; there are: {', '.join(self._names())}")

    def _names(self) -> list[str]:
        return [name for name in self.__dict__ if not name.startswith("_")]

    def __repr__(self) -> str:
        return ", ".join(f"{name} = {self.__dict__[name]!r}" for name in self._names())


def start(student: str | int, week: str | int) -> Numbers:
    """Draw `student`'s numbers for `week`, print them, and return them.

    student: the id that the course knows, as it is typed; capitals and spaces around it make no difference. Empty: numbers
    of nobody, to look at the week. Raises KeyError where the syllabus gives the week no variants.
    """
    use(week, str(student))
    numbers = mine()
    if normal(str(student)):
        print(f"The numbers of {str(student).strip()}: {numbers}")
    else:
        print(f"STUDENT is empty, and these are nobody's numbers: {numbers}")
        print("Type your id into STUDENT, in the first cell of code, and run the notebook from there.")
    return numbers


def use(week: str | int, student: str) -> None:
    """Draw from `student`'s id in this process from now on. Raises KeyError where the week has no variants."""
    global _in_force
    plan = syllabus.week(week)
    if not plan.variants:
        raise KeyError(f"the syllabus gives {plan.id} no variants: [week.variants] names them, with the values of each")
    _in_force = (plan.id, normal(student))


def forget() -> None:
    """No student's numbers are in force."""
    global _in_force
    _in_force = None


def mine() -> Numbers:
    """The numbers in force. Raises LookupError before `start`."""
    week, student = _now()
    plan = syllabus.week(week)
    return Numbers(week, {name: of(week, student, name, values) for name, values in plan.variants.items()})


def generator(name: str) -> np.random.Generator:
    """A NumPy generator in its first state, drawn from the student's id, the week and `name`. Raises LookupError."""
    import numpy as np

    week, student = _now()
    return np.random.default_rng(_number(week, student, f"generator {name}"))


def of(week: str, student: str, name: str, values: tuple[Any, ...]) -> Any:
    """The one of `values` that `student` has in `week`: it depends on the ids and on `name` alone."""
    return values[_number(week, normal(student), name) % len(values)]


def same(one: str, other: str) -> bool:
    """Whether two ids, as they are typed, are the same student's."""
    return normal(one) == normal(other)


def normal(student: str) -> str:
    """An id in the form from which numbers are drawn."""
    return unicodedata.normalize("NFC", " ".join(student.split()).casefold())


def _now() -> tuple[str, str]:
    if _in_force is None:
        raise LookupError("no student's numbers are drawn yet: run the cell that calls variant.start")
    return _in_force


def _number(*parts: str) -> int:
    """A number from 0 to 2**64 - 1 that depends on all of `parts`, the same in every version of Python and NumPy."""
    text = "\0".join(parts)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
