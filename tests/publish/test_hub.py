"""A JupyterHub with three users of the system, and a week on it from release to feedback, as docs/instructors/hub.md says it."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import hub
import pytest
from classroom import WEEK, notebook
from nbgrader.api import Gradebook

from autograder.paths import CHECKOUT
from autograder.publish import hub as exchange

COURSE = "convnet-course"
_BLOCKS = re.findall(
    r"```(\w*)\n(.*?)```", (CHECKOUT / "docs/instructors/hub.md").read_text(encoding="utf-8"), flags=re.DOTALL
)
FOR_EVERYONE, OF_THE_HUB = (text for kind, text in _BLOCKS if kind == "python")
SETTINGS, RELEASE, GRADE = (text.strip().splitlines() for kind, text in _BLOCKS if not kind)

WRONG = {"zero_pad": "def zero_pad(image, padding):\n    return image"}

_FROM_THE_COPY = """
_before = c.Spawner.pre_spawn_hook


def with_the_copy(spawner):
    _before(spawner)
    if spawner.user.name in TEACHERS:  # the checkout of the test is a copy, which its environment does not know
        spawner.environment = {**spawner.environment, "PYTHONPATH": TEACHERS[spawner.user.name]}


c.Spawner.pre_spawn_hook = with_the_copy
"""


def test_what_is_released_holds_the_course_and_no_answer() -> None:
    files = exchange.released(WEEK)
    assert {"course/__init__.py", "course/syllabus.toml", "data/datasets.toml"} <= set(files)
    assert all(name.startswith(("course/", "data/")) for name in files)
    assert sum(map(len, files.values())) < 2_000_000


def _free_ports() -> list[int]:
    """Three free ports, the first two in a row."""
    for first in range(18000, 30000, 10):
        sockets = []
        try:
            for port in (first, first + 1, first + 2):
                sockets.append(socket.socket())
                sockets[-1].bind(("127.0.0.1", port))
            return [first, first + 1, first + 2]
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
    raise AssertionError("no free ports")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[hub.Hub]:
    if problem := hub.problem():
        pytest.skip(problem)
    hub.copy_checkout(CHECKOUT, tmp_path / "home" / "teacher" / COURSE)
    users = ["teacher", "ada", "grace"]
    config = OF_THE_HUB + _FROM_THE_COPY
    with hub.running(tmp_path, config, FOR_EVERYONE, users, CHECKOUT, _free_ports()) as started:
        yield started


def _fetched_notebook(running: hub.Hub, student: str) -> Path:
    return running.homes / student / WEEK / f"{WEEK}.ipynb"


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_week_on_a_hub(running: hub.Hub) -> None:
    about = {"course_id": COURSE, "assignment_id": WEEK}
    running.start("teacher")
    running.terminal("teacher", [*SETTINGS, *RELEASE])

    for student, sources in {"ada": {}, "grace": WRONG}.items():
        running.start(student)
        listed = running.ask(student, "GET", "assignments", course_id=COURSE)["value"]
        assert [(one["assignment_id"], one["status"]) for one in listed] == [(WEEK, "released")]
        assert running.ask(student, "POST", "assignments/fetch", **about)["success"]
        path = _fetched_notebook(running, student)
        owner = path.stat().st_uid
        assert owner == running.homes.joinpath(student).stat().st_uid
        # The notebook runs with what was fetched: there is no other `course` in a student's server.
        shown = running.terminal(
            student,
            [
                f"cd ~/{WEEK}",
                "python -c 'import course; print(course.__file__)'",
                f"jupyter execute --allow-errors --inplace {WEEK}.ipynb",
                "ls -d /home/teacher/* && exit 1 || true",
                "ls /srv/nbgrader/exchange/*/inbound && exit 1 || true",
            ],
        )
        assert f"/home/{student}/{WEEK}/course/__init__.py" in shown
        said = path.read_text(encoding="utf-8")
        assert "ModuleNotFoundError" not in said
        assert "NotImplementedError" in said or "not written" in said
        path.write_bytes(notebook(**sources))
        assert running.ask(student, "POST", "assignments/submit", **about)["success"]

    running.terminal("teacher", GRADE)
    with Gradebook(f"sqlite:///{running.homes / 'teacher' / COURSE / 'gradebook.db'}") as gradebook:
        points = {one: gradebook.find_submission(WEEK, one).code_score for one in ("ada", "grace")}
        assert points["ada"] == gradebook.find_assignment(WEEK).max_code_score > points["grace"] > 0

    for student in ("ada", "grace"):
        assert running.ask(student, "POST", "assignments/fetch_feedback", **about)["success"]
        (page,) = (running.homes / student / WEEK / "feedback").rglob("*.html")
        text = page.read_text(encoding="utf-8")
        assert student in text
        assert "zero_pad" in text and f"{points[student]:g}" in text
