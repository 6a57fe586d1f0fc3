"""How figures look: on a white page and on JupyterLab's dark one alike."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from cycler import cycler

__all__ = ["BLUE", "CYCLE", "GREEN", "GREY", "GROUPS", "VERMILLION", "style"]

BLUE, VERMILLION, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#797979"
"""GREY has a contrast of 4.35:1 against white and of 4.34:1 against JupyterLab's dark ground, #111111."""

PURPLE, ORANGE, SKY, YELLOW = "#CC79A7", "#E69F00", "#56B4E9", "#F0E442"
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, YELLOW, GREY)
"""The colours of Okabe and Ito (2008), those that stand out on both grounds first, with GREY in place of their black: "C7"
is a grey, as it is in Matplotlib's own cycle."""

GROUPS = ((BLUE, "o"), (VERMILLION, "s"), (GREEN, "^"), (PURPLE, "D"), (SKY, "v"))


def style(**overrides: Any) -> None:
    """Set Matplotlib's defaults for the figures of a notebook; called once, beside the imports.

    The ground is transparent, text, axes and ticks are grey, so that a figure is read on a white page as on a dark one.
    Text has at least 9 points, images show their pixels, legends have no box.

    overrides: further rcParams by name, with underscores for the dots that a Python name cannot have, as in
    `style(figure_dpi=120)`; or `style(**{"figure.dpi": 120})`.

    Raises KeyError for a name that Matplotlib does not have.
    """
    settings: dict[str, Any] = {
        "figure.facecolor": "none",
        "figure.edgecolor": "none",
        "figure.dpi": 100,
        "figure.titlesize": 12,
        "savefig.facecolor": "auto",
        "savefig.edgecolor": "auto",
        "savefig.dpi": "figure",
        "axes.facecolor": "none",
        "axes.edgecolor": GREY,
        "axes.labelcolor": GREY,
        "axes.titlesize": 11,
        "axes.labelsize": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=CYCLE),
        "font.size": 10,
        "text.color": GREY,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "grid.color": GREY,
        "grid.alpha": 0.3,
        "hatch.color": GREY,
        "patch.edgecolor": GREY,
        "boxplot.flierprops.color": GREY,
        "boxplot.flierprops.markeredgecolor": GREY,
        "boxplot.boxprops.color": GREY,
        "boxplot.whiskerprops.color": GREY,
        "boxplot.capprops.color": GREY,
        "legend.fontsize": 9,
        "legend.frameon": False,
        "legend.labelcolor": GREY,
        "image.interpolation": "nearest",
    }
    for name, value in overrides.items():
        settings[_parameter(name)] = value
    mpl.rcParams.update(settings)  # type: ignore[arg-type]


def _parameter(name: str) -> str:
    """The rcParam that a Python name means: `axes_titlesize` is axes.titlesize, `axes_prop_cycle` is axes.prop_cycle."""
    if name in mpl.rcParams:
        return name
    for known in mpl.rcParams:
        if known.replace(".", "_") == name:
            return known
    raise KeyError(f"Matplotlib has no parameter {name!r}")
