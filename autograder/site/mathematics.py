"""Formulas as MathML, made when the site is built: browsers show it without a network, without JavaScript, and aloud."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert


def mathml(latex: str, *, block: bool) -> str:
    """A formula as a `math` element, with its source as the text alternative. Raises ValueError naming a bad formula."""
    try:
        made: str = convert(latex.strip(), display="block" if block else "inline")
    except Exception as problem:  # the converter raises a class of its own for each fault
        raise ValueError(f"the formula ${latex}$ cannot be shown: {type(problem).__name__} {problem}") from problem
    if unknown := unread(made):
        raise ValueError(f"the formula ${latex}$ cannot be shown: {unknown} is not understood")
    return made


def unread(made: str) -> str:
    """The first command that the converter passed on as text, or ""."""
    return next(iter(re.findall(r"\\[a-zA-Z]+", made)), "")


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(mathml(node.astext(), block=False))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="formula" tabindex="0">{mathml(node.astext(), block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
