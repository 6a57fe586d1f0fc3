"""Misuse of the command `course`."""

from __future__ import annotations

import click


class UsageError(click.ClickException):
    """Misuse: one sentence, exit status 2."""

    exit_code = 2
