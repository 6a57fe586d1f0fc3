"""What a submission left on disk is removed, whatever it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from autograder.worker.folders import remove


def test_folders_in_folders_by_the_thousand(tmp_path: Path) -> None:
    place = tmp_path / "deep"
    place.mkdir()
    program = "import os\nfor n in range(3000):\n    os.mkdir('d')\n    open('file', 'w').close()\n    os.chdir('d')"
    subprocess.run([sys.executable, "-c", program], cwd=place, check=True)
    remove(place)
    assert list(tmp_path.iterdir()) == []


def test_locked_folders_and_odd_names(tmp_path: Path) -> None:
    place = tmp_path / "left"
    locked = place / "a\nb" / "locked"
    locked.mkdir(parents=True)
    (locked / "-rf").write_text("x")
    locked.chmod(0)
    (place / "a\nb").chmod(0o500)
    remove(place)
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_removed_and_not_what_it_points_to(tmp_path: Path) -> None:
    other, place = tmp_path / "other", tmp_path / "left"
    other.mkdir()
    (other / "kept").write_text("x")
    place.mkdir()
    (place / "folder").symlink_to(other)
    (place / "nowhere").symlink_to(tmp_path / "gone")
    remove(place)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["kept", "other"]


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    remove(tmp_path / "gone")
