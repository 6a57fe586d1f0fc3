"""Figures of the notebooks. Each function draws what it is given and returns the figure; nothing here is computed that an
exercise asks for.

`style()` sets how all figures of a notebook look, `show(alt)` shows what has been drawn together with its text alternative,
`diagram(net)` draws a net as boxes and arrows.

Blue (#0072B2) is right or training, vermillion (#D55E00) wrong or validation: both are told apart by readers who do not
see red and green, and a mark or a line style says it a second time.
"""

from course.plots.diagrams import diagram
from course.plots.images import annotated_digit, gallery, image_grid
from course.plots.look import BLUE, CYCLE, GREEN, GREY, GROUPS, VERMILLION, style
from course.plots.nets import activation_maps, kernels
from course.plots.results import budget_against_accuracy, confusion, curves
from course.plots.showing import show
from course.plots.tables import numbers, window

__all__ = [
    "BLUE",
    "CYCLE",
    "GREEN",
    "GREY",
    "GROUPS",
    "VERMILLION",
    "activation_maps",
    "annotated_digit",
    "budget_against_accuracy",
    "confusion",
    "curves",
    "diagram",
    "gallery",
    "image_grid",
    "kernels",
    "numbers",
    "show",
    "style",
    "window",
]
