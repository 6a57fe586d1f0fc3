"""Results in the form of Gradescope's autograders, and the zip by which Gradescope runs our grader.

A `results.json` has points for the whole, and a test for each check with its message. What a check hides from students stays
hidden until grades are published there. (Format: Gradescope's autograder specifications.)
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.errors import UserError
from autograder.paths import ROOT
from autograder.publish.report import safe
from autograder.results import CheckResult, Result
from autograder.term.points import Standing
from autograder.weeks import Week
from course.files import whole, write_text

_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
_TEMPLATES = Path(__file__).parent / "gradescope_files"


def results_of(result: Result, standing: Standing | None = None) -> dict[str, Any]:
    """The object of a `results.json`. With a standing it holds what counts at the end: overrides, marks and lateness, too;
    without one it is what the checks say, for the moment of handing in.
    """
    tests = [_test(check, standing) for check in result.checks]
    said = [f"{safe.message(warning)}" for warning in result.warnings]
    score = result.score
    if standing is not None:
        score = standing.final if standing.final is not None else 0.0
        for question, answer in standing.written.items():
            if answer.points is not None:
                output = answer.comment or answer.reason or "marked by a person"
                tests.append(_entry(question, answer.points, answer.most, "visible", output))
        whole_week = next((o for o in standing.overrides if o.check is None), None)
        if whole_week is not None:
            said.append(f"The points were set by a person: {whole_week.reason}")
        if standing.penalty:
            said.append(f"Late by {_days(standing.lateness.days)}: {standing.penalty:g} points less.")
        waiting = standing.waiting
    else:
        waiting = tuple(result.by_hand)
    if waiting and result.verdict != "invalid":
        said.append(f"Read by a person later: {', '.join(waiting)}.")
    if result.verdict == "invalid":
        said.insert(0, "The notebook could not be graded.")
    return {
        "score": round(score, 2),
        "output": "\n".join(said),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "execution_time": round(result.seconds),
        "tests": tests,
    }


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _test(check: CheckResult, standing: Standing | None) -> dict[str, Any]:
    points = standing.check_points(check.id) if standing is not None else check.points
    changed = "" if points == check.points else " (changed by a person)"
    visibility = "after_published" if check.hidden else "visible"
    output = f"{check.verdict}{changed}{': ' + safe.message(check.message) if check.message else ''}"
    return _entry(check.id, points, check.max_points, visibility, output) | {
        "status": "passed" if check.verdict == "pass" else "failed"
    }


def _entry(name: str, points: float, most: float, visibility: str, output: str) -> dict[str, Any]:
    return {
        "name": safe.name(name),
        "score": round(points, 2),
        "max_score": most,
        "visibility": visibility,
        "output": output,
    }


def write(folder: Path, standings: Iterable[Standing]) -> int:
    """A `results.json` for each submission, as `<week>/<student>/results.json` in `folder`. Returns how many.

    Raises OSError.
    """
    count = 0
    for one in standings:
        if one.result is not None:
            text = json.dumps(results_of(one.result, one), indent=2, ensure_ascii=False)
            write_text(folder / safe.file_name(one.week) / safe.file_name(one.student) / "results.json", text + "\n")
            count += 1
    return count


def harness(week: Week, path: Path, sandbox: str, root: Path = ROOT) -> list[str]:
    """Write the zip that Gradescope takes as an autograder for `week`, and return the names in it.

    It holds the week's hidden checks, as every autograder there does. Raises UserError where it cannot be written.
    """
    files: dict[str, bytes] = {}
    for name in ("course", "autograder", "data", f"solutions/{week.id}", f"assignments/{week.id}"):
        for file in sorted((root / name).rglob("*")):
            inner = file.relative_to(root)
            if file.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in inner.parts):
                files[inner.as_posix()] = file.read_bytes()
    for name in ("pyproject.toml", "requirements.lock", "LICENSE", "README.md"):
        if (root / name).is_file():
            files[name] = (root / name).read_bytes()
    for name in ("setup.sh", "run_autograder"):
        text = (_TEMPLATES / name).read_text(encoding="utf-8")
        files[name] = text.replace("{week}", week.id).replace("{sandbox}", sandbox).encode()
    try:
        with whole(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(files):
                info = zipfile.ZipInfo(name, _TIME)
                info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
                info.external_attr = (0o100755 if name in ("setup.sh", "run_autograder") else 0o100644) << 16
                archive.writestr(info, files[name])
    except OSError as problem:
        raise UserError(f"{path} cannot be written: {problem.strerror}") from problem
    return sorted(files)
