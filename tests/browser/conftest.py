"""Pages in a real browser. All tests of this folder are slow, and are skipped with a sentence where there is no Chromium.

A module has a browser of its own: while Playwright drives one, an event loop counts as running in this thread, and tests
of other modules could not start theirs.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import browser
import pytest

from autograder import weeks
from autograder.authoring import release

FAILED = pytest.StashKey[bool]()
HERE = Path(__file__).parent
WEEKS = (1, 6)
"""The weeks whose notebooks tests open: one of NumPy alone, one that trains."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Playwright's browser."""
    executable = browser.chromium()
    if executable is None:
        pytest.skip("no Chromium on this machine: `make browser` installs the system's package")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def new_page(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes a page in a profile of its own: new_page(width=1280, height=900, dark=False).

    What the pages show when a test fails is kept as build/browser/failed-<test>-<number>.png.
    """
    contexts = []

    def make(width: int = 1280, height: int = 900, dark: bool = False, **options: Any) -> Any:
        scheme = "dark" if dark else "light"
        viewport = {"width": width, "height": height}
        context = chromium.new_context(viewport=viewport, color_scheme=scheme, locale="en-GB", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(1000 * browser.PATIENCE)
        return page

    yield make
    for number, context in enumerate(contexts):
        if request.node.stash.get(FAILED, False):
            browser.shoot(context.pages[0], f"failed-{request.node.name}-{number}")
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """A page of 1280 by 900 pixels, light."""
    return new_page()


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What students receive of WEEKS, packed and unpacked, in a folder whose name has a space and an accent."""
    folder = tmp_path_factory.mktemp("student") / "Ma thèse"
    archive = tmp_path_factory.mktemp("release") / "course.zip"
    release.write_zip(release.gather([weeks.load(number) for number in WEEKS]), archive)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    (root,) = folder.iterdir()
    return root


@pytest.fixture(scope="module")
def lab(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Lab]:
    """A student's JupyterLab, in the folder of the bundle and with its `course`, configured as `course start` does."""
    settings = bundle / "course" / "lab"
    variables = {
        "PYTHONPATH": str(bundle),
        "JUPYTER_CONFIG_PATH": str(settings),
        "PYTHONSTARTUP": str(settings / "startup.py"),
    }
    with browser.lab(bundle, tmp_path_factory.mktemp("home"), **variables) as running:
        yield running
