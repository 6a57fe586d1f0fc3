"""What a student wrote, taken out of what was handed in."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Work:
    """The answers of one submission, free of everything that is ours."""

    sources: dict[str, str] = field(default_factory=dict)
    """{answer id: the student's code}; an id left out keeps the release's stub."""
    extras: dict[str, list[str]] = field(default_factory=dict)
    """{id of a cell of ours ("" for the top): the student's own cells after it}."""
    written: dict[str, str] = field(default_factory=dict)
    """{written question: the student's text}."""
    signed: str = ""
    """The id that the student typed into STUDENT, where the week draws numbers from it."""
    warnings: list[str] = field(default_factory=list)
    tampered: bool = False
    artefacts: dict[str, bytes] = field(default_factory=dict)
    """{file name: content} of the nets that the student trained and handed in; without them cells train."""
    modules: dict[str, bytes] = field(default_factory=dict)
    """{file name: content} of the student's own modules beside the notebook."""
