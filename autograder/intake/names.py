"""What names say: whose work a file is, which week it is for, whether it is a second copy or a system's."""

from __future__ import annotations

import functools
import re
import unicodedata

from course import syllabus

ARCHIVES = (".gz", ".tgz", ".bz2", ".xz", ".tar", ".rar", ".7z")
"""Kinds of archives that are not read; they are named, so that nobody's work is passed over in silence."""
_SYSTEM = frozenset(
    {
        "__macosx",
        "@eadir",
        "#recycle",
        "lost+found",
        "$recycle.bin",
        "system volume information",
        "network trash folder",
        "temporary items",
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "icon\r",
        "__pycache__",
    }
)
"""What operating systems, file servers and Python leave in folders, in small letters."""
_COPY = re.compile(r"(?:\s*\((\d+)\)|-Copy(\d+)|(?: -)? [Cc]opy(?: (\d+))?)$")
"""What browsers, Jupyter and desktops add to the name of a second copy."""
_NUMBERED = re.compile(r"\s*\(\d+\)$")
_NOTEBOOK = re.compile(
    r"\.ipynb(?P<more>(?:\.download)?(?:\s*\(\d+\))?(?:\.(?:txt|json))?(?:\s*\(\d+\))?)$", re.IGNORECASE
)
_BARE_WEEK = re.compile(r"(?:week|wk)[ _-]*0*(\d+)")
_WEEK_INSIDE = re.compile(r"(?<![^\W\d_])(?:week|wk)[ _-]*0*(\d+)(?!\d)")


def printable(text: str) -> str:
    """Text that can be written anywhere: what does not print, or is no text, becomes its escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def student(name: str) -> str:
    """A student's name as text that can be written anywhere, in composed Unicode; two people never get the same one."""
    return printable(unicodedata.normalize("NFC", name).replace("\\", "\\\\"))


def is_system(name: str) -> bool:
    """Whether a file or folder is hidden or an operating system's, and so nobody's work."""
    hidden = name.startswith(".") and not name.startswith("..")
    return hidden or name.casefold() in _SYSTEM or name.startswith("~$") or name.endswith("~")


def is_notebook(name: str) -> bool:
    """Whether a file is called as a notebook is, or as browsers save one: `x.ipynb.txt`, `x.ipynb.json`, `x.ipynb (1)`."""
    return _NOTEBOOK.search(name) is not None


def is_archive(name: str) -> bool:
    return name.casefold().endswith((".zip", *ARCHIVES))


def is_work(name: str) -> bool:
    """Whether a file is called as work that can be handed in."""
    return is_notebook(name) or is_archive(name)


def stem(name: str) -> str:
    """A file's name without what says its kind: `x` of `x.ipynb`, `x.ipynb.txt`, `x.tar.gz` and `x.zip`."""
    if found := _NOTEBOOK.search(name):
        copies = re.search(r"\s*\(\d+\)", found["more"])  # `x.ipynb (1)`
        return name[: found.start()] + (copies[0] if copies else "")
    base, dot, _ = name.rpartition(".")
    return (base if dot and base else name).removesuffix(".tar")


def without_copies(name: str) -> str:
    """A stem without ` (1)`, `-Copy2` and the like."""
    while (shorter := _COPY.sub("", name)) != name and shorter:
        name = shorter
    return name


def without_numbers(name: str) -> str:
    """A stem without ` (1)`: what a browser adds to a later download, and not what Jupyter adds to a copy kept aside."""
    while (shorter := _NUMBERED.sub("", name)) != name and shorter:
        name = shorter
    return name


def copy_number(name: str) -> int:
    """The number that a browser or Jupyter gave to a copy, 0 for the first: 2 of `x (2)` and `x-Copy2`."""
    found = _COPY.search(name)
    return max(int(number or 1) for number in found.groups()) if found else 0


@functools.cache
def _of_numbers() -> dict[int, str]:
    return {plan.number: plan.id for plan in syllabus.load().values()}


def week(name: str) -> str:
    """The id of the week that `name` as a whole means (its id, its number, `week01`, `Week 1`), or ""."""
    try:
        return syllabus.week(name).id
    except KeyError:
        pass
    text = name.strip().casefold()
    for plan in syllabus.load().values():
        if text in (plan.id.casefold(), plan.title.casefold()):
            return plan.id
    found = _BARE_WEEK.fullmatch(text)
    return _of_numbers().get(int(found[1]), "") if found else ""


def week_inside(name: str) -> str:
    """The id of the one week that `name` speaks of among other words, or ""."""
    text = name.casefold()
    plans = syllabus.load().values()
    found = {plan.id for plan in plans if plan.id.casefold() in text}
    found |= {_of_numbers().get(int(number), "") for number in _WEEK_INSIDE.findall(text)}
    found.discard("")
    return found.pop() if len(found) == 1 else ""


@functools.cache
def _student_and_week() -> re.Pattern[str]:
    weeks = "|".join(
        sorted((rf"{re.escape(plan.id)}|week0*{plan.number}" for plan in syllabus.load().values()), reverse=True)
    )
    return re.compile(rf"(?P<student>.+?)[ _.-]+(?P<week>{weeks})", re.IGNORECASE | re.DOTALL)


def student_and_week(stem: str) -> tuple[str, str] | None:
    """`ada` and the week's id of `ada-week01`, `ada_week01_convolution (2)`; None for a name of another form."""
    found = _student_and_week().fullmatch(without_copies(stem))
    return (found["student"], week(found["week"])) if found and week(found["week"]) else None
