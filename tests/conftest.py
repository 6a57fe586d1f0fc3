"""Shared fixtures. Tests that need the sandbox are skipped with the reason where it does not work, except in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from autograder.grading import sandbox
from autograder.grading.engine import Grader

SPREAD = ("test_every_week",)
"""Modules whose tests, one for each week, are spread over all processes."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.pluginmanager.hasplugin("xdist"):
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
