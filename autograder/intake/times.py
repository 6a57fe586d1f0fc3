"""When work was handed in: the times that downloads and nbgrader write, brought to UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from autograder.intake.tree import Node

_WRITTEN = re.compile(r"\s*(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,]\d+)?\s*(.*?)\s*", re.DOTALL)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
MAX_BYTES = 200


def timestamp(entries: Iterable[Node]) -> datetime | None:
    """The time in nbgrader's `timestamp.txt` among `entries`, in UTC; None where there is none that can be read."""
    for node in entries:
        if node.name == "timestamp.txt" and node.kind == "file":
            try:
                return written(node.read(MAX_BYTES).decode("utf-8", "replace"))
            except Exception:  # whatever a damaged zip raises
                return None
    return None


def written(text: str, zone: tzinfo | None = UTC) -> datetime | None:
    """A time such as `2027-01-12 10:00:00.123 Europe/Paris`, in UTC; without a zone in the text it is `zone` (None: this
    machine's). None where it is not a time, or its zone is unknown.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    try:
        day = datetime.fromisoformat(f"{found[1]}T{found[2]}")
        return day.replace(tzinfo=_zone(found[3]) if found[3] else zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError, LookupError):
        return None


def _zone(name: str) -> tzinfo:
    if offset := _OFFSET.fullmatch(name):
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    return UTC if name in ("Z", "UTC", "GMT") else ZoneInfo(name)


def stamp(time: datetime | None) -> str:
    """ISO 8601 in UTC, to the second; "" for none."""
    return time.astimezone(UTC).isoformat(timespec="seconds") if time else ""
