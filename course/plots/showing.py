"""Show figures together with what is to be seen in them, in words."""

from __future__ import annotations

import re
import sys
import warnings
from base64 import b64decode, b64encode
from html import escape, unescape
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

__all__ = ["show", "shown"]

FIGURE = "Figure: "
"""With what the plain text of a figure begins."""

_SHOWN = re.compile(r'<img src="data:image/png;base64,(?P<png>[A-Za-z0-9+/=\s]+)"[^>]* alt="(?P<alt>[^"]*)">')
_KINDS = ("image/png", "image/jpeg", "image/svg+xml")
SHORTEST = 20
"""Characters below which a text says nothing about a picture: "a figure", "training curves"."""


def show(alt: str, fig: Figure | None = None) -> None:
    """Show all open figures, or `fig` alone, and close them, as a notebook does at the end of a cell.

    alt: the text alternative: one or two sentences that say what is to be seen ("Validation loss rises from epoch 4 on,
    while training loss still falls."). A notebook stores the figure once, as HTML: an image with this text as its `alt`,
    which screen readers speak. JupyterLab, VS Code, Colab and nbconvert all prefer HTML to a bare PNG, and JupyterLab 4.6
    and nbconvert's default template take no text for one. Plain text goes with it, for terminals, for LaTeX, and for
    VS Code while it does not trust the folder.

    In a shell without a kernel, as the grader's worker, which keeps images and no HTML, the figure is a PNG with the same
    text. Outside IPython, or where Matplotlib opens windows, this is `plt.show()`.

    Raises ValueError if alt is too short to say anything, TypeError if it is not text.
    """
    text = _checked(alt)
    shell = _shell()
    if shell is None or not _draws_into_notebook():
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*non-interactive")
            plt.show()
    else:
        for figure in [plt.figure(number) for number in plt.get_fignums()] if fig is None else [fig]:
            _publish(shell, figure, text)
    plt.close("all" if fig is None else fig)


def shown(html: str) -> tuple[bytes, str] | None:
    """The PNG and the text of a figure that `show` put into a notebook, from its output's HTML; None for other HTML."""
    found = _SHOWN.fullmatch(html.strip())
    return None if found is None else (b64decode(found["png"]), unescape(found["alt"]))


def _checked(alt: str) -> str:
    if not isinstance(alt, str):
        raise TypeError(f"plots.show takes what is to be seen as text first, not {type(alt).__name__}")
    text = " ".join(alt.split())
    if len(text) < SHORTEST:
        raise ValueError(f"plots.show needs a sentence that says what is to be seen, not {text!r}")
    return text


def _shell() -> Any:
    """The IPython shell that runs this code, or None. Code outside IPython need not import it to learn so."""
    module = sys.modules.get("IPython")
    return None if module is None else module.get_ipython()


def _draws_into_notebook() -> bool:
    """False where figures open in windows, or in the page as live ones: those show themselves."""
    backend = mpl.get_backend().lower()
    return "inline" in backend or backend == "agg"


def _framed(fig: Figure) -> None:
    """Give images all four sides of their frame: a white edge ends nowhere on a white page, a dark one on a dark page."""
    for ax in fig.axes:
        if ax.images and any(spine.get_visible() for spine in ax.spines.values()):
            ax.spines[:].set_visible(True)


def _publish(shell: Any, fig: Figure, alt: str) -> None:
    _framed(fig)
    data, metadata = shell.display_formatter.format(fig, include=set(_KINDS))
    if not data:  # the inline backend has not been set up: a kernel whose backend is plain Agg
        from IPython.core.pylabtools import print_figure

        data, metadata = {"image/png": print_figure(fig, fmt="png", base64=True)}, {}
    plain = {"text/plain": f"{FIGURE}{alt}"}
    if getattr(shell, "kernel", None) is None:
        described = {kind: {**metadata.get(kind, {}), "alt": alt} for kind in data}
        shell.display_pub.publish(data={**data, **plain}, metadata=described)
        return
    kind = next(kind for kind in _KINDS if kind in data)
    shell.display_pub.publish(data={"text/html": _image(kind, data[kind], metadata.get(kind, {}), alt), **plain})


def _image(kind: str, payload: str, about: dict[str, Any], alt: str) -> str:
    """An `img` element. The sizes are those that a figure of double resolution asks for."""
    coded = b64encode(payload.encode()).decode() if kind == "image/svg+xml" else payload.strip()
    sizes = "".join(f' {side}="{about[side]}"' for side in ("width", "height") if side in about)
    return f'<img src="data:{kind};base64,{coded}"{sizes} alt="{escape(alt)}">'
