"""The system's Chromium, pages in it, and a JupyterLab to open in them.

Playwright's own browsers are not downloaded: the package that the system has is driven, so that no test needs a network.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.paths import ROOT

PICTURES = ROOT / "build" / "browser"
"""Where screenshots are kept, to be looked at."""

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = float(os.environ.get("BROWSER_SECONDS", "120"))
"""Seconds until a page must show what it is asked for; more on a machine that is busy with other things."""


TOKEN = "test"
"""What the pages of a lab that a test started are opened with."""


@functools.cache
def chromium() -> str | None:
    """The browser's executable: that of the variable CHROMIUM, or the first of COMMANDS; None where there is none."""
    said = os.environ.get("CHROMIUM")
    return next((found for name in ((said,) if said else COMMANDS) if (found := shutil.which(name))), None)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def shoot(page: Any, name: str, *, whole: bool = False) -> Path:
    """A screenshot as build/browser/<name>.png: of what is in sight, or of the whole page."""
    path = PICTURES / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=whole, animations="disabled")
    return path


def dress(page: Any, *, dark: bool) -> None:
    """Change the theme of the lab in front, as its menu Settings does."""
    name = "JupyterLab Dark" if dark else "JupyterLab Light"
    page.evaluate("name => jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name)
    page.wait_for_selector(f"body[data-jp-theme-light='{'false' if dark else 'true'}']", state="attached")
    page.wait_for_timeout(500)


def violations(page: Any, **options: Any) -> list[str]:
    """What axe-core holds against a page, a line for each rule: the rule, how grave, and where."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=options or None).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: "
        + "; ".join(" ".join(map(str, node["target"])) for node in one["nodes"][:5])
        for one in found
    ]


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that runs. url: of its root, without a slash at the end. root: the folder it serves."""

    url: str
    root: Path
    environment: Mapping[str, str]

    def open(self, page: Any, notebook: str) -> None:
        """Open a notebook by its path under the root, and wait until its kernel can be given work."""
        self.visit(page, notebook)
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=1000 * PATIENCE)
        page.wait_for_function("jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'")

    def visit(self, page: Any, path: str) -> None:
        """Open a file of the root, or the lab itself where path is empty, and sign in."""
        place = f"/tree/{urllib.request.pathname2url(path)}" if path else ""
        page.goto(f"{self.url}/lab{place}?token={TOKEN}&reset")
        page.wait_for_selector("#jp-main-dock-panel", timeout=1000 * PATIENCE)

    def stop_kernels(self) -> None:
        """End every kernel, so that the next page starts with new ones."""
        for session in self._ask("GET", "api/sessions"):
            self._ask("DELETE", f"api/sessions/{session['id']}")

    def _ask(self, method: str, path: str) -> Any:
        headers = {"Authorization": f"token {TOKEN}"}
        request = urllib.request.Request(f"{self.url}/{path}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read().decode()
        return json.loads(text) if text else None


SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},  # asks for a network
}


@contextlib.contextmanager
def lab(
    root: Path,
    home: Path,
    *,
    dark: bool = False,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    options: Sequence[str] = (),
    **variables: str,
) -> Iterator[Lab]:
    """A JupyterLab on a free port that serves `root`.

    home: a folder for all that Jupyter writes or reads besides, so that neither the tester's settings count nor change.
    settings: {"notebook-extension/tracker": {…}} of JupyterLab's own extensions. variables: of its environment.
    """
    for plugin, values in {**SETTINGS, **_theme(dark), **(settings or {})}.items():
        path = home / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))},
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        **variables,
    }
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    order = [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    order += [
        f"--IdentityProvider.token={TOKEN}",
        "--ServerApp.port_retries=0",
        "--LabApp.expose_app_in_browser=True",
        *options,
    ]
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(order, cwd=root, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", server, home / "server.log")
        yield Lab(f"http://127.0.0.1:{port}", root, environment)
    finally:
        server.terminate()  # the server ends its kernels
        server.wait()


def _theme(dark: bool) -> dict[str, dict[str, Any]]:
    name = "JupyterLab Dark" if dark else "JupyterLab Light"
    return {"apputils-extension/themes": {"theme": name, "adaptive-theme": False}}


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server answers. Raises RuntimeError with its last lines where it ends before, or never does."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(url, timeout=5).close()
            return
        time.sleep(0.3)
    said = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
    raise RuntimeError(f"the server at {url} did not start:\n{said}")
