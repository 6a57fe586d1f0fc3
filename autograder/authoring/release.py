"""The zip that students receive: `course/`, `assignments/`, `data/`, the students' guides, what starts the course on a
computer (`start.py`, the lock, files for conda, Docker and VS Code), and no answer.

The files are gathered in memory, searched for answers and hidden checks, and only then written, so that a release
which would show one never exists. The zip is byte-stable: sorted names, one time for all files, and fixed modes.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

from autograder.authoring import leaks, release_notebook, text_of
from autograder.authoring.notebooks import cheatsheet_path, hints_path
from autograder.errors import UserError
from autograder.paths import CHECKOUT, OWN, ROOT
from autograder.weeks import Week
from course import syllabus
from course.files import whole

FOLDER = "convnet-course"
"""Everything in the zip lies in one folder of this name."""

_TEMPLATES = Path(__file__).parent / "for_students"
_NEVER = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
"""The time of the files where there is no other: an old one, but not 1980, which file browsers show as "46 years ago"."""
_AS_THEY_ARE = {
    "requirements.lock": "requirements.lock",
    "start.py": "start.py",
    "environment.yml": "environment.yml",
    "Dockerfile": "Dockerfile",
    "dockerignore": ".dockerignore",
    "devcontainer.json": ".devcontainer/devcontainer.json",
    "extensions.json": ".vscode/extensions.json",
}
"""{file of for_students/: its path in the zip}"""
_TEXTS = (".py", ".toml", ".md", ".txt", ".json", ".csv", ".cfg", ".yml", ".yaml")
_SKIPPED_FOLDERS = {"__pycache__", ".ipynb_checkpoints", "build"}
_SKIPPED_SUFFIXES = {".pyc", ".part", ".tmp", ".lock"}


def folder() -> str:
    """The folder of the zip that everything lies in: named after the course, where it is one of one's own."""
    name = re.sub(r"[^a-z0-9]+", "-", syllabus.course().name.lower()).strip("-")
    return (name or "course") if OWN else FOLDER


def gather(weeks: list[Week], root: Path = CHECKOUT, own: Path | None = ROOT if OWN else None) -> dict[str, bytes]:
    """{path in the zip: content}, without the outer folder. Notebooks are built afresh from the authored weeks.

    root: where `course/`, `data/` and the guides are. own: the root of a course of one's own, whose syllabus, package,
    `data/` and `students.md` take their places.
    """
    files = {**_files_in(root, "course"), **_files_in(own or root, "data")}
    if own:
        files["course/syllabus.toml"] = (own / "syllabus.toml").read_bytes()
        if package := syllabus.course().package:
            files |= _files_in(own, package)
    for week in weeks:
        files[f"assignments/{week.id}/{week.id}.ipynb"] = text_of(release_notebook(week)).encode("utf-8")
        if (hints := hints_path(week)).is_file():
            files[f"assignments/{week.id}/{hints.name}"] = hints.read_bytes()
        if (sheet := cheatsheet_path(week)).is_file():
            files[f"assignments/{week.id}/{sheet.name}"] = sheet.read_bytes()
    for path in sorted((root / "docs" / "students").glob("*.md")):
        files[f"docs/{path.name}"] = path.read_bytes()
    for name, inside in _AS_THEY_ARE.items():
        files[inside] = (_TEMPLATES / name).read_bytes()
    if ((own or root) / "LICENSE").is_file():
        files["LICENSE"] = ((own or root) / "LICENSE").read_bytes()
    files["pyproject.toml"] = _pyproject(root).encode("utf-8")
    files["README.md"] = _readme(weeks, own).encode("utf-8")
    return files


def _files_in(root: Path, name: str) -> dict[str, bytes]:
    """{path below `root`: content} of what students may have in the folder `name`."""
    found = {}
    for path in sorted((root / name).rglob("*")):
        inner = path.relative_to(root)
        hidden = any(part.startswith(".") or part in _SKIPPED_FOLDERS for part in inner.parts)
        if path.is_file() and not hidden and path.suffix not in _SKIPPED_SUFFIXES:
            found[inner.as_posix()] = path.read_bytes()
    return found


def _readme(weeks: list[Week], own: Path | None) -> str:
    rows = ["| Week | | You build | Due |", "|---|---|---|---|"]
    for week in weeks:
        plan = week.plan
        rows.append(f"| {plan.number} | {plan.title} | {plan.build} | {plan.due:%-d %B %Y} |")
    text = (_TEMPLATES / "README.md").read_text(encoding="utf-8")
    if own:
        given = own / "students.md"
        # What ours says of its subject is not true of another course.
        text = given.read_text(encoding="utf-8") if given.is_file() else _of_any_course(text)
    return text.replace("{weeks}", "\n".join(rows))


def _of_any_course(text: str) -> str:
    """Our README with the course's own title, and without what stands between its title and its first heading."""
    return f"# {syllabus.course().name or 'The course'}\n\n" + text[text.index("\n## ") + 1 :]


def _pyproject(root: Path) -> str:
    """The student's project file: our dependencies, without the extras."""
    from course import __version__

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = "\n".join(f"  {json.dumps(line)}," for line in project["dependencies"])
    template = (_TEMPLATES / "pyproject.template.toml").read_text(encoding="utf-8")
    return template.replace("{version}", __version__).replace("{dependencies}", listed)


def texts(files: dict[str, bytes]) -> dict[str, str]:
    """{place: text} of everything readable: each cell of a notebook by itself, each text file as a whole."""
    found = {}
    for name, data in files.items():
        if name.endswith(".ipynb"):
            for cell in json.loads(data)["cells"]:
                found[f"{name}, cell {cell['id']}"] = "".join(cell["source"])
        elif PurePosixPath(name).suffix in _TEXTS or PurePosixPath(name).name == "Dockerfile":
            found[name] = data.decode("utf-8", errors="replace")
    return found


def find_leaks(files: dict[str, bytes], weeks: list[Week]) -> list[str]:
    """One sentence for each thing in the release that must not be there."""
    found = [
        f"{name}: belongs to the staff"
        for name in files
        if PurePosixPath(name).parts[0] in ("autograder", "solutions", "tests")
        or PurePosixPath(name).name in ("mistakes.py", "alternatives.py")
    ]
    return found + leaks.find(texts(files), weeks)


def time_of(root: Path) -> datetime.datetime:
    """The time that the files of a release bear: SOURCE_DATE_EPOCH where it is set, else that of the last commit in `root`.
    It is the same for the same content, so that the zip is.
    """
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not seconds:
        try:
            order = ["git", "log", "-1", "--format=%ct"]
            seconds = subprocess.run(order, cwd=root, capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return _NEVER
    try:
        return max(datetime.datetime.fromtimestamp(int(seconds), datetime.UTC), _NEVER)
    except (ValueError, OverflowError, OSError):
        return _NEVER


def write_zip(files: dict[str, bytes], path: Path, time: datetime.datetime = _NEVER) -> None:
    """Write a byte-stable zip, whole or not at all. time: that of every file."""
    with whole(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(f"{folder()}/{name}", time.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            archive.writestr(info, files[name])


def release(weeks: list[Week], path: Path, root: Path = CHECKOUT) -> dict[str, bytes]:
    """Write the release of `weeks` to `path` and return its files. Raises UserError when it would show an answer."""
    if path.suffix != ".zip":
        raise UserError(f"--to {path}: name a file that ends in .zip")
    if path.is_dir():
        raise UserError(f"--to {path}: is a folder; name the zip to write, for example {path / 'release.zip'}")
    files = gather(weeks, root)
    if found := find_leaks(files, weeks):
        raise UserError("nothing was written, the release would show what it must not:\n  " + "\n  ".join(found))
    write_zip(files, path, time_of(root))
    return files
