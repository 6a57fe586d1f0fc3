"""nbgrader's exchange on a JupyterHub: what students fetch holds the package `course` and `data/` beside the notebook.

A hub's image then needs no copy of the course, only its packages, and a notebook is never older or newer than the package it
imports. Switched on by nbgrader_config.py, for the command and for the formgrader's button.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeReleaseAssignment

from autograder import weeks
from autograder.authoring import release
from autograder.errors import UserError
from course import syllabus

_WITH_IT = ("course/", "data/")
"""Folders of the students' zip that a notebook reads when it runs."""


class ReleaseWithCourse(ExchangeReleaseAssignment):
    """`nbgrader release_assignment`, with what the notebook imports. Nothing is released that would show an answer."""

    def copy_files(self) -> None:
        """Copy the assignment and the course to the exchange. Raises UserError where it would show what it must not."""
        assignment = self.coursedir.assignment_id
        files = released(assignment) if assignment in syllabus.load() else {}
        super().copy_files()
        target = Path(self.dest_path)
        for name, data in files.items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        shared = self.coursedir.groupshared
        self.set_perms(self.dest_path, fileperms=0o664 if shared else 0o644, dirperms=0o2775 if shared else 0o755)


def released(assignment: str) -> dict[str, bytes]:
    """{path beside the notebook: content} of `course/` and `data/`. Raises UserError where a file would show an answer."""
    week: Any = weeks.load(assignment)
    files = release.gather([week])
    if found := release.find_leaks(files, [week]):
        raise UserError(f"{assignment} was not released, it would show what it must not:\n  " + "\n  ".join(found))
    return {name: data for name, data in files.items() if name.startswith(_WITH_IT)}
