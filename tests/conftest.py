"""Shared fixtures. Tests that need the sandbox are skipped with the reason where it does not work, except in CI."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from autograder import weeks
from autograder.grading import executors, session, task
from autograder.grading.grader import Grader
from autograder.isolation import sandbox
from autograder.results import records

SPREAD = ("test_every_week",)
"""Modules whose tests, one for each week, are spread over all processes."""

LONGEST = (
    "test_every_week",
    "test_pictures",
    "test_student",
    "test_nbgrader",
    "test_attacks",
    "test_unstoppable",
    "test_demo",
    "test_batch",
    "test_build",
)
"""The modules that take longest begin first, else the last of them runs beside an idle processor (`--durations 0` says)."""


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(
        config.option, "loadscopereorder"
    ):  # xdist's own order, by the number of tests, says nothing about seconds
        config.option.loadscopereorder = False


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.pluginmanager.hasplugin("xdist"):
        items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
        for item in items:
            if item.path.stem not in SPREAD:  # a module's fixtures are made once, in one process
                item.add_marker(pytest.mark.xdist_group(item.path.stem))
    problem = sandbox.bwrap_problem()
    if problem is None:
        return
    if os.environ.get("REQUIRE_SANDBOX"):
        raise pytest.UsageError(f"the sandbox tests must run here, but {problem}")
    for item in items:
        if item.get_closest_marker("sandbox"):
            item.add_marker(pytest.mark.skip(reason=problem))


@pytest.fixture(scope="session")
def grader() -> Iterator[Grader]:
    """One warm grader in the sandbox for all tests that need one."""
    with Grader("bwrap") as warm:
        yield warm


class _Here(executors.Slots):
    """Runs what is submitted at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as problem:
            future.set_exception(problem)
        return future


@pytest.fixture
def here(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch grades in this process, with the warm grader: for tests of what does not depend on processes, which take
    seconds to start.
    """
    monkeypatch.setattr(executors, "Local", lambda jobs: _Here())
    monkeypatch.setattr(task.warm, "grader", lambda settings: grader)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short limits for week 1, whose calls take milliseconds: for functions of which it is known that they never return."""
    monkeypatch.setitem(weeks.load(1).plan.call_seconds, "quick", 1.5)
    monkeypatch.setattr(session, "IMPATIENT_SECONDS", 0.5)
    monkeypatch.setattr(records, "_versions", {})  # limits are part of a week's version, which is kept
