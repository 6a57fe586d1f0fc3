"""Weeks that draw numbers from a student's id: whose numbers a submission is graded with, and whether it was made with them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from autograder.intake.names import printable
from autograder.intake.work import Work
from autograder.results import CheckResult
from autograder.weeks import Week
from course import variant

_DRAWS = re.compile(r"\bvariant\b")


def use(week: Week, student: str) -> None:
    """In this process, the checks of `week` get the numbers of `student` from now on; none where it has no variants."""
    if week.plan.variants:
        variant.use(week.id, student)
    else:
        variant.forget()


def mismatch(week: Week, work: Work, student: str) -> str:
    """What is wrong with the id that was typed into the notebook, in a sentence; "" where nothing is."""
    if not week.plan.variants or not student or variant.same(work.signed, student):
        return ""
    if not work.signed.strip():
        return f"STUDENT is empty in this notebook, so its numbers are nobody's; it is graded with those of {student}"
    typed = printable(work.signed[:60])
    return f"STUDENT is {typed} in this notebook, so its numbers are those of {typed}; it is graded with those of {student}"


def explained(week: Week, checks: Iterable[CheckResult], unlike: str) -> list[CheckResult]:
    """`checks`, where one that draws numbers failed with the reason `unlike` added: the student reads it where the points are."""
    drawing = {check.id for check in week.checks if _DRAWS.search(check.source)} if unlike else set()
    return [
        replace(check, message=f"{check.message}\n{unlike[0].upper()}{unlike[1:]}.")
        if check.id in drawing and check.verdict == "fail"
        else check
        for check in checks
    ]
