"""Written questions as a grader sees them: what was asked, and the model answer."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from autograder import weeks
from autograder.publish.report import common, markdown, safe
from autograder.weeks import marks
from course import syllabus


@dataclass(frozen=True)
class Question:
    """A written question. text, model: harmless HTML; empty where the course no longer holds the question."""

    week: str
    id: str
    week_title: str
    points: float
    text: Markup
    model: Markup


def find(week: str, question: str, points: float) -> Question:
    """The question as the course holds it now, or, where it does not hold it, by its name alone.

    points: what the graded submissions say that it gives.
    """
    asked, model = Markup(), Markup()
    if week in syllabus.load():
        cells = weeks.load(week).cells
        place = next((n for n, cell in enumerate(cells) if cell.id == question and cell.role == "written"), None)
        if place is not None:
            # The text before the answer asks; what else stands in the answer's own cell is shown to students, too.
            before = next((cell.source for cell in reversed(cells[:place]) if cell.role == "text"), "")
            own = marks.without_solution(cells[place].source)
            asked = markdown.render(f"{before}\n\n{own}".strip(), lines=False)
            regions = marks.regions(cells[place].source, marks.BEGIN_SOLUTION, marks.END_SOLUTION)
            model = markdown.render("\n\n".join("\n".join(region) for region in regions), lines=False)
    return Question(week, safe.name(question), common.week_title(week), points, asked, model)
