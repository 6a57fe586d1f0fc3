"""Is there a wheel of each package in the student's lock for every computer that the course supports?

`make lock` writes a table of the wheels that these computers would take, beside the lock (`python -m autograder.authoring.wheels
PYLOCK`); the tests hold the table against the lock without a network. A package that would have to be compiled on a student's
laptop is found here, and not by the student.
"""

from __future__ import annotations

import functools
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

from course.files import write_text

FOR_STUDENTS = Path(__file__).parent / "for_students"
LOCK = FOR_STUDENTS / "requirements.lock"
TABLE = FOR_STUDENTS.with_name("wheels.json")
PYTHONS = ((3, 11), (3, 12), (3, 13))

_PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))? \\$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Computer:
    """A kind of computer and a Python on it. `platforms`: what its wheels may be tagged with, the best first."""

    name: str
    python: tuple[int, int]
    platforms: tuple[str, ...]
    system: str
    machine: str

    def tags(self) -> list[Tag]:
        exact = list(cpython_tags(self.python, platforms=self.platforms))
        return [*exact, *compatible_tags(self.python, f"cp{self.python[0]}{self.python[1]}", self.platforms)]

    def environment(self) -> dict[str, str]:
        version = ".".join(map(str, self.python))
        os_name = "nt" if self.system == "win32" else "posix"
        return {
            "python_version": version,
            "python_full_version": f"{version}.9",
            "sys_platform": self.system,
            "platform_machine": self.machine,
            "os_name": os_name,
            "platform_system": {"win32": "Windows", "darwin": "Darwin"}.get(self.system, "Linux"),
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        }


def _linux(machine: str) -> tuple[str, ...]:
    """Wheels for glibc 2.28 (2018: Debian 10, Ubuntu 18.10) and older."""
    old = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
    found = []
    for minor in range(28, 4, -1):
        found.append(f"manylinux_2_{minor}_{machine}")
        if minor in old:
            found.append(f"{old[minor]}_{machine}")
    return (*found, f"linux_{machine}")


def computers() -> Iterator[Computer]:
    """Those that `start.py` says are fit, and the two for which TensorFlow has no wheel."""
    kinds = {
        "Linux, x86-64": (_linux("x86_64"), "linux", "x86_64"),
        "Linux, ARM": (_linux("aarch64"), "linux", "aarch64"),
        "macOS 12, Apple's processor": (tuple(mac_platforms((12, 0), "arm64")), "darwin", "arm64"),
        "Windows, x86-64": (("win_amd64",), "win32", "AMD64"),
        "macOS 14, Intel": (tuple(mac_platforms((14, 0), "x86_64")), "darwin", "x86_64"),
        "Windows, ARM": (("win_arm64",), "win32", "ARM64"),
    }
    for name, (platforms, system, machine) in kinds.items():
        for python in PYTHONS:
            yield Computer(name, python, platforms, system, machine)


@dataclass(frozen=True)
class Pin:
    """A line of the lock: a package, its version, where it is wanted, and the hashes of its files."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]

    def applies(self, computer: Computer) -> bool:
        return not self.marker or Marker(self.marker).evaluate(computer.environment())


def pins(text: str) -> list[Pin]:
    """The lines of a lock, as `uv pip compile --generate-hashes` writes it."""
    found: list[Pin] = []
    for block in re.split(r"\n(?=[a-z0-9])", text):
        if match := _PIN.match(block.splitlines()[0]):
            found.append(Pin(match["name"], match["version"], match["marker"] or "", frozenset(_HASH.findall(block))))
    return found


@functools.cache
def _rank(computer: Computer) -> dict[Tag, int]:
    return {tag: number for number, tag in enumerate(computer.tags())}


def wheel_for(computer: Computer, wheels: Iterable[str]) -> str | None:
    """The wheel (a file's name) that pip would take on a computer, or None."""
    rank = _rank(computer)
    fitting = [
        (min(rank[tag] for tag in tags if tag in rank), name)
        for name in wheels
        if (tags := parse_wheel_filename(name)[3]) and any(tag in rank for tag in tags)
    ]
    return min(fitting)[1] if fitting else None


def without_wheel(computer: Computer, lock: Iterable[Pin], table: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The packages that a computer needs by the lock, and for which the table has no wheel of a hash in the lock."""
    found = []
    for pin in lock:
        if pin.applies(computer):
            known = [
                name for name, digest in table.get(f"{pin.name}=={pin.version}", {}).items() if digest in pin.hashes
            ]
            if wheel_for(computer, known) is None:
                found.append(pin.name)
    return found


def table_of(pylock: str) -> dict[str, dict[str, str]]:
    """{"numpy==2.4.6": {file's name: its SHA-256}} of a pylock.toml, with the wheels that our computers would take."""
    table: dict[str, dict[str, str]] = {}
    for package in tomllib.loads(pylock)["packages"]:
        hashes = {one["url"].rsplit("/", 1)[1]: one["hashes"]["sha256"] for one in package.get("wheels", [])}
        taken = {wheel for computer in computers() if (wheel := wheel_for(computer, hashes))}
        table[f"{package['name']}=={package['version']}"] = {name: hashes[name] for name in sorted(taken)}
    return dict(sorted(table.items()))


if __name__ == "__main__":
    made = table_of(Path(sys.argv[1]).read_text(encoding="utf-8"))
    write_text(TABLE, json.dumps(made, indent=1) + "\n")
