"""Class 27: HTML, scripts and formulas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.attacks.case import (
    HONEST,
    Attack,
    answer,
    edited,
    top,
)


def _markup_in_text(document: dict[str, Any]) -> None:
    for cell in document["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "markdown":
            cell["source"] = (
                '=HYPERLINK("http://x")\n\n<script>alert(1)</script> [x](javascript:alert(2)) <svg onload=alert(3)>\n\n'
                "<iframe src=//x></iframe> ![x](x\" onerror=alert(4)) <a href='data:text/html,<script>'>x</a> @SUM(1)"
            )


def attacks() -> Iterator[Attack]:
    yield top(27, "scripts in outputs", """
        from IPython.display import HTML, Javascript, display
        display(HTML('<script>alert(1)</script><img src=x onerror=alert(2)>'))
        display(Javascript('document.title = "full marks"'))
        print('=cmd|"/c calc"!A1'); print('</pre><script>alert(3)</script>')
    """)  # fmt: skip
    yield edited(27, "in a written answer", _markup_in_text)
    yield top(27, "in a picture", """
        from IPython.display import Image, SVG, display
        display({'image/png': '"><script>alert(1)</script>', 'image/svg+xml': '<svg onload=alert(1)>',
                 'text/html': '<script>alert(1)</script>', 'application/javascript': 'alert(1)',
                 'text/plain': '</pre><img src=x onerror=alert(1)>'}, raw=True)
    """)  # fmt: skip
    yield answer(27, "in an exception", """
        def pool2d(x, size, stride=None, mode='max'):
            raise ValueError('</td></tr><script>alert(1)</script>=HYPERLINK("x")')
    """, high=HONEST + 2)  # fmt: skip
