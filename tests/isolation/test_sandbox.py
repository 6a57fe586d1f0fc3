"""What a worker can write to: its scratch folders, which are swept, and nothing on the way to the interpreter."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.isolation import sandbox

pytestmark = pytest.mark.sandbox
ORDINARY = 65534

LOOK = """
find / -path /proc -prune -o -path /usr -prune -o -type d -print 2>/dev/null | while read -r folder; do
  if touch "$folder/planted" 2>/dev/null; then
    echo "$folder"
    mkfifo "$folder/pipe" && ln -s / "$folder/link"
  fi
done
"""
"""A shell's script: an ordinary user may not be able to read this interpreter."""


@pytest.fixture
def under_tmp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """As if the environment lay three folders deep under /tmp."""
    top = Path(tempfile.mkdtemp(dir="/tmp", prefix="course-"))
    environment = top / "terms" / "2027" / "env"
    environment.mkdir(parents=True)
    for folder in (top, *environment.parents[:3], environment):
        if folder.is_relative_to(top):
            folder.chmod(0o755)
    monkeypatch.setattr(sandbox, "_interpreter_folders", lambda: [environment])
    yield environment
    shutil.rmtree(top)


def written_to(user: int | None) -> set[str]:
    command = [*sandbox._bwrap_command({"PATH": os.environ["PATH"]}), "--", "/bin/sh", "-c", LOOK]
    done = subprocess.run(command, capture_output=True, text=True, check=False, user=user)
    if done.returncode and "namespace" in done.stderr:
        pytest.skip(f"an ordinary user may not use the sandbox here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines())


def test_root_plants_nothing_on_the_way_to_the_environment(under_tmp: Path) -> None:
    found = written_to(None)
    assert {"/tmp", sandbox.HOME} <= found
    assert not any(Path(place) in under_tmp.parents and place not in sandbox._SCRATCH for place in found)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become an ordinary user")
def test_an_ordinary_user_plants_nothing_either(under_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folders above the environment belong to the worker's user there, and were never swept."""
    monkeypatch.setattr(os, "getuid", lambda: ORDINARY)
    found = written_to(ORDINARY)
    assert {"/tmp", sandbox.HOME} <= found
    assert found <= set(sandbox._SCRATCH), "everything else would outlive the submission"
