"""Grades the one submission of a Gradescope container: `python -m autograder.publish.export.gradescope_run BASE WEEK SANDBOX`.

BASE has `submission/` with what the student handed in, and gets `results/results.json`. A grader that fails writes none, and
ends with status 1: Gradescope then says that the autograder failed, instead of showing a student 0 points.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from autograder import weeks
from autograder.errors import UserError
from autograder.grading import batch
from autograder.publish.export.gradescope import results_of
from autograder.results import Result
from course.files import write_text

STUDENT = "student"
"""Gradescope knows whose submission it is; the grader does not need to."""


def run(base: Path, week: str, sandbox: str) -> Result:
    """Grade `base`/submission and write the results. Raises UserError where the grader itself cannot do its work."""
    plan = weeks.load(week)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "submitted" / STUDENT / plan.id
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
        else batch.invalid(STUDENT, plan.id, f"no notebook {plan.id}.ipynb was handed in", sandbox)
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
