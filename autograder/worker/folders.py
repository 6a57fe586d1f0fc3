"""Removing what a submission left on disk."""

from __future__ import annotations

import contextlib
import uuid
from pathlib import Path


def remove(folder: Path) -> None:
    """Remove a folder and everything in it; what cannot be removed is left, without an error.

    `shutil.rmtree` gives up where folders lie in folders by the thousand, and paths that long have no name the system
    takes. So each folder that is found is moved up beside the first one before it is emptied.
    """
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        with contextlib.suppress(OSError):
            here.chmod(0o700)
            for entry in list(here.iterdir()):
                with contextlib.suppress(OSError):
                    if entry.is_dir() and not entry.is_symlink():
                        entry.chmod(0o700)  # an ordinary user moves only what they may write to
                        waiting.append(entry.rename(folder.with_name(uuid.uuid4().hex)))
                    else:
                        entry.unlink()
            here.rmdir()
