"""What a cell showed, as text and checked pictures. HTML, SVG, JavaScript and all else are never passed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.publish.report import safe

MAX_OUTPUTS = 30
MAX_IMAGES = 12


@dataclass(frozen=True)
class Output:
    """One thing a cell printed or showed. kind: stdout, stderr, result, error, picture or dropped."""

    kind: str
    text: str = ""
    picture: safe.Picture | None = None
    alt: str = ""


def _alt(data: dict[str, Any], otherwise: str) -> str:
    """The text alternative of a picture: `course.plots.show` sends it as the picture's plain text."""
    words = " ".join(safe.text(data.get("text/plain", ""), limit=1000).split())
    return words.removeprefix("Figure: ") if words.startswith("Figure: ") else otherwise


def outputs(given: list[dict[str, Any]], cell_id: str, budget: list[int]) -> list[Output]:
    """What a cell showed, at most `MAX_OUTPUTS` of it.

    budget: characters that pictures may still take, in a list of one; lowered by what this cell uses.
    """
    shown: list[Output] = []
    pictures = 0
    for output in given[:MAX_OUTPUTS]:
        if not isinstance(output, dict):
            continue
        kind = output.get("output_type")
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            shown.append(Output(name, safe.text(output.get("text", ""), lines=safe.MAX_LINES).rstrip("\n")))
        elif kind == "error":
            trace = output.get("traceback") or [f"{output.get('ename', 'Error')}: {output.get('evalue', '')}"]
            trace = trace if isinstance(trace, list) else [trace]
            shown.append(Output("error", safe.text("\n".join(map(str, trace)), lines=safe.MAX_LINES)))
        elif kind in ("display_data", "execute_result") and isinstance(data := output.get("data"), dict):
            kind_of_picture = next((k for k in ("image/png", "image/jpeg") if k in data), None)
            checked = safe.picture(kind_of_picture, data[kind_of_picture]) if kind_of_picture else None
            if checked and (pictures >= MAX_IMAGES or len(checked.uri) > budget[0]):
                shown.append(Output("dropped", "A picture is left out: there were too many, or too large."))
            elif checked:
                pictures += 1
                budget[0] -= len(checked.uri)
                alt = _alt(data, f"Picture {pictures} that the cell {cell_id} drew")
                shown.append(Output("picture", picture=checked, alt=alt))
            elif "text/plain" in data:
                shown.append(Output("result", safe.text(data["text/plain"], lines=safe.MAX_LINES)))
            else:
                kinds = ", ".join(sorted(safe.name(str(k), 40) for k in data)[:5])
                shown.append(Output("dropped", f"An output of kind {kinds or 'unknown'} is not shown."))
    if len(given) > MAX_OUTPUTS:
        shown.append(Output("dropped", f"{len(given) - MAX_OUTPUTS} more outputs are not shown."))
    return shown
