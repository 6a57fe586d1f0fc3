"""What a student's cells and functions show: printed text and pictures, collected up to limits, then dropped."""

from __future__ import annotations

import io
from typing import Any

MAX_TEXT = 200_000
"""Characters kept of one cell's printed output: a megabyte of prints is noise, not an error."""
MAX_PRINTED = 100_000
"""Characters kept of what one call prints."""
MAX_IMAGES = 24
MAX_OUTPUT_BYTES = 4_000_000


class Stream(io.TextIOBase):
    """Standard output or error of the student's code: collected up to a limit, then dropped."""

    def __init__(self, name: str, sink: Outputs) -> None:
        self.stream_name = name
        self.sink = sink
        self.encoding_name = "utf-8"

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.encoding_name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.sink.text(self.stream_name, str(text))
        return len(text)

    def flush(self) -> None:
        return None

    def fileno(self) -> int:
        """The stream of the process, which leads nowhere: faulthandler and other programs ask for a descriptor."""
        return 2 if self.stream_name == "stderr" else 1


class Outputs:
    """The outputs of one cell in nbformat's form, capped."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.kept = 0
        self.images = 0
        self.bytes = 0
        self.cut = False

    def text(self, name: str, text: str) -> None:
        room = MAX_TEXT - self.kept
        if room <= 0:
            self.cut = True
            return
        if len(text) > room:
            text, self.cut = text[:room], True
        self.kept += len(text)
        if self.items and self.items[-1].get("name") == name:
            self.items[-1]["parts"].append(text)
        else:
            self.items.append({"output_type": "stream", "name": name, "parts": [text]})

    def printed(self) -> str:
        """What was printed to standard output, without what was dropped."""
        return "".join("".join(item["parts"]) for item in self.items if item.get("name") == "stdout")[:MAX_PRINTED]

    def display(self, kind: str, data: dict[str, Any]) -> None:
        kept: dict[str, str] = {}
        for mime in ("image/png", "image/jpeg"):
            if mime in data and self.images < MAX_IMAGES:
                payload = data[mime]
                if isinstance(payload, bytes):
                    import base64

                    payload = base64.b64encode(payload).decode()
                payload = str(payload)
                if self.bytes + len(payload) <= MAX_OUTPUT_BYTES:
                    kept[mime] = payload
                    self.images += 1
                    self.bytes += len(payload)
        if "text/plain" in data:
            kept["text/plain"] = str(data["text/plain"])[:20_000]
        if kept:
            self.items.append({"output_type": kind, "data": kept, "metadata": {}})

    def error(self, name: str, value: str) -> None:
        self.items.append({"output_type": "error", "ename": name[:200], "evalue": value[:2000], "traceback": []})

    def take(self) -> list[dict[str, Any]]:
        items = []
        for item in self.items[:500]:
            if "parts" in item:
                item = {"output_type": "stream", "name": item["name"], "text": "".join(item["parts"])}
            items.append(item)
        if self.cut:
            items.append({"output_type": "stream", "name": "stderr", "text": "[further output was dropped]\n"})
        self.clear()
        return items
