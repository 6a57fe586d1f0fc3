"""Outputs of the student's cells in nbformat's form, with nothing in them but text and images."""

from __future__ import annotations

from typing import Any


def error_output(verdict: str, message: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": verdict, "evalue": message, "traceback": []}


def plain_output(output: dict[str, Any]) -> dict[str, Any] | None:
    """An output in nbformat's form with nothing in it but text and images, or None."""
    kind = output.get("output_type")
    if kind == "stream" and type(output.get("text")) is str:
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": output["text"]}
    if kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
        allowed = ("image/png", "image/jpeg", "text/plain")
        data = {mime: output["data"][mime] for mime in allowed if type(output["data"].get(mime)) is str}
        return {"output_type": "display_data", "data": data, "metadata": {}} if data else None
    if kind == "error":
        ename, evalue = str(output.get("ename"))[:200], str(output.get("evalue"))[:2000]
        return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": []}
    return None
