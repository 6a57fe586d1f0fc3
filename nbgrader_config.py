"""nbgrader on this repository: its tree mapped onto ours. Read by `nbgrader …` run at the root, and by the formgrader.

nbgrader's own layout is {step}/{student}/{assignment}, with "." for the student of source and release, so
`solutions/./week01_convolution/week01_convolution.ipynb` is found where it lies.
"""

import os
import sys
from pathlib import Path

# nbgrader starts `alembic` by its bare name; it must be found even where the virtual environment is not activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])

c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "convnet-course"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
if os.environ.get("AUTOGRADER_GRADEBOOK"):  # another database than gradebook.db, such as PostgreSQL
    c.CourseDirectory.db_url = os.environ["AUTOGRADER_GRADEBOOK"]

# A solution folder also holds what must never be released: the authored text, and right and wrong answers.
# nbgrader copies everything beside a notebook that is not named here.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    "week[0-9][0-9]_*.py",
    "mistakes.py",
    "alternatives.py",
    ".*.part",
]

# `nbgrader autograde` and the formgrader grade with our engine: sandboxed, in parallel, from what the grader recounts
# itself. nbgrader's own steps, which execute a submission and believe its outputs, are left out.
c.Autograde.exporter_class = "autograder.publish.nbgrader.TrustedExporter"
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = [
    "autograder.publish.nbgrader.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# What students fetch from an exchange, on a JupyterHub, holds the package `course` that the notebook imports.
c.ExchangeFactory.release_assignment = "autograder.publish.hub.ReleaseWithCourse"

# For `nbgrader validate`: a cell of ours may train a small net; nbgrader's 30 seconds are meant for lighter notebooks.
c.Execute.timeout = 120
