"""What the commands share when they speak."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """ "1 submission", "2,000 submissions"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
