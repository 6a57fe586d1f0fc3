"""From weeks and guides to the pages: the sources are laid out in a folder, Sphinx makes HTML of them, and what it made is
searched for answers and broken links before it replaces the site that was there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring import leaks
from autograder.authoring.solve import OnCell
from autograder.errors import UserError
from autograder.paths import BUILD, ROOT
from autograder.site import guides, links
from autograder.site.executed import executed
from autograder.site.lessons import lesson
from autograder.site.pages import Page
from autograder.weeks import Week
from course.files import write_bytes, write_text

FOLDER = BUILD / "site"


@dataclass(frozen=True)
class Built:
    """The site: its folder, and how many pages it has."""

    folder: Path
    pages: int


def build(
    weeks: list[Week],
    to: Path = FOLDER,
    *,
    figures: bool = True,
    jobs: int | None = None,
    on_cell: OnCell = lambda week, done, total: None,
) -> Built:
    """Make the site with the lessons of `weeks` in `to`/html.

    figures: False leaves them out, and executes nothing. jobs: notebooks executed side by side.
    Raises UserError where a solution does not run, a page would show an answer, or a link leads nowhere; the site that was
    there before stays then.
    """
    runs = executed(weeks, to / "executed", jobs=jobs, on_cell=on_cell) if figures else {}
    names = guides.page_names(weeks)
    lessons = [lesson(week, runs.get(week.id), names) for week in weeks]
    sheets = [guides.cheatsheet(week, names) for week in weeks]
    others = [guides.home(weeks, names), guides.glossary_page(), *guides.guides(names)]
    refuse_leaks([*lessons, *sheets], others, weeks)
    source, fresh, final = to / "source", to / "fresh", to / "html"
    for folder in (source, fresh):
        shutil.rmtree(folder, ignore_errors=True)
    for page in [*lessons, *sheets, *others]:
        write_text(source / f"{page.name}.md", page.text)
        for name, data in page.files.items():
            write_bytes((source / page.name).with_name(name), data)
    run_sphinx(source, fresh)
    if broken := links.broken(fresh):
        raise UserError("the site has links that lead nowhere:\n  " + "\n  ".join(broken))
    shutil.rmtree(final, ignore_errors=True)
    fresh.replace(final)
    return Built(final, len(list(final.rglob("*.html"))))


def refuse_leaks(lessons: list[Page], guides: list[Page], weeks: list[Week]) -> None:
    """Raise UserError where a page shows an answer or a hidden check. In guides the marks themselves may be explained."""
    found = leaks.find({page.name: page.text for page in lessons}, weeks)
    found += [
        one for one in leaks.find({page.name: page.text for page in guides}, weeks) if "a mark is left" not in one
    ]
    if found:
        raise UserError("no site was built, it would show what it must not:\n  " + "\n  ".join(found))


def run_sphinx(source: Path, to: Path) -> None:
    """Make HTML of the pages in `source`. Raises UserError with Sphinx's warnings: each is a fault of a page."""
    order = ["-b", "html", "-q", "-W", "--keep-going", "-c", str(Path(__file__).parent)]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *order, "-d", str(to.with_name("doctrees")), str(source), str(to)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        said = [line.replace(f"{source}/", "") for line in done.stderr.splitlines() if line.strip()]
        raise UserError("Sphinx did not accept the pages:\n  " + "\n  ".join(said[:40]))
