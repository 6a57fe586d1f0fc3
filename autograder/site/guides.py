"""The pages that are written as they are: guides, cheat sheets, glossary, and the front page with the list of weeks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.authoring.notebooks import cheatsheet_path
from autograder.paths import ROOT
from autograder.site.lessons import FOLDER as LESSONS
from autograder.site.pages import GLOSSARY_FILE, Page, relink
from autograder.weeks import Week
from course import glossary

CHEATSHEETS = "cheatsheets"
HOME = "docs/index.md"
WEEKS_HERE = "<!-- weeks -->"
"""Where the front page lists the weeks."""

BESIDE = {"SECURITY.md": "security", "CONTRIBUTING.md": "contributing", "CHANGELOG.md": "changelog"}
ROOMS = {
    "students": "For students",
    "instructors": "For instructors",
    "authors": "For authors",
    "architecture": "Architecture",
    "measurements": "Measurements",
}
"""The folders of docs/ in the order of the site, and what they are called there; others follow under their own names."""


def guide_files(root: Path = ROOT) -> list[str]:
    """The guides' files, relative to the repository: per folder its index first."""
    files = sorted(
        (root / "docs").glob("*/*.md"), key=lambda path: (path.parent.name, path.name != "index.md", path.name)
    )
    return [path.relative_to(root).as_posix() for path in files]


def page_names(weeks: Iterable[Week], root: Path = ROOT) -> dict[str, str]:
    """{file of the repository: name of its page}, for every page of a site with the lessons of `weeks`."""
    names = {HOME: "index", "README.md": "index", GLOSSARY_FILE: "glossary", **BESIDE}
    names |= {file: file.removeprefix("docs/").removesuffix(".md") for file in guide_files(root)}
    for week in weeks:
        names[f"assignments/{week.id}/{week.id}.ipynb"] = f"{LESSONS}/{week.id}"
        names[f"assignments/{week.id}/cheatsheet.md"] = f"{CHEATSHEETS}/{week.id}"
    return names


def guides(pages: Mapping[str, str], root: Path = ROOT) -> list[Page]:
    """The guides, and the files beside the README that a reader of the site may want."""
    made = []
    for file in [*guide_files(root), *BESIDE]:
        text = (root / file).read_text(encoding="utf-8")
        made.append(Page(pages[file], relink(text, file, pages[file], pages) + "\n"))
    return made


def cheatsheet(week: Week, pages: Mapping[str, str]) -> Page:
    """A week on one printed page."""
    name = f"{CHEATSHEETS}/{week.id}"
    text = cheatsheet_path(week).read_text(encoding="utf-8")
    return Page(name, relink(text, f"assignments/{week.id}/cheatsheet.md", name, pages) + "\n")


def glossary_page() -> Page:
    """The glossary as a list of definitions, each with an address of its own."""
    lines = ["# Glossary", "", "One meaning for each word, the same in all twelve notebooks.", "", "```{glossary}", ""]
    for entry in glossary.entries():
        lines += [entry.term, f"    {entry.meaning} (Week {entry.week}.)", ""]
    return Page("glossary", "\n".join([*lines, "```", ""]))


def home(weeks: list[Week], pages: Mapping[str, str], root: Path = ROOT) -> Page:
    """The front page, and the table of contents behind every page's sidebar."""
    text = relink((root / HOME).read_text(encoding="utf-8"), HOME, "index", pages)
    rows = ["| Week | Lesson | You build | On one page |", "|--:|---|---|---|"]
    for week in weeks:
        plan = week.plan
        lesson, sheet = f"[{plan.title}]({LESSONS}/{week.id}.md)", f"[cheat sheet]({CHEATSHEETS}/{week.id}.md)"
        rows.append(f"| {plan.number} | {lesson} | {plan.build} | {sheet} |")
    text = text.replace(WEEKS_HERE, "\n".join(rows))
    contents = {"Lessons": [f"{LESSONS}/{week.id}" for week in weeks]}
    contents["To look things up"] = ["glossary", *(f"{CHEATSHEETS}/{week.id}" for week in weeks)]
    for folder in sorted({file.split("/")[1] for file in guide_files(root)}, key=_order):
        contents[ROOMS.get(folder, folder.capitalize())] = [
            pages[file] for file in guide_files(root) if file.split("/")[1] == folder
        ]
    contents["The project"] = list(BESIDE.values())
    trees = [
        "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *names, "```"])
        for caption, names in contents.items()
    ]
    return Page("index", "\n\n".join([text, *trees]) + "\n")


def _order(folder: str) -> tuple[int, str]:
    known = list(ROOMS)
    return (known.index(folder) if folder in known else len(known), folder)
