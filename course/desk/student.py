"""What is remembered between two commands: the student's name, and the receipts."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

from course.desk.packing import Receipt
from course.files import write_text

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


def _config_path() -> Path:
    from platformdirs import user_config_path

    return Path(os.environ.get("COURSE_CONFIG") or user_config_path("convnet-course") / "student.toml")


def remembered_name() -> str | None:
    """The student's name from the last submission, None when there was none."""
    try:
        name = tomllib.loads(_config_path().read_text(encoding="utf-8")).get("student")
    except (OSError, ValueError):
        return None
    return name if isinstance(name, str) and NAME.fullmatch(name) else None


def receipts() -> dict[str, dict[str, Any]]:
    """{week: {"sha256": …, "size": …, "time": …}} of the zips made so far, the last one of each week."""
    try:
        found = json.loads(_config_path().with_name("receipts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}


def remember(name: str, receipt: Receipt) -> None:
    """Keep the name for the next week, and the receipt; a folder that cannot be written to is not a reason to fail."""
    entry = {"sha256": receipt.sha256, "size": receipt.size, "time": f"{receipt.time:%Y-%m-%dT%H:%M:%SZ}"}
    with contextlib.suppress(OSError):
        write_text(_config_path(), f"student = {json.dumps(name)}\n")
        every = receipts() | {receipt.week: entry}
        write_text(_config_path().with_name("receipts.json"), json.dumps(every, indent=1) + "\n")
