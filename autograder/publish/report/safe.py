"""From untrusted to showable: file names, text, pictures and code that students sent.

Everything here returns either plain `str` (which the templates escape) or `Markup` that was built by us from escaped
parts. Nothing a student wrote reaches a page in any other way.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
import unicodedata
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

MAX_NAME = 80
MAX_MESSAGE = 1_500
MAX_SOURCE = 40_000
MAX_TEXT = 12_000
MAX_LINES = 200
MAX_IMAGE_BYTES = 2_000_000
MAX_IMAGE_PIXELS = 40_000_000
"""A picture of more pixels than this is left out: a few bytes of PNG may unpack to gigabytes in a browser."""

_PLAIN_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_.-]{0,38}[a-z0-9])?")
_HASHED_NAME = re.compile(r".*-[0-9a-f]{10}")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)

_ANSI = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # operating system commands: window titles, links
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor
    r"|\x1b[@-_]"
)
_BIDI = {code: f"⟨U+{code:04X}⟩" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Overrides of the writing direction can make code read as what it is not, so they are shown by their number.
Right-to-left letters themselves need none of them."""
_CONTROLS = {code: "�" for code in (*range(0x20), 0x7F, *range(0x80, 0xA0), 0x2028, 0x2029) if code not in (9, 10)}


def file_name(student: str) -> str:
    """A file name (without suffix) for a student's page: one for each id, safe on every file system.

    An id that already is a short lower-case name stays as it is; any other becomes what is left of it plus a hash of the
    whole, so `Ada`, `ada` and `../ada` get three names, without knowing of each other.
    """
    if _PLAIN_NAME.fullmatch(student) and not _RESERVED.fullmatch(student) and not _HASHED_NAME.fullmatch(student):
        return student
    ascii_only = unicodedata.normalize("NFKD", student[:200]).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:30].strip("-") or "student"
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{stem}-{digest}"


def text(value: Any, limit: int = MAX_TEXT, lines: int | None = None) -> str:
    """Plain text fit for a page: no terminal codes, no control or direction characters, at most `limit` characters.

    `value` is a string or nbformat's list of strings; anything else becomes its `str`. Still to be escaped.
    """
    raw = "".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)
    full = len(raw)
    raw = raw[: limit * 4]  # terminal codes may fill most of it; the exact cut follows
    raw = raw.encode("utf-8", "replace").decode("utf-8")  # lone surrogates cannot be written to a file
    raw = _ANSI.sub("", raw).replace("\r\n", "\n")
    # A progress bar rewrites its line with carriage returns: keep what a terminal would have shown last.
    if "\r" in raw:
        raw = "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in raw.split("\n"))
    raw = raw.translate(_CONTROLS).translate(_BIDI)
    cut = raw[:limit]
    if lines is not None:
        cut = "\n".join(cut.split("\n")[:lines])
    left_out = max(len(raw), full if full > limit * 4 else 0) - len(cut)
    return f"{cut}\n… ({left_out:,} more characters left out)" if left_out > 0 else cut


def is_folder_name(name: str) -> bool:
    """Whether `name` is the name of one folder, and leads nowhere else."""
    plain = name not in ("", ".", "..") and not re.search(r"[/\\\0]", name)
    return plain and len(name.encode("utf-8", "surrogateescape")) <= 255


def name(value: str, limit: int = MAX_NAME) -> str:
    """A student's or week's id on one line, shortened in the middle of nothing: `limit` characters and an ellipsis."""
    shown = " ".join(text(value, 4 * limit).split()) or "(no name)"
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def message(value: str) -> str:
    return text(value, MAX_MESSAGE, 30).strip()


_FORMATTER = HtmlFormatter(nowrap=True)
_BLANK_LINE = re.compile(r"^[^\S\n]+$", re.MULTILINE)
"""Blanks on a line without anything else: from each such line Pygments looks for a docstring behind all that follow, which takes
a minute for forty thousand characters of them."""


def code(source: str) -> Markup:
    """Python source as highlighted HTML: spans with classes around text that pygments has escaped."""
    shown = _BLANK_LINE.sub("", text(source, MAX_SOURCE)).rstrip("\n")
    return Markup(highlight(shown, PythonLexer(stripnl=False), _FORMATTER).rstrip("\n"))


@dataclass(frozen=True)
class Picture:
    """A checked picture: `uri` is a data URI of PNG or JPEG bytes; width and height in pixels."""

    uri: str
    width: int
    height: int


def picture(kind: str, encoded: Any) -> Picture | None:
    """The picture in an output, or None when it is not a valid PNG or JPEG of acceptable size."""
    if isinstance(encoded, list):
        encoded = "".join(map(str, encoded))
    if not isinstance(encoded, str) or len(encoded) > MAX_IMAGE_BYTES * 3 // 2:
        return None
    try:
        raw = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    size = {"image/png": _png_size, "image/jpeg": _jpeg_size}.get(kind, lambda _: None)(raw)
    if size is None or len(raw) > MAX_IMAGE_BYTES or not 0 < size[0] * size[1] <= MAX_IMAGE_PIXELS:
        return None
    return Picture(f"data:{kind};base64,{base64.b64encode(raw).decode('ascii')}", *size)


def _png_size(raw: bytes) -> tuple[int, int] | None:
    if not raw.startswith(b"\x89PNG\r\n\x1a\n") or raw[12:16] != b"IHDR" or len(raw) < 33:
        return None
    width, height = struct.unpack(">II", raw[16:24])
    return width, height


def _jpeg_size(raw: bytes) -> tuple[int, int] | None:
    """Width and height from the frame header (marker SOFn), which follows any number of other segments."""
    if not raw.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 9 < len(raw) and raw[at] == 0xFF:
        marker = raw[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", raw[at + 5 : at + 9])
            return width, height
        at += 2 + struct.unpack(">H", raw[at + 2 : at + 4])[0]
    return None
