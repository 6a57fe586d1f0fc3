"""One module a subcommand; each defines `command`."""


def counted(count: int, noun: str) -> str:
    """ "1 submission", "2,000 submissions"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
