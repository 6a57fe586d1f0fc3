"""From a submitted file to answers: the notebook is rebuilt from the release, and only the student's own cells come from
the submission. Damage is repaired where the repair is certain, and every repair is reported; what cannot be read is refused
with the reason.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from autograder.intake import conflicts, edits, encodings
from autograder.intake.work import Work
from autograder.weeks import Cell, Week, marks, names, role_of
from course import limits

MAX_VALUES = 5_000_000
"""Marks between the values of a file: an empty list is two characters there and 64 bytes in memory."""
MAX_CELLS = 2000
MAX_SOURCE = 500_000
MAX_COPIES = 20
"""Of an edited check that are compared with ours."""
MAX_SOURCES = 4_000_000
"""Characters of all cells together: what is looked through for answers that have lost their names."""

_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_PROFILE = re.compile(r"""^PROFILE = (["'])(?:quick|full)\1""", re.MULTILINE)
_STUDENT = re.compile(
    r"""^STUDENT[ \t]*=[ \t]*(?:(["'])((?:(?!\1)[^\n\\]){0,200})\1|(\d{1,40}))[ \t]*(?:#.*)?$""", re.MULTILINE
)
_CONFLICT = re.compile(r"^(<{7}|>{7}) ?.*$", re.MULTILINE)


class Unreadable(Exception):
    """The file cannot be graded. The text says why, in one sentence for its author."""


@dataclass(frozen=True)
class _Submitted:
    """A cell of the submission: to which cell of ours it belongs (or None), and what it holds."""

    owner: str | None
    kind: str
    source: str
    nbgrader: dict[str, Any]
    by_text: bool = False
    """Whether its owner was found by its text, for want of a name."""


def sanitize(data: bytes, week: Week) -> Work:
    """Answers of the submitted notebook `data` to `week`. Raises Unreadable."""
    document, repairs = document_of(data)
    cells = _named_by_text([_cell(raw, week) for raw in _raw_cells(document)], week)
    if sum(len(cell.source) for cell in cells) > MAX_SOURCES:
        raise Unreadable(f"the cells hold more than {MAX_SOURCES:,} characters: is data pasted into one of them?")
    if not any(cell.owner for cell in cells) and not any(_defines_answers(cell, week) for cell in cells):
        raise Unreadable(f"no cell of {week.id} is in it: is it the notebook of another week?")
    found = Work(warnings=repairs)
    by_owner: dict[str, list[_Submitted]] = defaultdict(list)
    for cell in cells:
        if cell.owner is not None:
            by_owner[cell.owner].append(cell)
    found.warnings += [
        f"the cell {cell.owner or 'of your own'} holds merge-conflict marks: it is broken, the others count"
        for cell in cells
        if _CONFLICT.search(cell.source) and cell.kind == "code"
    ]
    if any(len(cell.source) == MAX_SOURCE for cell in cells):
        found.warnings.append(f"a cell holds more than {MAX_SOURCE:,} characters: the rest of it was left out")
    renamed = sum(cell.by_text for cell in cells)
    if renamed:
        found.warnings.append(f"{renamed} cells had lost their names: recognised by their text")
    adopted: dict[int, str] = {}
    copies: set[int] = set()
    for ours in week.cells:
        theirs = by_owner.get(ours.id, [])
        if ours.role == "answer":
            _take_answer(ours, week, theirs, cells, found, adopted, copies)
        elif ours.role == "written":
            _take_written(ours, theirs, found, cells, week)
        elif ours.role == "check":
            _compare_check(ours, theirs, found)
        elif ours.role == "given" and ours.kind == "code":
            if "parameters" in ours.tags and week.plan.variants:
                found.signed = _signed(theirs)
            _compare_given(ours, theirs, found)
    _take_extras(cells, week, found, adopted, copies)
    _compare_order(cells, week, found)
    return found


def grade_ids(data: bytes) -> set[str]:
    """Ids of the graded cells in a notebook, to find out which week it belongs to. Raises Unreadable."""
    ids = [_nbgrader(raw).get("grade_id") for raw in _raw_cells(document_of(data)[0])]
    return {name for name in ids if isinstance(name, str)}


def _raw_cells(document: Any) -> list[dict[str, Any]]:
    if not isinstance(document, dict):
        raise Unreadable("the file is not a notebook: it should be a JSON object with cells")
    cells = document.get("cells")
    if not isinstance(cells, list) and isinstance(sheets := document.get("worksheets"), list):  # before format 4
        within = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        cells = [cell for one in within if isinstance(one, list) for cell in one]
    if not isinstance(cells, list):
        raise Unreadable("the file is not a notebook: it has no list of cells")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"the notebook has more than {MAX_CELLS} cells")
    return [cell for cell in cells if isinstance(cell, dict)]


def document_of(data: bytes) -> tuple[Any, list[str]]:
    """The JSON value in `data`, and what had to be repaired before it could be read. Raises Unreadable."""
    if not data.strip():
        raise Unreadable("the file is empty")
    if len(data) > limits.NOTEBOOK_BYTES:
        most = limits.megabytes(limits.NOTEBOOK_BYTES)
        raise Unreadable(f"the file is larger than {most}: clear the outputs and hand it in again")
    text, repairs = encodings.decoded(data)
    if not text.strip():
        raise Unreadable("the file is empty: it holds nothing but blanks and null bytes")
    try:
        return _parse(text), repairs
    except Unreadable:
        if any("UTF-8" in repair for repair in repairs):  # a picture, say
            raise Unreadable("the file is not text in UTF-8") from None
        raise


def _parse(text: str) -> Any:
    if _marks(text) > MAX_VALUES and _marks(_STRING.sub("", text)) > MAX_VALUES:  # numbers that were printed are text
        raise Unreadable("the file holds too many values: clear the outputs and hand it in again")
    try:
        return json.loads(text)
    except RecursionError as problem:
        raise Unreadable("the file is nested too deeply to be a notebook") from problem
    except ValueError as problem:
        if (merged := conflicts.merged(text)) is not None:
            return merged
        if (conflict := _CONFLICT.search(text)) is not None:
            line = text.count("\n", 0, conflict.start()) + 1
            raise Unreadable(
                f"the file holds merge-conflict marks (line {line}): resolve the conflict first"
            ) from problem
        if isinstance(problem, json.JSONDecodeError):
            if problem.pos >= len(text.rstrip()) - 1 or "Unterminated" in problem.msg:
                raise Unreadable(
                    f"the file is cut off in line {problem.lineno}: save and hand it in again"
                ) from problem
            raise Unreadable(f"the file is not JSON (line {problem.lineno}: {problem.msg})") from problem
        raise Unreadable("the file is not JSON") from problem


def _marks(text: str) -> int:
    return text.count(",") + text.count("[") + text.count("{")


def _nbgrader(raw: dict[str, Any]) -> dict[str, Any]:
    metadata = raw.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return nbgrader if isinstance(nbgrader, dict) else {}


def _cell(raw: dict[str, Any], week: Week) -> _Submitted:
    known = {cell.id for cell in week.cells}
    nbgrader = _nbgrader(raw)
    source = raw.get("source", raw.get("input", ""))  # "input" in code cells before format 4
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        source = ""
    source = source.encode("utf-8", "replace").decode()  # JSON can smuggle in halves of characters
    # The cell's own id is a second witness: our ids are slugs, and survive when metadata is stripped. Colab keeps a cell's
    # id in its metadata, in notebooks of a format that has none of its own.
    metadata = raw.get("metadata")
    said = (nbgrader.get("grade_id"), raw.get("id"), metadata.get("id") if isinstance(metadata, dict) else None)
    owner = next((name for name in said if isinstance(name, str) and name in known), None)
    kind = "markdown" if raw.get("cell_type") == "heading" else str(raw.get("cell_type"))
    if owner is not None and kind == "code" and week[owner].role == "text":
        owner = None  # an answer that was joined with the text before it stands in a cell of the text's name
    return _Submitted(owner, kind, source[:MAX_SOURCE], nbgrader)


def _text(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _named_by_text(cells: list[_Submitted], week: Week) -> list[_Submitted]:
    """`cells`, with a name where one has none and holds the very text of a cell of ours that is not there otherwise.

    Editors and converters drop what they do not know: without it, a student's own cells would lose their places too.
    """
    there = {cell.owner for cell in cells}
    texts: dict[tuple[str, str], str] = {}
    for ours in week.cells:
        if ours.id not in there:
            own = {"check": (ours.visible_source, ours.source), "answer": (marks.stub(ours.source),), "written": ()}
            for text in own.get(ours.role, (ours.source,)):
                if text.strip():
                    texts.setdefault((ours.kind, _text(text)), ours.id)
    if not texts:
        return cells
    named = []
    for cell in cells:
        owner = None if cell.owner else texts.get((cell.kind, _text(cell.source)))
        named.append(replace(cell, owner=owner, by_text=True) if owner else cell)
    return named


def _definitions(source: str) -> frozenset[str]:
    """Names of the functions and classes that `source` defines at its top level; empty where it does not parse."""
    return names.top_level(source)[0]


def _defines_answers(cell: _Submitted, week: Week) -> bool:
    theirs = _definitions(cell.source)
    return bool(theirs) and any(theirs & _definitions(answer.source) for answer in week.answers)


def _same_text(a: str, b: str) -> bool:
    return _text(a) == _text(b)


def _begin_of_the_next(ours: Cell, cells: list[_Submitted], week: Week) -> int:
    """Where in `cells` the first cell stands that comes behind `ours` in the release."""
    order = [cell.id for cell in week.cells]
    later = set(order[order.index(ours.id) + 1 :])
    return next((number for number, cell in enumerate(cells) if cell.owner in later), len(cells))


def _take_answer(
    ours: Cell,
    week: Week,
    theirs: list[_Submitted],
    cells: list[_Submitted],
    found: Work,
    adopted: dict[int, str],
    copies: set[int],
) -> None:
    """adopted: {id() of a cell that is found to be this answer: its name}. copies: id() of further cells of its name."""
    candidates = theirs
    if not theirs:
        # Our stub would run over what cells of the student's own define: nothing runs in the place of a missing cell.
        found.sources[ours.id] = ""
        wanted = _definitions(ours.source)
        candidates = [c for c in cells if c.owner is None and wanted and wanted <= names.top_level(c.source)[1]]
        if not candidates:
            found.warnings.append(f"the answer cell {ours.id} is missing")
            return
        # What counts is the one that its checks met in the notebook; those behind them tried something out.
        end = _begin_of_the_next(ours, cells, week)
        candidates = [c for c in candidates if any(c is early for early in cells[:end])][-1:] or candidates[-1:]
        adopted[id(candidates[0])] = ours.id  # others that define it as well are cells of the student's own
        found.warnings.append(f"the answer cell {ours.id} had lost its name: recognised by the name it defines")
    empty = marks.stub(ours.source)
    answered = [c for c in candidates if not _same_text(c.source, empty)] or candidates[-1:]
    distinct = list({c.source.strip(): c for c in answered if c.kind == "code"}.values()) or answered[-1:]
    if len(candidates) > 1:
        which = "they are the same" if len(distinct) == 1 else "each runs where it stands, as in the kernel"
        found.warnings.append(f"the answer cell {ours.id} is there {len(candidates)} times: {which}")
    first, *others = distinct
    copies.update(id(other) for other in others)
    if first.kind != "code":
        if not _definitions(first.source):
            found.warnings.append(f"the answer cell {ours.id} had been turned into {first.kind} and holds no code")
            return
        found.warnings.append(f"the answer cell {ours.id} had been turned into {first.kind}: read as code")
    found.sources[ours.id] = first.source


def _take_written(ours: Cell, theirs: list[_Submitted], found: Work, cells: list[_Submitted], week: Week) -> None:
    """All that may be an answer, for the person who reads it: every copy of the cell, and text in cells beside it."""
    beside = _at_the_place_of(ours, cells, week)
    if not theirs:
        if not beside:
            found.warnings.append(f"the written answer {ours.id} is missing")
            return
        found.warnings.append(f"the written answer {ours.id} had lost its name: recognised by its place")
    written = [c for c in theirs if marks.TEXT_STUB not in c.source]
    texts = [c.source for c in (*written, *beside)] or [theirs[-1].source]
    found.written[ours.id] = "\n\n".join(dict.fromkeys(texts))


def _at_the_place_of(ours: Cell, cells: list[_Submitted], week: Week) -> list[_Submitted]:
    """Cells of text without a name between those before and after `ours` in the release."""
    order = [cell.id for cell in week.cells]
    at = order.index(ours.id)
    owners = [cell.owner for cell in cells]
    before = next((owners.index(name) for name in reversed(order[:at]) if name in owners), -1)
    after = next((owners.index(name) for name in order[at + 1 :] if name in owners), len(cells))
    return [c for c in cells[before + 1 : after] if c.owner is None and c.kind == "markdown" and c.source.strip()]


def _compare_check(ours: Cell, theirs: list[_Submitted], found: Work) -> None:
    if not theirs:
        found.warnings.append(f"the check {ours.id} had been deleted: restored")
        return
    if len(theirs) > 1:
        found.warnings.append(f"the check {ours.id} was there {len(theirs)} times: ours counts, once")
    allowed = (ours.visible_source, ours.source)
    if any(not any(_same_text(c.source, text) for text in allowed) for c in theirs):
        if all(_as_released(c) for c in theirs):
            found.warnings.append(f"the check {ours.id} is that of another release: ours counts")
            return
        said = _what_was_done(theirs, allowed)
        found.warnings.append(
            f"the check {ours.id} had been {'edited' if said.matters else 'changed'} ({said.text}): ours counts"
        )
        found.tampered |= said.matters
    if any(c.kind != ours.kind or (c.nbgrader and role_of(c.kind, c.nbgrader) != ours.role) for c in theirs):
        found.warnings.append(f"the check {ours.id} had been turned into another kind of cell: restored")
        found.tampered = True
    other = [c for c in theirs if "points" in c.nbgrader and c.nbgrader["points"] != ours.points]
    if other and all(_as_released(c) for c in other):
        found.warnings.append(f"the check {ours.id} gave other points in an earlier release: the syllabus's count")
    elif other:
        found.warnings.append(f"the points of the check {ours.id} had been changed: the syllabus's count")
        found.tampered = True


def _what_was_done(theirs: list[_Submitted], allowed: tuple[str, str]) -> edits.Edit:
    """What was done to the copies of a check: the first thing that matters, else the first of all."""
    said = None
    for number, source in enumerate(dict.fromkeys(cell.source for cell in theirs)):
        if number == MAX_COPIES:  # each takes as long as a parse of it
            return edits.Edit(f"there are more than {MAX_COPIES} copies of it, each changed", False)
        change = edits.of_check(source, allowed)
        if change.matters:
            return change
        said = said or (change if change.text else None)
    return said or edits.Edit("its layout or comments only", False)


def _as_released(cell: _Submitted) -> bool:
    """Whether a cell is as some release of ours had it, by nbgrader's checksum: a check that was fixed since is not tampering.

    The checksum is no secret, and who forges it gains nothing: the check that counts is ours in any case.
    """
    about = cell.nbgrader
    try:
        points = str(float(about["points"]))
        parts = (cell.source, cell.kind, *(str(bool(about[key])) for key in ("grade", "solution", "locked")))
        text = "".join((*parts, str(about["grade_id"]), points))
    except (KeyError, TypeError, ValueError, OverflowError):
        return False
    digest = hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    return bool(about.get("checksum") == digest)


def _compare_given(ours: Cell, theirs: list[_Submitted], found: Work) -> None:
    if not theirs:
        found.warnings.append(f"the given cell {ours.id} had been deleted: restored")
        return
    edited = [c for c in theirs if not _same_text(c.source, ours.source)]
    if not edited:
        return
    if "parameters" in ours.tags:
        if all(_same_text(_unset(c.source), _unset(ours.source)) for c in edited):
            return  # a student chooses a profile and says who they are; the grader has its own
        found.warnings.append(f"the given cell {ours.id} had been edited: ours counts")
        return
    # An import that a student added to a given cell may be what the answer needs: ours runs first, then theirs.
    found.warnings.append(f"the given cell {ours.id} had been edited: ours runs first, then the edited one")
    if edited[-1].kind == "code":
        found.extras.setdefault(ours.id, []).append(edited[-1].source)


def _unset(source: str) -> str:
    """A cell of parameters without what students set in it."""
    return _STUDENT.sub("", _PROFILE.sub("", source))


def _signed(theirs: list[_Submitted]) -> str:
    """The id that is typed into STUDENT, "" where there is none."""
    found = [match for cell in theirs for match in _STUDENT.finditer(cell.source)]
    return (found[-1][2] or found[-1][3] or "") if found else ""


def _earlier_check(cell: _Submitted) -> bool:
    """Whether a cell is a check that a release had and today's week has not, renamed or gone: none of the student's own."""
    return role_of(cell.kind, cell.nbgrader) == "check" and _as_released(cell)


def _take_extras(cells: list[_Submitted], week: Week, found: Work, adopted: dict[int, str], copies: set[int]) -> None:
    """Cells of the student's own, by the cell of ours that they stand behind; a second copy of an answer is one of them, and
    so is what was joined with a check, such as the answer behind it."""
    place = ""
    for cell in cells:
        if id(cell) not in copies and (name := cell.owner or adopted.get(id(cell))) is not None:
            place = name
            ours = (week[name].visible_source, week[name].source)
            if cell.kind == "code" and week[name].role == "check" and (own := edits.behind(cell.source, ours)):
                found.extras.setdefault(place, []).append(own)
        elif _earlier_check(cell):
            name = str(cell.nbgrader["grade_id"])[:64]
            found.warnings.append(f"the check {name} of an earlier release is no longer part of the week: left out")
        elif cell.kind == "code" and cell.source.strip():
            found.extras.setdefault(place, []).append(cell.source)


def _compare_order(cells: list[_Submitted], week: Week, found: Work) -> None:
    rank = {cell.id: number for number, cell in enumerate(week.cells)}
    order = list(dict.fromkeys(cell.owner for cell in cells if cell.owner is not None))
    moved = [b for a, b in itertools.pairwise(order) if rank[b] < rank[a]]
    if moved:
        found.warnings.append(f"cells had been moved ({', '.join(moved[:5])}): put back in order")
