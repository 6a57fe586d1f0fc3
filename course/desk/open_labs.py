"""JupyterLabs that run on this machine, and whether one of them has a notebook open that is not saved."""

from __future__ import annotations

import contextlib
import datetime
import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SECONDS = 2.0
"""A server that does not answer in this time is passed over."""
_SLACK = 2.0
"""Seconds by which a save may lie behind the last run of a cell."""


def _servers() -> Iterator[dict[str, Any]]:
    from jupyter_core.paths import jupyter_runtime_dir

    for path in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        with contextlib.suppress(OSError, ValueError):
            yield json.loads(path.read_text(encoding="utf-8"))


def _sessions(server: dict[str, Any]) -> list[dict[str, Any]]:
    address = urllib.parse.urljoin(str(server.get("url", "")), "api/sessions")
    if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
        return []
    request = urllib.request.Request(address, headers={"Authorization": f"token {server.get('token', '')}"})
    # No proxy: the server is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=_SECONDS) as answer:
        found = json.load(answer)
    return found if isinstance(found, list) else []


def last_runs(path: Path) -> list[float]:
    """When a cell of the notebook at `path` was last run, for each open lab that has it: seconds since 1970."""
    times = []
    for server in _servers():
        try:
            root = Path(str(server.get("root_dir", "")))
            for session in _sessions(server):
                if (root / str(session.get("path", ""))).resolve() == path.resolve():
                    last = str(session["kernel"]["last_activity"]).replace("Z", "+00:00")
                    times.append(datetime.datetime.fromisoformat(last).timestamp())
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return times


def at_work_since_saved(path: Path) -> bool:
    """Whether an open lab has the notebook at `path`, and its kernel was at work after the file was saved."""
    try:
        saved = path.stat().st_mtime
    except OSError:
        return False
    return any(last > saved + _SLACK for last in last_runs(path))


def unsaved(path: Path) -> list[str]:
    """What may be missing from the file at `path`, one sentence each; empty where it seems to hold everything."""
    saved = path.stat().st_mtime
    found = []
    checkpoint = path.parent / ".ipynb_checkpoints" / f"{path.stem}-checkpoint.ipynb"
    if checkpoint.is_file() and checkpoint.stat().st_mtime > saved + _SLACK:
        found.append(
            f"{path.name} is older than its checkpoint ({checkpoint}): was an older copy put in its place? Save the notebook "
            "in the lab, and submit again."
        )
    runs = last_runs(path)
    if len(runs) > 1:
        found.append(f"{path.name} is open in {len(runs)} labs: save it in one, and close it in the others.")
    if any(last > saved + _SLACK for last in runs):
        found.append(
            f"{path.name} is open in a lab, whose kernel was at work after the file was saved: if anything changed since, save it "
            "there (Ctrl+S), and submit again."
        )
    return found
