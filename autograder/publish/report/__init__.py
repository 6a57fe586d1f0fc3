"""Pages for the teacher: one for the class, one for each student. Plain HTML that runs nothing and loads nothing.

Names, answers, outputs and messages come from students and are treated as hostile: the templates escape them, pictures
are checked byte by byte, and a content security policy forbids scripts, loads and any style but our own.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup

from autograder.errors import UserError
from autograder.publish.report import class_page, common, safe, student_page
from autograder.results import VERDICTS, Result
from autograder.term.folder import Term
from course.files import write_text

GENERATOR = "autograder report"


@dataclass(frozen=True)
class Report:
    """What was written: the class's page, its table of scores, and each student's page, `{student: page}`."""

    index: Path
    scores: Path
    pages: dict[str, Path]
    view: class_page.ClassView


def write(results: Iterable[Result], to: Path, term: Term | None = None) -> Report:
    """Write the report on `results` into the folder `to`. The same results give the same bytes.

    term: whose roster, due dates and ledger give names, lateness and marks; None where no term is kept.

    Pages of an earlier report in the same folder that no longer belong are removed; other files are left alone.
    Raises UserError when there is nothing to report on or the folder cannot be written.
    """
    given = common.latest(results)
    if not given:
        raise UserError("there are no graded submissions to report on; run `autograder grade SUBMISSIONS` first")
    term = term or Term.none()
    view = class_page.class_view(given, term)
    pages: dict[str, Path] = {}
    called = safe.name(term.name) if term.name else ""
    try:
        (to / "students").mkdir(parents=True, exist_ok=True)
        for student in student_page.student_views(given, term):
            path = to / "students" / f"{student.file}.html"
            write_text(path, render("student.html.j2", student=student, home="../index.html", term=called))
            pages[student.name if student.name not in pages else f"{student.name} ({student.file})"] = path
        write_text(to / "index.html", render("index.html.j2", view=view, term=called))
        write_text(to / "scores.html", render("scores.html.j2", table=view.table, term=called))
        for old in (to / "students").glob("*.html"):
            if old not in pages.values() and is_ours(old):
                old.unlink()
    except OSError as problem:
        raise UserError(f"the report cannot be written to {to}: {problem.strerror}; choose another --to") from problem
    return Report(to / "index.html", to / "scores.html", pages, view)


def is_ours(path: Path) -> bool:
    """Whether a page was written by us, and may be replaced or removed by us."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return f'name="generator" content="{GENERATOR}"' in file.read(2000)


number = common.number


def signed(value: float) -> str:
    """A correlation with its sign: +0.31, −0.05."""
    return f"{value:+.2f}".replace("-", "−")


def plus(value: float) -> str:
    """Points that are added or taken away: +3, −0.5."""
    return f"+{number(value)}" if value > 0 else number(value)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder.publish.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, signed=signed, plus=plus, in_words=common.in_words)
    sheets = (Path(__file__).parent / "templates" / name for name in ("report.css", "class.css", "student.css"))
    css = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets).strip()
    # The policy allows this one style sheet by its hash: an injected <style> or style="" would do nothing.
    digest = base64.b64encode(hashlib.sha256(css.encode("utf-8")).digest()).decode("ascii")
    environment.globals.update(
        css=Markup(css),
        csp=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'",
        generator=GENERATOR,
        LABELS=common.LABELS,
        MEANINGS=common.MEANINGS,
        VERDICTS=VERDICTS,
    )
    return environment


def render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values).rstrip("\n") + "\n"


def renderer(package: str, sheet: Path, generator: str) -> Callable[..., str]:
    """`render` for the templates of another package, in our style and then that of `sheet`, under the same policy."""
    ours = _environment()
    css = f"{ours.globals['css']}\n{sheet.read_text(encoding='utf-8').strip()}"
    digest = base64.b64encode(hashlib.sha256(css.encode("utf-8")).digest()).decode("ascii")
    policy = re.sub("'sha256-[^']+'", f"'sha256-{digest}'", str(ours.globals["csp"]))
    both = jinja2.ChoiceLoader(
        [jinja2.PackageLoader(package, "templates"), jinja2.PackageLoader(__name__, "templates")]
    )
    pages = ours.overlay(loader=both)
    own = {"css": Markup(css), "csp": policy, "generator": generator}
    return lambda template, **values: pages.get_template(template, globals=own).render(**values).rstrip("\n") + "\n"
