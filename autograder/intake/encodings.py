"""From the bytes of a notebook to its text, in whatever encoding an editor saved it."""

from __future__ import annotations

import json

_BEHIND = "\0\x1a \t\r\n"
"""What crashed systems and DOS leave behind the end of a text."""
BROKEN = "\ufffd"


def decoded(data: bytes) -> tuple[str, list[str]]:
    """The text in `data`, and what had to be repaired for it, a sentence each.

    JSON says its encoding by its first bytes. What says UTF-8 and is not is UTF-8 with damage where most of its letters are
    sound, else Windows' western encoding: code is ASCII in both, so that only letters with accents may come out wrong.
    """
    repairs = []
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeError:
        text = data.decode(encoding, "replace")
        broken = text.count(BROKEN)
        sound = len(text) - len(text.encode("ascii", "ignore")) - broken
        if encoding.startswith("utf-8") and sound < broken:
            text = data.decode("cp1252", "replace")
            repairs.append(
                "the file is not in UTF-8: read in the western encoding of Windows, so that accents may be wrong"
            )
        else:
            name = encoding.removesuffix("-sig").upper()
            repairs.append(f"the file is not sound {name}: {broken:,} letters of it are lost")
    text = text.lstrip("\ufeff")
    if text[-1:] in ("\0", "\x1a"):
        text = text.rstrip(_BEHIND)
        repairs.append("null bytes behind the end of the file were left out")
    return text, repairs
