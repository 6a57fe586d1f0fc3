"""The lab that `course start` opens, asked over HTTP: what it shows, and what it does not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from autograder.paths import ROOT
from course.desk import lab

NAME = "week01_convolution"


@pytest.mark.slow
def test_all_weeks_and_validate_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Students once saw the formgrader and Create Assignment, each start logged an error, and the lab showed one week's folder."""
    home = tmp_path / "Übung 1"
    shutil.copytree(ROOT / "assignments" / NAME, home / "assignments" / NAME)
    (home / "README.md").write_text("# The course")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    order = lab.order(home / "assignments" / NAME / f"{NAME}.ipynb")
    order += ["--no-browser", "--allow-root", "--ServerApp.port=0", "--IdentityProvider.token=secret"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(order, env=lab.environment(), stdout=log, stderr=log)
    try:
        for _ in range(600):
            if found := sorted((tmp_path / "runtime").glob("jpserver-*.json")):
                break
            assert server.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.2)
        address = json.loads(found[0].read_text())["url"]

        def get(path: str) -> str:
            asked = urllib.request.Request(address + path, headers={"Authorization": "token secret"})
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return answer.read().decode()

        page = json.loads(
            re.search(r'id="jupyter-config-data" type="application/json">(.*?)</script>', get("lab"), re.S)[1]
        )  # type: ignore[index]
        disabled = page["disabledExtensions"]
        assert "@jupyter/nbgrader:create-assignment" in disabled and "@jupyter/nbgrader:formgrader" in disabled
        assert "@jupyter/nbgrader:validate-assignment" not in disabled
        assert {one["name"] for one in json.loads(get("api/contents"))["content"]} == {"README.md", "assignments"}
        settings = json.loads(get("lab/api/settings/@jupyterlab/notebook-extension:tracker"))
        assert settings["schema"]["properties"]["codeCellConfig"]["default"]["lineWrap"] is True
        for gone in ("formgrader", "assignment_list"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                get(gone)
    finally:
        server.terminate()
        server.wait(60)
    assert "[E " not in (tmp_path / "log").read_text()
