"""Grades the one submission of a Gradescope container: `python -m autograder.publish.export.gradescope_run BASE WEEK SANDBOX`.

BASE has `submission/` with what the student handed in, and gets `results/results.json`. A grader that fails writes none, and
ends with status 1: Gradescope then says that the autograder failed, instead of showing a student 0 points.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

from autograder import weeks
from autograder.errors import UserError
from autograder.grading import batch
from autograder.publish.export.gradescope import results_of
from autograder.results import Result
from autograder.weeks import Week
from course.files import write_text

STUDENT = "student"
"""Gradescope knows whose submission it is; the grader needs to only where a week draws numbers from a student's id."""
_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,80}@[A-Za-z0-9.-]{1,80}")


def student_of(base: Path, week: Week) -> str:
    """Under which id the submission is graded: in a week with variants the email address of its one student.

    Raises UserError where such a week is handed in by a group, or Gradescope does not say by whom.
    """
    if not week.plan.variants:
        return STUDENT
    try:
        users = json.loads((base / "submission_metadata.json").read_text(encoding="utf-8"))["users"]
        (email,) = (str(user["email"]) for user in users)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UserError(
            f"{week.id} draws numbers from a student's id, and submission_metadata.json does not name one student: "
            "switch group submission off"
        ) from problem
    if not _EMAIL.fullmatch(email):
        raise UserError(f"{week.id} draws numbers from a student's email address, and {email!r} is none")
    return email


def run(base: Path, week: str, sandbox: str) -> Result:
    """Grade `base`/submission and write the results. Raises UserError where the grader itself cannot do its work."""
    plan = weeks.load(week)
    student = student_of(base, plan)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "submitted" / student / plan.id
        # Links stay links, which intake refuses: those of a repository that is handed in may lead to the solutions.
        shutil.copytree(base / "submission", place, symlinks=True)
        there = (path for path in place.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
        notebooks = [path for path in there if path.is_file() and not path.is_symlink()]
        if len(notebooks) == 1:  # whatever it is called: Gradescope's assignment says which week it is for
            notebooks[0].replace(place / f"{plan.id}.ipynb")
        results: list[Result] = []
        summary = batch.grade(
            Path(folder) / "submitted",
            to=Path(folder) / "grades",
            kind=sandbox,  # type: ignore[arg-type]
            jobs=1,
            only=[plan.id],
            layout="nbgrader",
            on_result=results.append,
        )
    if summary.failed or len(results) > 1:
        raise UserError(results[0].warnings[0] if summary.failed else "more than one submission was found")
    found = (
        results[0]
        if results
        else batch.invalid(student, plan.id, f"no notebook {plan.id}.ipynb was handed in", sandbox)
    )
    text = json.dumps(results_of(found), indent=2, ensure_ascii=False)
    write_text(base / "results" / "results.json", text + "\n")
    return found


def main() -> None:
    """What `run_autograder` starts."""
    base, week, sandbox = sys.argv[1:]
    try:
        found = run(Path(base), week, sandbox)
    except UserError as problem:
        print(f"autograder: {problem}", file=sys.stderr)
        sys.exit(1)
    print(f"{found.week}: {found.verdict}, {found.score:g} of {found.max_score:g} points")


if __name__ == "__main__":
    main()
