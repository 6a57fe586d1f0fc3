"""Sphinx's configuration of the site. Sphinx reads this file itself; `autograder.site.build` names its folder."""

from __future__ import annotations

import course

project = "Convolutional networks in weekly notebooks"
author = "the course's authors"
copyright = author
version = release = course.__version__
language = "en-GB"

extensions = ["myst_parser", "autograder.site.mathematics", "autograder.site.accessible"]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 4
suppress_warnings = [
    "misc.highlighting_failure"
]  # stubs and shell lines are shown in Python's colours where they can be

html_theme = "furo"
html_title = "Convolutional networks"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_last_updated_fmt = None
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#005a8f", "color-brand-content": "#005a8f"},
    "dark_css_variables": {"color-brand-primary": "#6cc1f5", "color-brand-content": "#6cc1f5"},
}
