"""Formulas as MathML, made when the site is built: browsers show it without a network, without JavaScript, and aloud."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

logger = logging.getLogger(__name__)


_ESCAPED = re.compile(r"\\([_%#&])")
"""Signs that LaTeX wants escaped in text, and that the converter leaves so."""


def mathml(latex: str, *, block: bool) -> str:
    """A formula as a `math` element. Raises ValueError where it holds something that the converter does not know."""
    try:
        made: str = convert(latex.strip(), display="block" if block else "inline")
    except Exception as problem:  # the converter raises a class of its own for each fault
        raise ValueError(f"the formula ${latex}$ cannot be shown: {type(problem).__name__} {problem}") from problem
    made = _ESCAPED.sub(r"\1", made)
    if unknown := unread(made):
        raise ValueError(f"the formula ${latex}$ cannot be shown: {unknown} is not understood")
    return made


def unread(made: str) -> str:
    """The first command that the converter passed on as text, or ""."""
    return next(iter(re.findall(r"\\\S+", made)), "")


def _inline(translator: Any, node: nodes.math) -> None:
    _show(translator, node, block=False)


def _block(translator: Any, node: nodes.math_block) -> None:
    translator.body.append('<div class="formula" tabindex="0">')
    try:
        _show(translator, node, block=True)
    finally:
        translator.body.append("</div>\n")


def _show(translator: Any, node: nodes.Element, *, block: bool) -> None:
    try:
        translator.body.append(mathml(node.astext(), block=block))
    except ValueError as problem:
        logger.warning("%s", problem, location=node)  # `-W` makes an error of it
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
