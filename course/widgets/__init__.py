"""Pictures to play with. Each shows a few chosen states as one still figure, with its text alternative, and below it, where
a notebook runs in a browser or an editor and ipywidgets is installed, the same picture with sliders.

The still figure is what remains in print, on the site, and in the grader. What an exercise asks for is not computed here
beyond what is drawn: one window, one unit, one path. Where an answer would serve, the student's own function is taken.
"""

from course.widgets.convolution import filter_over_channels, sliding_window
from course.widgets.depth import receptive_field
from course.widgets.descent import learning_rate_on_bowl

__all__ = ["filter_over_channels", "learning_rate_on_bowl", "receptive_field", "sliding_window"]
